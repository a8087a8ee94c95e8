"""What a reading is made of: the tags that the visitor may see, and whose of them count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404

from annotations.access import Visit
from annotations.comparison.measures import counted_coders
from annotations.comparison.values import DocumentFrame, Reading, Tag
from annotations.enums import Grain, Layer, Lens
from annotations.models import Completion, Document
from annotations.pages.claims import settled_documents
from annotations.permissions import default_layer, may_read_layer
from annotations.stored_tags import load_tags

if TYPE_CHECKING:
    from django.http import QueryDict

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Material:
    """The tags of some documents in the layer of a reading, as far as the visitor may see them.

    ``frames``: by document, who counts in it; ``finishers``: by document, who finished it; ``coders``: whose
    readings the visitor may choose. Tags of coders who do not count are among ``tags``.
    """

    reading: Reading
    tags: tuple[Tag, ...]
    frames: dict[str, DocumentFrame]
    finishers: dict[str, set[str]]
    coders: tuple[str, ...]

    def counted(self) -> tuple[Tag, ...]:
        """The tags of coders who count in their document; in the curated layer all."""
        if self.reading.layer is Layer.CURATED:
            return self.tags
        coders = {slug: set(frame.coders) for slug, frame in self.frames.items()}
        return tuple(tag for tag in self.tags if tag.coder in coders[tag.document])


def read_material(visit: Visit, query: QueryDict, documents: Sequence[Document]) -> Material:
    """Reads the query string and loads the tags of ``documents``; a fixed number of queries.

    Raises ``Http404`` for a coder that is not there, ``PermissionDenied`` for a layer the visitor may not
    read, ``BadRequest`` for an unknown word.
    """
    layer = _layer(visit, query)
    finishers = visible_finishers(visit, documents)
    rows = tags_of(visit, layer, documents)
    coders = sorted({tag.coder for tag in rows} | {coder for names in finishers.values() for coder in names})
    reading = Reading(
        layer=layer,
        coder=_coder(query, layer, coders, visit),
        lens=choice_of(query, "lens", Lens, Lens.ALL),
        grain=choice_of(query, "grain", Grain, Grain.SOURCE),
    )
    settled = settled_documents(visit, documents) if layer is Layer.CURATED else frozenset()
    return Material(
        reading=reading,
        tags=tuple(rows),
        frames={document.slug: _frame(document, reading, finishers, rows, settled) for document in documents},
        finishers=finishers,
        coders=tuple(coders),
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


def _coder(query: QueryDict, layer: Layer, coders: list[str], visit: Visit) -> str | None:
    asked = query.get("coder")
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


def tags_of(visit: Visit, layer: Layer, documents: Sequence[Document]) -> list[Tag]:
    """Every active tag of the documents in the layer that the visitor may see, in one query."""
    return load_tags(visit.annotations().active().filter(layer=layer.value, document__in=documents))


def _frame(
    document: Document,
    reading: Reading,
    finishers: dict[str, set[str]],
    rows: list[Tag],
    settled: frozenset[str],
) -> DocumentFrame:
    if reading.layer is Layer.CURATED:
        return DocumentFrame(document.slug, finished=document.slug in settled, coders=())
    coders, finished = counted_coders(
        finishers=finishers[document.slug],
        annotators={tag.coder for tag in rows if tag.document == document.slug},
        chosen=reading.coder,
    )
    return DocumentFrame(document.slug, finished=finished, coders=coders)
