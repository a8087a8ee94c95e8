"""How far the coders agree: what may be measured for a visitor, and what the page shows of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from annotations.access import Visit
from annotations.comparison.values import Tag
from annotations.enums import Role
from annotations.models import Annotation, Document, Passage, Stance, Study, Topic
from annotations.pages.material import visible_finishers
from annotations.pages.quotes import QuoteShown, quote_of
from annotations.pages.reliability_figures import Figure
from annotations.reliability.intervals import DRAWS
from annotations.reliability.measures import measure_positions, measure_reliability
from annotations.reliability.values import (
    NOT_FOUND,
    CodedDocument,
    Coefficient,
    Confusion,
    Dimension,
    Reliability,
)
from annotations.stored_tags import TAG_COLUMNS, tag_of
from annotations.study_folder.shipped import SHIPPED, SHIPPED_CODERS

if TYPE_CHECKING:
    from django.http import QueryDict

    from annotations.models.coding import AnnotationQuerySet
    from annotations.reliability.claims import Claim

#: How many dates the line over time has at most.
POINTS = 12


@dataclass(frozen=True, slots=True)
class Coded:
    """What can be measured: finished documents and tags, as far as the visitor may see them.

    ``made``: by tag, the day it was made. ``changed``: tags that stay out as they were changed after
    reopening. ``shared``: the documents that at least two coders finished.
    """

    study: Study
    documents: tuple[Document, ...]
    coded: tuple[CodedDocument, ...]
    tags: tuple[Tag, ...]
    made: dict[int, date]
    changed: int
    topics: tuple[Topic, ...]
    stances: tuple[Stance, ...]

    @property
    def shared(self) -> tuple[CodedDocument, ...]:
        return tuple(document for document in self.coded if len(document.finishers) > 1)

    def measured(self, *, draws: int = DRAWS) -> Reliability:
        """Every measure; ``draws=0`` leaves the intervals out, which is much quicker."""
        return measure_reliability(
            study=self.study.slug,
            tags=self.tags,
            documents=self.coded,
            topics=[topic.slug for topic in self.topics],
            stances=[stance.slug for stance in self.stances],
            draws=draws,
        )


def coded_for(visit: Visit, query: QueryDict) -> Coded:
    """What the visitor may see measured; ``document`` in the query restricts it. Raises ``Http404`` for a
    document that is not there. A fixed number of queries."""
    documents = list(visit.study.documents.without_text().order_by("position"))
    asked = [slug for slug in query.getlist("document") if slug]
    if not set(asked) <= {document.slug for document in documents}:
        raise Http404("No such document.")
    return coded_in(visit, [document for document in documents if not asked or document.slug in asked])


def coded_in(visit: Visit, documents: Sequence[Document], topic: str | None = None) -> Coded:
    """The same for ``documents``; with ``topic`` of what is tagged with that one alone."""
    if topic is None:
        return _coded(visit, documents, visit.annotations())
    coded = _coded(visit, documents, visit.annotations().filter(topic__slug=topic))
    return replace(coded, topics=tuple(entry for entry in coded.topics if entry.slug == topic))


def coded_by_all(study: Study) -> Coded:
    """All that the study's coders finished: for the command line, which has no visitor."""
    visit = Visit(study, AnonymousUser(), Role.OWNER)
    documents = list(study.documents.without_text().order_by("position"))
    return _coded(visit, documents, Annotation.objects.filter(study=study))


