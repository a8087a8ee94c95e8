"""A study's settings as their page tells of them: what was changed, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from annotations.models import Study
from annotations.services.settings import NAMES, Settings

#: How many lines of the history the page looks back.
LINES = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that was changed: in words, what it was and what it became."""

    name: str
    label: str
    before: str
    after: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that somebody changed while an owner had the page open. ``mine`` is what the owner asked
    for, where they changed it too and otherwise; empty where they left it as it was."""

    change: Change
    mine: str


def load_changes(study: Study) -> list[Change]:
    """The changes of the settings, newest first, in one query. The guidelines are in the same history, and
    are left aside here."""
    lines = list(study.history.select_related("history_user").order_by("-history_id")[:LINES])
    return [change for after, before in pairwise(lines) for change in _changes(before, after)]


def differences(study: Study, seen: int, mine: Settings) -> tuple[list[Difference], Settings]:
    """What has changed since the line ``seen``, and the settings with both owners' changes in them: where
    the two changed the same one, it is mine."""
    lines = list(
        study.history.filter(history_id__gte=seen).select_related("history_user").order_by("history_id")
    )
    base, stored = Settings.of(lines[0] if lines else study), Settings.of(study)
    newest: dict[str, Change] = {}
    for before, after in pairwise(lines):
        newest |= {change.name: change for change in _changes(before, after)}
    found, merged = [], {}
    for name in NAMES:
        was, now, asked = (getattr(one, name) for one in (base, stored, mine))
        is_mine = asked not in (was, now)
        merged[name] = asked if is_mine or was == now else now
        if was != now and name in newest:
            found.append(Difference(newest[name], mine=_words(asked) if is_mine else ""))
    return found, Settings(**merged)


def _changes(before: Any, after: Any) -> list[Change]:
    """What one line of the history changed."""
    was, now = Settings.of(before), Settings.of(after)
    by = after.history_user.get_username() if after.history_user else ""
    return [
        Change(
            name=name,
            label=str(Study._meta.get_field(name).verbose_name),  # type: ignore[union-attr]
            before=_words(getattr(was, name)),
            after=_words(getattr(now, name)),
            by=by,
            at=after.history_date,
        )
        for name in now.differs_in(was)
    ]


def _words(value: object) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return str(value) if value not in (None, "") else _("nothing")
