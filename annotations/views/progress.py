"""What a coder tells of their progress: passages they had before them, and passages with nothing to tag."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations.access import SummitRequest, get_document_or_404, get_passage_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.errors import DocumentFinishedError, NothingHereError, SummitError
from annotations.pages.passages import Place, load_passage
from annotations.pages.progress import progress_of
from annotations.pages.tagging import new_form, panel_context
from annotations.pages.workbench import Workbench, page_address, page_context
from annotations.services.progress import mark_nothing_here, unmark_nothing_here, visit_passages
from annotations.views.answers import PAGE, Toast, bench_of

#: How many passages one request may report.
AT_ONCE = 500
PROGRESS = "annotations/partials/_progress.html"
SAID = "annotations/partials/_nothing_said.html"


@require_POST
def document_visits(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Remember the passages (``passage``, at most 500) that the coder has had before them."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    text = get_document_or_404(visit, document)
    numbers = request.POST.getlist("passage")
    if len(numbers) > AT_ONCE or not all(number.isdecimal() and len(number) < 10 for number in numbers):
        raise BadRequest("passage: at most 500 numbers.")
    visit_passages(by=visit.member, document=text, numbers=[int(number) for number in numbers])
    if not request.htmx:
        return redirect("document-code", study=study, document=document)
    return render(request, PROGRESS, {"visit": visit, "progress": progress_of(visit, text)})


@require_POST
def passage_nothing(request: SummitRequest, study: str, document: str, number: int) -> HttpResponse:
    """Say that a passage holds nothing to tag (``value=on``), or take that back (``value=off``)."""
    bench = bench_of(request, study, document)
    passage = get_passage_or_404(bench.document, number)
    value = request.POST.get("value")
    try:
        if value == "on":
            mark_nothing_here(by=bench.visit.member, passage=passage)
            said = _("¶ %(number)s: nothing here.")
        elif value == "off":
            unmark_nothing_here(by=bench.visit.member, passage=passage)
            said = _("¶ %(number)s: open again.")
        else:
            raise BadRequest("value: on or off.")
    except (DocumentFinishedError, NothingHereError) as refusal:
        return _refused(request, bench, number, refusal)
    return _said(request, bench, number, said % {"number": number})


def _said(request: SummitRequest, bench: Workbench, number: int, said: str) -> HttpResponse:
    if request.htmx:
        return _fragment(request, bench, number, said)
    messages.success(request, said)
    return redirect(f"{page_address(bench, Place(around=number))}#p{number}")


def _refused(request: SummitRequest, bench: Workbench, number: int, refusal: SummitError) -> HttpResponse:
    """409 where a lock is in the way, 422 where a tag is."""
    status = 409 if isinstance(refusal, DocumentFinishedError) else 422
    if request.htmx:
        return _fragment(request, bench, number, str(refusal), status=status)
    context = panel_context(bench, new_form(bench, number, in_hand=False)) | {"refusal": refusal}
    return render(request, PAGE, context | page_context(bench, Place(around=number)), status=status)


def _fragment(
    request: SummitRequest, bench: Workbench, number: int, said: str, *, status: int = 200
) -> HttpResponse:
    context = {
        "visit": bench.visit,
        "bench": bench,
        "shown": bench.shown,
        "shown_passage": load_passage(bench.visit, bench.document, number, bench.shown),
        "progress": progress_of(bench.visit, bench.document),
        "toast": Toast(said),
    }
    return render(request, SAID, context, status=status)
