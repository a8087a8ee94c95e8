"""Retire and revive topics, stances and sources. A retired entry keeps its annotations and takes no new ones.

A group is retired with the topics under it; a topic whose group is retired is revived with its group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from annotations.enums import CodebookChange
from annotations.models import Annotation, CodebookAct, Source, Stance, Study, Topic, User
from annotations.services.act_records import AnyEntry, record_act, retirement_record
from annotations.services.codebook import (
    InvalidEntryError,
    check_may_curate,
    check_stance_values_remain,
    hold_codebook,
)
from annotations.services.merge_plan import CoderCount
from annotations.services.revision import changes_study


@dataclass(frozen=True, slots=True)
class RetirementPreview:
    """What retiring or reviving will do: to which ``entries``, and whose annotations they keep."""

    entries: tuple[AnyEntry, ...]
    annotations: int
    counts: tuple[CoderCount, ...]


def preview_retirement(*, entry: AnyEntry, retired: bool) -> RetirementPreview:
    """What ``retire_entry`` or ``revive_entry`` will do. Raises ``InvalidEntryError``."""
    entries = _all_with(entry, retired)
    check_retirement(entries, retired=retired)
    rows = Annotation.objects.active().filter(_uses(entries)).order_by()
    counts = Counter(rows.values_list("coder__username", "layer"))
    shown = tuple(CoderCount(coder, layer, n) for (coder, layer), n in sorted(counts.items()))
    return RetirementPreview(entries, sum(counts.values()), shown)


@changes_study
def retire_entry(*, by: User, entry: AnyEntry) -> CodebookAct | None:
    """Take an entry out of use, a group with its topics; None where it is out of use already.

    Raises ``NotAllowedError``, and ``InvalidEntryError`` for ``author`` and where stances of fewer than two
    different values would remain.
    """
    return _set(by, entry, retired=True)


@changes_study
def revive_entry(*, by: User, entry: AnyEntry) -> CodebookAct | None:
    """Take an entry back into use; a group with the topics that were retired with it."""
    return _set(by, entry, retired=False)


def retired_since(study: Study) -> dict[AnyEntry, datetime]:
    """Since when each retired entry of a study is out of use, by its history."""
    since: dict[AnyEntry, datetime] = {}
    for model in (Topic, Stance, Source):
        for entry in model._default_manager.filter(study=study, is_retired=True):
            in_use = entry.history.filter(is_retired=False).order_by("-history_id").first()
            lines = entry.history.filter(history_id__gt=in_use.history_id if in_use else 0)
            since[entry] = lines.aggregate(since=Min("history_date"))["since"] or study.created_at
    return since


def check_retirement(entries: Iterable[AnyEntry], *, retired: bool) -> None:
    """Raises ``InvalidEntryError`` where one of the entries must stay as it is."""
    for entry in entries:
        if isinstance(entry, Source) and entry.is_author:
            raise InvalidEntryError(_("The source “author” is the documents' own voice: it is not retired."))
        if isinstance(entry, Stance) and retired:
            check_stance_values_remain(study=entry.study, without=entry)


def write_retirement(entries: Iterable[AnyEntry], by: User, reason: str, *, retired: bool) -> None:
    for entry in entries:
        entry.is_retired = retired
        entry._history_user = by  # type: ignore[union-attr]
        entry._change_reason = reason  # type: ignore[union-attr]
        entry.save()


def _set(by: User, entry: AnyEntry, *, retired: bool) -> CodebookAct | None:
    check_may_curate(by, entry.study)
    hold_codebook(entry.study)
    stored = type(entry)._default_manager.filter(pk=entry.pk).first()
    if stored is None:
        raise InvalidEntryError(_("This entry is gone: somebody has merged or deleted it meanwhile."))
    entries = _all_with(stored, retired)
    check_retirement(entries, retired=retired)
    if not entries:
        return None
    reason = _("retired %(slug)s") if retired else _("revived %(slug)s")
    write_retirement(entries, by, (reason % {"slug": entry.slug})[:100], retired=retired)
    summary = _("“%(entry)s” retired") if retired else _("“%(entry)s” revived")
    kind = CodebookChange.RETIRE if retired else CodebookChange.REVIVE
    undo = retirement_record(entries)
    return record_act(by=by, entry=entry, kind=kind, summary=summary % {"entry": entry.label}, undo=undo)


def _all_with(entry: AnyEntry, retired: bool) -> tuple[AnyEntry, ...]:
    """The entry and those that go with it, as far as they change: itself first."""
    entries: list[AnyEntry] = [entry]
    if isinstance(entry, Topic):
        if retired:
            entries += entry.children.order_by("position")
        elif entry.parent is not None:
            entries.append(entry.parent)
        else:
            entries += entry.children.filter(pk__in=_retired_with(entry)).order_by("position")
    return tuple(one for one in entries if one.is_retired is not retired)


def _retired_with(group: Topic) -> list[int]:
    """The topics that the latest retirement of a group took with it."""
    acts = CodebookAct.objects.filter(study=group.study, what="topic", kind=CodebookChange.RETIRE.value)
    for entries in acts.filter(undone_at=None).order_by("-pk").values_list("undo__entries", flat=True):
        if entries and entries[0] == group.pk:
            return list(entries[1:])
    return []


def _uses(entries: Iterable[AnyEntry]) -> Q:
    pks: dict[type, list[int]] = {Topic: [], Stance: [], Source: []}
    for entry in entries:
        pks[type(entry)].append(entry.pk)
    return (
        Q(topic__in=pks[Topic])
        | Q(stance__in=pks[Stance])
        | Q(source__in=pks[Source])
        | Q(reported_by__in=pks[Source])
    )
