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
from django.middleware.csrf import get_token
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh, reswap, retarget

from annotations.compiled import compiled
from annotations.enums import Layer, Role
from annotations.models import (
    Annotation,
    CodebookAct,
    Comment,
    Decision,
    Document,
    Membership,
    Passage,
    Source,
    Stance,
    Study,
    Topic,
    User,
)
from annotations.permissions import may_code, may_curate, may_own, role_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django_htmx.middleware import HtmxDetails

    from annotations.models.coding import AnnotationQuerySet


#: The header in which a page's script says for whom the page was made.
PAGE_USER = "X-Summit-User"
#: The header in which it says that something in it is not saved.
UNSAVED = "X-Summit-Unsaved"
LOGIN_NEEDED = "annotations/partials/_login_needed.html"


class SummitRequest(HttpRequest):
    """A request as the middleware leaves it: ``htmx`` is true for a fragment. ``visit``: what was found
    before the view of a page that only shows; no other request has one."""

    htmx: HtmxDetails
    visit: Visit


class LoginRequired(Exception):  # noqa: N818 - it is no error: it is an answer, given by the middleware
    """Whoever asks is not logged in, and must be."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One person in one study: ``role`` is None for a visitor of a public study. ``codebook_state``: which
    state the codebook was in when the study was found, empty where that is not known; ``revision``: how
    often the study had changed then, so that no page is ever taken for newer than it is."""

    study: Study
    user: User | AnonymousUser
    role: Role | None
    codebook_state: str = ""
    revision: int = 0

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
    found: Visit | None = getattr(request, "visit", None)
    if found is not None and found.study.slug == slug:
        study, role = found.study, found.role
    else:
        study, role = _find_study(user, slug)
    if at_least is None or (role is not None and role.includes(at_least)):
        state, revision = getattr(study, "codebook_state", None), getattr(study, "revision", None)
        return Visit(study, user, role, state.token if state else "", revision.number if revision else 0)
    if not user.is_authenticated:
        raise LoginRequired
    if role is None:
        raise Http404("No such study.")
    raise PermissionDenied


def _find_study(user: User | AnonymousUser, slug: str) -> tuple[Study, Role | None]:
    """A study that the person may see and their role in it: of a member in one query."""
    if user.is_authenticated and not user.is_superuser:
        for member in _membership(user.pk, slug):
            return member.study, role_of(user, member)
    seen = Study.objects.visible_to(user).filter(slug=slug)
    study = seen.select_related("codebook_state", "revision").first()
    if study is not None:
        return study, role_of(user, None)
    if not user.is_authenticated:
        raise LoginRequired
    raise Http404("No such study.")


@compiled(int, str)
def _membership(user: int, study: str) -> QuerySet[Membership]:
    own = Membership.objects.filter(user=user, study__slug=study)
    return own.select_related("study__codebook_state", "study__revision")


def get_document_or_404(visit: Visit, slug: str) -> Document:
    """A document of the visited study, without its text."""
    document = visit.study.documents.without_text().filter(slug=slug).first()
    if document is None:
        raise Http404("No such document.")
    return document


def get_passage_or_404(document: Document, number: int) -> Passage:
    """A passage of a document that was found through its visit, by its number."""
    passage = document.passages.filter(number=number).first()
    if passage is None:
        raise Http404("No such passage.")
    return passage


def get_member_or_404(visit: Visit, pk: int) -> Membership:
    """A member of the visited study."""
    member = visit.study.memberships.select_related("user").filter(pk=pk).first()
    if member is None:
        raise Http404("No such member.")
    return member


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


#: The kinds of codebook entry, as addresses write them.
ENTRY_KINDS: dict[str, type[Topic | Stance | Source]] = {
    "topics": Topic,
    "stances": Stance,
    "sources": Source,
}


def get_entry_kind_or_404(kind: str) -> type[Topic | Stance | Source]:
    """``topics``, ``stances`` or ``sources``."""
    if kind not in ENTRY_KINDS:
        raise Http404("No such kind of entry.")
    return ENTRY_KINDS[kind]


def get_entry_or_404(visit: Visit, kind: str, slug: str) -> Topic | Stance | Source:
    """An entry of the visited study's codebook; a topic that groups others, too."""
    rows = get_entry_kind_or_404(kind)._default_manager.filter(study=visit.study, slug=slug)
    entry = rows.select_related("study").first()
    if entry is None:
        raise Http404("No such entry.")
    return entry


