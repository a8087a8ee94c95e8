"""What every act of a coder on a document begins with: their turn, and a document that is open to them."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

from annotations.errors import DocumentFinishedError
from annotations.models import Completion, User


def hold(by: User) -> None:
    """One coder's acts wait for each other: two requests of a double click see one another's tag, and
    none slips in while the document is being finished. Coders never wait for other coders.

    SQLite has one writer at a time: a transaction that writes holds the whole database from its start.
    """
    if connection.features.has_select_for_update:
        User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)


def is_finished_by(by: User, document_id: int) -> bool:
    """Whether the person has finished the document, and not reopened it since."""
    return Completion.objects.filter(document=document_id, coder=by, reopened_at__isnull=True).exists()


def check_unfinished(by: User, document_id: int) -> bool:
    """Whether the document has ever been reopened: what changes in it then is marked. Raises
    ``DocumentFinishedError`` where the person's tags on it are locked."""
    given = Completion.objects.filter(document=document_id, coder=by)
    for reopened_at, was_reopened in given.values_list("reopened_at", "was_reopened"):
        if reopened_at is None:
            raise DocumentFinishedError(
                _("You have finished this document, which locks your tags. Reopen it to change them.")
            )
        return was_reopened
    return False
