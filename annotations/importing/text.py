"""A file's bytes into normal text, and positions in the file into positions in that text.

A position counts the code points of the file as an editor
shows it: a byte order mark at its start is not counted.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.importing.rows import RowError
from annotations.study_folder.text import normal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOM = "\ufeff"
#: Hangul vowels and final consonants join what stands before them by rule, not by table.
_HANGUL = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))
#: A line end, or a stretch that NFC may change: ASCII never joins what stands before it.
_CHANGEABLE = re.compile(r"\r\n?|[\x00-\x7f]?[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Change:
    """A run of the file that normalising changes: ``raw`` at ``raw_start`` becomes ``text`` at ``start``."""

    raw_start: int
    raw: str
    start: int
    text: str

    def position(self, inside: int) -> int | None:
        """Where ``inside`` (from the run's start) lands; None inside what is joined into one.

        A position stands where the halves before and after it, made normal apart, give the same text.
        """
        before, after = normal(self.raw[:inside]), normal(self.raw[inside:])
        return self.start + len(before) if before + after == self.text else None


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's normal text. ``characters`` is the length of the file as it stands."""

    text: str
    characters: int
    changes: tuple[Change, ...]

    def position(self, raw: int) -> int | None:
        """The place in the normal text of place ``raw`` of the file; None inside what is joined into one."""
        index = bisect_right(self.changes, raw, key=lambda change: change.raw_start) - 1
        if index < 0:
            return raw
        change = self.changes[index]
        inside = raw - change.raw_start
        if inside < len(change.raw):
            return change.position(inside)
        return change.start + len(change.text) + inside - len(change.raw)


def normalise(raw: str) -> FileText:
    """The file's text made normal."""
    changes: list[Change] = []
    pieces: list[str] = []
    copied = length = 0
    for start, run, text in _changed_runs(raw):
        pieces += [raw[copied:start], text]
        length += start - copied
        changes.append(Change(start, run, length, text))
        length += len(text)
        copied = start + len(run)
    return FileText("".join([*pieces, raw[copied:]]), len(raw), tuple(changes))


def _changed_runs(raw: str) -> Iterator[tuple[int, str, str]]:
    """The shortest runs that can be made normal apart from their neighbours, and are changed by it."""
    if "\r" not in raw and unicodedata.is_normalized("NFC", raw):
        return
    for stretch in _CHANGEABLE.finditer(raw):
        run, text = stretch[0], normal(stretch[0])
        if run == text:
            continue
        starts = [i for i, c in enumerate(run) if i == 0 or _starts_afresh(c)]
        # A CRLF is one run: the LF starts afresh for NFC, and joins the CR all the same.
        starts = [0] if run[0] == "\r" else starts
        for begin, end in zip(starts, [*starts[1:], len(run)], strict=True):
            part = run[begin:end]
            if (made := normal(part)) != part:
                yield stretch.start() + begin, part, made


def _starts_afresh(character: str) -> bool:
    """Whether NFC never joins or reorders the character with what stands before it."""
    first = unicodedata.normalize("NFD", character)[0]
    return unicodedata.combining(first) == 0 and first not in _joining()


@cache
def _joining() -> frozenset[str]:
    """The characters that a canonical composition has in second place."""
    pairs = (unicodedata.decomposition(chr(code)).split() for code in range(sys.maxunicode + 1))
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    return frozenset(seconds | {chr(code) for code in _HANGUL})


def read_file(folder: Path, name: str, limit: int, at: RowError) -> bytes | RowError:
    """The file's bytes, or why it cannot be had, said where ``at`` stands.

    Only a regular file inside the folder is opened: a link may not lead out of it.
    """
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            return _said_at(at, _("The file “%(name)s” is a link out of the folder.") % {"name": name})
        if not path.exists():
            return _said_at(at, _("The file “%(name)s” is missing.") % {"name": name})
        if not path.is_file():
            return _said_at(at, _("“%(name)s” is not a file.") % {"name": name})
        with path.open("rb") as file:
            read = file.read(limit + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        reason = getattr(error, "strerror", None) or str(error)
        return _said_at(at, _("The file cannot be read: %(reason)s.") % {"reason": reason})
    if len(read) > limit:
        return RowError(name, 1, "1", _("The file is larger than %(limit)s bytes.") % {"limit": f"{limit:,}"})
    return read


def decode(name: str, content: bytes) -> str | RowError:
    """The file as it stands, its byte order mark taken off, or the place of the first byte that is no
    UTF-8 and the first NUL."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        byte = f"0x{content[error.start]:02X}"
        return _at_end(
            name, before, _("The byte %(byte)s is not UTF-8: save the file as UTF-8.") % {"byte": byte}
        )
    if "\0" in text:
        return _at_end(name, text[: text.index("\0")], _("A NUL character is not text."))
    return text.lstrip(BOM)


def _at_end(name: str, before: str, reason: str) -> RowError:
    """An error at the character after ``before``."""
    lines = normal(before.lstrip(BOM)).split("\n")
    return RowError(name, len(lines), str(len(lines[-1]) + 1), reason)


def _said_at(at: RowError, reason: str) -> RowError:
    return RowError(at.file, at.line, at.column, reason)
