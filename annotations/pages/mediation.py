"""Through whom each document tells a side's positions."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.comparison.certainty import claims_of
from annotations.comparison.mediation import Mediation, Told, mediation
from annotations.enums import AUTHOR, Layer
from annotations.models import Document
from annotations.pages.reading import Compared

#: The width of a flow's bar in the drawing's own units.
WIDTH = 320.0


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar: ``way`` is ``words``, ``own`` or ``other``; ``side`` the messengers' side."""

    way: str
    side: str
    weight: float
    share: float
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Flow:
    """How one document tells a side's positions: a bar of parts that add up to ``weight``."""

    letter: str
    name: str
    told: Told
    weight: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side in both documents."""

    name: str
    mediation: Mediation
    flows: tuple[Flow, Flow]


def sides_of(compared: Compared) -> list[Side]:
    """Every side that either document gives word to, in codebook order, the author's apart."""
    side_of = {source.slug: source.side for source in compared.sources.values()}
    places: dict[str, int] = {}
    for source in sorted(compared.sources.values(), key=lambda source: source.position):
        if source.slug != AUTHOR:
            places.setdefault(source.side, source.position)
    return [
        _side(compared, name, side_of)
        for name in sorted(places, key=places.__getitem__)
        if any(tag.side == name for tag in compared.tags)
    ]


def _side(compared: Compared, name: str, side_of: dict[str, str]) -> Side:
    tags = tuple(
        [tag for tag in compared.tags if tag.document == document.slug and tag.source != AUTHOR]
        for document in (compared.a, compared.b)
    )
    layer = compared.reading.layer
    frames = (compared.comparison.a, compared.comparison.b)
    coders = tuple(1 if layer is Layer.CURATED else max(1, len(frame.coders)) for frame in frames)
    found = mediation(
        name,
        tags=(tags[0], tags[1]),
        coders=(coders[0], coders[1]),
        claims=(claims_of(tags[0], layer), claims_of(tags[1], layer)),
        side_of=side_of,
    )
    return Side(name, found, (_flow("a", compared.a, found.a, name), _flow("b", compared.b, found.b, name)))


def _flow(letter: str, document: Document, told: Told, side: str) -> Flow:
    weight = told.own_words + told.own_side + told.other_side
    ways = [("words", "", told.own_words)]
    ways += [("own", name, through) for name, through in told.through if name == side]
    ways += [("other", name, through) for name, through in told.through if name != side]
    parts, at = [], 0.0
    for way, name, part in ways:
        if part:
            share = part / weight
            parts.append(Part(way, name, part, share, f"{at * WIDTH:.1f}", f"{share * WIDTH:.1f}"))
            at += share
    return Flow(letter, document.short_name, told, weight, tuple(parts))