def _coded(visit: Visit, documents: Sequence[Document], annotations: AnnotationQuerySet) -> Coded:
    finishers = visible_finishers(visit, documents)
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for document, number in Passage.objects.filter(document__in=documents).values_list(
        "document_id", "number"
    ):
        numbers[document].append(number)
    coded = tuple(
        CodedDocument(d.slug, tuple(sorted(numbers[d.pk])), tuple(sorted(finishers[d.slug])))
        for d in documents
    )
    readers = {document.slug: document.finishers for document in coded if len(document.finishers) > 1}
    found = annotations.active().coded().filter(document__in=documents).order_by()
    rows = found.values_list(*TAG_COLUMNS, "created_at", "changed_after_reopening")
    tags, made, changed = [], {}, 0
    for *row, created_at, was_changed in rows:
        tag = tag_of(tuple(row))
        if tag.coder not in readers.get(tag.document, ()):
            continue
        changed += was_changed
        if not was_changed:
            tags.append(tag)
            made[tag.key] = created_at.date()
    return Coded(
        study=visit.study,
        documents=tuple(documents),
        coded=coded,
        tags=tuple(tags),
        made=made,
        changed=changed,
        topics=tuple(visit.study.topics.taggable()),
        stances=tuple(visit.study.stances.order_by("position")),
    )


@dataclass(frozen=True, slots=True)
class TopicAgreement:
    """One topic: its presence in passages, its characters, and the stances on its claims.

    ``agreed`` of ``matched`` claims have one stance by all who found them; ``alone``: the claims that one
    coder alone found.
    """

    topic: Topic
    presence: Figure
    characters: Figure
    agreed: int
    matched: int
    alone: tuple[Claim, ...]
    every: tuple[Claim, ...]

    @property
    def claims(self) -> int:
        return self.matched + len(self.alone)

    @property
    def stance_share(self) -> float | None:
        """The share of the matched claims on whose stance all agree."""
        return self.agreed / self.matched if self.matched else None


def topic_agreements(coded: Coded, found: Reliability) -> dict[str, TopicAgreement]:
    """By slug, in codebook order; empty where no two coders finished a document."""
    if not found.documents:
        return {}
    claims: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in found.claims:
        claims[claim.topic].append(claim)
    return {topic.slug: _on_topic(topic, found, claims[topic.slug]) for topic in coded.topics}


def _on_topic(topic: Topic, found: Reliability, claims: list[Claim]) -> TopicAgreement:
    matched = [claim for claim in claims if len(claim.tags) > 1]
    return TopicAgreement(
        topic=topic,
        presence=Figure(found.measure(Coefficient.ALPHA_NOMINAL, Dimension.PRESENCE, topic=topic.slug)),
        characters=Figure(found.measure(Coefficient.F1, Dimension.CHARACTERS, topic=topic.slug)),
        agreed=sum(len({tag.stance for tag in claim.tags}) == 1 for claim in matched),
        matched=len(matched),
        alone=tuple(claim for claim in claims if len(claim.tags) == 1),
        every=tuple(claims),
    )


@dataclass(frozen=True, slots=True)
class CellShown:
    """One cell of a confusion matrix; ``key`` names it in an address."""

    key: str
    stance_a: Stance | None
    stance_b: Stance | None
    pairs: tuple[tuple[int | None, int | None], ...]

    @property
    def n(self) -> int:
        return len(self.pairs)

    @property
    def agrees(self) -> bool:
        return self.stance_a is not None and self.stance_a == self.stance_b


@dataclass(frozen=True, slots=True)
class PairShown:
    """Two coders: how far they agree, and on which stances they do not. A stance of None: not found."""

    coder_a: str
    coder_b: str
    presence: Figure
    stance: Figure
    columns: tuple[Stance | None, ...]
    rows: tuple[tuple[Stance | None, tuple[CellShown, ...]], ...]

    @property
    def n(self) -> int:
        """The claims of documents that both finished."""
        return sum(cell.n for _stance, cells in self.rows for cell in cells)


def pairs_of(coded: Coded, found: Reliability) -> list[PairShown]:
    """Every pair of coders, sorted by name."""
    stances: dict[str, Stance | None] = {stance.slug: stance for stance in coded.stances}
    return [_pair(found, confusion, stances) for confusion in found.confusions]


