"""The verdict on a topic: how two documents relate, and whether that rests on much."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from annotations.comparison.positions import pair_voices, topic_distance
from annotations.comparison.values import Settings, VoiceOnTopic
from annotations.comparison.weights import CountedTags, TopicWeights, weigh
from annotations.enums import Coverage, Grain, Verdict

#: Weights such as 1/3 add up to .25000000000000006: a bound is met when it is missed by no more than this.
SLACK = 1e-9

#: A verdict that rests on less than this weight in a document is thin: less than two tags of one coder.
THIN_BELOW = 2.0

COARSER = {
    Grain.SOURCE: (Grain.BODY, Grain.SIDE),
    Grain.BODY: (Grain.SIDE,),
    Grain.SIDE: (),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with what it was reached from.

    ``common``: the voices that take a position in both documents; ``common_a``, ``common_b``: the weight of
    their valued stances.
    """

    verdict: Verdict
    thin: bool | None
    distance: float | None
    voices: tuple[VoiceOnTopic, ...]
    common: tuple[str, ...]
    common_a: float
    common_b: float


def judge(a: TopicWeights, b: TopicWeights, *, settings: Settings) -> Judgement:
    """Compare two documents on one topic; the grain is the one they were weighed at."""
    voices = pair_voices(a, b, settings.scale)
    distance = topic_distance(voices)
    verdict = find_verdict(a.coverage, b.coverage, voices=voices, distance=distance, settings=settings)
    common = [voice for voice in voices if voice.distance is not None]
    common_a = fsum(voice.in_a for voice in common)
    common_b = fsum(voice.in_b for voice in common)
    raised = [document.together.weight for document in (a, b) if document.n]
    return Judgement(
        verdict=verdict,
        thin=find_thin(verdict, raised=raised, common=(common_a, common_b)),
        distance=distance,
        voices=voices,
        common=tuple(voice.voice for voice in common),
        common_a=common_a,
        common_b=common_b,
    )


def find_verdict(
    a: Coverage,
    b: Coverage,
    *,
    voices: Sequence[VoiceOnTopic],
    distance: float | None,
    settings: Settings,
) -> Verdict:
    """The first verdict that holds, in the order of ``Verdict``; bounds are compared with ``SLACK``."""
    return _verdict_of_silence(a, b) or _verdict_of_voices(
        share_voices=any(voice.weight_a and voice.weight_b for voice in voices),
        distance=distance,
        settings=settings,
    )


def _verdict_of_silence(a: Coverage, b: Coverage) -> Verdict | None:
    """None where both documents raise the topic."""
    if a is b is Coverage.COVERED:
        return None
    if Coverage.NOT_CODED in (a, b):
        return Verdict.PENDING
    return {
        (Coverage.COVERED, Coverage.SILENT): Verdict.ONLY_A,
        (Coverage.SILENT, Coverage.COVERED): Verdict.ONLY_B,
    }.get((a, b), Verdict.NOT_RAISED)


def _verdict_of_voices(*, share_voices: bool, distance: float | None, settings: Settings) -> Verdict:
    if not share_voices:
        return Verdict.DIFFERENT_VOICES
    if distance is None:
        return Verdict.NO_POSITION
    if distance <= settings.agree_max + SLACK:
        return Verdict.AGREE
    return Verdict.DIVERGE if distance > settings.diverge_above + SLACK else Verdict.PARTLY


def find_thin(verdict: Verdict, *, raised: Sequence[float], common: tuple[float, float]) -> bool | None:
    """Whether a verdict rests on little: on a weight under ``THIN_BELOW`` in some document.

    A distance rests on the common sources' valued weight in each document (``common``), any other verdict on
    the weights of the documents that raise the topic (``raised``). None for pending and not-raised.
    """
    if verdict in (Verdict.PENDING, Verdict.NOT_RAISED):
        return None
    measured = verdict in (Verdict.AGREE, Verdict.PARTLY, Verdict.DIVERGE)
    return min(common if measured else raised) < THIN_BELOW - SLACK


def coarser_verdicts(
    a: CountedTags, b: CountedTags, topic: str, *, grain: Grain, settings: Settings
) -> dict[Grain, Verdict]:
    """The verdicts on a topic at every grain coarser than ``grain``."""
    return {
        coarser: judge(
            weigh(a, topic, grain=coarser), weigh(b, topic, grain=coarser), settings=settings
        ).verdict
        for coarser in COARSER[grain]
    }
