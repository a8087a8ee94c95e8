"""What a reading is made of: what is said, as far as the visitor may see it, and whose word counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q
from django.http import Http404

from annotations.access import Visit
from annotations.codebook import Codebook
from annotations.comparison.measures import counted_coders, hears, lets_speak
from annotations.comparison.values import DocumentFrame, Reach, Reading, Tally
from annotations.enums import AUTHOR, Grain, Layer, Lens
from annotations.models import Completion, Document
from annotations.pages.claims import settled_documents
from annotations.permissions import default_layer, may_read_layer
from annotations.stored_tags import load_reaches, load_tallies

if TYPE_CHECKING:
    from django.http import QueryDict

    from annotations.models.coding import AnnotationQuerySet

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Material:
    """What some documents say in the layer of a reading, counted, as far as the visitor may see it.

    ``frames``: by document, who counts in it; ``finishers``: by document, who finished it; ``coders``: whose
    readings the visitor may choose. Coders who do not count are among ``tallies`` and ``annotations``.
    """

    reading: Reading
    documents: tuple[Document, ...]
    codebook: Codebook
    tallies: tuple[Tally, ...]
    frames: dict[str, DocumentFrame]
    finishers: dict[str, set[str]]
    coders: tuple[str, ...]
    annotations: AnnotationQuerySet
    people: dict[str, int]

    def counted(self) -> tuple[Tally, ...]:
        """What coders who count in their document say, in the curated layer all; of voices that the reading
        lets speak."""
        heard = (tally for tally in self.tallies if hears(tally, self.reading.lens, self.reading.side))
        if self.reading.layer is Layer.CURATED:
            return tuple(heard)
        coders = {slug: set(frame.coders) for slug, frame in self.frames.items()}
        return tuple(tally for tally in heard if tally.coder in coders[tally.document])

    def counted_annotations(self) -> AnnotationQuerySet:
        """The annotations that ``counted`` counts."""
        reading, found = self.reading, self.annotations
        if reading.layer is not Layer.CURATED:
            counted = Q(pk__in=())
            for document in self.documents:
                names = self.frames[document.slug].coders
                coders = [self.people[name] for name in names if name in self.people]
                counted |= Q(document=document, coder__in=coders)
            found = found.filter(counted)
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
        """By document, how far it reaches; two queries, or four with the characters of a topic."""
        counted = self.counted_annotations()
        return load_reaches(counted, self.documents, self.codebook, characters_on=characters_on)


def read_material(visit: Visit, query: QueryDict, documents: Sequence[Document]) -> Material:
    """Reads the query string and counts the tags of ``documents``; a fixed number of queries.

    Raises ``Http404`` for a coder or a side that is not there, ``PermissionDenied`` for a layer the visitor
    may not read, ``BadRequest`` for an unknown word.
    """
    layer = _layer(visit, query)
    codebook = Codebook.of(visit.study)
    finishers = visible_finishers(visit, documents)
    annotations = visit.annotations().active().filter(layer=layer.value, document__in=documents)
    tallies, people = load_tallies(annotations, documents, codebook)
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
            document.slug: _frame(document, reading, finishers, tallies, settled) for document in documents
        },
        finishers=finishers,
        coders=tuple(coders),
        annotations=annotations,
        people=people,
    )


def _layer(visit: Visit, query: QueryDict) -> Layer:
    layer = choice_of(query, "layer", Layer, default_layer(visit.role))
    if not may_read_layer(visit.role, layer):
        raise PermissionDenied
    return layer


def choice_of(query: QueryDict, name: str, words: type[Choice], default: Choice) -> Choice:
    asked = query.get(name)
    if not asked:
        return default
    try:
        return words(asked)
    except ValueError as error:
        raise BadRequest(f"{name}: no such choice.") from error


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
    finishers: dict[str, set[str]] = {document.slug: set() for document in documents}
    if not visit.may_code:
        return finishers
    rows = Completion.objects.filter(document__in=documents, reopened_at__isnull=True).values_list(
        "document__slug", "coder_id", "coder__username"
    )
    mine = {slug for slug, coder, _name in rows if coder == visit.user.pk}
    sees_all = visit.may_curate or not visit.study.is_blind
    for slug, coder, name in rows:
        if sees_all or slug in mine or coder == visit.user.pk:
            finishers[slug].add(name)
    return finishers


def _frame(
    document: Document,
    reading: Reading,
    finishers: dict[str, set[str]],
    tallies: Sequence[Tally],
    settled: frozenset[str],
) -> DocumentFrame:
    if reading.layer is Layer.CURATED:
        return DocumentFrame(document.slug, finished=document.slug in settled, coders=())
    coders, finished = counted_coders(
        finishers=finishers[document.slug],
        annotators={tally.coder for tally in tallies if tally.document == document.slug},
        chosen=reading.coder,
    )
    return DocumentFrame(document.slug, finished=finished, coders=coders)
