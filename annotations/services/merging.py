"""Merge two codebook entries: everything of the one moves to the other, and the one is deleted.

Annotations move, withdrawn ones too; a messenger that became the source is emptied; of annotations that
become equal the older stays and the others are withdrawn, pointing to it. Nobody's words are changed: only
what the merge asks for, and every change is a line in the history with the reason. What undoing it needs is
recorded with it (``codebook_acts``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.enums import CodebookChange
from annotations.errors import MergeError, StalePreviewError
from annotations.models import Annotation, Source, Stance, Topic, User
from annotations.models.coding import AnnotationQuerySet
from annotations.services.act_records import AnyEntry, merge_record, record_act
from annotations.services.codebook import check_may_curate, check_stance_values_remain, hold_codebook
from annotations.services.merge_plan import (
    Entry,
    MergePlan,
    MergePreview,
    plan_source_move,
    plan_stance_move,
    plan_topic_move,
)
from annotations.services.recoding import Choices, Recoded, carry_out, locking, statement_versions
from annotations.services.revision import changes_study


def preview_topic_merge(*, into: Topic, merged: Topic) -> MergePreview[Topic]:
    """What ``merge_topics`` will do. Raises ``MergeError`` where it would refuse."""
    _check_topics(into, merged)
    plan = _plan_topics(into, merged, Annotation.objects.all())
    return plan.preview(into, merged, tuple(merged.children.order_by("position")))


def preview_source_merge(*, into: Source, merged: Source) -> MergePreview[Source]:
    """What ``merge_sources`` will do. Raises ``MergeError`` where it would refuse."""
    _check_sources(into, merged)
    plan = _plan_sources(into, merged, Annotation.objects.all())
    return plan.preview(into, merged, _spokespeople(into, merged))


def preview_stance_merge(*, into: Stance, merged: Stance) -> MergePreview[Stance]:
    """What ``merge_stances`` will do. Raises ``MergeError`` where it would refuse."""
    _check_pair(into, merged)
    return _plan_stances(into, merged, Annotation.objects.all()).preview(into, merged)


@changes_study
def merge_topics(
    *,
    by: User,
    into: Topic,
    merged: Topic,
    stances: Choices | None = None,
    seen: str = "",
    ask_review: bool = False,
) -> MergePreview[Topic]:
    """Move annotations and topics under ``merged`` to ``into``, and delete ``merged``.

    ``stances`` answers each conflict of the preview; ``seen`` is the digest of the preview that was
    confirmed; with ``ask_review`` what moves is marked as made under another statement. Returns what was
    done. Raises ``NotAllowedError``, and ``MergeError`` where an answer is missing, the two cannot be
    merged, or the preview would say something else by now.
    """
    check_may_curate(by, into.study)
    into, merged = _locked(Topic, into, merged)
    _check_topics(into, merged)
    plan = _plan_topics(into, merged, locking())
    done = plan.preview(into, merged, tuple(merged.children.order_by("position")))
    check_seen(done, seen)
    versions = statement_versions(plan, merged, into, ask_review=ask_review)
    reason = _reason(into, merged)
    recoded = carry_out(plan, by=by, reason=reason, stances=stances or {}, versions=versions)
    for child in done.entries:
        child.parent = into
        _save(child, by, reason)
    return _finish(by, done, recoded, reason)


@changes_study
def merge_sources(
    *, by: User, into: Source, merged: Source, stances: Choices | None = None, seen: str = ""
) -> MergePreview[Source]:
    """Move annotations, messengers and those who speak for ``merged`` to ``into``, and delete ``merged``.

    Parameters, answer and errors are those of ``merge_topics``.
    """
    check_may_curate(by, into.study)
    into, merged = _locked(Source, into, merged)
    _check_sources(into, merged)
    plan = _plan_sources(into, merged, locking())
    done = plan.preview(into, merged, _spokespeople(into, merged))
    check_seen(done, seen)
    reason = _reason(into, merged)
    recoded = carry_out(plan, by=by, reason=reason, stances=stances or {})
    spoke_for_it = into.speaks_for_id == merged.pk
    if spoke_for_it:
        into.speaks_for = None
        _save(into, by, reason)
    for spokesperson in done.entries:
        spokesperson.speaks_for = into
        _save(spokesperson, by, reason)
    return _finish(by, done, recoded, reason, into_spoke_for_it=spoke_for_it)


@changes_study
def merge_stances(*, by: User, into: Stance, merged: Stance, seen: str = "") -> MergePreview[Stance]:
    """Give every annotation of stance ``merged`` the stance ``into``, and delete ``merged``.

    Raises as ``merge_topics`` does, and ``InvalidEntryError`` where the study would be left without two
    different values.
    """
    check_may_curate(by, into.study)
    into, merged = _locked(Stance, into, merged)
    _check_pair(into, merged)
    plan = _plan_stances(into, merged, locking())
    done = plan.preview(into, merged)
    check_seen(done, seen)
    check_stance_values_remain(study=into.study, without=merged)
    reason = _reason(into, merged)
    return _finish(by, done, carry_out(plan, by=by, reason=reason, stances={}), reason)


def check_seen(now: MergePreview[Entry], seen: str) -> None:
    """Raises ``StalePreviewError`` where the preview that was confirmed said something else."""
    if seen and seen != now.digest:
        raise StalePreviewError(
            _("Annotations have changed since this preview was made. Look at what will happen now.")
        )


def check_takes_annotations(into: AnyEntry) -> None:
    """A retired entry takes no new annotations, whatever brings them. Raises ``MergeError``."""
    if into.is_retired:
        raise MergeError(
            _("“%(entry)s” is retired and takes no annotations: revive it first.") % {"entry": into.label}
        )


def _check_pair(into: AnyEntry, merged: AnyEntry) -> None:
    if into.pk == merged.pk:
        raise MergeError(_("Nothing is merged with itself: choose two entries."))
    if into.study_id != merged.study_id:
        raise MergeError(_("Only entries of one study can be merged."))
    check_takes_annotations(into)


def _check_topics(into: Topic, merged: Topic) -> None:
    _check_pair(into, merged)
    would_make_a_third_level = into.parent_id is not None and merged.children.exists()
    if bool(into.statement) != bool(merged.statement) or would_make_a_third_level:
        raise MergeError(
            _("A topic that groups others merges with another group, one with a statement with its like.")
        )


def _check_sources(into: Source, merged: Source) -> None:
    if into.is_author or merged.is_author:
        raise MergeError(_("The source “author” is the documents' own voice: it cannot be merged."))
    _check_pair(into, merged)
    if into.speaks_for_id not in (None, merged.pk) and merged.spokespeople.exclude(pk=into.pk).exists():
        raise MergeError(
            _("Others speak for “%(merged)s”, and “%(into)s” speaks for another itself: keep the body.")
            % {"merged": merged.label, "into": into.label}
        )


def _spokespeople(into: Source, merged: Source) -> tuple[Source, ...]:
    return tuple(merged.spokespeople.exclude(pk=into.pk).order_by("position"))


def _locked(model: type[Entry], into: Entry, merged: Entry) -> tuple[Entry, Entry]:
    """Both rows as they are now, held to the end: on PostgreSQL nobody tags with them meanwhile."""
    hold_codebook(into.study)
    pks = [into.pk, merged.pk]
    rows = {
        row.pk: row for row in model._default_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    }
    if into.pk not in rows or merged.pk not in rows:
        raise MergeError(_("One of the two is gone: somebody has merged or deleted it meanwhile."))
    return rows[into.pk], rows[merged.pk]


def _plan_topics(into: Topic, merged: Topic, rows: AnnotationQuerySet) -> MergePlan:
    return plan_topic_move(rows.filter(topic=merged), into, rows)


def _plan_sources(into: Source, merged: Source, rows: AnnotationQuerySet) -> MergePlan:
    return plan_source_move(rows.filter(Q(source=merged) | Q(reported_by=merged)), merged, into, rows)


def _plan_stances(into: Stance, merged: Stance, rows: AnnotationQuerySet) -> MergePlan:
    return plan_stance_move(rows.filter(stance=merged), into)


def _finish(
    by: User,
    done: MergePreview[Entry],
    recoded: tuple[Recoded, ...],
    reason: str,
    *,
    into_spoke_for_it: bool = False,
) -> MergePreview[Entry]:
    """Record the merge, and delete the entry that does not stay."""
    record = merge_record(done, recoded, into_spoke_for_it=into_spoke_for_it)
    count = ngettext("%(count)s annotation", "%(count)s annotations", done.annotations)
    summary = _("“%(merged)s” merged into “%(into)s”: %(annotations)s") % {
        "merged": done.merged.label,
        "into": done.into.label,
        "annotations": count % {"count": done.annotations},
    }
    act = record_act(by=by, entry=done.merged, kind=CodebookChange.MERGE, summary=summary, undo=record)
    gone = done.merged.pk
    _delete(done.merged, by, reason)
    done.merged.pk = gone
    return replace(done, act=act)


def _reason(into: AnyEntry, merged: AnyEntry) -> str:
    """The history's reason; its column holds 100 characters."""
    return (_("merged %(merged)s into %(into)s") % {"merged": merged.slug, "into": into.slug})[:100]


