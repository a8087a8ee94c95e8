"""``annotations.csv`` read into typed rows, or into what is wrong with it. Touches no database."""

from __future__ import annotations

import csv
import io
import re
import uuid
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from annotations.csv_columns import COLUMNS
from annotations.enums import Layer
from annotations.formula_guard import unguard
from annotations.importing.rows import FIELD_CHARACTERS, MIB, RowError

DERIVED = ("passage", "prefix", "suffix", "stance_value", "side")

FILE_LIMIT = 20 * MIB
NOTE_LIMIT = 10_000
#: What an integer column holds on both databases.
LARGEST = 2_147_483_647

_NUMBER = re.compile(r"[0-9]{1,10}")
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """One row that is well formed; whether the study knows its words is asked later. ``line`` is where it
    begins in the file; ``start`` and ``end`` are code points of the document's text."""

    line: int
    public_id: uuid.UUID
    document: str
    start: int
    end: int
    quote: str
    topic: str
    stance: str
    source: str
    reported_by: str
    coder: str
    layer: Layer
    uncertain: bool
    note: str
    created_at: datetime
    updated_at: datetime
    version: int


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """A cell that cannot be read."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


def read_rows(
    file: str, content: bytes, *, study: str, raw: bool = False
) -> tuple[list[AnnotationRow], list[RowError]]:
    """All rows of the file that can be read, and everything that is wrong with it.

    ``study`` is the slug that each row must carry. ``raw``: the file was written without the formula
    guard, so no apostrophe is taken off.
    """
    text = _decoded(file, content)
    if isinstance(text, RowError):
        return [], [text]
    rows: list[AnnotationRow] = []
    errors: list[RowError] = []
    for line, record in _records(file, text, errors):
        cells = dict(zip(COLUMNS, record if raw else map(unguard, record), strict=True))
        found = list(_errors_of(file, line, cells, study))
        errors += found
        if not found:
            rows.append(_row(line, cells))
    return rows, errors


def _decoded(file: str, content: bytes) -> str | RowError:
    """The file's text, or why it has none."""
    if len(content) > FILE_LIMIT:
        reason = _("The file is larger than %(limit)s MiB: split it.") % {"limit": FILE_LIMIT // MIB}
        return RowError(file, 1, "1", reason)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec leaves the BOM out when it counts.
        read = content.removeprefix(BOM_UTF8)[: error.start].decode("utf-8", "replace")
        return _at_end_of(file, read, _("This is not UTF-8: save the file as “CSV UTF-8”."))
    if "\0" in text:
        reason = _("There is a NUL character: this is no text file.")
        return _at_end_of(file, text[: text.index("\0")], reason)
    return text


def _at_end_of(file: str, read: str, reason: str) -> RowError:
    """An error at the character after ``read``."""
    line_start = read.rfind("\n") + 1
    return RowError(file, read.count("\n") + 1, str(len(read) - line_start + 1), reason)


def _records(file: str, text: str, errors: list[RowError]) -> Iterator[tuple[int, list[str]]]:
    """The records below the header that have all columns, with the line each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            errors.append(RowError(file, 1, "1", _header_reason(header)))
            return
        line = reader.line_num + 1
        for record in reader:
            if len(record) == len(COLUMNS):
                yield line, record
            elif record:
                reason = _("The row has %(found)s cells; there are %(wanted)s columns.")
                counts = {"found": len(record), "wanted": len(COLUMNS)}
                errors.append(RowError(file, line, "1", reason % counts))
            line = reader.line_num + 1
    except csv.Error as error:
        # The rest of the file cannot be told apart into rows.
        reason = _("From here on the file cannot be read as CSV: %(error)s.") % {"error": error}
        errors.append(RowError(file, line, "1", reason))


def _header_reason(header: list[str]) -> str:
    missing = [column for column in COLUMNS if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    if missing:
        return _("The header lacks: %(columns)s.") % {"columns": ", ".join(missing)}
    if unknown:
        return _("The header has unknown columns: %(columns)s.") % {"columns": ", ".join(unknown)}
    return _("The columns must be in this order: %(columns)s.") % {"columns": ",".join(COLUMNS)}


def _errors_of(file: str, line: int, cells: dict[str, str], study: str) -> Iterator[RowError]:
    """Everything wrong with the cells of one row."""
    for column, text in cells.items():
        if len(text) > FIELD_CHARACTERS:
            reason = _("The cell has more than %(limit)s characters.") % {"limit": FIELD_CHARACTERS}
            yield RowError(file, line, column, reason)
    if cells["study"] != study:
        reason = _("The row is of the study “%(other)s”, not of this one.") % {"other": cells["study"][:64]}
        yield RowError(file, line, "study", reason)
    for column, read in _READERS.items():
        try:
            read(column, cells[column])
        except _Refused as refused:
            yield RowError(file, line, refused.column, refused.reason)


def _row(line: int, cells: dict[str, str]) -> AnnotationRow:
    return AnnotationRow(
        line=line,
        public_id=_id("id", cells["id"]),
        document=cells["document"],
        start=_number("start", cells["start"]),
        end=_number("end", cells["end"]),
        quote=cells["quote"],
        topic=cells["topic"],
        stance=cells["stance"],
        source=cells["source"],
        reported_by=cells["reported_by"],
        coder=cells["coder"],
        layer=_layer("layer", cells["layer"]),
        uncertain=_truth("uncertain", cells["uncertain"]),
        note=cells["note"],
        created_at=_moment("created_at", cells["created_at"]),
        updated_at=_moment("updated_at", cells["updated_at"]),
        version=_version("version", cells["version"]),
    )


def _id(column: str, text: str) -> uuid.UUID:
    try:
        found = uuid.UUID(text)
    except ValueError as error:
        raise _Refused(column, _("This is no UUID.")) from error
    if str(found) != text.lower():
        raise _Refused(column, _("Write the UUID with its hyphens, and nothing else."))
    return found


def _number(column: str, text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST:
        raise _Refused(column, _("This must be a whole number from 0 to %(limit)s.") % {"limit": LARGEST})
    return int(text)


def _version(column: str, text: str) -> int:
    number = _number(column, text)
    if number == 0:
        raise _Refused(column, _("Versions are counted from 1."))
    return number


def _layer(column: str, text: str) -> Layer:
    try:
        return Layer(text)
    except ValueError as error:
        raise _Refused(column, _("The layer is “coded” or “curated”.")) from error


def _truth(column: str, text: str) -> bool:
    if text not in _TRUTH:
        raise _Refused(column, _("Write “true” or “false”."))
    return _TRUTH[text]


def _moment(column: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        reason = _("Write an ISO 8601 time with its offset, such as 2026-11-22T09:30:00Z.")
        raise _Refused(column, reason) from error


def _note(column: str, text: str) -> str:
    if len(text) > NOTE_LIMIT:
        raise _Refused(column, _("A note has at most %(limit)s characters.") % {"limit": NOTE_LIMIT})
    return text


#: The cells that must be more than text.
_READERS = {
    "id": _id,
    "start": _number,
    "end": _number,
    "layer": _layer,
    "uncertain": _truth,
    "note": _note,
    "created_at": _moment,
    "updated_at": _moment,
    "version": _version,
}
