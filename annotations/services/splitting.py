"""Split a codebook entry: chosen annotations move to another one, new or there already.

The entry that is split stays, with the annotations that were not chosen; withdrawn ones stay with it, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.enums import CodebookChange
from annotations.errors import MergeError
from annotations.models import Annotation, Source, Stance, Topic, User
from annotations.models.coding import AnnotationQuerySet
from annotations.services.act_records import AnyEntry, record_act, split_record
from annotations.services.codebook import check_entry, check_may_curate, hold_codebook, save_entry
from annotations.services.merge_plan import (
    MergePlan,
    MergePreview,
    plan_source_move,
    plan_stance_move,
    plan_topic_move,
)
from annotations.services.merging import check_seen, check_takes_annotations
from annotations.services.recoding import Choices, carry_out, locking, statement_versions
from annotations.services.revision import changes_study


def annotations_of(entry: AnyEntry) -> AnnotationQuerySet:
    """The active annotations that use an entry: those that a split can move."""
    rows = Annotation.objects.active().filter(study=entry.study_id)
    if isinstance(entry, Topic):
        return rows.filter(topic=entry)
    if isinstance(entry, Stance):
        return rows.filter(stance=entry)
    return rows.filter(Q(source=entry) | Q(reported_by=entry))


def preview_split(*, entry: AnyEntry, into: AnyEntry, chosen: AnnotationQuerySet) -> MergePreview[Any]:
    """What ``split_entry`` will do. ``into`` may be new, and is not stored by this.

    Raises ``MergeError`` and ``InvalidEntryError`` where it would refuse.
    """
    check_can_be_split(entry)
    _check_target(entry, into)
    plan = _plan(entry, into, chosen, Annotation.objects.all())
    _check_something_moves(plan)
    return plan.preview(cast(Any, into), cast(Any, entry))


@changes_study
def split_entry(
    *,
    by: User,
    entry: AnyEntry,
    into: AnyEntry,
    chosen: AnnotationQuerySet,
    stances: Choices | None = None,
    seen: str = "",
    ask_review: bool = False,
) -> MergePreview[Any]:
    """Move the ``chosen`` annotations of ``entry`` to ``into``, which is stored now where it is new.

    ``chosen`` is any set of annotations; those of them move that use ``entry`` and are active. The other
    parameters, the answer and the errors are those of ``merging.merge_topics``; beside them
    ``InvalidEntryError`` where the new entry breaks a rule.
    """
    check_may_curate(by, entry.study)
    hold_codebook(entry.study)
    # Which annotations were chosen is settled before they change.
    chosen = Annotation.objects.filter(pk__in=list(chosen.order_by().values_list("pk", flat=True)))
    now = preview_split(entry=entry, into=into, chosen=chosen)
    check_seen(now, seen)
    is_new = into.pk is None
    if is_new:
        _store_new(into, entry, by)
    plan = _plan(entry, into, chosen, locking())
    versions = None
    if isinstance(entry, Topic) and isinstance(into, Topic):
        versions = statement_versions(plan, entry, into, ask_review=ask_review)
    reason = _("moved from %(entry)s to %(into)s") % {"entry": entry.slug, "into": into.slug}
    recoded = carry_out(plan, by=by, reason=reason[:100], stances=stances or {}, versions=versions)
    count = ngettext("%(count)s annotation", "%(count)s annotations", now.annotations)
    summary = _("“%(entry)s” split: %(annotations)s to “%(into)s”") % {
        "entry": entry.label,
        "annotations": count % {"count": now.annotations},
        "into": into.label,
    }
    undo = split_record(entry, into, recoded, is_new=is_new)
    act = record_act(by=by, entry=entry, kind=CodebookChange.SPLIT, summary=summary, undo=undo)
    return replace(now, act=act)


def check_can_be_split(entry: AnyEntry) -> None:
    """Raises ``MergeError`` for ``author`` and for a topic that only groups others."""
    if isinstance(entry, Source) and entry.is_author:
        raise MergeError(_("The source “author” is the documents' own voice: it cannot be split."))
    if isinstance(entry, Topic) and not entry.statement:
        raise MergeError(_("A topic that groups others has no annotations: move the topics under it."))


def next_position(entry: AnyEntry) -> int:
    """Behind all entries of its kind in the study."""
    rows = type(entry)._default_manager.filter(study=entry.study_id)
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _check_target(entry: AnyEntry, into: AnyEntry) -> None:
    if into.pk is None:
        _check_new(into)
        return
    if into.pk == entry.pk:
        raise MergeError(_("The annotations are there already: choose another entry."))
    if into.study_id != entry.study_id:
        raise MergeError(_("Choose an entry of the same study."))
    if isinstance(into, Source) and into.is_author:
        raise MergeError(_("The source “author” is the documents' own voice: nothing is moved to it."))
    if isinstance(into, Topic) and not into.statement:
        raise MergeError(_("Choose a topic with a statement: this one only groups others."))
    check_takes_annotations(into)


def _check_new(into: AnyEntry) -> None:
    into.position = next_position(into)
    check_entry(entry=into)
    if isinstance(into, Topic) and not into.statement:
        raise MergeError(_("Choose a topic with a statement: this one only groups others."))


def _store_new(into: AnyEntry, entry: AnyEntry, by: User) -> None:
    into._change_reason = (_("split from %(entry)s") % {"entry": entry.slug})[:100]  # type: ignore[union-attr]
    save_entry(by=by, entry=into)


def _check_something_moves(plan: MergePlan) -> None:
    if not plan.moved:
        raise MergeError(_("Choose at least one annotation."))


def _plan(entry: AnyEntry, into: AnyEntry, chosen: AnnotationQuerySet, rows: AnnotationQuerySet) -> MergePlan:
    moved = rows.filter(
        pk__in=annotations_of(entry).filter(pk__in=chosen.order_by().values("pk")).values("pk")
    )
    if isinstance(entry, Topic):
        return plan_topic_move(moved, cast(Topic, into), rows)
    if isinstance(entry, Stance):
        return plan_stance_move(moved, cast(Stance, into))
    return plan_source_move(moved, entry, cast(Source, into), rows)
