"""A curator settles the claims of a document, one item of the queue at a time.

Decisions are kept for good: a later one ends an earlier one, and an undo ends the last and brings the one
before it back. Every decision has curated tags of its own, which end with it; nothing is deleted.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from annotations.enums import Layer
from annotations.errors import NotAllowedError, StaleItemError
from annotations.models import Annotation, Decision, Document, Passage, Study, User
from annotations.permissions import may_curate, role_in
from annotations.services.curation_plan import DocumentQueue, Entry, SeenTag, load_queues
from annotations.services.curation_rules import Kept, Ruling, checked_outcome, position_of
from annotations.services.curation_store import Settlement, hold_documents, store, undo
from annotations.services.revision import changes_study


@changes_study
def settle_item(
    *,
    by: User,
    document: Document,
    seen: Collection[SeenTag],
    replaces: Collection[uuid.UUID],
    ruling: Ruling,
) -> Decision:
    """Decide an item that the curator saw as these tags at these versions, under these decisions.

    The decisions that hold on it end, and their curated tags with them. An equal decision that is stored
    already is returned. Raises ``StaleItemError`` where the tags have changed or somebody has decided since,
    ``InvalidTagError``, ``DuplicateTagError`` and ``NotAllowedError``.
    """
    check_may_settle(by, document.study)
    hold_documents([document])
    (queue,) = load_queues([document])
    ruling = replace(ruling, remark=_tidy(ruling.remark))
    entry = _entry_as_seen(queue, seen)
    standing = list(Decision.objects.filter(pk__in=[d.pk for d in entry.decisions]).order_by("pk"))
    settled = list(Annotation.objects.active().filter(decision__in=standing))
    if {decision.public_id for decision in standing} != set(replaces):
        if entry.is_settled and _says(standing[0], settled, ruling):
            return standing[0]
        raise StaleItemError(_("This has been decided since you opened it."), next(reversed(standing), None))
    passage = document.passages.get(number=entry.passage)
    coded = list(Annotation.objects.filter(pk__in=entry.tags))
    outcome = checked_outcome(ruling, entry=entry, passage=passage, coded=coded, settled=settled)
    settlement = Settlement(
        passage_id=passage.pk,
        situation=entry.situation,
        outcome=outcome,
        reason=ruling.reason,
        remark=ruling.remark,
        decided={key: tag.version for key, tag in entry.tags.items()},
        tags=tuple(_curated_tag(by, document, passage, kept) for kept in ruling.kept),
    )
    return store(by=by, document=document, settlements=[settlement], replaced=standing)[0]


@changes_study
def undo_decision(*, by: User, decision: Decision) -> Decision:
    """End a decision, and bring back what it ended. One that has ended already is returned as it is.

    Raises ``DuplicateTagError`` where a tag that it ended has an equal one by now, and ``NotAllowedError``.
    """
    check_may_settle(by, decision.study)
    hold_documents([decision.document])
    current = Decision.objects.get(pk=decision.pk)
    if current.undone_at is None:
        undo([current], by=by)
    return current


def check_may_settle(by: User, study: Study) -> None:
    """Raises ``NotAllowedError`` unless ``by`` curates the study."""
    if not may_curate(role_in(by, study)):
        raise NotAllowedError(_("Only a curator or an owner of the study settles claims."))


def _entry_as_seen(queue: DocumentQueue, seen: Collection[SeenTag]) -> Entry:
    entry = queue.entry_of(seen)
    if entry is None:
        near = queue.nearest(tag.public_id for tag in seen)
        pks = [decision.pk for decision in near.decisions] if near else []
        decision = Decision.objects.filter(pk__in=pks).order_by("-pk").first()
        raise StaleItemError(_("The coders’ tags have changed since you opened this."), decision)
    return entry


def _tidy(remark: str) -> str:
    return unicodedata.normalize("NFC", remark).replace("\r\n", "\n").strip()


def _says(decision: Decision, settled: Sequence[Annotation], ruling: Ruling) -> bool:
    """Whether a stored decision is what is asked for."""
    stored = {position_of(tag) for tag in settled}
    asked = {kept.position for kept in ruling.kept}
    return (stored, decision.reason, decision.remark) == (asked, ruling.reason.value, ruling.remark)


def _curated_tag(by: User, document: Document, passage: Passage, kept: Kept) -> Annotation:
    return Annotation(
        study_id=document.study_id,
        document=document,
        passage=passage,
        coder=by,
        layer=Layer.CURATED.value,
        start=kept.start,
        end=kept.end,
        quote=passage.text[kept.start - passage.start : kept.end - passage.start],
        topic=kept.topic,
        stance=kept.stance,
        source=kept.source,
        reported_by=kept.reported_by,
        statement_version=kept.topic.statement_version,
        guidelines_version=document.study.guidelines_version,
    )