def get_codebook_act_or_404(visit: Visit, number: int) -> CodebookAct:
    """A merge, split or retirement in the visited study."""
    acts = CodebookAct.objects.filter(study=visit.study, pk=number).select_related("study", "by")
    act = acts.first()
    if act is None:
        raise Http404("No such change.")
    return act


def get_own_tag_or_404(
    visit: Visit, document: Document, public_id: uuid.UUID, *, with_entries: bool = False
) -> Annotation:
    """One of the person's own coded tags on a document, withdrawn or not, with its passage; ``with_entries``:
    with all that it says, which an act on it reads anyway, once the tag is held.

    A tag the person may see but did not make is refused with ``PermissionDenied``.
    """
    seen = visit.annotations().select_related("passage").defer("passage__text", "passage__folded")
    if with_entries:
        seen = seen.shown()
    tag = seen.filter(document=document, public_id=public_id).first()
    if tag is None:
        raise Http404("No such tag.")
    if tag.layer != Layer.CODED.value or tag.coder_id != visit.member.pk:
        raise PermissionDenied
    return tag


def get_seen_tag_or_404(visit: Visit, passage: Passage, public_id: uuid.UUID) -> Annotation:
    """A tag of a passage that the person may see, whoever made it, withdrawn or not."""
    tag = visit.annotations().filter(passage=passage, public_id=public_id).first()
    if tag is None:
        raise Http404("No such tag.")
    return tag


def get_own_comment_or_404(visit: Visit, passage: Passage, public_id: uuid.UUID) -> Comment:
    """One of the person's own comments on a passage or its tags, taken back or not.

    A comment that the person may see but did not write is refused with ``PermissionDenied``.
    """
    seen = Comment.objects.visible_to(visit.user, visit.study, visit.role)
    comment = seen.filter(passage=passage, public_id=public_id).first()
    if comment is None or (comment.withdrawn_at is not None and comment.author_id != visit.member.pk):
        raise Http404("No such comment.")
    if comment.author_id != visit.member.pk:
        raise PermissionDenied
    return comment


def get_decision_or_404(visit: Visit, document: Document, public_id: uuid.UUID) -> Decision:
    """A curator's decision on a document of the visited study, one that has ended too. For curators."""
    decisions = Decision.objects.filter(study=visit.study, document=document, public_id=public_id)
    decision = decisions.select_related("study", "document").defer("document__text").first()
    if decision is None:
        raise Http404("No such decision.")
    return decision


class LoginRequiredMiddleware:
    """Sends whoever must log in to the login page, in the way the request can follow.

    A fragment's GET gets ``HX-Redirect``; a fragment's POST gets 401 with the login form, so that what was
    typed stays in the page and is sent again after the login.

    ``HX-Redirect`` leads back to the page that asked, not to the fragment. A page with an unsaved tag says
    so: its fragments get the login form, too, so that nothing in it is left behind.

    A page says for whom it was made. Where somebody else has logged in since, in another tab, nothing of
    it is saved under their name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        made_for = request.headers.get(PAGE_USER, "")
        if not made_for or not request.user.is_authenticated or made_for == str(request.user.pk):
            return None
        return HttpResponseClientRefresh() if request.method == "GET" else _login_needed(request, whose=True)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, LoginRequired):
            return None
        is_fragment = bool(getattr(request, "htmx", False))
        if is_fragment and (request.method != "GET" or UNSAVED in request.headers):
            return _login_needed(request)
        login = redirect_to_login(_way_back(request))
        return HttpResponseClientRedirect(login["Location"]) if is_fragment else login


def _way_back(request: HttpRequest) -> str:
    """Where a login leads: the page that was asked for, or the one that asked for a part of itself."""
    if request.method != "GET":
        return "/"
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return (htmx.current_url_abs_path if htmx else None) or request.get_full_path()


def _login_needed(request: HttpRequest, *, whose: bool = False) -> HttpResponse:
    """401 with the login form, into the message's place and never over a form: what was typed must stay."""
    # The login form has no token of its own: the script reads the cookie, which must be there.
    get_token(request)
    response = render(request, LOGIN_NEEDED, {"whose": whose}, status=401)
    return retarget(reswap(response, "innerHTML"), "#toast")
