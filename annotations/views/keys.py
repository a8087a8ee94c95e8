"""A person's own keys for the workbench, and where its jumps lead."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from annotations.access import LoginRequired, SummitRequest, get_document_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.errors import KeysError
from annotations.models import User
from annotations.pages.jumps import next_tagged, next_untagged, previous_tagged
from annotations.pages.keys import load_keys
from annotations.pages.shown import shown_from
from annotations.permissions import sees_other_coders
from annotations.services.keys import DEFAULT_KEYS, change_keys, reset_keys

PAGE = "annotations/keys.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """The acts of the workbench with their keys, to be changed; a POST with ``default`` resets them all."""
    if not isinstance(request.user, User):
        raise LoginRequired
    if request.method != "POST":
        return render(request, PAGE, {"keys": load_keys(request.user)})
    if "default" in request.POST:
        reset_keys(by=request.user)
        messages.success(request, _("The keys are those that everybody has."))
        return redirect("keys")
    typed = {act: request.POST[act] for act in DEFAULT_KEYS if act in request.POST}
    try:
        change_keys(by=request.user, keys=typed)
    except KeysError as error:
        shown = load_keys(request.user, typed, error.messages)
        return render(request, PAGE, {"keys": shown, "refused": True}, status=422)
    messages.success(request, _("Your keys are saved."))
    return redirect("keys")


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def document_next(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Where a jump leads from a passage: ``want`` is ``untagged``, ``tagged`` or ``tagged-before``.

    The workbench's script gets the passage's number, or null where there is none; everybody else is
    led there.
    """
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    text = get_document_or_404(visit, document)
    may_see_all = sees_other_coders(visit.user, visit.study, visit.role, text)
    shown = shown_from(request.GET.get("shown", "mine"), may_see_all=may_see_all)
    place = _number(request.GET.get("from", ""))
    want = request.GET.get("want", "untagged")
    if want == "untagged":
        number = next_untagged(visit, text, place)
    elif want == "tagged":
        number = next_tagged(visit, text, place, shown)
    elif want == "tagged-before":
        number = previous_tagged(visit, text, place, shown)
    else:
        raise BadRequest("want: no such choice.")
    if request.htmx:
        return JsonResponse({"passage": number})
    address = f"{reverse('document-code', args=[study, document])}?shown={shown}"
    if number is None:
        messages.info(request, _("There is no such passage."))
        return redirect(address)
    return redirect(f"{address}&at={number}&passage={number}&hand=empty#p{number}")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
