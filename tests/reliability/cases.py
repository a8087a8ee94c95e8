"""Small codings in a line or two, and the measures once more, by their definitions: pair by pair."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import count
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings

from annotations.comparison.values import Tag
from annotations.reliability.alpha import rate
from annotations.reliability.distances import Floats, Level, masi_likeness
from annotations.reliability.intervals import estimate
from annotations.reliability.measures import measure_reliability
from annotations.reliability.values import CodedDocument, Reliability, Undefined

#: s support, m mixed, o oppose, x raised without a position.
VALUES: dict[str, float | None] = {"s": 1.0, "m": 0.0, "o": -1.0, "x": None}

#: Whatever is drawn, and however busy the machine is.
ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_keys = count(1)
Units = Sequence[Sequence[Any]]


def tag(coder: str, start: int = 0, end: int = 10, **fields: Any) -> Tag:
    """One tag: on topic t of source p, in passage 1 of document d, unless said otherwise."""
    stance = fields.pop("stance", "s")
    source = fields.setdefault("source", "p")
    defaults = {"key": next(_keys), "document": "d", "passage": 1, "topic": "t", "reported_by": None}
    return Tag(
        **(defaults | fields),
        start=start,
        end=end,
        stance=stance,
        value=VALUES[stance],
        body=source,
        side="East",
        coder=coder,
    )


def units_of(*coders: str) -> list[tuple[str | None, ...]]:
    """Units from one line a coder, one letter a unit; a dot is missing."""
    return [
        tuple(None if letter in ".·" else letter for letter in unit) for unit in zip(*coders, strict=True)
    ]


def alpha(units: Units, level: Level, coders: int | None = None) -> float | Undefined:
    """Krippendorff's α, or why there is none."""
    ratings = rate(units, level=level, coders=len(units[0]) if coders is None else coders)
    found = estimate(ratings, np.ones((1, len(units))))
    assert (found.value is None) == (found.reason not in (Undefined.NONE, *WITHOUT_INTERVAL))
    return found.reason if found.value is None else found.value


WITHOUT_INTERVAL = (Undefined.NO_DISAGREEMENT, Undefined.FEW_TAGGED_UNITS, Undefined.UNSTABLE)


def measured(tags: Iterable[Tag], *documents: CodedDocument, **options: Any) -> Reliability:
    """The reliability of small codings: without intervals unless ``draws`` are asked for."""
    tags = list(tags)
    options = {"draws": 0, "topics": sorted({tag.topic for tag in tags}), "stances": tuple("smox")} | options
    return measure_reliability(study="study", tags=tags, documents=documents, **options)


def naive_alpha(units: Units, distance: Callable[[Any, Any], float]) -> float | None:
    """α from every pair of values, within units and over all; None where it is undefined."""
    pairable = [[value for value in unit if value is not None] for unit in units]
    pairable = [values for values in pairable if len(values) > 1]
    everything = [value for values in pairable for value in values]

    def total(values: list[Any]) -> float:
        pairs = ((i, j) for i in range(len(values)) for j in range(len(values)) if i != j)
        return sum(distance(values[i], values[j]) for i, j in pairs)

    observed = sum(total(values) / (len(values) - 1) for values in pairable)
    expected = total(everything)
    if len(pairable) < 2 or not expected:
        return None
    return 1 - observed * (len(everything) - 1) / expected


def masi(sets: Sequence[Collection[Hashable]]) -> Floats:
    """V × V of different sets: what α is computed with, as distances."""
    likeness = np.vstack([np.zeros((0, len(sets) + 1)), *masi_likeness(sets)])
    return 1.0 - likeness[:, :-1]


def naive_masi(a: frozenset[Hashable], b: frozenset[Hashable]) -> float:
    """MASI, unsquared."""
    if a == b:
        return 0.0
    monotone = 2 / 3 if a <= b or b <= a else 1 / 3 if a & b else 0
    return 1 - monotone * len(a & b) / len(a | b)


def naive_distance(level: Level, units: Units) -> Callable[[Any, Any], float]:
    """δ² of two values of ``units``, as the paper writes it."""
    pairable = [[value for value in unit if value is not None] for unit in units]
    everything = [value for values in pairable if len(values) > 1 for value in values]

    def ordinal(c: float, k: float) -> float:
        between = sum(min(c, k) <= value <= max(c, k) for value in everything)
        return (between - (everything.count(c) + everything.count(k)) / 2) ** 2 if c != k else 0.0

    return {
        Level.NOMINAL: lambda c, k: float(c != k),
        Level.ORDINAL: ordinal,
        Level.INTERVAL: lambda c, k: (c - k) ** 2,
        Level.RATIO: lambda c, k: ((c - k) / (c + k)) ** 2 if c + k else 0.0,
        Level.SETS: naive_masi,
    }[level]
