"""Accepting all that the coders agree on at once: counted first, done in one transaction, undone in one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.comparison.values import Tag
from annotations.enums import Layer, Outcome, Reason, Situation
from annotations.errors import StaleItemError
from annotations.models import Annotation, Decision, Document, Study, User
from annotations.services.curation import check_may_settle
from annotations.services.curation_plan import DocumentQueue, Entry, Status, load_queues, proposed
from annotations.services.curation_store import Settlement, hold_documents, store, undo
from annotations.services.revision import changes_study

#: What may exist once in the curated layer: document, start, end, topic, source and messenger, by slug.
TagPlace = tuple[str, int, int, str, str, str | None]
#: In place of a stance: a decision's own tag, which no other decision takes over.
DECIDED = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """One item to accept: the tag of each of its claims whose words speak for it."""

    entry: Entry
    tags: tuple[Tag, ...]

    @property
    def is_of_the_same_words(self) -> bool:
        """Whether the coders chose the same words, too."""
        claims = self.entry.item.claims if self.entry.item else ()
        return all(len({(tag.start, tag.end) for tag in claim.tags}) == 1 for claim in claims)


@dataclass(frozen=True, slots=True)
class UnanimousPlan:
    """What "accept all unanimous" will do on some documents.

    ``changed``: unanimous items that were decided before their tags changed; they are left to be looked at.
    ``in_the_way``: items left open because another curated tag has their words, topic and sources.
    """

    agreed: tuple[tuple[DocumentQueue, tuple[Agreed, ...]], ...]
    changed: int
    in_the_way: int

    @property
    def count(self) -> int:
        return sum(len(items) for _queue, items in self.agreed)

    @property
    def of_the_same_words(self) -> int:
        return sum(item.is_of_the_same_words for _queue, items in self.agreed for item in items)

    @property
    def fingerprint(self) -> str:
        """Tells whether what is accepted is what was counted: the same tags at the same versions."""
        seen = sorted(
            f"{tag.public_id}:{tag.version}"
            for _queue, items in self.agreed
            for item in items
            for tag in item.entry.tags.values()
        )
        return hashlib.sha256(" ".join(seen).encode()).hexdigest()


def plan_unanimous(queues: Sequence[DocumentQueue]) -> UnanimousPlan:
    """All open items that every coder who counts found alike, words aside; one query more than the queues."""
    taken = _taken([queue.document for queue in queues])
    agreed, changed, in_the_way = [], 0, 0
    for queue in queues:
        items = []
        for entry in queue.entries:
            if entry.item is None or entry.situation is not Situation.UNANIMOUS or entry.is_settled:
                continue
            tags = tuple(proposed(claim) for claim in entry.item.claims)
            if entry.status is Status.CHANGED:
                changed += 1
            elif _claim_places(tags, taken):
                items.append(Agreed(entry, tags))
            else:
                in_the_way += 1
        agreed.append((queue, tuple(items)))
    return UnanimousPlan(tuple(agreed), changed, in_the_way)


def _claim_places(tags: Sequence[Tag], taken: dict[TagPlace, str]) -> bool:
    """Whether the tags' places are free; if so, they are taken from now on."""
    places = [(tag.document, tag.start, tag.end, tag.topic, tag.source, tag.reported_by) for tag in tags]
    are_free = len(set(places)) == len(places) and all(
        taken.get(place, tag.stance) == tag.stance for place, tag in zip(places, tags, strict=True)
    )
    if are_free:
        taken.update(dict.fromkeys(places, DECIDED))
    return are_free


@changes_study
def accept_unanimous(*, by: User, documents: Iterable[Document], fingerprint: str, batch: uuid.UUID) -> int:
    """Accept what ``plan_unanimous`` counted; returns how many items. ``batch`` undoes them at once.

    A repeated ``batch`` answers with what its first use did. Raises ``StaleItemError`` where what would be
    accepted is not what was counted, and ``NotAllowedError``.
    """
    wanted = list(documents)
    for study in {document.study for document in wanted}:
        check_may_settle(by, study)
    hold_documents(wanted)
    done = Decision.objects.filter(batch=batch).count()
    if done:
        return done
    plan = plan_unanimous(load_queues(wanted))
    if plan.fingerprint != fingerprint:
        raise StaleItemError(_("What the coders agree on has changed since it was counted."))
    now = timezone.now()
    for queue, items in plan.agreed:
        settlements = _settlements(by, queue.document, items)
        store(by=by, document=queue.document, settlements=settlements, batch=batch, now=now)
    return plan.count


@changes_study
def undo_batch(*, by: User, study: Study, batch: uuid.UUID) -> int:
    """End the decisions of a batch that still hold; returns how many. Those decided anew since stay."""
    check_may_settle(by, study)
    hold_documents(study.documents.filter(decisions__batch=batch).without_text().distinct())
    decisions = list(Decision.objects.active().filter(study=study, batch=batch).order_by("pk"))
    undo(decisions, by=by)
    return len(decisions)


def _taken(documents: Sequence[Document]) -> dict[TagPlace, str]:
    """By what may exist once: the stance of an imported curated tag, or ``DECIDED`` of a decision's own."""
    rows = (
        Annotation.objects.active()
        .filter(layer=Layer.CURATED.value, document__in=documents)
        .order_by()
        .values_list(
            "document__slug", "start", "end", "topic__slug", "source__slug", "reported_by__slug",
            "stance__slug", "decision",
        )
    )  # fmt: skip
    return {row[:6]: DECIDED if row[7] else row[6] for row in rows}


def _settlements(by: User, document: Document, items: Sequence[Agreed]) -> list[Settlement]:
    coded = Annotation.objects.in_bulk([tag.key for item in items for tag in item.tags])
    topics = {topic.pk: topic.statement_version for topic in document.study.topics.all()}
    return [
        Settlement(
            passage_id=coded[item.tags[0].key].passage_id,
            situation=Situation.UNANIMOUS,
            outcome=Outcome.ACCEPTED,
            reason=Reason.NONE,
            remark="",
            decided={key: tag.version for key, tag in item.entry.tags.items()},
            tags=tuple(_curated_copy(by, document, coded[tag.key], topics) for tag in item.tags),
        )
        for item in items
    ]


def _curated_copy(by: User, document: Document, tag: Annotation, topics: dict[int, int]) -> Annotation:
    return Annotation(
        study_id=tag.study_id,
        document_id=tag.document_id,
        passage_id=tag.passage_id,
        coder=by,
        layer=Layer.CURATED.value,
        start=tag.start,
        end=tag.end,
        quote=tag.quote,
        topic_id=tag.topic_id,
        stance_id=tag.stance_id,
        source_id=tag.source_id,
        reported_by_id=tag.reported_by_id,
        statement_version=topics[tag.topic_id],
        guidelines_version=document.study.guidelines_version,
    )
