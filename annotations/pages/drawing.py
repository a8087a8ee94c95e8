"""The little drawings of the comparison: numbers in, the positions of shapes out."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from annotations.comparison.values import Distribution, Interval

#: The scale's axis runs from LEFT to LEFT + WIDTH; A's lane lies above it, B's below.
LEFT, WIDTH, LANE_A, AXIS, LANE_B = 14.0, 142.0, 9.0, 17.0, 25.0
#: A ring's area is its share of the weight; the largest has this radius.
RING = 5.2


@dataclass(frozen=True, slots=True)
class Ring:
    """One stance on the scale: where, in which lane, how large."""

    x: str
    y: str
    radius: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The balance of positions of both documents on the declared scale. ``mean_a_x`` is None where there
    is nothing to draw; ``bar`` joins the means only where they can be compared."""

    ticks: tuple[str, ...]
    rings_a: tuple[Ring, ...]
    rings_b: tuple[Ring, ...]
    mean_a_x: str | None
    mean_b_x: str | None
    mean_a: float | None
    mean_b: float | None
    low: float
    high: float
    bar: bool

    @property
    def is_drawn(self) -> bool:
        """Whether one of the documents takes a position at all."""
        return self.mean_a_x is not None or self.mean_b_x is not None


#: The track of distances runs from TRACK_LEFT to TRACK_LEFT + TRACK, for 0 to 1.
TRACK_LEFT, TRACK = 4.0, 142.0


@dataclass(frozen=True, slots=True)
class Track:
    """A distance on the way from 0 to 1, the interval of the draws, and the bounds of the verdicts."""

    distance: float
    low: float
    high: float
    agree_max: float
    diverge_above: float
    probability: float
    x: str
    low_x: str
    width: str
    agree_x: str
    diverge_x: str


def draw_track(certainty: Interval, distance: float, settings: tuple[float, float]) -> Track:
    """``settings``: the study's bounds of agree and diverge."""
    agree_max, diverge_above = settings

    def x(value: float) -> str:
        return f"{TRACK_LEFT + value * TRACK:.1f}"

    return Track(
        distance=distance,
        low=certainty.low,
        high=certainty.high,
        agree_max=agree_max,
        diverge_above=diverge_above,
        probability=certainty.verdict_probability,
        x=x(distance),
        low_x=x(certainty.low),
        width=f"{max(1.0, (certainty.high - certainty.low) * TRACK):.1f}",
        agree_x=x(agree_max),
        diverge_x=x(diverge_above),
    )


def draw_scale(
    values: tuple[float, ...],
    a: tuple[float | None, Distribution],
    b: tuple[float | None, Distribution],
    *,
    comparable: bool,
) -> Scale:
    """``values``: the declared values, ascending; ``a``, ``b``: mean and distribution of each document."""
    low, high = values[0], values[-1]

    def x(value: float) -> str:
        return f"{LEFT + (value - low) / (high - low) * WIDTH:.1f}"

    def rings(distribution: Distribution, lane: float) -> tuple[Ring, ...]:
        if len(distribution) < 2:
            return ()
        whole = sum(weight for _value, weight in distribution)
        return tuple(
            Ring(x(value), f"{lane:.0f}", f"{max(1.8, RING * sqrt(weight / whole)):.1f}")
            for value, weight in distribution
        )

    return Scale(
        ticks=tuple(x(value) for value in values),
        rings_a=rings(a[1], LANE_A),
        rings_b=rings(b[1], LANE_B),
        mean_a_x=None if a[0] is None else x(a[0]),
        mean_b_x=None if b[0] is None else x(b[0]),
        mean_a=a[0],
        mean_b=b[0],
        low=low,
        high=high,
        bar=comparable and a[0] is not None and b[0] is not None,
    )
