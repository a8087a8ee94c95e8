"""Undo and redo: the coder's own last step on a document."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotations.access import SummitRequest
from annotations.enums import Act
from annotations.errors import SummitError
from annotations.models import CodingAct
from annotations.services.undoing import Seen, redo_last, steps_of, undo_last
from annotations.views.answers import bench_of, not_done, saved


@require_POST
@never_cache
def document_undo(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Take back the last step; ``tag`` and ``version`` say which one the page offered."""
    return _answer(request, study, document, undo_last, _undone)


@require_POST
@never_cache
def document_redo(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Do again what was undone last; ``tag`` and ``version`` say which step the page offered."""
    return _answer(request, study, document, redo_last, _redone)


def _answer(
    request: SummitRequest,
    study: str,
    document: str,
    act: Callable[..., CodingAct],
    words: Callable[[Act], str],
) -> HttpResponse:
    bench = bench_of(request, study, document)
    seen = _seen(request)
    try:
        step = act(by=bench.visit.member, document=bench.document, seen=seen)
    except SummitError as error:
        return not_done(request, bench, error)
    tag = step.annotation
    said = words(Act(step.kind)) % {"topic": tag.topic.label}
    return saved(request, bench, tag, said, steps_of(bench.visit.member, bench.document))


def _seen(request: SummitRequest) -> Seen | None:
    tag, version = request.POST.get("tag"), request.POST.get("version", "")
    if tag is None:
        return None
    if not version.isdecimal() or len(version) >= 10:
        raise BadRequest("version: not a number.")
    try:
        return uuid.UUID(tag), int(version)
    except ValueError as error:
        raise BadRequest("tag: not an id.") from error


def _undone(act: Act) -> str:
    return {
        Act.CREATE: _("Undone: the tag %(topic)s is withdrawn."),
        Act.CHANGE: _("Undone: the tag %(topic)s says what it said before."),
        Act.WITHDRAW: _("Undone: the tag %(topic)s is back."),
        Act.RESTORE: _("Undone: the tag %(topic)s is withdrawn again."),
    }[act]


def _redone(act: Act) -> str:
    return {
        Act.CREATE: _("Redone: the tag %(topic)s is back."),
        Act.CHANGE: _("Redone: the tag %(topic)s is changed again."),
        Act.WITHDRAW: _("Redone: the tag %(topic)s is withdrawn again."),
        Act.RESTORE: _("Redone: the tag %(topic)s is back again."),
    }[act]
