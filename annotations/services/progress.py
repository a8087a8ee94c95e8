"""What a coder has had before them, and where they found nothing to tag.

Each function is atomic and sets a state: sent twice, it changes nothing the second time. A finished
document's progress stays as it was when it was finished.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.compiled import planned_once
from annotations.errors import NothingHereError
from annotations.models import Annotation, Document, Passage, PassageVisit, User
from annotations.services.revision import changes_study, count_change
from annotations.services.turns import check_unfinished, hold, is_finished_by

#: ``bulk_create(update_conflicts=True)`` in words that need not be made for each save.
VISITED = """
INSERT INTO annotations_passagevisit (passage_id, document_id, coder_id, visited_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (passage_id, coder_id) DO UPDATE SET nothing_here_at = NULL
"""


@transaction.atomic
def visit_passages(*, by: User, document: Document, numbers: Iterable[int]) -> None:
    """Remember that ``by`` had these passages of a document before them.

    Numbers that the document does not have are left aside, and so is all of it once ``by`` has finished
    the document: what they look at then is no coding.
    """
    if is_finished_by(by, document.pk):
        return
    seen = document.passages.filter(number__in=set(numbers)).exclude(visits__coder=by)
    visits = [
        PassageVisit(passage_id=pk, document=document, coder=by)
        for pk in seen.order_by("number").values_list("pk", flat=True)
    ]
    PassageVisit.objects.bulk_create(visits, ignore_conflicts=True)
    if visits:
        count_change(document.study_id)


@changes_study
def mark_nothing_here(*, by: User, passage: Passage) -> None:
    """Say that ``by`` found nothing to tag in a passage.

    Raises ``DocumentFinishedError``, and ``NothingHereError`` where ``by`` has a tag in it.
    """
    hold(by)
    check_unfinished(by, passage.document_id)
    if Annotation.objects.active().coded().filter(passage=passage, coder=by).exists():
        raise NothingHereError(_("You have tagged this passage: withdraw your tags in it first."))
    visit, is_new = PassageVisit.objects.get_or_create(
        passage=passage,
        coder=by,
        defaults={"document_id": passage.document_id, "nothing_here_at": timezone.now()},
    )
    if not is_new and visit.nothing_here_at is None:
        visit.nothing_here_at = timezone.now()
        visit.save(update_fields=["nothing_here_at"])


@changes_study
def unmark_nothing_here(*, by: User, passage: Passage) -> None:
    """Take back that there is nothing to tag in a passage. Raises ``DocumentFinishedError``."""
    hold(by)
    check_unfinished(by, passage.document_id)
    PassageVisit.objects.filter(passage=passage, coder=by).update(nothing_here_at=None)


def clear_nothing_here(*, by: User, passage: Passage) -> None:
    """Part of making or restoring a tag: its passage has been visited, and there is something in it.

    Runs inside the transaction of the act, which holds ``by`` already; one statement.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with planned_once(connection), connection.cursor() as cursor:
        cursor.execute(VISITED, [passage.pk, passage.document_id, by.pk, now])
