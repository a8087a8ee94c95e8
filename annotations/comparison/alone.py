"""The verdicts that each coder alone gives, on every topic: all of them at once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from math import prod
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from annotations.comparison.uncertainty import Floats, distances
from annotations.comparison.values import Counted, Settings
from annotations.comparison.verdicts import SLACK
from annotations.comparison.weights import CountedTags, voice_of
from annotations.enums import Grain, Verdict

Flags = npt.NDArray[np.bool_]


def verdicts_of_coders(
    own: Sequence[tuple[CountedTags, CountedTags]],
    topics: Sequence[str],
    *,
    grain: Grain,
    settings: Settings,
) -> dict[str, list[Verdict]]:
    """By topic, the verdict that each coder alone gives, from pairs of their own tags of A and of B, in the
    order of the pairs. It is the verdict that ``judge`` gives to the two, and nothing else of it.
    """
    if not own or not topics:
        return {topic: [] for topic in topics}
    counts, scale = _count(own, topics, grain)
    said: Flags = counts > 0
    raised: Flags = np.logical_or.reduce(said, axis=(3, 4))
    valued = counts[..., 1:]
    # coders × topics × voices: the weight that both documents have of a voice's valued stances.
    common = valued.sum(axis=-1).min(axis=1)
    total = common.sum(axis=-1)
    apart = _distances(valued, scale, settings)
    distance = (common * apart).sum(axis=-1) / np.where(total > 0, total, 1.0)
    heard: Flags = np.logical_or.reduce(said, axis=4)
    shared: Flags = np.logical_or.reduce(heard[:, 0] & heard[:, 1], axis=2)
    found = np.select(
        [
            ~(raised[:, 0] | raised[:, 1]),
            ~raised[:, 1],
            ~raised[:, 0],
            ~shared,
            total == 0,
            distance <= settings.agree_max + SLACK,
            distance <= settings.diverge_above + SLACK,
        ],
        range(7),
        default=7,
    )
    return {
        topic: [ORDER[number] for number in numbers]
        for topic, numbers in zip(topics, found.T.tolist(), strict=True)
    }


#: In the order in which they are asked for above. Nothing is pending: these coders finished both documents.
ORDER = (
    Verdict.NOT_RAISED,
    Verdict.ONLY_A,
    Verdict.ONLY_B,
    Verdict.DIFFERENT_VOICES,
    Verdict.NO_POSITION,
    Verdict.AGREE,
    Verdict.PARTLY,
    Verdict.DIVERGE,
)


def _count(
    own: Sequence[tuple[CountedTags, CountedTags]], topics: Sequence[str], grain: Grain
) -> tuple[Floats, Floats]:
    """How many tags there are, as coders × 2 documents × topics × voices × (1 + values), tags without a value
    first; and the values, ascending."""
    said: Callable[[Counted], str] = (
        attrgetter("source") if grain is Grain.SOURCE else partial(voice_of, grain=grain)
    )
    voice_at: defaultdict[str, int] = defaultdict(count().__next__)
    value_at: defaultdict[float | None, int] = defaultdict(count().__next__)
    # The first row is of tags without a value, whether there are any or not.
    value_at[None]
    groups: list[int] = []
    voices: list[int] = []
    values: list[int] = []
    numbers: list[int] = []
    at = 0
    for pair in own:
        for document in pair:
            for topic in topics:
                tags = document.by_topic.get(topic, ())
                groups += [at] * len(tags)
                voices += [voice_at[said(tag)] for tag in tags]
                values += [value_at[tag.value] for tag in tags]
                numbers += [tag.n for tag in tags]
                at += 1
    shape = (at, len(voice_at) or 1, len(value_at))
    cells = np.ravel_multi_index(np.array([groups, voices, values], dtype=np.intp), shape)
    counts: Floats = np.zeros(prod(shape))
    np.add.at(counts, cells, np.array(numbers, dtype=np.float64))
    counts = counts.reshape(len(own), 2, len(topics), *shape[1:])
    ascending = sorted((value, place) for value, place in value_at.items() if value is not None)
    order = [0, *(place for _value, place in ascending)]
    return counts[..., order], np.array([value for value, _place in ascending], dtype=np.float64)


def _distances(valued: Floats, scale: Floats, settings: Settings) -> Floats:
    """coders × topics × voices: how far A and B are apart; 0 where one of them takes no position.

    ``valued``: coders × 2 documents × topics × voices × values; ``scale``: the values that occur, ascending.
    """
    if len(scale) < 2:
        return np.zeros((valued.shape[0], *valued.shape[2:4]))
    totals = valued.sum(axis=-1, keepdims=True)
    shares = valued / np.where(totals > 0, totals, 1.0)
    declared = max(settings.scale) - min(settings.scale)
    # A share of the range of the values that occur becomes one of the declared range.
    apart: Floats = distances(shares[:, 0], shares[:, 1], scale) * ((scale[-1] - scale[0]) / declared)
    return np.minimum(apart, 1.0)
