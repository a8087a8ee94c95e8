"""Through whom each document tells a side's positions, and whether two documents differ in that."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from annotations.comparison.values import Counted, Tag


@dataclass(frozen=True, slots=True)
class Told:
    """One side's positions in one document, by how they reach its reader.

    ``own_words``, ``own_side``, ``other_side``: the weight of its tags told in the document's own words,
    through a messenger of the side itself, and through another side's. ``through``: the weight by the
    messenger's side. ``claims_own``, ``claims_other``: claims with a messenger, of the side or of another.
    """

    own_words: float
    own_side: float
    other_side: float
    through: tuple[tuple[str, float], ...]
    claims_own: int
    claims_other: int


@dataclass(frozen=True, slots=True)
class Mediation:
    """One side in both documents; ``p``: Fisher's exact test of their claims with a messenger, own side
    against another side; None where a document has no such claim."""

    side: str
    a: Told
    b: Told
    p: float | None


def mediation(
    side: str,
    *,
    tags: tuple[Sequence[Counted], Sequence[Counted]],
    coders: tuple[int, int],
    claims: tuple[Iterable[Sequence[Tag]], Iterable[Sequence[Tag]]],
    side_of: Mapping[str, str],
) -> Mediation:
    """How a side's positions are told in A and in B.

    ``tags``: the counted tags of each document, or their tallies; ``coders``: how many coders count in it (a
    tag weighs one over that). ``claims``: each document's claims as their tags; those without any messenger
    may be left out, since they decide nothing. ``side_of``: the side of each source.
    """
    told = [
        _told(side, counted, number, of_document, side_of)
        for counted, number, of_document in zip(tags, coders, claims, strict=True)
    ]
    a, b = told
    has_messengers = all(document.claims_own + document.claims_other for document in told)
    table = (a.claims_own, a.claims_other, b.claims_own, b.claims_other)
    return Mediation(side, a, b, fisher_exact(*table) if has_messengers else None)


def _told(
    side: str,
    tags: Sequence[Counted],
    coders: int,
    claims: Iterable[Sequence[Tag]],
    side_of: Mapping[str, str],
) -> Told:
    mine = [tag for tag in tags if tag.side == side]
    number = sum(tag.n for tag in mine)
    through: Counter[str] = Counter()
    for tag in mine:
        if tag.reported_by is not None:
            through[side_of[tag.reported_by]] += tag.n
    messengers = [messenger_of(claim) for claim in claims if claim[0].side == side]
    of_claims = Counter(side_of[name] == side for name in messengers if name is not None)
    own = through[side]
    mediated = through.total()
    return Told(
        own_words=(number - mediated) / coders if mine else 0.0,
        own_side=own / coders if own else 0.0,
        other_side=(mediated - own) / coders if mediated > own else 0.0,
        through=tuple((name, n / coders) for name, n in sorted(through.items())),
        claims_own=of_claims[True],
        claims_other=of_claims[False],
    )


def messenger_of(claim: Sequence[Tag]) -> str | None:
    """The messenger that most of a claim's tags name; where as many say otherwise, a messenger before none,
    and the first in the alphabet."""
    counts = Counter(tag.reported_by for tag in claim)
    return min(counts, key=lambda name: (-counts[name], name is None, name or ""))


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """The two-sided p of Fisher's exact test on the table (a, b; c, d): the share of the tables with the same
    margins that are no more probable than this one (Fisher 1935; as R and SciPy count it)."""
    row, column, total = a + b, a + c, a + b + c + d
    weights = {
        x: comb(row, x) * comb(total - row, column - x)
        for x in range(max(0, column - (total - row)), min(row, column) + 1)
    }
    # Whole numbers: equal tables are exactly equal, and no slack is needed.
    return sum(weight for weight in weights.values() if weight <= weights[a]) / sum(weights.values())
