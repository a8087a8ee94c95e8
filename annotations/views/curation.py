"""The curator's queue, and deciding about one item of it. Fragments for htmx, pages for everybody else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from annotations.access import (
    SummitRequest,
    Visit,
    get_decision_or_404,
    get_document_or_404,
    get_visit_or_404,
)
from annotations.codebook import Codebook
from annotations.curation_forms import ItemForm, decision_ids, seen_tags
from annotations.enums import Outcome, Role
from annotations.errors import DuplicateTagError, InvalidTagError, StaleItemError
from annotations.models import Decision, Document
from annotations.pages.curation import Curation, load_curation
from annotations.pages.curation_asked import Asked
from annotations.services.curation import settle_item, undo_decision

PAGE = "annotations/curate.html"
FRAGMENT = "annotations/partials/_claim_answer.html"


@dataclass(frozen=True, slots=True)
class Said:
    """What was done, and the address that undoes it, in the page's place or (``leads_on``) as a new page."""

    text: str
    undo: str = ""
    leads_on: bool = False


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def curate(request: SummitRequest, study: str) -> HttpResponse:
    """A document's queue with one item in focus; every filter is in the address."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    curation = load_curation(visit, Asked.of(study, request.GET))
    return _answer(request, curation, said=_said_before(request, curation))


@require_POST
@never_cache
def item_settle(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Decide about an item, if it is still what the curator saw; leads to the next one."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    text = get_document_or_404(visit, document)
    asked = replace(Asked.of(study, request.GET), document=text.slug)
    form = _item_form(request, visit, text)
    if not form.is_valid():
        return _refused(request, visit, asked, form, status=422)
    try:
        decision = settle_item(
            by=visit.member,
            document=text,
            seen=form.cleaned_data["seen"],
            replaces=form.cleaned_data["replaces"],
            ruling=form.ruling(),
        )
    except StaleItemError as error:
        return _refused(request, visit, asked, form, status=409, extra={"stale": error})
    except DuplicateTagError as error:
        return _refused(request, visit, asked, form, status=409, extra={"duplicate": error})
    except InvalidTagError as error:
        form.refuse(error)
        return _refused(request, visit, asked, form, status=422)
    return _settled(request, visit, asked, decision)


@require_POST
@never_cache
def decision_undo(request: SummitRequest, study: str, document: str, decision: uuid.UUID) -> HttpResponse:
    """End a decision; what it had ended holds again. Leads back to its item."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    text = get_document_or_404(visit, document)
    stored = get_decision_or_404(visit, text, decision)
    asked = replace(Asked.of(study, request.GET), document=text.slug).without_item()
    about = list(stored.decided_tags.order_by("pk").values_list("annotation__public_id", flat=True))
    was_over = stored.undone_at is not None
    try:
        undo_decision(by=visit.member, decision=stored)
    except DuplicateTagError as error:
        curation = load_curation(visit, asked, about=about)
        return _answer(request, curation, status=409, extra={"duplicate": error})
    said = _("This decision had ended already.") if was_over else _("The decision is undone.")
    curation = load_curation(visit, asked, about=about)
    if request.htmx:
        return _answer(request, curation, said=Said(said))
    messages.success(request, said)
    return redirect(curation.address)


def _item_form(request: SummitRequest, visit: Visit, document: Document) -> ItemForm:
    """The form with the tags that it may keep as they are: those it was about, and what settled them."""
    seen = [tag.public_id for tag in seen_tags(request.POST.get("seen", ""))]
    decisions = decision_ids(request.POST.get("replaces", ""))
    tags = visit.annotations().filter(document=document)
    about = tags.filter(Q(public_id__in=seen) | Q(decision__public_id__in=decisions))
    rows = list(about.select_related("passage", "topic", "stance", "source", "reported_by").order_by("pk"))
    return ItemForm(
        request.POST,
        codebook=Codebook.of(visit.study),
        passage=rows[0].passage if rows else None,
        tags={str(tag.public_id): tag for tag in rows},
    )


def _settled(request: SummitRequest, visit: Visit, asked: Asked, decision: Decision) -> HttpResponse:
    """It is stored: on to the next item, with the way back in the message."""
    done = set(decision.decided_tags.values_list("annotation_id", flat=True))
    curation = load_curation(visit, asked.without_item(), after=done)
    if request.htmx:
        return _answer(request, curation, said=_said_of(decision, curation))
    return redirect(f"{curation.address}&{urlencode({'decided': str(decision.public_id)})}")


def _refused(
    request: SummitRequest,
    visit: Visit,
    asked: Asked,
    form: ItemForm,
    *,
    status: int,
    extra: dict[str, object] | None = None,
) -> HttpResponse:
    """The item as it stands now, with what the curator chose still in the form."""
    about = [tag.public_id for tag in seen_tags(form.data.get("seen", ""))]
    curation = load_curation(visit, asked.without_item(), sent=form, about=about)
    return _answer(request, curation, status=status, extra={"refused": form} | (extra or {}))


def _answer(
    request: SummitRequest,
    curation: Curation,
    *,
    status: int = 200,
    said: Said | None = None,
    extra: dict[str, object] | None = None,
) -> HttpResponse:
    context = {"visit": curation.visit, "page": "curate", "curation": curation, "said": said} | (extra or {})
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, PAGE, context, status=status)
    response = render(request, FRAGMENT, context, status=status)
    if request.method == "POST" and status == 200:
        response["HX-Push-Url"] = curation.address
    return response


def _said_of(decision: Decision, curation: Curation) -> Said:
    words = {
        Outcome.ACCEPTED.value: _("Accepted."),
        Outcome.CHANGED.value: _("Accepted with changes."),
        Outcome.NOTHING.value: _("Settled: nothing here."),
    }
    names = [curation.visit.study.slug, decision.document.slug, decision.public_id]
    return Said(words[decision.outcome], f"{reverse('decision-undo', args=names)}?{curation.query}")


def _said_before(request: SummitRequest, curation: Curation) -> Said | None:
    """After a redirect: what was done, while it can be undone."""
    study = curation.visit.study
    active = Decision.objects.active().filter(study=study)
    for public_id in decision_ids(request.GET.get("decided", "")):
        decision = (
            active.filter(public_id=public_id).select_related("document").defer("document__text").first()
        )
        return _said_of(decision, curation) if decision else None
    for batch in decision_ids(request.GET.get("batch", "")):
        count = active.filter(batch=batch).count()
        text = ngettext("%(n)s item accepted.", "%(n)s items accepted.", count) % {"n": count}
        address = f"{reverse('batch-undo', args=[study.slug, batch])}?{curation.query}"
        return Said(text, address, leads_on=True) if count else None
    return None
