"""A study's settings: an owner's act, under the same care as a tag. Two owners hear of each other."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from annotations.errors import InvalidSettingsError, NotAllowedError, StaleEntryError
from annotations.models import Study, User
from annotations.permissions import may_own, role_in
from annotations.services.codebook import last_line
from annotations.services.revision import changes_study

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Settings:
    """What an owner sets. The slug stays: addresses and files have it. The guidelines have a page of their
    own."""

    title: str
    question: str
    event_date: date | None
    agree_max: float
    diverge_above: float
    is_blind: bool
    is_public: bool

    @classmethod
    def of(cls, stored: Any) -> Settings:
        """Those of a study, or of a line of its history."""
        return cls(**{name: getattr(stored, name) for name in NAMES})

    def differs_in(self, other: Settings) -> tuple[str, ...]:
        """The names of the settings in which two differ."""
        return tuple(name for name in NAMES if getattr(self, name) != getattr(other, name))


NAMES = tuple(field.name for field in fields(Settings))


@changes_study
def change_settings(*, by: User, study: Study, seen: int, values: Settings) -> Study:
    """Store the settings; returns the study. Where they are stored already, nothing changes.

    ``seen`` is the line of the study's history that the person started from (``last_line``). Raises
    ``NotAllowedError``, ``InvalidSettingsError``, and ``StaleEntryError`` where somebody has changed a
    setting since: the guidelines, which the same history keeps, are none.
    """
    current = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if not may_own(role_in(by, current)):
        raise NotAllowedError(_("Only an owner of the study changes its settings."))
    values = _normalised(values)
    if values == Settings.of(current):
        return current
    if seen != last_line(current) and changed_since(current, seen):
        raise StaleEntryError(_("Somebody has changed the settings since you opened them."), current)
    for name in NAMES:
        setattr(current, name, getattr(values, name))
    _check(current, NAMES)
    current._history_user = by  # type: ignore[attr-defined]
    current.save()
    return current


def settings_at(study: Study, line: int) -> Settings | None:
    """The settings as they were at a line of the study's history; None where it has no such line."""
    stored = study.history.filter(history_id=line).first()
    return Settings.of(stored) if stored is not None else None


def changed_since(study: Study, line: int) -> tuple[str, ...]:
    """The names of the settings that are not what they were at a line of the history; all of them where
    there is no such line."""
    before = settings_at(study, line)
    return Settings.of(study).differs_in(before) if before is not None else NAMES


def _normalised(values: Settings) -> Settings:
    """Text is stored as Unicode NFC with LF line ends and without blanks around it."""
    texts = {
        name: unicodedata.normalize("NFC", getattr(values, name).replace("\r\n", "\n").strip())
        for name in ("title", "question")
    }
    return Settings(**({name: getattr(values, name) for name in NAMES} | texts))


def _check(study: Study, names: Collection[str]) -> None:
    """What each field and the constraint over the bounds ask."""
    try:
        study.clean_fields(exclude={field.name for field in Study._meta.fields} - set(names))
        study.validate_constraints()
    except ValidationError as error:
        problems = {
            None if name == NON_FIELD_ERRORS else name: list(sentences)
            for name, sentences in error.message_dict.items()
        }
        raise InvalidSettingsError(problems) from error
