"""What a reading is made of: what is said, as far as the visitor may see it, and whose word counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q
from django.http import Http404

from annotations.access import Visit
from annotations.codebook import Codebook
from annotations.comparison.measures import counted_coders, heard, lets_speak
from annotations.comparison.values import DocumentFrame, Reach, Reading, Tally
from annotations.compiled import planned_once
from annotations.enums import AUTHOR, Grain, Layer, Lens
from annotations.models import Document
from annotations.pages.claims import settled_documents
from annotations.pages.query_words import choice_of
from annotations.permissions import default_layer, may_read_layer
from annotations.stored_tags import load_reaches, load_tallies

if TYPE_CHECKING:
    from django.http import QueryDict

    from annotations.models.coding import AnnotationQuerySet


#: Who has finished which documents, in words that need not be made for each page.
FINISHED = """
SELECT document_id, coder_id, username FROM annotations_completion AS said
JOIN annotations_user AS people ON people.id = said.coder_id
WHERE document_id IN ({}) AND reopened_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Material:
    """What some documents say in the layer of a reading, counted, as far as the visitor may see it.

    ``frames``: by document, who counts in it; ``finishers``: by document, who finished it; ``annotators``:
    (document, coder), who tagged it; ``coders``: whose readings the visitor may choose. Coders who do not
    count are among ``tallies`` and ``annotations``. ``visible``: the layer's annotations in any document.
    """

    reading: Reading
    documents: tuple[Document, ...]
    codebook: Codebook
    tallies: tuple[Tally, ...]
    frames: dict[str, DocumentFrame]
    finishers: dict[str, set[str]]
    annotators: set[tuple[str, str]]
    coders: tuple[str, ...]
    visible: AnnotationQuerySet
    people: dict[str, int]

    @property
    def annotations(self) -> AnnotationQuerySet:
        """What is counted in ``tallies``."""
        return self.visible.filter(document__in=self.documents)

    def counted(self) -> tuple[Tally, ...]:
        """What coders who count in their document say, in the curated layer all; of voices that the reading
        lets speak."""
        found = heard(self.tallies, self.reading.lens, self.reading.side)
        others = self.others()
        if self.reading.layer is Layer.CURATED or not others:
            return tuple(found)
        return tuple([tally for tally in found if (tally.document, tally.coder) not in others])

    def others(self) -> set[tuple[str, str]]:
        """(document, coder): who tagged a document, and does not count in it."""
        return {one for one in self.annotators if one[1] not in self.frames[one[0]].coders}

    def left_out(self) -> Counter[tuple[str, str]]:
        """(document, coder) → how many tags, of those who do not count."""
        others, left = self.others(), Counter[tuple[str, str]]()
        for tally in self.tallies if others else ():
            if (tally.document, tally.coder) in others:
                left[tally.document, tally.coder] += tally.n
        return left

    def counted_annotations(self) -> AnnotationQuerySet:
        """The annotations that ``counted`` counts."""
        counted = Q(pk__in=())
        for document in self.documents:
            counted |= self._counts_in(document)
        return self._heard(self.visible.filter(counted))

    def counted_by_document(self) -> dict[Document, AnnotationQuerySet]:
        """The same, document by document, as an index has them."""
        return {
            document: self._heard(self.visible.filter(self._counts_in(document)))
            for document in self.documents
        }

    def _counts_in(self, document: Document) -> Q:
        if self.reading.layer is Layer.CURATED:
            return Q(document=document)
        names = self.frames[document.slug].coders
        return Q(document=document, coder__in=[self.people[name] for name in names if name in self.people])

    def _heard(self, found: AnnotationQuerySet) -> AnnotationQuerySet:
        """Those of the annotations whose source the reading lets speak."""
        reading = self.reading
        if reading.lens is Lens.ALL and reading.side is None:
            return found
        sources = self.codebook.sources.values()
        return found.filter(
            source__in=[
                source.pk
                for source in sources
                if lets_speak(source.slug, source.side, lens=reading.lens, only=reading.side)
            ]
        )

    def reaches(self, *, characters_on: str | None = None) -> dict[str, Reach]:
        """By document, how far it reaches; one query, or three with the characters of a topic."""
        return load_reaches(self.counted_by_document(), self.codebook, characters_on=characters_on)


