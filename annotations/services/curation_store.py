"""How decisions are stored and ended: one or many at once, each with its curated tags and their history."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from annotations.enums import Layer, Outcome, Reason, Situation
from annotations.errors import DuplicateTagError
from annotations.models import Annotation, DecidedTag, Decision, Document, User
from annotations.services.curation_rules import Place, place_of

ROWS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Settlement:
    """One decision to be stored. ``decided``: the version of each tag it is about, by the tag's id;
    ``tags``: the curated tags that come of it, not stored yet."""

    passage_id: int
    situation: Situation
    outcome: Outcome
    reason: Reason
    remark: str
    decided: dict[int, int]
    tags: tuple[Annotation, ...]


def hold_documents(documents: Iterable[Document]) -> None:
    """Curators of one document wait for each other to the end of the transaction; coders do not wait."""
    pks = [document.pk for document in documents]
    rows = Document.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
    list(rows.values_list("pk"))


def store(
    *,
    by: User,
    document: Document,
    settlements: Sequence[Settlement],
    replaced: Collection[Decision] = (),
    batch: uuid.UUID | None = None,
    now: datetime | None = None,
) -> list[Decision]:
    """Store decisions on one document and end those that they replace.

    A curated tag that no decision made (it was imported) and that says the same is taken over with its note.
    Raises ``DuplicateTagError`` where another curated tag has the same place.
    """
    now = now or timezone.now()
    _end(replaced, by=by, now=now)
    tags = [tag for settlement in settlements for tag in settlement.tags]
    _take_over(tags, by=by, now=now)
    decisions = Decision.objects.bulk_create(
        (_decision(by, document, settlement, batch, now) for settlement in settlements),
        batch_size=ROWS_A_QUERY,
    )
    for decision, settlement in zip(decisions, settlements, strict=True):
        for tag in settlement.tags:
            tag.decision, tag.created_at, tag.updated_at = decision, now, now
    DecidedTag.objects.bulk_create(
        (
            DecidedTag(decision=decision, annotation_id=pk, version=version)
            for decision, settlement in zip(decisions, settlements, strict=True)
            for pk, version in settlement.decided.items()
        ),
        batch_size=ROWS_A_QUERY,
    )
    if tags:
        bulk_create_with_history(tags, Annotation, batch_size=ROWS_A_QUERY, default_user=by)
    return decisions


def undo(decisions: Sequence[Decision], *, by: User) -> None:
    """End decisions that hold, and bring back what they had ended: earlier decisions, and imported tags.

    Raises ``DuplicateTagError`` where a tag that comes back has an equal one by now.
    """
    now = timezone.now()
    passages = {decision.passage_id for decision in decisions}
    moments = {decision.created_at for decision in decisions}
    theirs = _end(decisions, by=by, now=now)
    back = list(Decision.objects.filter(passage__in=passages, undone_at__in=moments))
    Decision.objects.filter(pk__in=[d.pk for d in back]).update(undone_at=None, undone_by=None)
    ended = Annotation.objects.filter(
        layer=Layer.CURATED.value, passage__in=passages, withdrawn_at__in=moments
    ).select_related("coder")
    earlier = {decision.pk for decision in back}
    taken_over = {(tag.passage_id, *place_of(tag)) for tag in theirs}
    _bring_back(
        [
            tag
            for tag in ended
            if tag.decision_id in earlier
            or (tag.decision_id is None and (tag.passage_id, *place_of(tag)) in taken_over)
        ],
        by=by,
        now=now,
    )


def _decision(
    by: User, document: Document, settlement: Settlement, batch: uuid.UUID | None, now: datetime
) -> Decision:
    return Decision(
        study_id=document.study_id,
        document=document,
        passage_id=settlement.passage_id,
        situation=settlement.situation.value,
        outcome=settlement.outcome.value,
        reason=settlement.reason.value,
        remark=settlement.remark,
        curator=by,
        batch=batch,
        created_at=now,
    )


def _end(decisions: Collection[Decision], *, by: User, now: datetime) -> list[Annotation]:
    """End decisions and withdraw their curated tags; returns these."""
    if not decisions:
        return []
    for decision in decisions:
        decision.undone_at, decision.undone_by = now, by
    pks = [decision.pk for decision in decisions]
    Decision.objects.filter(pk__in=pks).update(undone_at=now, undone_by=by)
    tags = list(Annotation.objects.active().filter(decision__in=pks))
    _withdraw(tags, by=by, now=now)
    return tags


def _take_over(tags: Sequence[Annotation], *, by: User, now: datetime) -> None:
    """Withdraw imported tags that say the same as ``tags``, which get their notes."""
    stored = _by_place({tag.passage_id for tag in tags})
    imported = []
    for tag in tags:
        equal = stored.get((tag.passage_id, *place_of(tag)))
        if equal is None:
            continue
        if equal.decision_id is not None or equal.stance_id != tag.stance_id:
            raise DuplicateTagError(
                _("These words have a curated tag with this topic and these sources."), equal
            )
        tag.note, tag.uncertain = equal.note, equal.uncertain
        imported.append(equal)
    _withdraw(imported, by=by, now=now)


def _by_place(passages: Collection[int]) -> dict[tuple[int, *Place], Annotation]:
    """The active curated tags of some passages by what may exist once."""
    rows = Annotation.objects.active().filter(layer=Layer.CURATED.value, passage__in=passages).shown()
    return {(tag.passage_id, *place_of(tag)): tag for tag in rows}


def _withdraw(tags: Sequence[Annotation], *, by: User, now: datetime) -> None:
    for tag in tags:
        tag.withdrawn_at = now
    _save_next_versions(tags, by=by, now=now)


def _bring_back(tags: Sequence[Annotation], *, by: User, now: datetime) -> None:
    stored = _by_place({tag.passage_id for tag in tags})
    for tag in tags:
        equal = stored.get((tag.passage_id, *place_of(tag)))
        if equal is not None:
            raise DuplicateTagError(
                _("These words have a curated tag with this topic and these sources."), equal
            )
        tag.withdrawn_at = None
    _save_next_versions(tags, by=by, now=now)


def _save_next_versions(tags: Sequence[Annotation], *, by: User, now: datetime) -> None:
    for tag in tags:
        tag.version += 1
        tag.updated_at = now
    if tags:
        bulk_update_with_history(
            tags,
            Annotation,
            ["withdrawn_at", "version", "updated_at"],
            batch_size=ROWS_A_QUERY,
            default_user=by,
        )
