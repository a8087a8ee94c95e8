"""Accepting all that the coders agree on at once: a count first, and an undo after."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotations.access import SummitRequest, Visit, get_document_or_404, get_visit_or_404
from annotations.curation_forms import AcceptForm
from annotations.enums import Role
from annotations.errors import StaleItemError
from annotations.models import Document
from annotations.pages.curation_batch import load_agreement
from annotations.services.curation_batch import accept_unanimous, undo_batch

PAGE = "annotations/curate_unanimous.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def curate_unanimous(request: SummitRequest, study: str) -> HttpResponse:
    """How many items would be accepted, of one document or of all; a POST accepts just these."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    slug = request.GET.get("document", "")
    documents = _documents(visit, slug)
    if request.method != "POST":
        return _count(request, visit, documents, slug)
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _count(request, visit, documents, slug, status=422)
    batch = form.cleaned_data["batch"]
    try:
        fingerprint = form.cleaned_data["fingerprint"]
        accept_unanimous(by=visit.member, documents=documents, fingerprint=fingerprint, batch=batch)
    except StaleItemError as error:
        return _count(request, visit, documents, slug, status=409, error=str(error))
    query = {"document": slug} if slug else {}
    return redirect(f"{reverse('curate', args=[study])}?{urlencode(query | {'batch': str(batch)})}")


@require_POST
@never_cache
def batch_undo(request: SummitRequest, study: str, batch: uuid.UUID) -> HttpResponse:
    """End the decisions of a batch that still hold."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    query = urlencode({"document": request.GET["document"]}) if request.GET.get("document") else ""
    count = undo_batch(by=visit.member, study=visit.study, batch=batch)
    said = ngettext("%(n)s decision is undone.", "%(n)s decisions are undone.", count) % {"n": count}
    messages.success(request, said)
    return redirect(f"{reverse('curate', args=[study])}?{query}".rstrip("?"))


def _documents(visit: Visit, slug: str) -> list[Document]:
    if slug:
        return [get_document_or_404(visit, slug)]
    return list(visit.study.documents.without_text().order_by("position"))


def _count(
    request: SummitRequest,
    visit: Visit,
    documents: list[Document],
    slug: str,
    *,
    status: int = 200,
    error: str = "",
) -> HttpResponse:
    context = {
        "visit": visit,
        "page": "curate",
        "agreement": load_agreement(visit, documents),
        "slug": slug,
        "batch": uuid.uuid4(),
        "error": error,
    }
    return render(request, PAGE, context, status=status)
