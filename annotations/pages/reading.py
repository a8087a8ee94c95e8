"""Which reading a comparison page was asked for, and the tags that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.http import Http404

from annotations.access import Visit
from annotations.codebook import Codebook, sides_of
from annotations.comparison.certainty import Draws, with_shuffled
from annotations.comparison.measures import compare_tallies
from annotations.comparison.values import Comparison, Reach, Reading, Settings, Tag, Tally
from annotations.compiled import compiled
from annotations.enums import Grain, Layer
from annotations.models import Annotation, Document, Source, Stance, Topic
from annotations.pages.material import Material, read_material
from annotations.stored_tags import load_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet
    from django.http import QueryDict

    from annotations.models.coding import AnnotationQuerySet


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

    ``tallies``: what counts in it; ``find_annotations`` gives the same, one by one, not read yet;
    ``reaches``: how far it reaches, by document; ``finishers``: who finished each document, as far as the
    visitor may know. ``coders`` are those the visitor may choose a reading of.
    """

    visit: Visit
    reading: Reading
    a: Document
    b: Document
    documents: tuple[Document, ...]
    topics: tuple[Topic, ...]
    stances: dict[int, Stance]
    sources: dict[int, Source]
    tallies: tuple[Tally, ...]
    find_annotations: Callable[[], AnnotationQuerySet]
    reaches: Mapping[str, Reach]
    finishers: Mapping[str, set[str]]
    comparison: Comparison
    coders: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides that can be listened to alone, in codebook order, the documents' own apart."""
        return sides_of(self.sources.values())

    @property
    def annotations(self) -> AnnotationQuerySet:
        """What counts, one by one, not read yet."""
        return self.find_annotations()

    @property
    def n(self) -> int:
        """How many tags count."""
        return sum(tally.n for tally in self.tallies)

    def load_tags(self) -> list[Tag]:
        """The tags that count, in one query. They grow with the study: for what tallies cannot answer."""
        return load_tags(self.annotations)

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
            "tags": self.n,
        }


def load_compared(
    visit: Visit,
    query: QueryDict,
    *,
    with_intervals: bool = False,
    with_draws: bool = False,
    topic: str | None = None,
) -> Compared:
    """Reads the query string, counts the tags and compares; a fixed number of queries.

    ``with_intervals`` asks for each topic's interval and its verdict's probability; ``with_draws`` for p as
    well, which needs the tags themselves and takes longer than all the rest. ``topic``: the slug of the one
    topic that is asked for in full, with all three and with its share of the tagged characters.

    Raises ``NothingToCompareError``, ``Http404`` for a document, coder or side that is not there,
    ``PermissionDenied`` for a layer the visitor may not read, ``BadRequest`` for an unknown word.
    """
    documents = tuple(_documents(visit.study.pk))
    for document in documents:
        document.study = visit.study
    if len(documents) < 2:
        raise NothingToCompareError("documents")
    pair = _pair(documents, query)
    material = read_material(visit, query, pair)
    settings = settings_of(visit, material.codebook)
    one = frozenset() if topic is None else frozenset({topic})
    every = with_intervals or with_draws
    draws = _draws(visit, material, None if every else one) if every or one else None
    reaches = material.reaches(characters_on=topic)
    comparison = _comparison(material, pair, reaches, settings, draws)
    if with_draws or one:
        shuffled = _draws(visit, material, None if with_draws else one)
        comparison = _with_shuffled(material, comparison, settings, shuffled)
    return _compared(visit, material, reaches, pair, documents, comparison)


@compiled(int)
def _documents(study: int) -> QuerySet[Document]:
    return Document.objects.filter(study=study).without_text().order_by("position")


def _with_shuffled(
    material: Material, comparison: Comparison, settings: Settings, draws: Draws
) -> Comparison:
    """With p, for which the tags are read: those on the topics that are asked for and have a distance."""
    found = [topic for topic in comparison.topics if topic.certainty is not None]
    asked = [topic.topic for topic in found if draws.include(topic.topic)]
    tags = load_tags(material.counted_annotations().filter(topic__slug__in=asked))
    return with_shuffled(comparison, tags=tags, settings=settings, draws=draws)


def settings_of(visit: Visit, codebook: Codebook) -> Settings:
    """What the study declares. Raises ``NothingToCompareError``."""
    values = {stance.value for stance in codebook.stances.values() if stance.value is not None}
    if len(values) < 2:
        raise NothingToCompareError("scale")
    return Settings(tuple(sorted(values)), visit.study.agree_max, visit.study.diverge_above)


def _comparison(
    material: Material,
    pair: tuple[Document, Document],
    reaches: Mapping[str, Reach],
    settings: Settings,
    draws: Draws | None,
) -> Comparison:
    a, b = pair
    reading, frames, finishers = material.reading, material.frames, material.finishers
    return compare_tallies(
        a=frames[a.slug],
        b=frames[b.slug],
        tallies=material.tallies,
        reaches=(reaches[a.slug], reaches[b.slug]),
        topics=list(material.codebook.topics),
        reading=reading,
        settings=settings,
        finishers_of_both=sorted(finishers[a.slug] & finishers[b.slug]) if reading.coder is None else (),
        draws=draws,
    )


def _compared(
    visit: Visit,
    material: Material,
    reaches: Mapping[str, Reach],
    pair: tuple[Document, Document],
    documents: tuple[Document, ...],
    comparison: Comparison,
) -> Compared:
    reading, codebook = material.reading, material.codebook
    return Compared(
        visit=visit,
        reading=reading,
        a=pair[0],
        b=pair[1],
        documents=documents,
        topics=tuple(codebook.topics.values()),
        stances={stance.pk: stance for stance in codebook.stances.values()},
        sources={source.pk: source for source in codebook.sources.values()},
        tallies=material.counted(),
        find_annotations=material.counted_annotations,
        reaches=reaches,
        finishers=material.finishers,
        comparison=comparison,
        coders=material.coders if visit.may_code else (),
        left_out=() if reading.layer is Layer.CURATED or reading.coder else _left_out(pair, material),
    )


def _draws(visit: Visit, material: Material, topics: frozenset[str] | None) -> Draws:
    """The voices of the grain in codebook order, in which the draws are made."""
    keys = [_voice(source, material.reading.grain) for source in material.codebook.sources.values()]
    return Draws(visit.study.slug, tuple(dict.fromkeys(keys)), topics)


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
    left = sorted(material.left_out().items())
    return tuple(
        LeftOut(document, coder, count)
        for document in pair
        for (slug, coder), count in left
        if slug == document.slug
    )


#: What quotes can be asked for by, as the columns are called.
COLUMNS = {
    "document": "document__slug",
    "passage": "passage__number",
    "topic": "topic__slug",
    "stance": "stance__slug",
    "source": "source__slug",
    "side": "source__side",
    "reported_by": "reported_by__slug",
    "coder": "coder__username",
}


def quotes_of(compared: Compared, **where: object) -> list[Annotation]:
    """The annotations behind a figure of the comparison, with their passages' text, in text order.

    ``where``: a word of ``COLUMNS`` with its slug, number or name; None asks for tags without it.
    """
    rows = (
        compared.annotations.filter(**{COLUMNS[word]: value for word, value in where.items()})
        .select_related("document", "passage", "topic__parent", "stance", "source", "reported_by", "coder")
        .defer("document__text", "passage__folded")
    )
    return sorted(rows, key=lambda tag: (tag.start, tag.end, tag.coder.get_username()))
