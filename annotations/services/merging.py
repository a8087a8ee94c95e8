"""Merge two codebook entries: everything of the one moves to the other, and the one is deleted.

Annotations move, withdrawn ones too; a messenger that became the source is emptied; of annotations that
become equal the older stays and the others are withdrawn, pointing to it. Nobody's words are changed: only
what the merge asks for, and every change is a line in the history with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from annotations.errors import MergeError
from annotations.models import Annotation, Source, Stance, Topic, User
from annotations.models.coding import AnnotationQuerySet
from annotations.services.codebook import check_may_curate, check_stance_values_remain
from annotations.services.merge_plan import Entry, MergePlan, MergePreview, Said, plan_merge

#: For each annotation that stays where stances differ, by its id: the stance it gets.
Choices = Mapping[int, Stance]

BATCH = 500


def preview_topic_merge(*, into: Topic, merged: Topic) -> MergePreview[Topic]:
    """What ``merge_topics`` will do. Raises ``MergeError`` where it would refuse."""
    _check_topics(into, merged)
    plan = _plan_topics(into, merged, Annotation.objects.all())
    return _preview(into, merged, plan, tuple(merged.children.order_by("position")))


def preview_source_merge(*, into: Source, merged: Source) -> MergePreview[Source]:
    """What ``merge_sources`` will do. Raises ``MergeError`` where it would refuse."""
    _check_sources(into, merged)
    plan = _plan_sources(into, merged, Annotation.objects.all())
    entries = merged.spokespeople.exclude(pk=into.pk).order_by("position")
    return _preview(into, merged, plan, tuple(entries))


def preview_stance_merge(*, into: Stance, merged: Stance) -> MergePreview[Stance]:
    """What ``merge_stances`` will do. Raises ``MergeError`` where it would refuse."""
    _check_pair(into, merged)
    return _preview(into, merged, _plan_stances(into, merged, Annotation.objects.all()), ())


@transaction.atomic
def merge_topics(
    *, by: User, into: Topic, merged: Topic, stances: Choices | None = None
) -> MergePreview[Topic]:
    """Move annotations and topics under ``merged`` to ``into``, and delete ``merged``.

    ``stances`` answers each conflict of the preview. Returns what was done. Raises ``NotAllowedError``,
    and ``MergeError`` where an answer is missing or the two cannot be merged.
    """
    check_may_curate(by, into.study)
    into, merged = _locked(Topic, into, merged)
    done = preview_topic_merge(into=into, merged=merged)
    reason = _reason(into, merged)
    _write(_plan_topics(into, merged, _locking()), by, reason, stances or {})
    for child in done.entries:
        child.parent = into
        _save(child, by, reason)
    _delete(merged, by, reason)
    return done


@transaction.atomic
def merge_sources(
    *, by: User, into: Source, merged: Source, stances: Choices | None = None
) -> MergePreview[Source]:
    """Move annotations, messengers and those who speak for ``merged`` to ``into``, and delete ``merged``.

    ``stances`` answers each conflict of the preview. Returns what was done. Raises ``NotAllowedError``,
    and ``MergeError`` where an answer is missing or the two cannot be merged.
    """
    check_may_curate(by, into.study)
    into, merged = _locked(Source, into, merged)
    done = preview_source_merge(into=into, merged=merged)
    reason = _reason(into, merged)
    _write(_plan_sources(into, merged, _locking()), by, reason, stances or {})
    if into.speaks_for_id == merged.pk:
        into.speaks_for = None
        _save(into, by, reason)
    for spokesperson in done.entries:
        spokesperson.speaks_for = into
        _save(spokesperson, by, reason)
    _delete(merged, by, reason)
    return done


@transaction.atomic
def merge_stances(*, by: User, into: Stance, merged: Stance) -> MergePreview[Stance]:
    """Give every annotation of stance ``merged`` the stance ``into``, and delete ``merged``.

    Raises ``NotAllowedError``, ``MergeError``, and ``InvalidEntryError`` where the study would be left
    without two different values.
    """
    check_may_curate(by, into.study)
    into, merged = _locked(Stance, into, merged)
    done = preview_stance_merge(into=into, merged=merged)
    check_stance_values_remain(study=into.study, without=merged)
    reason = _reason(into, merged)
    _write(_plan_stances(into, merged, _locking()), by, reason, {})
    _delete(merged, by, reason)
    return done


def _check_pair(into: Topic | Stance | Source, merged: Topic | Stance | Source) -> None:
    if into.pk == merged.pk:
        raise MergeError(_("Nothing is merged with itself: choose two entries."))
    if into.study_id != merged.study_id:
        raise MergeError(_("Only entries of one study can be merged."))


def _check_topics(into: Topic, merged: Topic) -> None:
    _check_pair(into, merged)
    would_make_a_third_level = into.parent_id is not None and merged.children.exists()
    if bool(into.statement) != bool(merged.statement) or would_make_a_third_level:
        raise MergeError(
            _("A topic that groups others merges with another group, one with a statement with its like.")
        )


def _check_sources(into: Source, merged: Source) -> None:
    _check_pair(into, merged)
    if into.is_author or merged.is_author:
        raise MergeError(_("The source “author” is the documents' own voice: it cannot be merged."))
    if into.speaks_for_id not in (None, merged.pk) and merged.spokespeople.exclude(pk=into.pk).exists():
        raise MergeError(
            _("Others speak for “%(merged)s”, and “%(into)s” speaks for another itself: keep the body.")
            % {"merged": merged.label, "into": into.label}
        )


def _locking() -> AnnotationQuerySet:
    return Annotation.objects.select_for_update(of=("self",))


def _locked(model: type[Entry], into: Entry, merged: Entry) -> tuple[Entry, Entry]:
    """Both rows as they are now, held to the end: on PostgreSQL nobody tags with them meanwhile."""
    pks = [into.pk, merged.pk]
    rows = {
        row.pk: row for row in model._default_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    }
    if into.pk not in rows or merged.pk not in rows:
        raise MergeError(_("One of the two is gone: somebody has merged or deleted it meanwhile."))
    return rows[into.pk], rows[merged.pk]


def _with_coders(rows: AnnotationQuerySet) -> list[Annotation]:
    return list(rows.select_related("coder", "stance", "document").defer("document__text").order_by("pk"))


def _plan_topics(into: Topic, merged: Topic, rows: AnnotationQuerySet) -> MergePlan:
    def say(annotation: Annotation) -> Said:
        return (into.pk, annotation.stance_id, annotation.source_id, annotation.reported_by_id)

    return plan_merge(
        _with_coders(rows.filter(topic=merged)), _with_coders(rows.active().filter(topic=into)), say
    )


def _plan_sources(into: Source, merged: Source, rows: AnnotationQuerySet) -> MergePlan:
    def say(annotation: Annotation) -> Said:
        source = into.pk if annotation.source_id == merged.pk else annotation.source_id
        messenger = into.pk if annotation.reported_by_id == merged.pk else annotation.reported_by_id
        emptied = None if messenger == source else messenger
        return (annotation.topic_id, annotation.stance_id, source, emptied)

    touched = Q(source=merged) | Q(reported_by=merged)
    neighbours = rows.active().filter(Q(source=into) | Q(reported_by=into)).exclude(touched)
    return plan_merge(_with_coders(rows.filter(touched)), _with_coders(neighbours), say)


def _plan_stances(into: Stance, merged: Stance, rows: AnnotationQuerySet) -> MergePlan:
    def say(annotation: Annotation) -> Said:
        return (annotation.topic_id, into.pk, annotation.source_id, annotation.reported_by_id)

    return plan_merge(_with_coders(rows.filter(stance=merged)), [], say)


def _preview(into: Entry, merged: Entry, plan: MergePlan, entries: tuple[Entry, ...]) -> MergePreview[Entry]:
    active = sum(annotation.withdrawn_at is None for annotation in plan.moved)
    return MergePreview(
        into=into,
        merged=merged,
        annotations=active,
        withdrawn=len(plan.moved) - active,
        emptied=plan.emptied,
        duplicates=plan.duplicates,
        counts=plan.counts(),
        conflicts=plan.conflicts(),
        entries=entries,
    )


def _write(plan: MergePlan, by: User, reason: str, stances: Choices) -> None:
    """Withdraw the duplicates, then move the rest: the other way round the database would refuse."""
    chosen = _chosen(plan, stances)
    kept_by_loser = {loser.pk: kept for kept, *losers in plan.groups for loser in losers}
    changed = {annotation.pk: annotation for annotation in plan.moved}
    changed |= {a.pk: a for group in plan.groups for a in group if a.pk in kept_by_loser or a.pk in chosen}
    now = timezone.now()
    for annotation in changed.values():
        topic, stance, source, messenger = plan.said[annotation.pk]
        annotation.topic_id, annotation.source_id = topic, source
        annotation.reported_by_id = messenger
        annotation.stance_id = chosen.get(annotation.pk, stance)
        annotation.version += 1
        annotation.updated_at = now
        if annotation.pk in kept_by_loser:
            annotation.withdrawn_at = now
            annotation.merged_into = kept_by_loser[annotation.pk]
    _update([a for a in changed.values() if a.pk in kept_by_loser], by, reason)
    _update([a for a in changed.values() if a.pk not in kept_by_loser], by, reason)


def _chosen(plan: MergePlan, stances: Choices) -> dict[int, int]:
    """The stance of each annotation that stays in place of others that differ."""
    chosen = {}
    for conflict in plan.conflicts():
        stance = stances.get(conflict.kept.pk)
        if stance is None or stance.pk not in {known.pk for known in conflict.stances}:
            raise MergeError(
                _("Choose the stance that “%(quote)s” keeps: the annotations that become one differ.")
                % {"quote": str(conflict.kept)}
            )
        if stance.pk != conflict.kept.stance_id:
            chosen[conflict.kept.pk] = stance.pk
    return chosen


def _update(annotations: Sequence[Annotation], by: User, reason: str) -> None:
    fields = [
        "topic",
        "stance",
        "source",
        "reported_by",
        "version",
        "updated_at",
        "withdrawn_at",
        "merged_into",
    ]
    if annotations:
        bulk_update_with_history(
            annotations,
            Annotation,
            fields,
            batch_size=BATCH,
            default_user=by,
            default_change_reason=reason,
        )


def _reason(into: Topic | Stance | Source, merged: Topic | Stance | Source) -> str:
    """The history's reason; its column holds 100 characters."""
    return (_("merged %(merged)s into %(into)s") % {"merged": merged.slug, "into": into.slug})[:100]


def _save(entry: Topic | Source, by: User, reason: str) -> None:
    entry._history_user = by  # type: ignore[union-attr]
    entry._change_reason = reason  # type: ignore[union-attr]
    entry.save()


def _delete(entry: Topic | Stance | Source, by: User, reason: str) -> None:
    entry._history_user = by  # type: ignore[union-attr]
    entry._change_reason = reason  # type: ignore[union-attr]
    entry.delete()
