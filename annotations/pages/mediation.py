"""Through whom each document tells a side's positions."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.comparison.certainty import claims_of
from annotations.comparison.mediation import Mediation, Told, mediation
from annotations.comparison.values import Tag, Tally
from annotations.enums import AUTHOR, Layer
from annotations.models import Document
from annotations.pages.reading import Compared
from annotations.stored_tags import load_tags

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
    """Every side that either document gives word to, in codebook order, the author's apart; one query more,
    for the tags of what is said through a messenger."""
    side_of = {source.slug: source.side for source in compared.sources.values()}
    places: dict[str, int] = {}
    for source in sorted(compared.sources.values(), key=lambda source: source.position):
        if source.slug != AUTHOR:
            places.setdefault(source.side, source.position)
    claims = _mediated_claims(compared)
    heard = {tally.side for tally in compared.tallies}
    return [
        _side(compared, name, claims, side_of)
        for name in sorted(places, key=places.__getitem__)
        if name in heard
    ]


def _mediated_claims(compared: Compared) -> dict[str, list[tuple[Tag, ...]]]:
    """By document: the claims of every source on every topic where anything of it comes through a messenger.

    Claims are matched within a source and a topic: no others can have a messenger.
    """
    pairs = {
        (tally.source, tally.topic)
        for tally in compared.tallies
        if tally.reported_by is not None and tally.source != AUTHOR
    }
    found = compared.annotations.filter(
        source__slug__in={source for source, _topic in pairs},
        topic__slug__in={topic for _source, topic in pairs},
    )
    tags: dict[str, list[Tag]] = {compared.a.slug: [], compared.b.slug: []}
    for tag in load_tags(found):
        if (tag.source, tag.topic) in pairs:
            tags[tag.document].append(tag)
    return {slug: claims_of(of_document, compared.reading.layer) for slug, of_document in tags.items()}


def _side(
    compared: Compared, name: str, claims: dict[str, list[tuple[Tag, ...]]], side_of: dict[str, str]
) -> Side:
    a, b = compared.a.slug, compared.b.slug
    said: dict[str, list[Tally]] = {a: [], b: []}
    for tally in compared.tallies:
        if tally.source != AUTHOR:
            said[tally.document].append(tally)
    is_curated = compared.reading.layer is Layer.CURATED
    frames = (compared.comparison.a, compared.comparison.b)
    coders = tuple(1 if is_curated else max(1, len(frame.coders)) for frame in frames)
    found = mediation(
        name,
        tags=(said[a], said[b]),
        coders=(coders[0], coders[1]),
        claims=(claims[a], claims[b]),
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
