"""Talk in the workbench: the threads of a passage, a comment, and one's own taken back and brought back."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from annotations.access import (
    SummitRequest,
    Visit,
    get_document_or_404,
    get_own_comment_or_404,
    get_passage_or_404,
    get_seen_tag_or_404,
    get_visit_or_404,
)
from annotations.enums import Role
from annotations.errors import InvalidCommentError
from annotations.models import Annotation, Comment, Passage
from annotations.pages.comments import Draft, load_talk
from annotations.services.comments import (
    restore_comment,
    withdraw_comment,
    write_comment,
)

PAGE = "annotations/passage_talk.html"
THREAD = "annotations/partials/_thread.html"
SAID = "annotations/partials/_talk_said.html"


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def passage_talk(request: SummitRequest, study: str, document: str, number: int) -> HttpResponse:
    """The threads of a passage: a page, and as a fragment the talk in the workbench's panel."""
    visit, passage = _visited(request, study, document, number)
    context = _context(request, visit, passage)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, THREAD, context)
    return render(request, PAGE, context)


@require_POST
@never_cache
def comment_create(request: SummitRequest, study: str, document: str, number: int) -> HttpResponse:
    """Add a comment on the passage, or on the tag that ``annotation`` names."""
    visit, passage = _visited(request, study, document, number)
    tag = _tag(request, visit, passage)
    text = request.POST.get("text", "")
    try:
        comment, created = write_comment(
            by=visit.member,
            passage=passage,
            text=text,
            annotation=tag,
            form_token=_uuid(request.POST.get("form_token", "")),
        )
    except InvalidCommentError as error:
        draft = Draft(tag.pk if tag else None, text, str(error))
        context = _context(request, visit, passage, draft)
        return render(request, THREAD if request.htmx else PAGE, context, status=422)
    return _done(request, visit, comment, passage, _("Comment added."), status=201 if created else 200)


@require_POST
@never_cache
def comment_withdraw(
    request: SummitRequest, study: str, document: str, number: int, comment: uuid.UUID
) -> HttpResponse:
    """Take one's own comment back."""
    visit, passage = _visited(request, study, document, number)
    stored = get_own_comment_or_404(visit, passage, comment)
    withdrawn = withdraw_comment(by=visit.member, comment=stored)
    return _done(request, visit, withdrawn, passage, _("Taken back: nobody else sees it any more."))


@require_POST
@never_cache
def comment_restore(
    request: SummitRequest, study: str, document: str, number: int, comment: uuid.UUID
) -> HttpResponse:
    """Bring one's own comment back."""
    visit, passage = _visited(request, study, document, number)
    stored = get_own_comment_or_404(visit, passage, comment)
    restored = restore_comment(by=visit.member, comment=stored)
    return _done(request, visit, restored, passage, _("Brought back."))


def _visited(request: SummitRequest, study: str, document: str, number: int) -> tuple[Visit, Passage]:
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    return visit, get_passage_or_404(get_document_or_404(visit, document), number)


def _tag(request: SummitRequest, visit: Visit, passage: Passage) -> Annotation | None:
    named = request.POST.get("annotation", "")
    if not named:
        return None
    public_id = _uuid(named)
    if public_id is None:
        raise Http404("No such tag.")
    return get_seen_tag_or_404(visit, passage, public_id)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _context(
    request: SummitRequest, visit: Visit, passage: Passage, draft: Draft | None = None
) -> dict[str, object]:
    """``shown`` is the workbench's filter, which its links carry along."""
    return {
        "visit": visit,
        "page": "code",
        "talk": load_talk(visit, passage.document, passage, draft),
        "shown": request.POST.get("shown") or request.GET.get("shown") or "mine",
    }


def _done(
    request: SummitRequest, visit: Visit, comment: Comment, passage: Passage, said: str, status: int = 200
) -> HttpResponse:
    """The threads anew, the count in the margin and a word for who cannot see them; or the way back."""
    if request.htmx:
        return render(request, SAID, _context(request, visit, passage) | {"said": said}, status=status)
    messages.success(request, said)
    slug = passage.document.slug
    talk = reverse("passage-talk", args=[visit.study.slug, slug, passage.number])
    return redirect(f"{talk}#c-{comment.public_id}")
