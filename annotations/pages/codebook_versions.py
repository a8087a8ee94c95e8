"""The history of a codebook entry and of the guidelines: who changed what, when, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from annotations.models import Source, Study, Topic
from annotations.pages.word_diff import SAME, Piece, word_diff
from annotations.services.act_records import AnyEntry
from annotations.services.codebook import EDITED

#: The newest lines of a history that a page shows.
LINES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One line of a history: at which version the words stood after it, who wrote it, and what changed."""

    version: int | None
    at: datetime
    by: str
    reason: str
    is_first: bool
    changes: tuple[Change, ...]


def load_entry_versions(entry: AnyEntry) -> tuple[VersionShown, ...]:
    """The changes of an entry, the newest first; lines on which nothing of it changed are left out."""
    lines = _lines(entry.history)
    names = (*EDITED[type(entry)], "is_retired")
    words = _Words(entry)
    return tuple(_versions(lines, lambda before, line: _changes(names, words, before, line)))


def load_guidelines_versions(study: Study) -> tuple[VersionShown, ...]:
    """The changes of the guidelines, the newest first: the study's other settings are left out."""

    def changed(before: Any, line: Any) -> tuple[Change, ...]:
        old = before.guidelines if before is not None else ""
        if old == line.guidelines:
            return ()
        pieces = word_diff(old, line.guidelines) if before is not None else (Piece(SAME, line.guidelines),)
        return (Change(_("Guidelines"), pieces),)

    return tuple(_versions(_lines(study.history), changed))


def earlier_statements(topics: Iterable[int]) -> dict[tuple[int, int], str]:
    """The last words of each version of these topics' statements, by topic and version, in one query."""
    lines = Topic.history.filter(id__in=list(topics)).order_by("history_id")
    found = lines.values_list("id", "statement_version", "statement")
    return {(pk, version): statement for pk, version, statement in found}


def _lines(history: Any) -> list[Any]:
    """The newest lines, and one before them to compare the last with."""
    return list(history.select_related("history_user").order_by("-history_id")[: LINES_SHOWN + 1])


def _versions(lines: Sequence[Any], changed: Any) -> Iterable[VersionShown]:
    for line, before in zip(lines[:LINES_SHOWN], [*lines[1:], None][:LINES_SHOWN], strict=True):
        changes = changed(before, line)
        if changes or before is None:
            yield VersionShown(
                version=getattr(line, "statement_version", getattr(line, "guidelines_version", None)),
                at=line.history_date,
                by=line.history_user.get_username() if line.history_user else "",
                reason=line.history_change_reason or "",
                is_first=before is None,
                changes=changes,
            )


def _changes(names: Iterable[str], words: _Words, before: Any, line: Any) -> tuple[Change, ...]:
    found = []
    for name in names:
        new = words.of(name, getattr(line, name))
        if before is None:
            if new and name != "is_retired":
                found.append(Change(words.label(name), (Piece(SAME, new),)))
            continue
        old = words.of(name, getattr(before, name))
        if old != new:
            found.append(Change(words.label(name), word_diff(old, new)))
    return tuple(found)


class _Words:
    """The values of an entry's fields as a person reads them."""

    def __init__(self, entry: AnyEntry) -> None:
        self.model = type(entry)
        self.labels: dict[int, str] = {}
        if isinstance(entry, Topic | Source):
            # Also those that are gone: the newest line of each is its last word.
            lines = self.model.history.filter(study_id=entry.study_id).order_by("history_id")
            heads = lines.filter(**{"parent" if isinstance(entry, Topic) else "speaks_for": None})
            self.labels = dict(heads.values_list("id", "label"))

    def label(self, name: str) -> str:
        if name == "is_retired":
            return _("Use")
        return str(self.model._meta.get_field(name.removesuffix("_id")).verbose_name).capitalize()  # type: ignore[union-attr]

    def of(self, name: str, value: Any) -> str:
        if name == "is_retired":
            return _("retired") if value else _("in use")
        if name.endswith("_id"):
            return self.labels.get(value, _("gone")) if value is not None else ""
        return "" if value is None else str(value)
