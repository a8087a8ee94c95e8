"""Settling claims in tests, by the services."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from annotations.enums import Layer, Reason
from annotations.models import Annotation, Decision, Study, User
from annotations.services.coding import finish_document
from annotations.services.curation import settle_item
from annotations.services.curation_batch import accept_unanimous, plan_unanimous
from annotations.services.curation_plan import DocumentQueue, Entry, load_queues
from annotations.services.curation_rules import Kept, Ruling


def queue_of(study: Study, slug: str = "east") -> DocumentQueue:
    """A document's queue as it is stored now."""
    return load_queues([study.documents.get(slug=slug)])[0]


def entry_with(annotation: Annotation) -> Entry:
    """The entry of the queue that holds this tag."""
    return queue_of(annotation.study, annotation.document.slug).by_tag[annotation.public_id]


def kept_of(annotation: Annotation, **changes: Any) -> Kept:
    """What a tag says, for the curated layer; ``changes`` by name, entries by slug."""
    study = annotation.study
    stance, messenger = changes.pop("stance", None), changes.pop("reported_by", "as it is")
    says = {
        "start": annotation.start,
        "end": annotation.end,
        "topic": annotation.topic,
        "source": annotation.source,
        "stance": study.stances.get(slug=stance) if stance else annotation.stance,
        "reported_by": annotation.reported_by,
    }
    if messenger != "as it is":
        says["reported_by"] = study.sources.get(slug=messenger) if messenger else None
    return Kept(**says | changes)


def settle(
    by: User,
    about: Annotation | Entry,
    *kept: Kept,
    reason: Reason = Reason.JUDGEMENT,
    remark: str = "",
    replaces: Iterable[uuid.UUID] | None = None,
) -> Decision:
    """Decide the entry of a tag as it stands now; no ``kept`` is "nothing here"."""
    entry = entry_with(about) if isinstance(about, Annotation) else about
    document = Annotation.objects.get(pk=next(iter(entry.tags))).document
    return settle_item(
        by=by,
        document=document,
        seen=entry.seen,
        replaces=[d.public_id for d in entry.decisions] if replaces is None else list(replaces),
        ruling=Ruling(kept, reason, remark),
    )


def accept_all(by: User, study: Study, batch: uuid.UUID | None = None) -> int:
    """Accept all that is unanimous in a study."""
    documents = list(study.documents.order_by("position"))
    plan = plan_unanimous(load_queues(documents))
    return accept_unanimous(
        by=by, documents=documents, fingerprint=plan.fingerprint, batch=batch or uuid.uuid4()
    )


def curated(study: Study) -> list[tuple[Any, ...]]:
    """The curated layer: document, quote, topic, stance, source, messenger, curator."""
    tags = Annotation.objects.active().filter(study=study, layer=Layer.CURATED.value).shown()
    return [
        (
            tag.document.slug,
            tag.quote,
            tag.topic.slug,
            tag.stance.slug,
            tag.source.slug,
            tag.reported_by.slug if tag.reported_by else None,
            tag.coder.username,
        )
        for tag in tags.in_text_order()
    ]


def finish(study: Study, *coders: User, slugs: Iterable[str] = ("east", "west")) -> None:
    for slug in slugs:
        for coder in coders:
            finish_document(by=coder, document=study.documents.get(slug=slug))
