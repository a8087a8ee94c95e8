"""How a folder differs from the study that is stored, in words."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext as _

from annotations.study_folder.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from annotations.study_folder.values import CodingRow, StudyFolder

SHOWN_CHARACTERS = 60


class Entry(Protocol):
    """A document, stance, topic or source."""

    @property
    def slug(self) -> str: ...


def differences(folder: StudyFolder, stored: StudyFolder) -> tuple[str, ...]:
    """What the folder says otherwise than the stored study; empty where exporting would write the same."""
    return (
        *_changes(_("study"), folder.study, stored.study),
        *_entries(_("document"), folder.documents, stored.documents),
        *_entries(_("stance"), folder.stances, stored.stances),
        *_entries(_("topic"), folder.topics, stored.topics),
        *_entries(_("source"), folder.sources, stored.sources),
        *_codings(folder.codings, stored.codings),
    )


def _entries(noun: str, folder: Sequence[Entry], stored: Sequence[Entry]) -> Iterator[str]:
    in_folder = {entry.slug: entry for entry in folder}
    in_study = {entry.slug: entry for entry in stored}
    yield from _only_in(noun, list(in_folder), list(in_study))
    for slug, entry in in_folder.items():
        if slug in in_study:
            yield from _changes(f"{noun} {slug}", entry, in_study[slug])
    if in_folder.keys() == in_study.keys() and list(in_folder) != list(in_study):
        shown = {"noun": noun, "folder": ", ".join(in_folder), "study": ", ".join(in_study)}
        yield _("%(noun)s: the order is %(folder)s in the folder, %(study)s in the study") % shown


def _only_in(noun: str, folder: Sequence[str], stored: Sequence[str]) -> Iterator[str]:
    for name in folder:
        if name not in stored:
            yield _("%(noun)s %(name)s: only in the folder") % {"noun": noun, "name": name}
    for name in stored:
        if name not in folder:
            yield _("%(noun)s %(name)s: only in the study") % {"noun": noun, "name": name}


def _changes(name: str, folder: object, stored: object) -> Iterator[str]:
    """The fields in which two rows of one kind differ."""
    for field in fields(folder):  # type: ignore[arg-type]
        here, there = getattr(folder, field.name), getattr(stored, field.name)
        if here != there:
            shown = {"name": name, "field": field.name, "folder": _shown(here), "study": _shown(there)}
            if len(shown["folder"]) > SHOWN_CHARACTERS or len(shown["study"]) > SHOWN_CHARACTERS:
                yield _("%(name)s: %(field)s differs") % shown
            else:
                yield _("%(name)s: %(field)s is %(folder)s in the folder, %(study)s in the study") % shown


def _codings(folder: Sequence[CodingRow], stored: Sequence[CodingRow]) -> Iterator[str]:
    in_folder = {coding.key: coding for coding in folder}
    in_study = {coding.key: coding for coding in stored}
    for key in sorted(in_folder.keys() | in_study.keys()):
        here, there = in_folder.get(key), in_study.get(key)
        name = _coding_name(here or in_study[key])
        if here is None or there is None:
            yield from _only_in(_("coding"), [name] if here else [], [name] if there else [])
        else:
            yield from _changes(f"{_('coding')} {name}", here, there)


def _coding_name(coding: CodingRow) -> str:
    voice = f"{coding.source} ← {coding.reported_by}" if coding.reported_by else coding.source
    return f"{coding.coder} {coding.document} {coding.start}–{coding.end} {coding.topic} {voice}"


def _shown(value: object) -> str:
    if value is None or value in ("", ()):
        return _("empty")
    if isinstance(value, tuple):
        return printable(", ".join(value))
    return f"“{printable(value)}”" if isinstance(value, str) else str(value)
