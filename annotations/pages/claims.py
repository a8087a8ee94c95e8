"""Claims as the pages need them: which documents are settled, as far as a visitor may know."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from annotations.access import Visit
from annotations.models import Annotation, Completion, DecidedTag, Decision, Document
from annotations.permissions import sees_other_coders
from annotations.services.curation_plan import load_queues


def settled_documents(visit: Visit, documents: Sequence[Document]) -> frozenset[str]:
    """The slugs of the documents that are finished in the curated layer: a coder finished them, and no claim
    of theirs is open. A number of queries that does not depend on how many tags there are.

    Where coding is blind, a coder who has not finished a document learns nothing of it. Readers and the
    public are told: it is what a silent topic rests on, and it names nobody.
    """
    known = [
        document
        for document in documents
        if not visit.may_code or sees_other_coders(visit.user, visit.study, visit.role, document)
    ]
    queues = load_queues(candidates) if (candidates := _without_undecided_tags(known)) else []
    return frozenset(queue.document.slug for queue in queues if queue.finished and queue.is_settled)


def _without_undecided_tags(documents: Sequence[Document]) -> list[Document]:
    """Those that somebody finished, and where a decision that holds is about every tag that counts: in all
    others a claim is open, and no tag of theirs needs to be read to know it. One query."""
    finished = Completion.objects.filter(reopened_at__isnull=True)
    decided = DecidedTag.objects.filter(
        annotation=OuterRef("pk"), decision__in=Decision.objects.active().order_by().values("pk")
    )
    undecided = (
        Annotation.objects.active()
        .coded()
        .filter(Exists(finished.filter(document=OuterRef("document"), coder=OuterRef("coder"))))
        .exclude(Exists(decided))
        .filter(document=OuterRef("pk"))
    )
    rows = Document.objects.filter(
        Exists(finished.filter(document=OuterRef("pk"))), pk__in=[document.pk for document in documents]
    )
    found = set(rows.exclude(Exists(undecided)).values_list("pk", flat=True))
    return [document for document in documents if document.pk in found]
