"""The only way from an address to an object: each function finds it and checks access in one step.

A stranger gets 404, a member without the right 403, and whoever is not logged in is sent to login,
whether the study exists or not. A public study's reading pages are open to all.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from annotations.enums import Layer, Role
from annotations.models import Annotation, Document, Source, Study, Topic, User
from annotations.permissions import may_code, may_curate, may_own, role_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpResponse
    from django_htmx.middleware import HtmxDetails

    from annotations.models.coding import AnnotationQuerySet


class SummitRequest(HttpRequest):
    """A request as the middleware leaves it: ``htmx`` is true for a fragment."""

    htmx: HtmxDetails


class LoginRequired(Exception):  # noqa: N818 - it is no error: it is an answer, given by the middleware
    """Whoever asks is not logged in, and must be."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One person in one study: ``role`` is None for a visitor of a public study."""

    study: Study
    user: User | AnonymousUser
    role: Role | None

    @property
    def member(self) -> User:
        """The person, where a page is for members only."""
        if not isinstance(self.user, User):
            raise LoginRequired
        return self.user

    @property
    def may_code(self) -> bool:
        return may_code(self.role)

    @property
    def may_curate(self) -> bool:
        return may_curate(self.role)

    @property
    def may_own(self) -> bool:
        return may_own(self.role)

    def annotations(self) -> AnnotationQuerySet:
        """The annotations of the study that this person may see."""
        return Annotation.objects.visible_to(self.user, self.study, self.role)


def get_visit_or_404(request: HttpRequest, slug: str, at_least: Role | None = Role.READER) -> Visit:
    """The person in the study ``slug`` with at least this role.

    ``at_least=None`` opens the page to everyone where the study is public. Raises ``LoginRequired``,
    ``Http404`` for a stranger and ``PermissionDenied`` for a member without the right.
    """
    user = request.user
    study = Study.objects.visible_to(user).filter(slug=slug).first()
    if study is None:
        if not user.is_authenticated:
            raise LoginRequired
        raise Http404("No such study.")
    role = role_in(user, study)
    if at_least is None or (role is not None and role.includes(at_least)):
        return Visit(study, user, role)
    if not user.is_authenticated:
        raise LoginRequired
    if role is None:
        raise Http404("No such study.")
    raise PermissionDenied


def get_document_or_404(visit: Visit, slug: str) -> Document:
    """A document of the visited study, without its text."""
    document = visit.study.documents.without_text().filter(slug=slug).first()
    if document is None:
        raise Http404("No such document.")
    return document


def get_topic_or_404(visit: Visit, slug: str) -> Topic:
    """A topic of the visited study that stances are taken on."""
    topic = visit.study.topics.taggable().filter(slug=slug).first()
    if topic is None:
        raise Http404("No such topic.")
    return topic


def get_source_or_404(visit: Visit, slug: str) -> Source:
    """A source of the visited study."""
    source = visit.study.sources.select_related("speaks_for").filter(slug=slug).first()
    if source is None:
        raise Http404("No such source.")
    return source


def get_own_tag_or_404(visit: Visit, document: Document, public_id: uuid.UUID) -> Annotation:
    """One of the person's own coded tags on a document, withdrawn or not.

    A tag the person may see but did not make is refused with ``PermissionDenied``.
    """
    tag = visit.annotations().shown().filter(document=document, public_id=public_id).first()
    if tag is None:
        raise Http404("No such tag.")
    if tag.layer != Layer.CODED.value or tag.coder_id != visit.member.pk:
        raise PermissionDenied
    return tag


class LoginRequiredMiddleware:
    """Sends whoever must log in to the login page, in the way the request can follow.

    A fragment's GET gets ``HX-Redirect``; a fragment's POST gets 401 with a notice, so that what was
    typed stays in the page and can be sent again after login in another tab.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, LoginRequired):
            return None
        is_fragment = bool(getattr(request, "htmx", False))
        if is_fragment and request.method != "GET":
            response = render(request, "annotations/partials/_login_needed.html", status=401)
            # Into the message's place, never over the form: what was typed must stay.
            return retarget(reswap(response, "innerHTML"), "#toast")
        login = redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        return HttpResponseClientRedirect(login["Location"]) if is_fragment else login
