"""Krippendorff's α for any number of coders, missing values, and every level of measurement.

K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): α = 1 − D_o / D_e, from coincidences.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.reliability.distances import (
    Codes,
    Floats,
    Level,
    interval,
    masi_likeness,
    nominal,
    ordinal,
    ratio,
)
from annotations.reliability.values import Undefined

DISTANCES = {Level.NOMINAL: nominal, Level.INTERVAL: interval, Level.RATIO: ratio}


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """What each coder made of each unit.

    - ``codes``: units × coders, the place of the value in ``values``, −1 where missing. A unit with fewer
      than two values is missing altogether: nothing in it can be paired.
    - ``values``: all different ones, numbers ascending.
    - ``passage``: of each unit, the place of the passage it lies in, out of ``passages``.
    - ``tagged``: the units in which at least one value is not the empty one.
    """

    level: Level
    codes: Codes
    values: tuple[Any, ...]
    passage: Codes
    passages: int
    tagged: int

    @property
    def sizes(self) -> Codes:
        """How many values each unit has."""
        sizes: Codes = (self.codes >= 0).sum(axis=1)
        return sizes

    @property
    def units(self) -> int:
        """The units that can be paired."""
        return int((self.sizes > 0).sum())

    def undefined(self) -> Undefined:
        if self.codes.shape[1] < 2:
            return Undefined.ONE_CODER
        return {0: Undefined.NO_OVERLAP, 1: Undefined.ONE_UNIT}.get(self.units, Undefined.NONE)

    def of(self, weights: Floats) -> Floats:
        """α of each row of ``weights``; see ``Agreement``."""
        n = weights @ self.by_passage(self.sizes)
        units = weights @ self.by_passage(np.minimum(self.sizes, 1))
        within, between = _SUMS.get(self.level, _sums)(self, weights)
        # α = 1 − (n − 1) Σ o_ck δ² / Σ n_c n_k δ²
        apart: Floats = np.divide(
            (n - 1) * within, between, out=np.full_like(n, np.nan), where=(between > 0) & (units >= 2)
        )
        return 1.0 - apart

    def by_passage(self, of_units: Floats | Codes) -> Floats:
        """The sums of what lies in each passage."""
        return np.bincount(self.passage, weights=of_units, minlength=self.passages).astype(np.float64)

    def counts(self) -> Floats:
        """Passages × values: how often each passage holds each value."""
        counts = np.zeros((self.passages, len(self.values)))
        for codes in self.codes.T:
            np.add.at(counts, (self.passage[codes >= 0], codes[codes >= 0]), 1.0)
        return counts


def rate(
    units: Sequence[Sequence[Hashable | None]],
    *,
    level: Level,
    coders: int,
    passage: Sequence[int] | None = None,
    passages: int | None = None,
    empty: Hashable | None = None,
) -> Ratings:
    """The ratings of ``units``, each a row with one value a coder, None where missing.

    ``passage``: of each unit, the place of its passage out of ``passages``; each is one of its own unless
    said. ``empty``: the value that says that nothing was tagged.
    """
    pairable = [row if sum(value is not None for value in row) > 1 else [None] * coders for row in units]
    found: list[Any] = list(dict.fromkeys(value for row in pairable for value in row if value is not None))
    values = sorted(found) if level.is_numeric else found
    places = {value: place for place, value in enumerate(values)}
    codes = [[-1 if value is None else places[value] for value in row] for row in pairable]
    return Ratings(
        level=level,
        codes=np.array(codes, dtype=np.int64).reshape(len(units), coders),
        values=tuple(values),
        passage=np.array(range(len(units)) if passage is None else passage, dtype=np.int64),
        passages=len(units) if passages is None else passages,
        tagged=sum(any(value is not None and value != empty for value in row) for row in pairable),
    )


def _sums(ratings: Ratings, weights: Floats) -> tuple[Floats, Floats]:
    """Of each draw: Σ o_ck δ² over the pairs within units, and Σ n_c n_k δ² over all pairs."""
    kinds = len(ratings.values)
    # The last row and column are what −1 points at: a missing value is 0 apart from all.
    apart = np.zeros((kinds + 1, kinds + 1))
    apart[:-1, :-1] = DISTANCES[ratings.level](ratings.values)
    within = np.zeros(len(ratings.codes))
    for codes in ratings.codes.T:
        within += apart[codes[:, None], ratings.codes].sum(axis=1)
    counts = weights @ ratings.counts()
    return (
        weights @ ratings.by_passage(within / np.maximum(ratings.sizes - 1, 1)),
        ((counts @ apart[:-1, :-1]) * counts).sum(axis=1),
    )


def _ordinal_sums(ratings: Ratings, weights: Floats) -> tuple[Floats, Floats]:
    """As ``_sums``; ordinal distances differ from draw to draw, so pairs are counted first, valued later."""
    kinds = len(ratings.values)
    pairs = np.zeros((ratings.passages, kinds * kinds))
    for a, codes_a in enumerate(ratings.codes.T):
        for b, codes_b in enumerate(ratings.codes.T):
            both = (codes_a >= 0) & (codes_b >= 0) & (a != b)
            cells = codes_a[both] * kinds + codes_b[both]
            np.add.at(pairs, (ratings.passage[both], cells), 1.0 / (ratings.sizes[both] - 1))
    counts = weights @ ratings.counts()
    apart = ordinal(counts)
    within = ((weights @ pairs).reshape(apart.shape) * apart).sum(axis=(1, 2))
    return within, np.einsum("dc,dck,dk->d", counts, apart, counts)


def _set_sums(ratings: Ratings, weights: Floats) -> tuple[Floats, Floats]:
    """As ``_sums``; of many different sets, units × units is the smaller table to sum over."""
    sizes = ratings.sizes
    # How alike each set is to all that each unit holds: 0 in the last row, which −1 points at.
    to_units = np.zeros((len(ratings.values) + 1, len(sizes)))
    first = 0
    for likeness in masi_likeness(ratings.values):
        for codes in ratings.codes.T:
            to_units[first : first + len(likeness)] += likeness.take(codes, axis=1, mode="wrap")
        first += len(likeness)
    apart = np.outer(sizes, sizes).astype(np.float64)
    for codes in ratings.codes.T:
        apart -= to_units[codes]
    times = weights[:, ratings.passage]
    return times @ (np.diagonal(apart) / np.maximum(sizes - 1, 1)), ((times @ apart) * times).sum(axis=1)


_SUMS = {Level.ORDINAL: _ordinal_sums, Level.SETS: _set_sums}
