"""``annotations.csv``: UTF-8, RFC 4180, one row an annotation, streamed in the order it is given."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from annotations.csv_columns import COLUMNS
from annotations.formula_guard import guard
from annotations.models import Annotation, Document, Study
from annotations.models.coding import AnnotationQuerySet

#: Code points of the document's text before and after the quote: what finds it again in another edition.
CONTEXT = 32
ROWS_AT_ONCE = 500
BOM = "\ufeff"


def csv_chunks(
    study: Study, annotations: AnnotationQuerySet, *, guarded: bool = True, bom: bool = False
) -> Iterator[str]:
    """The file in pieces of some hundred rows; ``guarded`` keeps text cells from being run as formulas."""
    yield (BOM if bom else "") + _written([COLUMNS], guarded=False)
    contexts = _Contexts()
    rows = annotations.shown().iterator(chunk_size=ROWS_AT_ONCE)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        around = contexts.of(batch)
        yield _written((_cells(study, tag, *around[tag.pk]) for tag in batch), guarded=guarded)


class _Contexts:
    """The words around quotes. Holds one document's text at a time, and keeps it from batch to batch:
    an export in text order reads each document once."""

    def __init__(self) -> None:
        self._document: int | None = None
        self._text = ""

    def of(self, batch: list[Annotation]) -> dict[int, tuple[str, str]]:
        """Prefix and suffix by the annotation's key."""
        tags: dict[int, list[Annotation]] = {}
        for tag in batch:
            tags.setdefault(tag.document_id, []).append(tag)
        around: dict[int, tuple[str, str]] = {}
        for document, inside in tags.items():
            text = self._text_of(document)
            for tag in inside:
                prefix = text[max(0, tag.start - CONTEXT) : tag.start]
                around[tag.pk] = (prefix, text[tag.end : tag.end + CONTEXT])
        return around

    def _text_of(self, document: int) -> str:
        if self._document != document:
            self._text = Document.objects.values_list("text", flat=True).get(pk=document)
            self._document = document
        return self._text


def _cells(study: Study, tag: Annotation, prefix: str, suffix: str) -> tuple[str | float, ...]:
    """One row. What a number writes (``stance_value``) is no text, and is not guarded: it comes as float."""
    return (
        str(tag.public_id),
        study.slug,
        tag.document.slug,
        tag.passage.number,
        tag.start,
        tag.end,
        tag.quote,
        prefix,
        suffix,
        tag.topic.slug,
        tag.stance.slug,
        tag.stance.value if tag.stance.value is not None else "",
        tag.source.slug,
        tag.source.side,
        tag.reported_by.slug if tag.reported_by else "",
        tag.coder.username,
        tag.layer,
        "true" if tag.uncertain else "false",
        tag.note,
        _moment(tag.created_at),
        _moment(tag.updated_at),
        tag.version,
    )


def _moment(moment: datetime) -> str:
    """ISO 8601 in UTC, to the microsecond: an import keeps the time exactly."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _written(rows: Iterable[tuple[str | float, ...]], *, guarded: bool) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guard(cell) if guarded and isinstance(cell, str) else cell for cell in row])
    return file.getvalue()
