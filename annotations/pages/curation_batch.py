"""What "accept all unanimous" would do, for a curator to see first; and what was accepted so before."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from annotations.access import Visit
from annotations.models import Annotation, Decision, Document
from annotations.services.curation_batch import UnanimousPlan, plan_unanimous
from annotations.services.curation_plan import load_queues

#: How many of the items are listed, and how many earlier batches.
LISTED, BATCHES = 100, 10


@dataclass(frozen=True, slots=True)
class AgreedShown:
    """One item that would be accepted: the curated tags it would become, one for each of its claims."""

    document: Document
    tags: tuple[Annotation, ...]
    is_of_the_same_words: bool


@dataclass(frozen=True, slots=True)
class BatchDone:
    """What was accepted at once before, and still holds."""

    batch: uuid.UUID
    count: int
    at: datetime
    curator: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The count, the items (the first of them), and the batches that can be undone, newest first."""

    plan: UnanimousPlan
    documents: tuple[tuple[Document, int], ...]
    listed: tuple[AgreedShown, ...]
    more: int
    of_other_words: int
    only_coders: tuple[Document, ...]
    batches: tuple[BatchDone, ...]


def load_agreement(visit: Visit, documents: Sequence[Document]) -> Agreement:
    """The page in a fixed number of queries."""
    queues = load_queues(documents)
    plan = plan_unanimous(queues)
    items = [(queue.document, agreed) for queue, found in plan.agreed for agreed in found]
    keys = [tag.key for _document, agreed in items[:LISTED] for tag in agreed.tags]
    tags = Annotation.objects.shown().in_bulk(keys)
    return Agreement(
        plan=plan,
        documents=tuple((queue.document, len(found)) for queue, found in plan.agreed),
        listed=tuple(
            AgreedShown(document, tuple(tags[tag.key] for tag in agreed.tags), agreed.is_of_the_same_words)
            for document, agreed in items[:LISTED]
        ),
        more=max(0, len(items) - LISTED),
        of_other_words=plan.count - plan.of_the_same_words,
        only_coders=tuple(queue.document for queue in queues if len(queue.coders) == 1),
        batches=_batches(visit),
    )


def _batches(visit: Visit) -> tuple[BatchDone, ...]:
    rows = (
        Decision.objects.active()
        .filter(study=visit.study, batch__isnull=False)
        .order_by()
        .values_list("batch", "curator__username")
        .annotate(count=Count("pk"), at=Max("created_at"))
        .order_by("-at")[:BATCHES]
    )
    return tuple(BatchDone(batch, count, at, curator) for batch, curator, count, at in rows)
