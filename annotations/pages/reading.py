"""Which reading a comparison page was asked for, and the tags that it counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.http import Http404

from annotations.access import Visit
from annotations.comparison.certainty import Draws
from annotations.comparison.measures import compare, hears
from annotations.comparison.values import Comparison, Reading, Settings, Tag
from annotations.enums import Grain, Layer
from annotations.models import Annotation, Document, Source, Stance, Topic
from annotations.pages.material import Material, read_material

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict


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


def load_compared(visit: Visit, query: QueryDict, *, with_draws: bool = False) -> Compared:
    """Reads the query string, loads the counted tags and compares; a fixed number of queries.

    ``with_draws`` asks for each topic's certainty, which takes longer than all the rest.

    Raises ``NothingToCompareError``, ``Http404`` for a document or coder that is not there,
    ``PermissionDenied`` for a layer the visitor may not read, ``BadRequest`` for an unknown word.
    """
    documents = tuple(visit.study.documents.without_text().order_by("position"))
    if len(documents) < 2:
        raise NothingToCompareError("documents")
    a, b = _pair(documents, query)
    material = read_material(visit, query, (a, b))
    return _compared(visit, material, (a, b), documents, with_draws)


def _compared(
    visit: Visit,
    material: Material,
    pair: tuple[Document, Document],
    documents: tuple[Document, ...],
    with_draws: bool,
) -> Compared:
    a, b = pair
    reading, frames = material.reading, material.frames
    topics = tuple(visit.study.topics.taggable())
    stances = {stance.pk: stance for stance in visit.study.stances.order_by("position")}
    sources = {source.pk: source for source in visit.study.sources.select_related("speaks_for")}
    scale = tuple(sorted({stance.value for stance in stances.values() if stance.value is not None}))
    if len(scale) < 2:
        raise NothingToCompareError("scale")
    both = material.finishers[a.slug] & material.finishers[b.slug] if reading.coder is None else set()
    comparison = compare(
        a=frames[a.slug],
        b=frames[b.slug],
        tags=material.tags,
        topics=[topic.slug for topic in topics],
        reading=reading,
        settings=Settings(scale, visit.study.agree_max, visit.study.diverge_above),
        finishers_of_both=sorted(both),
        draws=_draws(visit, reading, sources.values()) if with_draws else None,
    )
    return Compared(
        visit=visit,
        reading=reading,
        a=a,
        b=b,
        documents=documents,
        topics=topics,
        stances=stances,
        sources=sources,
        tags=tuple(tag for tag in material.counted() if hears(tag, reading.lens)),
        comparison=comparison,
        coders=material.coders if visit.may_code else (),
        left_out=() if reading.layer is Layer.CURATED or reading.coder else _left_out((a, b), material),
    )


def _draws(visit: Visit, reading: Reading, sources: Iterable[Source]) -> Draws:
    """The voices of the grain in codebook order, in which the draws are made."""
    keys = [_voice(source, reading.grain) for source in sorted(sources, key=lambda source: source.position)]
    return Draws(visit.study.slug, tuple(dict.fromkeys(keys)))


def _voice(source: Source, grain: Grain) -> str:
    if source.is_author or grain is Grain.SOURCE:
        return source.slug
    if grain is Grain.BODY:
        return source.speaks_for.slug if source.speaks_for else source.slug
    return source.side


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


def _left_out(pair: tuple[Document, Document], material: Material) -> tuple[LeftOut, ...]:
    left: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tag in material.tags:
        if tag.coder not in material.frames[tag.document].coders:
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
        .defer("document__text", "passage__folded")
    )
    return sorted(rows, key=lambda tag: (tag.start, tag.end, tag.coder.get_username()))
