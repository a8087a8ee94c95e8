"""How far apart two values are: the squared differences δ² of Krippendorff's α, and MASI for sets."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
#: Places in a list of values, or counts.
Codes = npt.NDArray[np.int64]

#: Sets are compared with all others so many at a time.
ROWS = 512


class Level(StrEnum):
    """The level of measurement. Values of sets are frozensets; of ordinal and above, numbers."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"
    SETS = "sets"

    @property
    def is_numeric(self) -> bool:
        return self in (Level.ORDINAL, Level.INTERVAL, Level.RATIO)


def nominal(values: Sequence[object]) -> Floats:
    """V × V: different values are 1 apart."""
    return 1.0 - np.eye(len(values))


def interval(values: Sequence[float]) -> Floats:
    """V × V: the squared difference."""
    numbers = np.asarray(values, dtype=np.float64)
    apart: Floats = np.subtract.outer(numbers, numbers) ** 2
    return apart


def ratio(values: Sequence[float]) -> Floats:
    """V × V: the squared difference over the squared sum."""
    numbers = np.asarray(values, dtype=np.float64)
    differences, sums = np.subtract.outer(numbers, numbers), np.add.outer(numbers, numbers)
    apart: Floats = np.divide(differences, sums, out=np.zeros_like(sums), where=sums != 0) ** 2
    return apart


def ordinal(counts: Floats) -> Floats:
    """… × V × V, of … × V counts of the values in ascending order: it depends on how often each occurs.

    Krippendorff's Σ n_g from c to k without half of n_c and n_k is the difference of their middle ranks.
    """
    ranks = np.cumsum(counts, axis=-1) - counts / 2
    apart: Floats = (ranks[..., :, None] - ranks[..., None, :]) ** 2
    return apart


def masi_likeness(sets: Sequence[Collection[Hashable]]) -> Iterator[Floats]:
    """1 − MASI of each of ``sets`` (all different) to each, some rows at a time: all can be gigabytes.

    MASI, unsquared: 1 − Jaccard × monotonicity (Passonneau 2006), 0 to 1. Monotonicity is 1 for equal sets,
    2/3 where one contains the other, 1/3 where they overlap, else 0. Two empty sets are 0 apart, an empty
    one and any other 1. A last column of zeros stands for a missing set, which is like none.
    """
    sizes = np.array([len(found) for found in sets], dtype=np.int64)
    holders = _Holders(sets)
    for first in range(0, len(sets), ROWS):
        own = sizes[first : first + ROWS]
        common = holders.common(first, len(own))
        # Most sets share nothing: only the others are looked at.
        cells = np.flatnonzero(common)
        n, row, column = common[cells], cells // len(sets), cells % len(sets)
        least, most = np.minimum(own[row], sizes[column]), np.maximum(own[row], sizes[column])
        thirds = np.where(n == most, 3, np.where(n == least, 2, 1))
        likeness = np.zeros((len(own), len(sets) + 1))
        # Whole numbers until the last step: equal sets are exactly 1 alike.
        likeness[row, column] = n * thirds / (3 * (least + most - n))
        likeness[np.ix_(own == 0, np.append(sizes == 0, False))] = 1.0
        yield likeness


class _Holders:
    """Which of some sets hold which elements."""

    def __init__(self, sets: Sequence[Collection[Hashable]]) -> None:
        self.kinds = len(sets)
        places: dict[Hashable, int] = {}
        elements = [places.setdefault(each, len(places)) for found in sets for each in found]
        #: Each membership, ascending by set: the set and the element.
        self.sets = np.repeat(np.arange(len(sets)), [len(found) for found in sets])
        self.elements = np.array(elements, dtype=np.int64)
        #: The same, ascending by element: the holders of element e are those from ``starts[e]`` on.
        self.holders = self.sets[np.argsort(self.elements, kind="stable")]
        self.times = np.bincount(self.elements, minlength=len(places))
        self.starts = np.cumsum(self.times) - self.times

    def common(self, first: int, rows: int) -> Codes:
        """How many elements each of ``rows`` sets from the ``first`` on shares with each set, row by row."""
        start, stop = np.searchsorted(self.sets, (first, first + rows))
        own, elements = self.sets[start:stop] - first, self.elements[start:stop]
        times = self.times[elements]
        skipped = self.starts[elements] - (np.cumsum(times) - times)
        others = self.holders[np.repeat(skipped, times) + np.arange(times.sum())]
        cells = np.repeat(own * self.kinds, times) + others
        return np.bincount(cells, minlength=rows * self.kinds)
