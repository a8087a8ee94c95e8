"""Coders' names in files, and whose accounts they are: case makes no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from annotations.models import User
from annotations.study_folder.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


def coder_name(written: str) -> str:
    """The name as an account would have it."""
    return User.normalize_username(written)


def name_fault(name: str) -> str:
    """Why no account can have this name; empty where one can."""
    if not name:
        return _("A coder's name is missing.")
    try:
        User._meta.get_field("username").run_validators(name)
    except ValidationError as error:
        shown = {"name": printable(name), "reason": " ".join(error.messages)}
        return _("“%(name)s” cannot be a coder's name: %(reason)s") % shown
    return ""


def spelling_of(names: Iterable[str]) -> dict[str, str]:
    """How each name, in small letters, is spelled: as its account has it, else as it stands here first."""
    spellings: dict[str, str] = {}
    for name in names:
        spellings.setdefault(name.lower(), name)
    # All names in one query, compared in Python: SQLite ignores the case of ASCII letters only.
    for stored in User.objects.values_list("username", flat=True):
        if stored.lower() in spellings:
            spellings[stored.lower()] = stored
    return spellings
