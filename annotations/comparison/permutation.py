"""Whether two documents' positions differ by more than shuffling their claims would make them differ."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, prod

import numpy as np
import numpy.typing as npt

from annotations.comparison.uncertainty import Floats, distances
from annotations.comparison.values import Settings, Shuffled

#: Up to so many arrangements all are looked at; beyond, so many are drawn.
ARRANGEMENTS = 10_000
SLACK = 1e-9
LEVEL = 0.05

#: What one claim says: its share on each stance value, ascending by value, shares above 0.
Shares = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Kinds:
    """One source's claims: ``shares`` of each kind (kinds × values), how many of each kind there are in both
    documents, and in A."""

    shares: Floats
    counts: tuple[int, ...]
    in_a: tuple[int, ...]

    @property
    def size_a(self) -> int:
        return sum(self.in_a)

    @property
    def size(self) -> int:
        return sum(self.counts)

    @property
    def arrangements(self) -> int:
        return comb(self.size, self.size_a)

    @property
    def weight(self) -> int:
        return min(self.size_a, self.size - self.size_a)


def shuffle_claims(
    claims_a: Mapping[str, Sequence[Shares]],
    claims_b: Mapping[str, Sequence[Shares]],
    *,
    settings: Settings,
    seed: int,
) -> Shuffled:
    """Shuffles the labels A and B within each source that has a claim with a position in both documents.

    The keys are the sources, in the order of the codebook; each one's two sizes are kept. All arrangements
    are looked at where there are at most ``ARRANGEMENTS``, else that many are drawn and p is (1 + hits) /
    (1 + draws). Swapping A and B changes nothing.
    """
    scale = np.unique(np.asarray(settings.scale, dtype=np.float64))
    common = [source for source in claims_a if claims_a[source] and claims_b.get(source)]
    sources = [_kinds(claims_a[source], claims_b[source], scale) for source in common]
    sizes = sum(kinds.size_a for kinds in sources), sum(k.size - k.size_a for k in sources)
    total = prod(kinds.arrangements for kinds in sources)
    if not sources:
        return Shuffled(None, None, 0, *sizes)
    found = _distance([np.array([kinds.in_a]) for kinds in sources], sources, scale)[0]
    if total <= ARRANGEMENTS:
        apart, times = _all_arrangements(sources, scale)
        hits, most = times[apart >= found - SLACK].sum(), times[apart >= apart.max() - SLACK].sum()
        p, least = hits / total, most / total
    else:
        apart = _drawn_arrangements(sources, scale, seed)
        most = int((apart >= max(apart.max(), found) - SLACK).sum())
        p = (1 + int((apart >= found - SLACK).sum())) / (1 + len(apart))
        least = (1 + most) / (1 + len(apart))
    return Shuffled(float(p) if least <= LEVEL else None, float(least), total, *sizes)


def _kinds(in_a: Sequence[Shares], in_b: Sequence[Shares], scale: Floats) -> _Kinds:
    counted_a, counted = Counter(in_a), Counter([*in_a, *in_b])
    kinds = sorted(counted)
    shares = np.zeros((len(kinds), len(scale)))
    for row, kind in enumerate(kinds):
        for value, share in kind:
            shares[row, int(np.searchsorted(scale, value))] = share
    return _Kinds(
        shares, tuple(counted[kind] for kind in kinds), tuple(counted_a.get(kind, 0) for kind in kinds)
    )


def _distance(picked: Sequence[npt.NDArray[np.int64]], sources: Sequence[_Kinds], scale: Floats) -> Floats:
    """The topic distance of arrangements; ``picked``: for each source how many of each kind go to A."""
    weight = sum(kinds.weight for kinds in sources)
    total: Floats = np.zeros(len(picked[0]))
    for chosen, kinds in zip(picked, sources, strict=True):
        total = total + kinds.weight * _apart(chosen, kinds, scale)
    return total / weight


def _apart(chosen: npt.NDArray[np.int64], kinds: _Kinds, scale: Floats) -> Floats:
    left = np.asarray(kinds.counts) - chosen
    shares_a = chosen @ kinds.shares / kinds.size_a
    shares_b = left @ kinds.shares / (kinds.size - kinds.size_a)
    return distances(shares_a, shares_b, scale)


def _all_arrangements(sources: Sequence[_Kinds], scale: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The distance of each different arrangement, and how many arrangements look like it."""
    weight = sum(kinds.weight for kinds in sources)
    apart, times = np.zeros(1), np.ones(1, dtype=np.int64)
    for kinds in sources:
        chosen = np.array(_picks(kinds.counts, kinds.size_a))
        ways = np.array([_ways(kinds.counts, pick) for pick in chosen], dtype=np.int64)
        more = kinds.weight * _apart(chosen, kinds, scale) / weight
        apart = np.add.outer(apart, more).ravel()
        times = np.multiply.outer(times, ways).ravel()
    return apart, times


def _picks(counts: Sequence[int], size: int) -> list[tuple[int, ...]]:
    """Every way to take ``size`` claims out of the kinds, as numbers of each kind."""
    partial: dict[int, list[tuple[int, ...]]] = {0: [()]}
    for count in counts:
        longer: defaultdict[int, list[tuple[int, ...]]] = defaultdict(list)
        for (taken, picks), more in product(partial.items(), range(count + 1)):
            if taken + more <= size:
                longer[taken + more].extend((*pick, more) for pick in picks)
        partial = longer
    return partial[size]


def _ways(counts: Sequence[int], pick: Sequence[int]) -> int:
    return prod(comb(count, int(taken)) for count, taken in zip(counts, pick, strict=True))


def _drawn_arrangements(sources: Sequence[_Kinds], scale: Floats, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    picked = [
        rng.multivariate_hypergeometric(kinds.counts, kinds.size_a, size=ARRANGEMENTS, method="marginals")
        for kinds in sources
    ]
    return _distance(picked, sources, scale)