def _save(entry: Topic | Source, by: User, reason: str) -> None:
    entry._history_user = by  # type: ignore[union-attr]
    entry._change_reason = reason  # type: ignore[union-attr]
    entry.save()


def _delete(entry: AnyEntry, by: User, reason: str) -> None:
    entry._history_user = by  # type: ignore[union-attr]
    entry._change_reason = reason  # type: ignore[union-attr]
    entry.delete()


def preview_merge(*, into: AnyEntry, merged: AnyEntry) -> MergePreview[Any]:
    """``preview_…_merge`` for entries of whichever kind."""
    if isinstance(into, Topic) and isinstance(merged, Topic):
        return preview_topic_merge(into=into, merged=merged)
    if isinstance(into, Source) and isinstance(merged, Source):
        return preview_source_merge(into=into, merged=merged)
    if isinstance(into, Stance) and isinstance(merged, Stance):
        check_stance_values_remain(study=into.study, without=merged)
        return preview_stance_merge(into=into, merged=merged)
    raise MergeError(_("Only entries of one kind can be merged."))


def merge_entries(*, by: User, into: AnyEntry, merged: AnyEntry, **asked: Any) -> MergePreview[Any]:
    """``merge_…`` for entries of whichever kind."""
    if isinstance(into, Topic) and isinstance(merged, Topic):
        return merge_topics(by=by, into=into, merged=merged, **asked)
    if isinstance(into, Source) and isinstance(merged, Source):
        return merge_sources(by=by, into=into, merged=merged, **asked)
    if isinstance(into, Stance) and isinstance(merged, Stance):
        return merge_stances(by=by, into=into, merged=merged, **asked)
    raise MergeError(_("Only entries of one kind can be merged."))
