"""Undo a merge, a split or a retirement as one step, without losing what anybody did since.

What the act changed goes back where it still says what the act made it say. Where its coder has changed
just that since, their word stays; what else they changed stays as well. What cannot be undone without
taking something from somebody is refused, with all that stands in the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.enums import CodebookChange
from annotations.errors import SummitError, UndoError
from annotations.models import Annotation, CodebookAct, Source, Stance, Study, Topic, User
from annotations.models.coding import AnnotationQuerySet
from annotations.services.act_records import MODELS, AnyEntry, touched_by
from annotations.services.codebook import (
    InvalidEntryError,
    check_entry,
    check_may_curate,
    check_stance_values_remain,
    hold_codebook,
)
from annotations.services.merge_plan import CoderCount
from annotations.services.recoding import locking, write
from annotations.services.retiring import check_retirement, write_retirement
from annotations.services.revision import changes_study
from annotations.services.undo_plan import UndoPlan, equal_obstacles, plan_undo, word_obstacles


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing an act will do.

    ``annotations`` go back, by ``counts``; ``revived`` of them were withdrawn as duplicates. ``changed``
    were changed since in something else, which stays. ``stays``: changed since in just what the act had
    changed, and left as they are. ``entries`` come back or move back. ``kept``: the entry that a split
    made stays, because it is used. ``obstacles``: why it cannot be done now.
    """

    act: CodebookAct
    annotations: int
    revived: int
    changed: int
    counts: tuple[CoderCount, ...]
    stays: tuple[Annotation, ...]
    entries: tuple[str, ...]
    kept: AnyEntry | None
    obstacles: tuple[str, ...]


def preview_undo(*, act: CodebookAct) -> UndoPreview:
    """What ``undo_act`` will do, and what stands in its way."""
    return _preview(act, plan_undo(act, Annotation.objects.all()))


@changes_study
def undo_act(*, by: User, act: CodebookAct) -> UndoPreview:
    """Undo an act; returns what was done. Raises ``NotAllowedError``, and ``UndoError`` where it cannot be
    undone, with every reason."""
    check_may_curate(by, act.study)
    hold_codebook(act.study)
    act = CodebookAct.objects.select_for_update(of=("self",)).select_related("study").get(pk=act.pk)
    plan = plan_undo(act, locking())
    done = _preview(act, plan)
    if done.obstacles:
        raise UndoError(done.obstacles)
    reason = _reason(act)
    if act.kind in (CodebookChange.RETIRE.value, CodebookChange.REVIVE.value):
        entries, retired = _retirement(act)
        write_retirement(entries, by, reason, retired=retired)
    if act.kind == CodebookChange.MERGE.value:
        _bring_back(act, by, reason)
    write(plan.moves, by, reason)
    write(plan.revivals, by, reason, withdrawn_at=None, merged_into_id=None)
    if act.kind == CodebookChange.SPLIT.value:
        _delete_new(act, by, reason)
    act.undone_at, act.undone_by = timezone.now(), by
    act.save(update_fields=["undone_at", "undone_by"])
    return done


def _preview(act: CodebookAct, plan: UndoPlan) -> UndoPreview:
    going = [annotation for annotation, _words in plan.going]
    counts = Counter((annotation.coder.username, annotation.layer) for annotation in going)
    return UndoPreview(
        act=act,
        annotations=len(going),
        revived=len(plan.revivals),
        changed=plan.changed,
        counts=tuple(CoderCount(coder, layer, n) for (coder, layer), n in sorted(counts.items())),
        stays=tuple(plan.stays),
        entries=_entries(act),
        kept=_kept(act, {annotation.pk for annotation in going}),
        obstacles=tuple(_obstacles(act, plan)),
    )


def _entries(act: CodebookAct) -> tuple[str, ...]:
    """The labels of entries that come back or move back, the deleted one first."""
    back = [str(act.undo["entry"]["label"])] if "entry" in act.undo else []
    if "entry" in act.undo:
        return (*back, *(entry.label for entry in _moved_entries(act)))
    return tuple(entry.label for entry in _retirement(act)[0]) if "entries" in act.undo else ()


# --- what stands in the way ---------------------------------------------------------------------------------


def _obstacles(act: CodebookAct, plan: UndoPlan) -> Iterable[str]:
    """Every reason for which the act cannot be undone now."""
    if act.undone_at is not None:
        return [_("This has been undone already.")]
    later = _later_acts(act)
    if later:
        return [_("Undo this first: %(later)s.") % {"later": other.summary} for other in later]
    if act.kind == CodebookChange.MERGE.value:
        return [*_entry_obstacles(act), *word_obstacles(act, plan), *equal_obstacles(act, plan)]
    if act.kind == CodebookChange.SPLIT.value:
        return [*word_obstacles(act, plan), *equal_obstacles(act, plan)]
    return _retirement_obstacles(act)


def _later_acts(act: CodebookAct) -> list[CodebookAct]:
    """Later acts that hold and touched the same: undoing goes backwards."""
    mine = touched_by(act)
    later = CodebookAct.objects.filter(study=act.study_id, pk__gt=act.pk, undone_at=None).order_by("-pk")
    return [other for other in later if mine & touched_by(other)]


