"""Three documents or more: every pair at a glance, and one topic's positions in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from annotations.access import Visit
from annotations.comparison.measures import compare_tallies, counted_tags, group_tags, mean_of, weigh
from annotations.comparison.values import Comparison, DocumentFrame, Reach, Reading, Settings, Tally
from annotations.enums import Coverage, Verdict
from annotations.models import Document, Topic
from annotations.pages.drawing import Scale, draw_scale
from annotations.pages.material import Material, read_material
from annotations.pages.reading import NothingToCompareError, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents in a few numbers, each out of ``topics``. ``shared``: topics that both raise;
    ``only_a``, ``only_b``: topics that one is silent on."""

    a: Document
    b: Document
    topics: int
    shared: int
    agree: int
    partly: int
    diverge: int
    only_a: int
    only_b: int
    provisional: bool


@dataclass(frozen=True, slots=True)
class OnTopic:
    """One document on one topic: its place on the scale that all documents share."""

    document: Document
    coverage: Coverage
    n: int
    mean: float | None
    scale: Scale

    @property
    def is_silent(self) -> bool:
        return self.coverage is Coverage.SILENT

    @property
    def is_not_coded(self) -> bool:
        return self.coverage is Coverage.NOT_CODED


@dataclass(frozen=True, slots=True)
class AllDocuments:
    """Every document of a study under one reading."""

    visit: Visit
    documents: tuple[Document, ...]
    topics: tuple[Topic, ...]
    material: Material
    settings: Settings

    @property
    def reading(self) -> Reading:
        return self.material.reading

    @property
    def coders(self) -> tuple[str, ...]:
        """Whose readings the visitor may choose."""
        return self.material.coders if self.visit.may_code else ()

    def pairs(self) -> list[Pair]:
        """Every pair of documents, in the order of the study; one query for how far each reaches."""
        by_document: dict[str, list[Tally]] = {document.slug: [] for document in self.documents}
        for tally in self.material.tallies:
            by_document[tally.document].append(tally)
        reaches = self.material.reaches()
        return [
            _pair(
                a,
                b,
                self._compare(
                    a, b, by_document[a.slug] + by_document[b.slug], (reaches[a.slug], reaches[b.slug])
                ),
            )
            for a, b in combinations(self.documents, 2)
        ]

    def _compare(
        self, a: Document, b: Document, tallies: list[Tally], reaches: tuple[Reach, Reach]
    ) -> Comparison:
        return compare_tallies(
            a=self.material.frames[a.slug],
            b=self.material.frames[b.slug],
            tallies=tallies,
            reaches=reaches,
            topics=[topic.slug for topic in self.topics],
            reading=self.reading,
            settings=self.settings,
        )

    def on(self, topic: Topic) -> list[OnTopic]:
        """Every document on one topic, on one scale."""
        groups = group_tags(
            [tally for tally in self.material.tallies if tally.topic == topic.slug],
            documents=[document.slug for document in self.documents],
            lens=self.reading.lens,
            side=self.reading.side,
        )
        found = []
        for document in self.documents:
            frame: DocumentFrame = self.material.frames[document.slug]
            counted = counted_tags(groups[document.slug], frame=frame, layer=self.reading.layer)
            weights = weigh(counted, topic.slug, grain=self.reading.grain)
            distribution = weights.together.distribution
            mean = mean_of(distribution)
            scale = draw_scale(self.settings.scale, (mean, distribution), (None, ()), comparable=False)
            found.append(OnTopic(document, weights.coverage, weights.n, mean, scale))
        return found


def load_all_documents(visit: Visit, query: QueryDict) -> AllDocuments:
    """Every document under the reading of the query string; a fixed number of queries.

    Raises what ``read_material`` raises, and ``NothingToCompareError``.
    """
    documents = tuple(visit.study.documents.without_text().order_by("position"))
    if len(documents) < 2:
        raise NothingToCompareError("documents")
    material = read_material(visit, query, documents)
    return AllDocuments(
        visit=visit,
        documents=documents,
        topics=tuple(material.codebook.topics.values()),
        material=material,
        settings=settings_of(visit, material.codebook),
    )


def _pair(a: Document, b: Document, compared: Comparison) -> Pair:
    count = compared.headline.count
    shared = sum(bool(topic.a.n and topic.b.n) for topic in compared.topics)
    return Pair(
        a=a,
        b=b,
        topics=compared.headline.topics,
        shared=shared,
        agree=count(Verdict.AGREE),
        partly=count(Verdict.PARTLY),
        diverge=count(Verdict.DIVERGE),
        only_a=count(Verdict.ONLY_A),
        only_b=count(Verdict.ONLY_B),
        provisional=compared.headline.provisional,
    )


def pair_table(
    documents: Sequence[Document], pairs: Sequence[Pair]
) -> list[tuple[Document, list[Pair | None]]]:
    """A row for each document but the last, a cell for each but the first; None below the diagonal."""
    found = {(pair.a.pk, pair.b.pk): pair for pair in pairs}
    return [(row, [found.get((row.pk, column.pk)) for column in documents[1:]]) for row in documents[:-1]]
