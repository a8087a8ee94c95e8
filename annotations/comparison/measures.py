"""The measures of a comparison, in one place: import them from here, and their values from ``values``."""

from annotations.comparison.compare import compare, compare_tallies, voices_jaccard
from annotations.comparison.emphasis import emphasis_z, stands_out, tagged_characters
from annotations.comparison.positions import mean_of, topic_distance, wasserstein
from annotations.comparison.silence import expected_alone, silence_chance
from annotations.comparison.verdicts import find_thin, find_verdict, judge
from annotations.comparison.weights import (
    counted_coders,
    counted_tags,
    group_tags,
    heard,
    hears,
    lets_speak,
    voice_of,
    weigh,
)

__all__ = [
    "compare",
    "compare_tallies",
    "counted_coders",
    "counted_tags",
    "emphasis_z",
    "expected_alone",
    "find_thin",
    "find_verdict",
    "group_tags",
    "heard",
    "hears",
    "judge",
    "lets_speak",
    "mean_of",
    "silence_chance",
    "stands_out",
    "tagged_characters",
    "topic_distance",
    "voice_of",
    "voices_jaccard",
    "wasserstein",
    "weigh",
]
