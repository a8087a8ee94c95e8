"""Claims as the pages need them: which documents are settled, as far as a visitor may know."""

from __future__ import annotations

from collections.abc import Sequence

from annotations.access import Visit
from annotations.models import Document
from annotations.permissions import sees_other_coders
from annotations.services.curation_plan import load_queues


def settled_documents(visit: Visit, documents: Sequence[Document]) -> frozenset[str]:
    """The slugs of the documents that are finished in the curated layer: a coder finished them, and no claim
    of theirs is open. A fixed number of queries.

    Where coding is blind, a coder who has not finished a document learns nothing of it. Readers and the
    public are told: it is what a silent topic rests on, and it names nobody.
    """
    known = [
        document
        for document in documents
        if not visit.may_code or sees_other_coders(visit.user, visit.study, visit.role, document)
    ]
    queues = load_queues(known) if known else []
    return frozenset(queue.document.slug for queue in queues if queue.finished and queue.is_settled)
