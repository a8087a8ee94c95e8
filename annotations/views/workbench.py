"""The workbench: one document, read like a page and tagged in place."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from annotations.access import SummitRequest, get_document_or_404, get_own_tag_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.pages.tagging import FormShown, edit_form, new_form, panel_context
from annotations.pages.workbench import Workbench, load_passages, load_workbench

PAGE = "annotations/document_code.html"
PANEL = "annotations/partials/_panel.html"


@require_safe
def study_code(request: SummitRequest, study: str) -> HttpResponse:
    """Leads to the first document that the coder has not finished."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    documents = visit.study.documents.without_text().order_by("position")
    finished = documents.filter(completions__coder=visit.member, completions__reopened_at__isnull=True)
    document = documents.exclude(pk__in=finished.values("pk")).first() or documents.first()
    if document is None:
        raise Http404("The study has no documents.")
    return redirect("document-code", study=study, document=document.slug)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def document_code(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """The whole page; as a fragment, the panel for one passage (``passage``) or one tag (``edit``)."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    text = get_document_or_404(visit, document)
    bench = load_workbench(visit, text, request.GET.get("shown", "mine"))
    form = _asked_form(request, bench)
    context = panel_context(bench, form)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, PANEL, context)
    return render(request, PAGE, context | {"passages": load_passages(bench)})


def _asked_form(request: SummitRequest, bench: Workbench) -> FormShown:
    edit = request.GET.get("edit", "")
    if edit:
        return edit_form(bench, get_own_tag_or_404(bench.visit, bench.document, _public_id(edit)))
    number = request.GET.get("passage", "")
    asked = int(number) if number.isdecimal() and len(number) < 10 else None
    return new_form(bench, asked, in_hand=request.GET.get("hand") != "empty")


def _public_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404("No such tag.") from error
