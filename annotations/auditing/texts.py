"""Documents and passages: the text is normal, and passages are runs of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from annotations.auditing.violations import BY_SERVER, RESTORE, Violation
from annotations.models import Document, Passage, Study
from annotations.search_text import fold


def check_texts(study: Study) -> Iterator[Violation]:
    """Documents: NFC, LF, no BOM, no NUL, and as long as they say. One document is read at a time."""
    for document in study.documents.order_by("position").iterator(chunk_size=1):
        yield from _document(document)
        yield from _passages(document)


def _document(document: Document) -> Iterator[Violation]:
    row, text = f"document {document.slug}", document.text
    if unicodedata.normalize("NFC", text) != text:
        yield Violation("text-is-nfc", row, "its text is not in Unicode NFC", RESTORE)
    if "\r" in text:
        yield Violation("text-has-lf-line-ends", row, "its text has a carriage return", RESTORE)
    if "\ufeff" in text[:1] or "\x00" in text:
        yield Violation("text-has-no-bom-and-no-nul", row, "its text has a BOM or a NUL", RESTORE)
    if document.characters != len(text):
        wrong = f"characters is {document.characters}, and its text has {len(text)}"
        yield Violation("document-length-is-right", row, wrong, BY_SERVER)


def _passages(document: Document) -> Iterator[Violation]:
    reached = 0
    for number, passage in enumerate(document.passages.defer(None).order_by("number").iterator(), start=1):
        row = f"passage {passage.number} of {document.slug}"
        if passage.number != number:
            wrong = f"it is passage number {number} in order"
            yield Violation("passages-are-numbered-from-one", row, wrong, RESTORE)
        if not 0 <= passage.start < passage.end <= len(document.text):
            wrong = f"{passage.start}–{passage.end} is not inside the text"
            yield Violation("passage-lies-inside-its-document", row, wrong, RESTORE)
        elif document.text[passage.start : passage.end] != passage.text:
            wrong = f"its text is not the document's at {passage.start}–{passage.end}"
            yield Violation("passage-text-is-the-documents", row, wrong, RESTORE)
        if passage.start < reached:
            wrong = f"it begins at {passage.start}, before the passage before it ends"
            yield Violation("passages-lie-apart", row, wrong, RESTORE)
        reached = max(reached, passage.end)
        yield from _folded(passage, row)


def _folded(passage: Passage, row: str) -> Iterator[Violation]:
    if passage.folded != fold(passage.text):
        wrong = "its folded text, which search reads, is out of date"
        yield Violation("folded-text-is-right", row, wrong, "save the passage again: manage.py shell")
