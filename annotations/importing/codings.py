"""``codings.csv`` into rows: every cell is checked, and every fault is reported at its line and column."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.importing.people import coder_name, name_fault
from annotations.importing.rows import FIELD_CHARACTERS, RowError
from annotations.importing.segments import passage_index
from annotations.models import Annotation
from annotations.study_folder.text import normal, printable
from annotations.study_folder.values import CODING_COLUMNS, CODINGS_FILE, UNCERTAIN, CodingRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from annotations.importing.segments import Segment
    from annotations.importing.text import FileText

_NUMBER = re.compile(r"[0-9]{1,9}")
_TRUTHS = {"true": True, "false": False}
NOTE_CHARACTERS = Annotation._meta.get_field("note").max_length or FIELD_CHARACTERS


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document's text as read, and its passages."""

    content: FileText
    passages: tuple[Segment, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What codings may name: documents (None where the file could not be read), topics (with whether they
    have a statement), stances and sources, each by slug."""

    documents: Mapping[str, ReadDocument | None]
    topics: Mapping[str, bool]
    stances: frozenset[str]
    sources: frozenset[str]


def read_codings(text: str, declared: Declared, errors: list[RowError]) -> tuple[CodingRow, ...]:
    """The rows without fault, in the file's order; every fault is added to ``errors``."""
    lines = _rows(text, errors)
    start, header = next(lines, (1, []))
    columns = (*CODING_COLUMNS, UNCERTAIN) if UNCERTAIN in header else CODING_COLUMNS
    if tuple(header) != columns:
        reason = _("The first line must be: %(columns)s (and “uncertain” behind them, where used).")
        errors.append(RowError(CODINGS_FILE, start, "1", reason % {"columns": ",".join(CODING_COLUMNS)}))
        return ()
    rows: list[CodingRow] = []
    seen: dict[tuple[object, ...], int] = {}
    for line, cells in lines:
        row = Cells.of(line, columns, cells, errors)
        coding = row.coding(declared) if row else None
        if coding is None:
            continue
        key = (coding.coder.lower(), *coding.key[1:])
        if key in seen:
            reason = _("Line %(line)s has the same coder, document, position, topic, source and messenger.")
            errors.append(RowError(CODINGS_FILE, line, "coder", reason % {"line": seen[key]}))
        seen.setdefault(key, line)
        rows.append(coding)
    return tuple(rows)


def _rows(text: str, errors: list[RowError]) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Python's own limit for a field, which is above ours, comes as an error like any other.
            too_long = "field larger than field limit" in str(error)
            reason = _too_long() if too_long else _("This is not CSV: %(reason)s.") % {"reason": error}
            errors.append(RowError(CODINGS_FILE, start, "1", reason))
            continue
        if cells:
            yield start, cells


def _too_long() -> str:
    return _("A field may have at most %(limit)s characters.") % {"limit": f"{FIELD_CHARACTERS:,}"}


@dataclass(frozen=True, slots=True)
class Cells:
    """One row's cells by column. ``before`` counts the errors there were before this row's."""

    line: int
    cells: dict[str, str]
    errors: list[RowError]
    before: int

    @classmethod
    def of(
        cls, line: int, columns: tuple[str, ...], cells: list[str], errors: list[RowError]
    ) -> Cells | None:
        """The row, or None where it has too few or too many cells, or one that is too long."""
        before = len(errors)
        if len(cells) != len(columns):
            reason = ngettext(
                "This row has %(found)s cell; the first line names %(columns)s.",
                "This row has %(found)s cells; the first line names %(columns)s.",
                len(cells),
            ) % {"found": len(cells), "columns": len(columns)}
            errors.append(RowError(CODINGS_FILE, line, "1", reason))
        for column, cell in zip(columns, cells, strict=False):
            if len(cell) > FIELD_CHARACTERS:
                errors.append(RowError(CODINGS_FILE, line, column, _too_long()))
        if len(errors) > before:
            return None
        return cls(line, dict(zip(columns, map(normal, cells), strict=True)), errors, before)

    def refuse(self, column: str, reason: str) -> None:
        self.errors.append(RowError(CODINGS_FILE, self.line, column, reason))

    def coding(self, declared: Declared) -> CodingRow | None:
        """The row as a coding, or None where a cell has been refused."""
        coder = coder_name(self.cells["coder"])
        if fault := name_fault(coder):
            self.refuse("coder", fault)
        self._check_slugs(declared)
        start, end = self._span(declared)
        if len(self.cells["note"]) > NOTE_CHARACTERS:
            self.refuse("note", _("At most %(limit)s characters.") % {"limit": f"{NOTE_CHARACTERS:,}"})
        uncertain = _TRUTHS.get(self.cells.get(UNCERTAIN, "false"))
        if uncertain is None:
            self.refuse(UNCERTAIN, _("Write true or false."))
        if len(self.errors) > self.before:
            return None
        return CodingRow(
            coder=coder,
            document=self.cells["document"],
            start=start,
            end=end,
            quote=self.cells["quote"],
            topic=self.cells["topic"],
            stance=self.cells["stance"],
            source=self.cells["source"],
            reported_by=self.cells["reported_by"],
            note=self.cells["note"],
            uncertain=bool(uncertain),
        )

    def _check_slugs(self, declared: Declared) -> None:
        self._check_known("document", declared.documents, _("There is no document “%(slug)s” in study.toml."))
        if self._check_known("topic", declared.topics, _("There is no topic “%(slug)s” in study.toml.")):
            topic = self.cells["topic"]
            if not declared.topics[topic]:
                self.refuse(
                    "topic", _("The topic “%(slug)s” has no statement: it only groups.") % {"slug": topic}
                )
        self._check_known("stance", declared.stances, _("There is no stance “%(slug)s” in study.toml."))
        unknown_source = _("There is no source “%(slug)s” in study.toml.")
        self._check_known("source", declared.sources, unknown_source)
        messenger = self.cells["reported_by"]
        if messenger and messenger == self.cells["source"]:
            self.refuse("reported_by", _("The messenger is the source itself: leave this empty."))
        elif messenger:
            self._check_known("reported_by", declared.sources, unknown_source)

    def _check_known(self, column: str, known: Mapping[str, object] | frozenset[str], reason: str) -> bool:
        slug = self.cells[column]
        if slug and slug in known:
            return True
        self.refuse(column, reason % {"slug": printable(slug)} if slug else _("This must not be empty."))
        return False

    def _span(self, declared: Declared) -> tuple[int, int]:
        """The position in the document's normal text; (0, 0) where it is refused or cannot be known."""
        start, end = self._number("start"), self._number("end")
        if start is None or end is None:
            return 0, 0
        if end <= start:
            self.refuse("end", _("The end must be above the start, %(start)s.") % {"start": start})
            return 0, 0
        document = declared.documents.get(self.cells["document"])
        if document is None:
            return 0, 0
        placed = self._place("start", start, document), self._place("end", end, document)
        if placed[0] is None or placed[1] is None:
            return 0, 0
        self._check_passage(placed[0], placed[1], document)
        self._check_quote(document.content.text[placed[0] : placed[1]])
        return placed[0], placed[1]

    def _number(self, column: str) -> int | None:
        cell = self.cells[column]
        if _NUMBER.fullmatch(cell):
            return int(cell)
        self.refuse(
            column, _("“%(cell)s” is not a position: write a whole number.") % {"cell": printable(cell)}
        )
        return None

    def _place(self, column: str, position: int, document: ReadDocument) -> int | None:
        characters = document.content.characters
        if position > characters:
            reason = _("The position lies outside the document, which has %(count)s characters.")
            self.refuse(column, reason % {"count": characters})
            return None
        placed = document.content.position(position)
        if placed is None:
            self.refuse(column, _("The position lies inside what normalising the text joins into one."))
        return placed

    def _check_passage(self, start: int, end: int, document: ReadDocument) -> None:
        index = passage_index(document.starts, start)
        passage = document.passages[index]
        if index < 0 or start >= passage.end:
            self.refuse("start", _("The position lies outside every passage."))
        elif end > passage.end:
            self.refuse("end", _("The quote goes beyond passage %(number)s.") % {"number": passage.number})

    def _check_quote(self, stands: str) -> None:
        if self.cells["quote"] != stands:
            reason = _("The quote is not at its position, where “%(text)s” stands.")
            self.refuse("quote", reason % {"text": printable(stands)})
        elif not stands.strip():
            self.refuse("quote", _("The quote has no words in it."))
