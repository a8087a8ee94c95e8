"""Which reading a comparison page was asked for, and the tags that it counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404

from annotations.access import Visit
from annotations.comparison.measures import compare, counted_coders, hears
from annotations.comparison.values import Comparison, DocumentFrame, Reading, Settings, Tag
from annotations.enums import Grain, Layer, Lens
from annotations.models import Annotation, Completion, Document, Source, Stance, Topic
from annotations.permissions import default_layer, may_read_layer, sees_other_coders

if TYPE_CHECKING:
    from django.http import QueryDict

Choice = TypeVar("Choice", bound=StrEnum)


class NothingToCompareError(Exception):
    """The study cannot be compared yet. ``str()`` of it is ``documents`` or ``scale``."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A coder whose tags on a document do not count in this reading, and how many they are."""

    document: Document
    coder: str
    tags: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two documents of a study under one reading, with the codebook that names what is in it.

    ``coders`` are those the visitor may choose a reading of.
    """

    visit: Visit
    reading: Reading
    a: Document
    b: Document
    documents: tuple[Document, ...]
    topics: tuple[Topic, ...]
    stances: dict[int, Stance]
    sources: dict[int, Source]
    tags: tuple[Tag, ...]
    comparison: Comparison
    coders: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    def context(self) -> dict[str, object]:
        """What the templates of the comparison, its headline and its legend need."""
        headline = self.comparison.headline
        return {
            "compared": self,
            "headline": headline,
            "counts": {verdict.value: count for verdict, count in headline.counts},
            "a": self.a,
            "b": self.b,
            "frame_a": self.comparison.a,
            "frame_b": self.comparison.b,
            "reading": self.reading,
            "tags": len(self.tags),
        }


def load_compared(visit: Visit, query: QueryDict) -> Compared:
    """Reads the query string, loads the counted tags and compares; a fixed number of queries.

    Raises ``NothingToCompareError``, ``Http404`` for a document or coder that is not there,
    ``PermissionDenied`` for a layer the visitor may not read, ``BadRequest`` for an unknown word.
    """
    documents = tuple(visit.study.documents.without_text().order_by("position"))
    if len(documents) < 2:
        raise NothingToCompareError("documents")
    a, b = _pair(documents, query)
    layer = _layer(visit, query)
    finishers = _visible_finishers(visit, a, b)
    rows = _tags(visit, layer, a, b)
    coders = sorted({tag.coder for tag in rows} | {coder for names in finishers.values() for coder in names})
    reading = Reading(
        layer=layer,
        coder=_coder(query, layer, coders, visit),
        lens=_choice(query, "lens", Lens, Lens.ALL),
        grain=_choice(query, "grain", Grain, Grain.SOURCE),
    )
    frames = {document.slug: _frame(document, reading, finishers, rows) for document in (a, b)}
    return _compared(visit, reading, (a, b), documents, rows, frames, finishers, coders)


def _compared(
    visit: Visit,
    reading: Reading,
    pair: tuple[Document, Document],
    documents: tuple[Document, ...],
    rows: list[Tag],
    frames: dict[str, DocumentFrame],
    finishers: dict[str, set[str]],
    coders: list[str],
) -> Compared:
    a, b = pair
    topics = tuple(visit.study.topics.taggable())
    stances = {stance.pk: stance for stance in visit.study.stances.order_by("position")}
    sources = {source.pk: source for source in visit.study.sources.select_related("speaks_for")}
    scale = tuple(sorted({stance.value for stance in stances.values() if stance.value is not None}))
    if len(scale) < 2:
        raise NothingToCompareError("scale")
    both = finishers[a.slug] & finishers[b.slug] if reading.coder is None else set()
    comparison = compare(
        a=frames[a.slug],
        b=frames[b.slug],
        tags=rows,
        topics=[topic.slug for topic in topics],
        reading=reading,
        settings=Settings(scale, visit.study.agree_max, visit.study.diverge_above),
        finishers_of_both=sorted(both),
    )
    counts = {slug: set(frame.coders) for slug, frame in frames.items()}
    is_counted = reading.layer is Layer.CURATED
    counted = [tag for tag in rows if is_counted or tag.coder in counts[tag.document]]
    return Compared(
        visit=visit,
        reading=reading,
        a=a,
        b=b,
        documents=documents,
        topics=topics,
        stances=stances,
        sources=sources,
        tags=tuple(tag for tag in counted if hears(tag, reading.lens)),
        comparison=comparison,
        coders=tuple(coders) if visit.may_code else (),
        left_out=() if is_counted or reading.coder else _left_out((a, b), rows, counts),
    )


def _pair(documents: tuple[Document, ...], query: QueryDict) -> tuple[Document, Document]:
    by_slug = {document.slug: document for document in documents}
    try:
        a = by_slug[str(query["a"])] if query.get("a") else None
        b = by_slug[str(query["b"])] if query.get("b") else None
    except KeyError as error:
        raise Http404("No such document.") from error
    a = a or next(document for document in documents if document is not b)
    b = b or next(document for document in documents if document is not a)
    if a is b:
        raise BadRequest("A document is compared with another, not with itself.")
    return a, b


def _layer(visit: Visit, query: QueryDict) -> Layer:
    layer = _choice(query, "layer", Layer, default_layer(visit.role))
    if not may_read_layer(visit.role, layer):
        raise PermissionDenied
    return layer


def _choice(query: QueryDict, name: str, words: type[Choice], default: Choice) -> Choice:
    asked = query.get(name)
    if not asked:
        return default
    try:
        return words(asked)
    except ValueError as error:
        raise BadRequest(f"{name}: no such choice.") from error


def _coder(query: QueryDict, layer: Layer, coders: list[str], visit: Visit) -> str | None:
    asked = query.get("coder")
    if not asked or layer is Layer.CURATED:
        return None
    known = {coder.lower(): coder for coder in coders}
    known[visit.member.get_username().lower()] = visit.member.get_username()
    if asked.lower() not in known:
        raise Http404("No such coder.")
    return known[asked.lower()]


def _visible_finishers(visit: Visit, a: Document, b: Document) -> dict[str, set[str]]:
    """By document: the coders who finished it, as far as the visitor may know."""
    finishers: dict[str, set[str]] = {a.slug: set(), b.slug: set()}
    if not visit.may_code:
        return finishers
    open_to_me = {d.pk for d in (a, b) if sees_other_coders(visit.user, visit.study, visit.role, d)}
    rows = Completion.objects.filter(document__in=[a, b], reopened_at__isnull=True).values_list(
        "document_id", "document__slug", "coder_id", "coder__username"
    )
    for document, slug, coder, name in rows:
        if document in open_to_me or coder == visit.user.pk:
            finishers[slug].add(name)
    return finishers


def _tags(visit: Visit, layer: Layer, a: Document, b: Document) -> list[Tag]:
    """Every active tag of both documents in the layer that the visitor may see, in one query."""
    rows = (
        visit.annotations()
        .active()
        .filter(layer=layer.value, document__in=[a, b])
        .order_by()
        .values_list(
            "pk", "document__slug", "passage__number", "start", "end", "topic__slug", "stance__slug",
            "stance__value", "source__slug", "source__speaks_for__slug", "source__side",
            "reported_by__slug", "coder__username",
        )
    )  # fmt: skip
    return [
        Tag(
            key=row[0],
            document=row[1],
            passage=row[2],
            start=row[3],
            end=row[4],
            topic=row[5],
            stance=row[6],
            value=row[7],
            source=row[8],
            body=row[9] or row[8],
            side=row[10],
            reported_by=row[11],
            coder=row[12],
        )
        for row in rows
    ]


def _frame(
    document: Document, reading: Reading, finishers: dict[str, set[str]], rows: list[Tag]
) -> DocumentFrame:
    if reading.layer is Layer.CURATED:
        # Curated silence needs settled claims: until they exist no document is finished in this layer.
        return DocumentFrame(document.slug, finished=False, coders=())
    coders, finished = counted_coders(
        finishers=finishers[document.slug],
        annotators={tag.coder for tag in rows if tag.document == document.slug},
        chosen=reading.coder,
    )
    return DocumentFrame(document.slug, finished=finished, coders=coders)


def _left_out(
    pair: tuple[Document, Document], rows: list[Tag], counts: dict[str, set[str]]
) -> tuple[LeftOut, ...]:
    left: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tag in rows:
        if tag.coder not in counts[tag.document]:
            left[tag.document][tag.coder] += 1
    return tuple(
        LeftOut(document, coder, count)
        for document in pair
        for coder, count in sorted(left[document.slug].items())
    )


def quotes_of(compared: Compared, **where: object) -> list[Annotation]:
    """The annotations behind a figure of the comparison, with their passages' text, in text order."""
    keys = [tag.key for tag in compared.tags if all(getattr(tag, k) == v for k, v in where.items())]
    rows = (
        Annotation.objects.filter(pk__in=keys)
        .select_related("document", "passage", "topic__parent", "stance", "source", "reported_by", "coder")
        .defer("document__text")
    )
    return sorted(rows, key=lambda tag: (tag.start, tag.end, tag.coder.get_username()))