def _entry_obstacles(act: CodebookAct) -> list[str]:
    """Why the deleted entry, and those that stood under it, cannot come back."""
    entry = _deleted(act)
    rows = MODELS[act.what]._default_manager.filter(study=act.study_id)
    if rows.filter(slug=entry.slug).exists():
        return [_("Another entry has the slug “%(slug)s” by now: rename that one.") % {"slug": entry.slug}]
    key = entry.key if isinstance(entry, Stance) else ""
    if key and Stance.objects.filter(study=act.study_id, key=key).exists():
        return [_("Another stance has the key “%(key)s” by now: change that one.") % {"key": key}]
    head = entry.parent_id if isinstance(entry, Topic) else None
    head = entry.speaks_for_id if isinstance(entry, Source) else head
    if head is not None and not rows.filter(pk=head).exists():
        return [_("What “%(entry)s” belonged to is gone.") % {"entry": entry.label}]
    try:
        check_entry(entry=entry)
    except InvalidEntryError as refusal:
        return [f"{entry.label}: {refusal}"]
    return _body_obstacles(act)


def _body_obstacles(act: CodebookAct) -> list[str]:
    """A source that spoke for the one that was merged into it must be able to do so again."""
    if not act.undo["into_spoke_for_it"]:
        return []
    into = Source.objects.filter(pk=act.undo["into"]).first()
    if into is None or into.speaks_for_id is not None:
        return []
    if into.spokespeople.exclude(pk__in=act.undo["entries"]).exists():
        return [_("Others speak for “%(into)s” by now.") % {"into": into.label}]
    return []


def _retirement_obstacles(act: CodebookAct) -> list[str]:
    entries, retired = _retirement(act)
    if not entries:
        return [_("What was changed is gone, or has been changed back.")]
    try:
        check_retirement(entries, retired=retired)
    except InvalidEntryError as refusal:
        return [str(refusal)]
    ours = {entry.pk for entry in entries}
    for entry in entries:
        group = entry.parent if isinstance(entry, Topic) else None
        if not retired and group is not None and group.is_retired and group.pk not in ours:
            return [_("“%(group)s”, the group it is in, is retired by now.") % {"group": group.label}]
    return []


# --- entries ------------------------------------------------------------------------------------------------


def _deleted(act: CodebookAct) -> AnyEntry:
    """The entry that a merge deleted, as it was, with the id it had: its history goes on."""
    return MODELS[act.what](**act.undo["entry"])


def _moved_entries(act: CodebookAct) -> list[Topic | Source]:
    """What a merge moved with the entry and nobody has moved on since."""
    into, pks = act.undo["into"], act.undo["entries"]
    if act.what == "topic":
        return list(Topic.objects.filter(pk__in=pks, parent=into).order_by("position"))
    return list(Source.objects.filter(pk__in=pks, speaks_for=into).order_by("position"))


def _retirement(act: CodebookAct) -> tuple[tuple[AnyEntry, ...], bool]:
    """The entries that still are what the act made them, and what undoing makes them."""
    was_retired = act.kind == CodebookChange.RETIRE.value
    rows = MODELS[act.what]._default_manager.filter(pk__in=act.undo["entries"], is_retired=was_retired)
    return tuple(rows.order_by("position")), not was_retired


def _bring_back(act: CodebookAct, by: User, reason: str) -> None:
    """The deleted entry, and under it what stood there."""
    moved = _moved_entries(act)
    entry = _deleted(act)
    _sign(entry, by, reason)
    entry.save(force_insert=True)
    into = Source.objects.filter(pk=act.undo["into"], speaks_for=None).first()
    for one in moved:
        if isinstance(one, Topic) and isinstance(entry, Topic):
            one.parent = entry
        elif isinstance(one, Source) and isinstance(entry, Source):
            one.speaks_for = entry
        _sign(one, by, reason)
        one.save()
    if act.undo["into_spoke_for_it"] and isinstance(entry, Source) and into is not None:
        into.speaks_for = entry
        _sign(into, by, reason)
        into.save()


def _kept(act: CodebookAct, going: set[int]) -> AnyEntry | None:
    """The entry that a split made, where it is used by what does not go back, or the study needs it."""
    new = _new(act)
    if new is None:
        return None
    if any(pk not in going for pk in _users_of(new).values_list("pk", flat=True).iterator()):
        return new
    if isinstance(new, Source) and new.spokespeople.exists():
        return new
    try:
        if isinstance(new, Stance):
            check_stance_values_remain(study=act.study, without=new)
    except SummitError:
        return new
    return None


def _new(act: CodebookAct) -> AnyEntry | None:
    if not act.undo.get("is_new"):
        return None
    return MODELS[act.what]._default_manager.filter(pk=act.undo["into"]).first()


def _users_of(entry: AnyEntry) -> AnnotationQuerySet:
    """Every annotation that refers to an entry, withdrawn ones too."""
    rows = Annotation.objects.filter(study=entry.study_id).order_by()
    if isinstance(entry, Topic):
        return rows.filter(topic=entry)
    if isinstance(entry, Stance):
        return rows.filter(stance=entry)
    return rows.filter(source=entry) | rows.filter(reported_by=entry)


def _delete_new(act: CodebookAct, by: User, reason: str) -> None:
    new = _new(act)
    if new is not None and _kept(act, set()) is None:
        _sign(new, by, reason)
        new.delete()


def _sign(entry: AnyEntry | Study, by: User, reason: str) -> None:
    entry._history_user = by  # type: ignore[union-attr]
    entry._change_reason = reason  # type: ignore[union-attr]


def _reason(act: CodebookAct) -> str:
    """The history's reason; its column holds 100 characters."""
    return (_("undone: %(summary)s") % {"summary": act.summary})[:100]
