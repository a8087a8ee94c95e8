"""A TOML file's tables, read key by key; what is wrong is collected with its line."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from annotations.importing.rows import RowError
from annotations.study_folder.text import normal, printable
from annotations.study_folder.values import STUDY_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_HEADER = re.compile(r"\s*\[\[?\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*\]\]?")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*[.=]")
#: A key of a hundred parts: tomllib needs minutes for one that fills the file.
_DEEP_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]+[ \t]*\.[ \t]*){100}")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_TYPES: dict[type, Callable[[], str]] = {
    str: lambda: _("a text in quotes"),
    float: lambda: _("a number"),
    bool: lambda: _("true or false"),
    datetime.date: lambda: _("a date like 2021-12-07"),
    list: lambda: _("a list of texts in brackets"),
    dict: lambda: _("a table"),
}


def parse_toml(text: str) -> dict[str, Any] | RowError:
    """The file's content, or where and why it is not TOML."""
    if deep := _DEEP_KEY.search(text):
        return _too_deep(text.count("\n", 0, deep.start()) + 1)
    try:
        return tomllib.loads(text)
    except RecursionError:
        return _too_deep(1)
    except ValueError as error:  # TOMLDecodeError, and a number of more digits than Python reads
        at = _AT.search(str(error))
        reason = _AT.sub("", str(error))
        line, column = (at[1], at[2]) if at and at[1] else (text.count("\n") + 1 if at else 1, "1")
        return RowError(
            STUDY_FILE, int(line), column, _("This is not TOML: %(reason)s.") % {"reason": printable(reason)}
        )


def _too_deep(line: int) -> RowError:
    return RowError(STUDY_FILE, line, "1", _("The file is nested too deeply."))


class TomlLines:
    """The lines on which tables start and keys stand; ``tomllib`` does not tell."""

    def __init__(self, text: str) -> None:
        self._tables: dict[str, list[int]] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        table, quotes = "", ""
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
            if not quotes:
                table = self._note(number, line, table)
            quotes = _open_quotes(line, quotes)

    def _note(self, number: int, line: str, table: str) -> str:
        if header := _HEADER.match(line):
            table = header[1]
            self._tables.setdefault(table, []).append(number)
        elif key := _KEY.match(line):
            index = max(len(self._tables.get(table, ())) - 1, 0)
            self._keys.setdefault((table, index, key[1]), number)
        return table

    def line_of(self, table: str, index: int, key: str) -> int:
        """The line of a key of the ``index``-th table of this name; where it has none, the table's header.

        Without a ``table`` the key is one of the file itself, which may be a table, or a list of them.
        """
        if (line := self._keys.get((table, index, key))) is not None:
            return line
        headers = self._tables.get(table or key, [])
        return headers[index] if index < len(headers) else self._keys.get(("", 0, table or key), 1)


def _open_quotes(line: str, quotes: str) -> str:
    """The quotes of the multi-line text that is open at the line's end, if any."""
    while found := re.search(quotes or "\"\"\"|'''", line):
        line = line[found.end() :]
        quotes = "" if quotes else found[0]
    return quotes


@dataclass(frozen=True, slots=True)
class Table:
    """One table: ``entry`` number ``index`` of the tables called ``name``. Reading a key that is missing or
    of the wrong type adds to ``errors`` and gives an empty value, so that all else is checked as well."""

    name: str
    index: int
    entry: dict[str, Any]
    lines: TomlLines
    errors: list[RowError] = field(repr=False)

    def line(self, key: str = "") -> int:
        return self.lines.line_of(self.name, self.index, key)

    def refuse(self, key: str, reason: str) -> None:
        """Note that the value of ``key`` is wrong."""
        self.errors.append(RowError(STUDY_FILE, self.line(key), key, reason))

    def refuse_unknown(self, known: Collection[str]) -> None:
        for key in self.entry:
            if key not in known:
                self.refuse(
                    printable(key),
                    _("Unknown key; known here: %(known)s.") % {"known": ", ".join(known)},
                )

    def text(self, key: str, *, limit: int | None, required: bool = False) -> str:
        """The normal text under ``key``; empty where it is left out or wrong."""
        given = self._typed(key, str, required=required)
        if given is None:
            return ""
        value = normal(given)
        if "\0" in value:
            self.refuse(key, _("A NUL character is not text."))
        elif limit is not None and len(value) > limit:
            self.refuse(key, _("At most %(limit)s characters.") % {"limit": f"{limit:,}"})
        elif required and not value.strip():
            self.refuse(key, _("This must not be empty."))
        else:
            return value
        return ""

    def number(self, key: str, low: float, high: float) -> float | None:
        """The number under ``key``, between the bounds; None where it is left out or wrong."""
        value = self._typed(key, float)
        if value is not None and not low <= value <= high:
            bounds = {"low": f"{low:g}", "high": f"{high:g}"}
            self.refuse(key, _("The number must lie between %(low)s and %(high)s.") % bounds)
            return None
        return None if value is None else float(value) + 0.0  # there is no negative zero in the database

    def day(self, key: str) -> datetime.date | None:
        day: datetime.date | None = self._typed(key, datetime.date)
        return day

    def flag(self, key: str) -> bool:
        return bool(self._typed(key, bool))

    def texts(self, key: str) -> list[str]:
        """The list of texts under ``key``."""
        values = self._typed(key, list) or []
        if all(isinstance(value, str) for value in values):
            return values
        self.refuse(key, _("This must be %(type)s.") % {"type": _TYPES[list]()})
        return []

    def _typed(self, key: str, wanted: type, *, required: bool = False) -> Any:
        value = self.entry.get(key)
        if value is None:
            if required:
                self.refuse(key, _("This key is missing."))
            return None
        # By exact type: True is an int to Python, and a date with a time of day a date.
        if type(value) is wanted or (wanted is float and type(value) is int):
            return value
        self.refuse(key, _("This must be %(type)s.") % {"type": _TYPES[wanted]()})
        return None


@dataclass(frozen=True, slots=True)
class TomlFile:
    """The parsed file: its single tables and its lists of tables."""

    content: dict[str, Any]
    lines: TomlLines
    errors: list[RowError]

    def top(self) -> Table:
        """The file itself as a table, for errors that belong to no table."""
        return Table("", 0, self.content, self.lines, self.errors)

    def table(self, name: str, *, required: bool = False) -> Table:
        """The table ``[name]``. Where it is left out or no table, an empty one of which nothing is said."""
        given = self.content.get(name)
        if isinstance(given, dict):
            return Table(name, 0, given, self.lines, self.errors)
        if given is None and required:
            self.top().refuse(name, _("The table [%(name)s] is missing.") % {"name": name})
        elif given is not None:
            self.top().refuse(name, _("This must be one table, written [%(name)s].") % {"name": name})
        return Table(name, 0, {}, self.lines, [])

    def tables(self, name: str) -> list[Table]:
        """The tables ``[[name]]`` in their order."""
        given = self.content.get(name, [])
        if isinstance(given, list) and all(isinstance(entry, dict) for entry in given):
            return [Table(name, i, entry, self.lines, self.errors) for i, entry in enumerate(given)]
        self.top().refuse(
            name, _("This must be a list of tables, each written [[%(name)s]].") % {"name": name}
        )
        return []
