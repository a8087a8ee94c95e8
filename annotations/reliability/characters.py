"""How far coders tag the same characters: F1, summed over pairs of coders."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotations.comparison.values import Tag
from annotations.reliability.distances import Floats
from annotations.reliability.values import Undefined

#: Half-open runs of characters, ascending and apart.
Runs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Of each passage: the characters both coders of a pair tagged, and those each did, summed over pairs.

    F1 = 2 × common / each. ``coders``: how many there are to compare.
    """

    common: Floats
    each: Floats
    coders: int

    @property
    def units(self) -> int:
        return int((self.each > 0).sum())

    @property
    def tagged(self) -> int:
        return self.units

    def undefined(self) -> Undefined:
        if self.coders < 2:
            return Undefined.ONE_CODER
        return Undefined.NONE if self.units else Undefined.NOTHING_TAGGED

    def of(self, weights: Floats) -> Floats:
        """F1 of each row of ``weights``; NaN where a draw has no tagged characters."""
        each = weights @ self.each
        shares: Floats = np.divide(
            2 * (weights @ self.common), each, out=np.full_like(each, np.nan), where=each > 0
        )
        return shares


def overlaps(
    tags: Iterable[Tag], *, passages: Mapping[tuple[str, int], int], readers: Sequence[Sequence[str]]
) -> Overlaps:
    """The overlaps of ``tags``. ``passages``: each one's place; ``readers``: of each place, its coders."""
    quotes: defaultdict[int, defaultdict[str, Runs]] = defaultdict(lambda: defaultdict(list))
    for tag in tags:
        quotes[passages[tag.document, tag.passage]][tag.coder].append((tag.start, tag.end))
    common, each = np.zeros(len(readers)), np.zeros(len(readers))
    for place, by_coder in quotes.items():
        runs = [_merged(found) for found in by_coder.values()]
        # Each coder is in a pair with every other reader, be it one who tagged nothing here.
        each[place] = sum(map(_length, runs)) * (len(readers[place]) - 1)
        common[place] = sum(_common(a, b) for a, b in combinations(runs, 2))
    return Overlaps(common, each, coders=max((len(coders) for coders in readers), default=0))


def _merged(runs: Runs) -> Runs:
    merged: Runs = []
    for start, end in sorted(runs):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _length(runs: Runs) -> int:
    return sum(end - start for start, end in runs)


def _common(a: Runs, b: Runs) -> int:
    """Characters in both: what the two are long less what they are long together."""
    return _length(a) + _length(b) - _length(_merged(a + b))
