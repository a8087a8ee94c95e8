"""The page on which coders look again at what they tagged under older words."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from annotations.access import SummitRequest, Visit, get_visit_or_404
from annotations.enums import Role
from annotations.errors import NotAllowedError
from annotations.pages.codebook import care_counts
from annotations.pages.review import load_review
from annotations.services.reviewing import Confirmed, confirm_tags

PAGE = "annotations/tag_review.html"
LIST = "annotations/partials/_review_answer.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def tag_review(request: SummitRequest, study: str) -> HttpResponse:
    """The annotations made under older words. A POST says of one (``tag``) or of all on the page (``all``)
    that they still hold; 409 where one of them has changed meanwhile."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    if request.method != "POST":
        return _answer(request, visit, "", 200)
    one = request.POST.getlist("tag")
    seen = _seen(one or (request.POST.getlist("shown") if "all" in request.POST else []))
    # Of what the person may not see, not even whether it is there.
    visible = visit.annotations().filter(public_id__in=list(seen)).values_list("public_id", flat=True)
    seen = {public_id: seen[public_id] for public_id in visible}
    try:
        done = confirm_tags(by=visit.member, study=visit.study, seen=seen)
    except NotAllowedError as refusal:
        return _answer(request, visit, str(refusal), 403)
    said = _said(done)
    if request.htmx or done.stale:
        return _answer(request, visit, said, 409 if done.stale else 200)
    messages.success(request, said)
    return redirect(_address(request, visit))


def _answer(request: SummitRequest, visit: Visit, said: str, status: int) -> HttpResponse:
    review = load_review(visit, request.GET.get("whose", "mine"), request.GET.get("page", "1"))
    context = {
        "visit": visit,
        "page": "codebook",
        "tab": "review",
        "counts": care_counts(visit),
        "review": review,
        "said": said,
        "address": _address(request, visit),
    }
    is_fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, LIST if is_fragment else PAGE, context, status=status)


def _address(request: SummitRequest, visit: Visit) -> str:
    """This page of the list, as it was asked for."""
    asked = {name: request.GET[name] for name in ("whose", "page") if name in request.GET}
    base = reverse("tag-review", args=[visit.study.slug])
    return f"{base}?{urlencode(asked)}" if asked else base


def _seen(sent: Sequence[str]) -> dict[uuid.UUID, int]:
    """Versions by id from ``id:version``; what is neither is passed over."""
    seen = {}
    for text in sent:
        public_id, _colon, version = text.partition(":")
        try:
            seen[uuid.UUID(public_id)] = int(version)
        except ValueError:
            continue
    return seen


def _said(done: Confirmed) -> str:
    said = _("Confirmed: %(count)s.") % {"count": done.confirmed}
    left = _("Changed meanwhile, and left as they are: %(count)s.") % {"count": len(done.stale)}
    return f"{said} {left}" if done.stale else said