def read_material(visit: Visit, query: QueryDict, documents: Sequence[Document]) -> Material:
    """Reads the query string and counts the tags of ``documents``; a fixed number of queries.

    Raises ``Http404`` for a coder or a side that is not there, ``PermissionDenied`` for a layer the visitor
    may not read, ``BadRequest`` for an unknown word.
    """
    layer = _layer(visit, query)
    codebook = Codebook.of(visit.study, state=visit.codebook_state)
    finished = _finished(visit, documents)
    finishers = _by_document(finished, documents)
    visible = visit.annotations().active().filter(layer=layer.value)
    known = {coder: name for _document, coder, name in finished}
    tallies, people = load_tallies(visible, documents, codebook, known)
    annotators = {(tally.document, tally.coder) for tally in tallies}
    coders = sorted(people.keys() | {coder for names in finishers.values() for coder in names})
    reading = Reading(
        layer=layer,
        coder=_coder(query, layer, coders, visit),
        lens=choice_of(query, "lens", Lens, Lens.ALL),
        grain=choice_of(query, "grain", Grain, Grain.SOURCE),
        side=_side(query, codebook),
    )
    settled = settled_documents(visit, documents) if layer is Layer.CURATED else frozenset()
    return Material(
        reading=reading,
        documents=tuple(documents),
        codebook=codebook,
        tallies=tuple(tallies),
        frames={
            document.slug: _frame(document, reading, finishers, annotators, settled) for document in documents
        },
        finishers=finishers,
        annotators=annotators,
        coders=tuple(coders),
        visible=visible,
        people=people,
    )


def _layer(visit: Visit, query: QueryDict) -> Layer:
    layer = choice_of(query, "layer", Layer, default_layer(visit.role))
    if not may_read_layer(visit.role, layer):
        raise PermissionDenied
    return layer


def _side(query: QueryDict, codebook: Codebook) -> str | None:
    """The side that alone is listened to, by its name; ``author`` is the documents' own."""
    asked = query.get("side")
    if not asked:
        return None
    if asked not in {AUTHOR if source.is_author else source.side for source in codebook.sources.values()}:
        raise Http404("No such side.")
    return asked


def _coder(query: QueryDict, layer: Layer, coders: list[str], visit: Visit) -> str | None:
    asked = query.get("coder")
    if asked and not visit.may_code:
        # Whoever may not read the coded layer learns nothing of its coders, not even by asking.
        raise PermissionDenied
    if not asked or layer is Layer.CURATED:
        return None
    known = {coder.lower(): coder for coder in coders}
    known[visit.member.get_username().lower()] = visit.member.get_username()
    if asked.lower() not in known:
        raise Http404("No such coder.")
    return known[asked.lower()]


def visible_finishers(visit: Visit, documents: Sequence[Document]) -> dict[str, set[str]]:
    """By document: the coders who finished it, as far as the visitor may know."""
    return _by_document(_finished(visit, documents), documents)


def _by_document(
    finished: Sequence[tuple[str, int, str]], documents: Sequence[Document]
) -> dict[str, set[str]]:
    finishers: dict[str, set[str]] = {document.slug: set() for document in documents}
    for slug, _coder, name in finished:
        finishers[slug].add(name)
    return finishers


def _finished(visit: Visit, documents: Sequence[Document]) -> list[tuple[str, int, str]]:
    """(document, coder's id and name): who finished a document, as far as the visitor may know."""
    if not visit.may_code or not documents:
        return []
    slugs = {document.pk: document.slug for document in documents}
    places = ", ".join(["%s"] * len(slugs))
    with planned_once(connection), connection.cursor() as cursor:
        cursor.execute(FINISHED.format(places), list(slugs))
        rows = [(slugs[document], coder, name) for document, coder, name in cursor.fetchall()]
    mine = {slug for slug, coder, _name in rows if coder == visit.user.pk}
    sees_all = visit.may_curate or not visit.study.is_blind
    return [row for row in rows if sees_all or row[0] in mine or row[1] == visit.user.pk]


def _frame(
    document: Document,
    reading: Reading,
    finishers: dict[str, set[str]],
    annotators: set[tuple[str, str]],
    settled: frozenset[str],
) -> DocumentFrame:
    if reading.layer is Layer.CURATED:
        return DocumentFrame(document.slug, finished=document.slug in settled, coders=())
    coders, finished = counted_coders(
        finishers=finishers[document.slug],
        annotators={coder for slug, coder in annotators if slug == document.slug},
        chosen=reading.coder,
    )
    return DocumentFrame(document.slug, finished=finished, coders=coders)
