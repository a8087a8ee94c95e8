"""Through whom each document tells a side's positions."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotations.comparison.certainty import claims_of
from annotations.comparison.mediation import Mediation, Told, mediation
from annotations.comparison.values import Tag, Tally
from annotations.enums import AUTHOR, Layer
from annotations.models import Document
from annotations.pages.reading import Compared
from annotations.stored_tags import load_tags
from annotations.templatetags.summit import decimals


@dataclass(frozen=True, slots=True)
class Part:
    """One way in which positions are told: ``way`` is ``words``, ``own`` or ``other``; ``side`` the
    messengers' side, empty for the document's own words."""

    way: str
    side: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Flow:
    """How one document tells a side's positions: parts that add up to ``weight``."""

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

    @property
    def claims_in_words(self) -> str:
        """The claims with a messenger, in A and in B: through the side itself or another; and the test."""
        told_a, told_b = self.mediation.a, self.mediation.b
        if not any((told_a.claims_own, told_a.claims_other, told_b.claims_own, told_b.claims_other)):
            return _("No claim has a messenger.")
        said = _("Claims with a messenger: %(in_a)s; %(in_b)s.") % {
            "in_a": _claims_in_words("A", told_a),
            "in_b": _claims_in_words("B", told_b),
        }
        if self.mediation.p is None:
            return f"{said} {_('No test: a document has no such claim.')}"
        return f"{said} {_('Fisher’s exact p = %(p)s.') % {'p': decimals(self.mediation.p, 3)}}"


def _claims_in_words(letter: str, told: Told) -> str:
    numbers = {"own": told.claims_own, "other": told.claims_other, "document": letter}
    numbers["all"] = told.claims_own + told.claims_other
    if not numbers["all"]:
        return _("none in %(document)s") % numbers
    return (
        _("in %(document)s %(own)s of %(all)s through the side itself, %(other)s through another") % numbers
    )


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
    parts = tuple(Part(way, name, part, part / weight) for way, name, part in ways if part)
    return Flow(letter, document.short_name, told, weight, parts)
