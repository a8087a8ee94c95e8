"""Positions: the distance between two distributions over a scale, of one voice, and of a topic."""

from collections.abc import Sequence
from itertools import pairwise
from math import fsum

from annotations.comparison.values import Distribution, VoiceOnTopic
from annotations.comparison.weights import NO_WEIGHTS, TopicWeights, VoiceWeights


def mean_of(distribution: Distribution) -> float | None:
    """The weighted mean of the stance values; None for an empty distribution."""
    if not distribution:
        return None
    return fsum([value * weight for value, weight in distribution]) / fsum(
        [weight for _, weight in distribution]
    )


def wasserstein(dist_a: Distribution, dist_b: Distribution, scale: Sequence[float]) -> float | None:
    """1-Wasserstein distance of two weighted distributions, as a share of the declared scale's range.

    0: the same distribution; 1: opposite poles. Weights need not sum to 1. In one dimension the distance is
    the area between the two cumulative distributions (Vallender 1974). The range is that of the *declared*
    values, whichever of them occur. None when a distribution is empty.
    """
    if not dist_a or not dist_b:
        return None
    weights_a, weights_b = dict(dist_a), dict(dist_b)
    total_a, total_b = fsum(weights_a.values()), fsum(weights_b.values())
    cumulated_a = cumulated_b = 0.0
    areas = []
    for value, following in pairwise(sorted(weights_a.keys() | weights_b.keys())):
        cumulated_a += weights_a.get(value, 0.0)
        cumulated_b += weights_b.get(value, 0.0)
        areas.append(abs(cumulated_a / total_a - cumulated_b / total_b) * (following - value))
    # Steps such as 0.1 do not add up to the range exactly: without the bound, opposite poles could exceed 1.
    return min(1.0, fsum(areas) / (max(scale) - min(scale)))


def pair_voices(a: TopicWeights, b: TopicWeights, scale: Sequence[float]) -> tuple[VoiceOnTopic, ...]:
    """Every voice that occurs on a topic in either document, in alphabetical order of its key."""
    return tuple(
        _pair_voice(voice, a.voices.get(voice, NO_WEIGHTS), b.voices.get(voice, NO_WEIGHTS), scale)
        for voice in sorted(a.voices.keys() | b.voices.keys())
    )


def _pair_voice(voice: str, a: VoiceWeights, b: VoiceWeights, scale: Sequence[float]) -> VoiceOnTopic:
    return VoiceOnTopic(
        voice=voice,
        in_a=a.valued,
        in_b=b.valued,
        weight_a=a.weight,
        weight_b=b.weight,
        distribution_a=a.distribution,
        distribution_b=b.distribution,
        distance=wasserstein(a.distribution, b.distribution, scale),
    )


def topic_distance(voices: Sequence[VoiceOnTopic]) -> float | None:
    """How far apart the common sources stand on a topic: Σ min(v_A, v_B)·dist / Σ min(v_A, v_B), 0 to 1.

    The common sources are those that take a position in both documents; v is the weight of a source's valued
    stances, of which the smaller counts, so that one document's length does not. None without common sources.
    """
    return mean_distance(
        [(min(voice.in_a, voice.in_b), voice.distance) for voice in voices if voice.distance is not None]
    )


def mean_distance(measured: Sequence[tuple[float, float]]) -> float | None:
    """The mean of distances by weight, from (weight, distance) pairs; None without any."""
    weight = fsum([shared for shared, _ in measured])
    return fsum([shared * distance for shared, distance in measured]) / weight if weight else None