def _pair(found: Reliability, confusion: Confusion, stances: dict[str, Stance | None]) -> PairShown:
    pair = confusion.coder_a, confusion.coder_b
    entries = [stances.get(slug) for slug in confusion.stances]
    names = ["" if slug == NOT_FOUND else slug for slug in confusion.stances]
    rows = []
    for name_a, entry_a, cells in zip(names, entries, confusion.rows, strict=True):
        shown = [
            CellShown(":".join((*pair, name_a, name_b)), entry_a, entry_b, cell.keys)
            for name_b, entry_b, cell in zip(names, entries, cells, strict=True)
        ]
        rows.append((entry_a, tuple(shown)))
    return PairShown(
        *pair,
        presence=Figure(found.measure(Coefficient.KAPPA, Dimension.PRESENCE, pair=pair)),
        stance=Figure(found.measure(Coefficient.KAPPA, Dimension.STANCE, pair=pair)),
        columns=tuple(entries),
        rows=tuple(rows),
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """The cell that was asked for, with the quotes of both coders side by side."""

    pair: PairShown
    cell: CellShown
    quotes: tuple[tuple[QuoteShown | None, QuoteShown | None], ...]


def open_cell(pairs: Sequence[PairShown], key: str) -> Opened:
    """Raises ``Http404`` for a cell that is not there. One query."""
    for pair in pairs:
        for _stance, cells in pair.rows:
            for cell in cells:
                if cell.key == key:
                    shown = quotes_by_key([k for both in cell.pairs for k in both if k is not None])
                    return Opened(
                        pair, cell, tuple((shown.get(a or 0), shown.get(b or 0)) for a, b in cell.pairs)
                    )
    raise Http404("No such cell.")


def quotes_by_key(keys: Sequence[int]) -> dict[int, QuoteShown]:
    """The tags with these ids as quotes, in one query. The visitor may see them, and their coders."""
    rows = (
        Annotation.objects.filter(pk__in=keys)
        .select_related("document", "passage", "topic", "stance", "source", "reported_by", "coder")
        .defer("document__text", "passage__folded")
    )
    return {tag.pk: quote_of([tag], names_shown=True) for tag in rows}


@dataclass(frozen=True, slots=True)
class Point:
    """The primary figure of all tags made up to a day; ``x``, ``y`` are empty where it has no value."""

    day: date
    tags: int
    figure: Figure
    x: str
    y: str


def over_time(coded: Coded) -> list[Point]:
    """At most ``POINTS`` days on which tags were made, the first and the last among them."""
    days = sorted(set(coded.made.values()))
    if len(days) > POINTS:
        step = (len(days) - 1) / (POINTS - 1)
        days = [days[round(step * place)] for place in range(POINTS)]
    points = []
    for day in days:
        tags = [tag for tag in coded.tags if coded.made[tag.key] <= day]
        figure = Figure(measure_positions(study=coded.study.slug, tags=tags, documents=coded.coded, draws=0))
        span = (days[-1] - days[0]).days or 1
        value = figure.measure.value
        x = f"{10 + (day - days[0]).days / span * 300:.1f}"
        y = "" if value is None else f"{90 - max(0.0, value) * 80:.1f}"
        points.append(Point(day, len(tags), figure, x, y))
    return points


def is_demonstration(study: Study, found: Reliability) -> bool:
    """Whether codings that ship with Summit are measured."""
    return study.slug == SHIPPED and not set(SHIPPED_CODERS).isdisjoint(found.coders)


@dataclass(frozen=True, slots=True)
class Agreements:
    """The reliability of each topic beside its verdict, for those who may see the coders' work."""

    topics: dict[str, TopicAgreement]

    def alone_on(self, topic: str) -> list[QuoteShown]:
        """The claims on a topic that one coder alone made, in the order of the text. One query."""
        if topic not in self.topics or not self.topics[topic].alone:
            return []
        keys = [claim.tags[0].key for claim in self.topics[topic].alone]
        shown = quotes_by_key(keys)
        return [shown[key] for key in keys]


def load_agreements(visit: Visit, documents: Sequence[Document], topic: str | None = None) -> Agreements:
    """The reliability of each topic over ``documents``, or of one, without intervals; nothing for readers and
    the public. A fixed number of queries."""
    if not visit.may_code:
        return Agreements({})
    coded = coded_in(visit, documents, topic)
    return Agreements(topic_agreements(coded, coded.measured(draws=0)) if coded.shared else {})
