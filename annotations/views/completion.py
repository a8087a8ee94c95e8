"""Finishing a document, and reopening it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations.access import get_document_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.pages.progress import open_passages, progress_of
from annotations.services.coding import finish_document, reopen_document
from annotations.services.turns import is_finished_by

CONFIRM = "annotations/document_finish.html"
#: How many of the open passages the question before finishing shows.
OPEN_SHOWN = 10


@require_POST
def document_finish(request: HttpRequest, study: str, document: str) -> HttpResponse:
    """Lock the coder's tags: topics without tags are silent from now on, and the tags count for all.

    Where passages are neither tagged nor marked "nothing here", the answer is 422 and asks first; it is
    done where the person says so (``anyway``).
    """
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    text = get_document_or_404(visit, document)
    if "anyway" not in request.POST and not is_finished_by(visit.member, text.pk):
        progress = progress_of(visit, text)
        if progress.open:
            first = list(open_passages(visit.member, text)[:OPEN_SHOWN])
            context = {"visit": visit, "page": "code", "document": text, "progress": progress}
            context |= {"open_passages": first, "more": progress.open - len(first)}
            return render(request, CONFIRM, context, status=422)
    finish_document(by=visit.member, document=text)
    messages.success(request, _("Finished: your tags on this document are locked, and count for all."))
    return redirect("document-code", study=study, document=document)


@require_POST
def document_reopen(request: HttpRequest, study: str, document: str) -> HttpResponse:
    """Unlock the coder's tags; changes from now on are marked."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    text = get_document_or_404(visit, document)
    reopen_document(by=visit.member, document=text)
    messages.success(
        request, _("Reopened. Tags you change from now on are marked as changed after reopening.")
    )
    return redirect("document-code", study=study, document=document)
