"""Pages that are not made again for somebody who has them: 304 by an ETag over the study's revision."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from annotations.access import SummitRequest, Visit, get_visit_or_404
from annotations.enums import Role
from annotations.models import Completion

View = Callable[..., HttpResponse]

#: The headers that the views look at.
HTMX = ("HX-Request", "HX-History-Restore-Request", "HX-Boosted", "HX-Target")


def unchanged(at_least: Role | None = Role.READER) -> Callable[[View], View]:
    """For a view of a study that only shows: answers 304 where the browser has this very page already.

    ``at_least`` is the role that the view asks for. Access is checked first, so that a stranger learns
    nothing by a tag. A fragment that the view marks ``no-store`` stays so, and has no tag.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: SummitRequest, study: str, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in ("GET", "HEAD"):
                return view(request, study, *args, **kwargs)
            request.visit = get_visit_or_404(request, study, at_least=at_least)
            tag = _tag(request, request.visit)
            # "*" is met by any page that is there: whether this one is, only the view knows.
            is_asked = tag is not None and request.headers.get("If-None-Match") != "*"
            response = get_conditional_response(request, etag=tag) if is_asked else None
            if response is None:
                response = view(request, study, *args, **kwargs)
            _mark(response, tag)
            return response

        return answer

    return decorate


def _mark(response: HttpResponse, tag: str | None) -> None:
    patch_vary_headers(response, ("Cookie", "HX-Request"))
    if "no-store" in response.get("Cache-Control", ""):
        return
    response["Cache-Control"] = "private, no-cache"
    if tag and response.status_code in (200, 304):
        response["ETag"] = tag


def _tag(request: SummitRequest, visit: Visit) -> str | None:
    """Everything that a page of this study depends on, told to nobody; None where it has to be made again."""
    # A message is shown once: the page with it is not the page.
    if len(get_messages(request)):
        return None
    finished = _finished(visit)
    if finished is None:
        return None
    user = visit.user
    parts = (
        release(),
        visit.study.pk,
        visit.revision,
        user.pk,
        user.get_username(),
        getattr(user, "is_staff", False),
        getattr(user, "is_superuser", False),
        visit.role,
        finished,
        request.build_absolute_uri(),
        [request.headers.get(name, "") for name in HTMX],
        get_language(),
        # Forms carry a token that belongs to this cookie; a login makes a new one.
        request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""),
    )
    return f'W/"{salted_hmac(__name__, repr(parts), algorithm="sha256").hexdigest()[:40]}"'


def _finished(visit: Visit) -> list[int] | None:
    """Where coding is blind: the documents that a coder has finished, which decide what they see.

    None while there are others: that the study's revision has grown would tell them that somebody works.
    """
    if not visit.study.is_blind or not visit.may_code or visit.may_curate:
        return []
    mine = Completion.objects.filter(coder=visit.member, reopened_at__isnull=True)
    finished = (
        mine.filter(document__study=visit.study).order_by("document").values_list("document", flat=True)
    )
    return list(finished) if len(finished) == visit.study.documents.count() else None


@cache
def release() -> str:
    """The code, templates, translations and static files that run here: what a deployment changes."""
    digest = sha256(django.get_version().encode())
    digest.update(str(getattr(staticfiles_storage, "manifest_hash", "")).encode())
    templates: Any = settings.TEMPLATES[0]["DIRS"]
    for folder in (Path(__file__).parent, *templates, *settings.LOCALE_PATHS):
        for file in sorted(Path(folder).rglob("*")):
            if file.suffix in {".py", ".html", ".txt", ".mo"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()
