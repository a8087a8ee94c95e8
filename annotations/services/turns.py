"""What every act of a coder on a document begins with: their turn, and a document that is open to them."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotations.compiled import compiled
from annotations.errors import DocumentFinishedError
from annotations.models import Completion, User


def hold(by: User) -> None:
    """One coder's acts wait for each other: two requests of a double click see one another's tag, and
    none slips in while the document is being finished. Coders never wait for other coders.

    SQLite has one writer at a time: a transaction that writes holds the whole database from its start.
    """
    if connection.features.has_select_for_update:
        _locked(by.pk)


@compiled(int)
def _locked(user: int) -> QuerySet[User]:
    return User.objects.filter(pk=user).only("pk").select_for_update(no_key=True)


def is_finished_by(by: User, document_id: int) -> bool:
    """Whether the person has finished the document, and not reopened it since."""
    return Completion.objects.filter(document=document_id, coder=by, reopened_at__isnull=True).exists()


def check_unfinished(by: User, document_id: int) -> bool:
    """Whether the document has ever been reopened: what changes in it then is marked. Raises
    ``DocumentFinishedError`` where the person's tags on it are locked."""
    for given in _completion(document_id, by.pk):
        if given.reopened_at is None:
            raise DocumentFinishedError(
                _("You have finished this document, which locks your tags. Reopen it to change them.")
            )
        return given.was_reopened
    return False


@compiled(int, int)
def _completion(document: int, coder: int) -> QuerySet[Completion]:
    return Completion.objects.filter(document=document, coder=coder)
