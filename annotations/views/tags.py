"""A coder's acts on tags: make, change, withdraw, bring back. Steps are undone in ``undo``."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotations.access import SummitRequest, get_own_tag_or_404
from annotations.enums import Act
from annotations.errors import StaleVersionError, SummitError
from annotations.forms import TagForm
from annotations.models import Annotation, Passage
from annotations.pages.passages import passages_numbered
from annotations.pages.workbench import Workbench
from annotations.services.coding import change_tag, restore_tag, tag_passage, withdraw_tag
from annotations.services.undoing import Steps, step_made, steps_of
from annotations.views.answers import bench_at, bench_of, conflict, not_done, refused, saved


@require_POST
@never_cache
def tag_create(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Tag words of a passage."""
    number = _number(request)
    bench, passage = bench_at(request, study, document, number)
    form = TagForm(request.POST, codebook=bench.codebook, passage=passage)
    if not form.is_valid() or form.passage is None:
        return refused(request, bench, form, number)
    try:
        tag, created = tag_passage(
            by=bench.visit.member,
            passage=form.passage,
            values=form.values(),
            form_token=form.cleaned_data["form_token"],
        )
    except StaleVersionError as error:
        return conflict(request, bench, error, form)
    except SummitError as error:
        return refused(request, bench, form, number, error)
    said = _("Tagged as %(topic)s.") % {"topic": tag.topic.label}
    steps = _steps(bench, tag, Act.CREATE if created else None)
    status = 201 if created else 200
    return saved(request, bench, tag, said, steps, passage=form.passage, status=status)


@require_POST
@never_cache
def tag_change(request: SummitRequest, study: str, document: str, tag: uuid.UUID) -> HttpResponse:
    """Change a tag, if it is still what the person saw."""
    bench = bench_of(request, study, document)
    stored = get_own_tag_or_404(bench.visit, bench.document, tag)
    form = TagForm(request.POST, codebook=bench.codebook, passage=_passage_of(bench, stored))
    if not form.is_valid() or form.cleaned_data["version"] is None:
        return refused(request, bench, form, stored.passage.number, tag=stored)
    try:
        changed = change_tag(
            by=bench.visit.member,
            annotation=stored,
            version=form.cleaned_data["version"],
            values=form.values(),
            bring_back="bring_back" in request.POST,
        )
    except StaleVersionError as error:
        return conflict(request, bench, error, form)
    except SummitError as error:
        return refused(request, bench, form, stored.passage.number, error, tag=stored)
    steps = _steps_after(bench, stored, changed, Act.CHANGE)
    return saved(request, bench, changed, _("Changed."), steps, passage=form.passage)


@require_POST
@never_cache
def tag_withdraw(request: SummitRequest, study: str, document: str, tag: uuid.UUID) -> HttpResponse:
    """Take a tag back."""
    bench = bench_of(request, study, document)
    stored = get_own_tag_or_404(bench.visit, bench.document, tag)
    try:
        withdrawn = withdraw_tag(by=bench.visit.member, annotation=stored, version=_version(request) or 0)
    except SummitError as error:
        return not_done(request, bench, error, stored)
    steps = _steps_after(bench, stored, withdrawn, Act.WITHDRAW)
    return saved(request, bench, withdrawn, _("Withdrawn."), steps)


@require_POST
@never_cache
def tag_restore(request: SummitRequest, study: str, document: str, tag: uuid.UUID) -> HttpResponse:
    """Bring a withdrawn tag back."""
    bench = bench_of(request, study, document)
    stored = get_own_tag_or_404(bench.visit, bench.document, tag)
    try:
        restored = restore_tag(by=bench.visit.member, annotation=stored, version=_version(request))
    except SummitError as error:
        return not_done(request, bench, error, stored)
    steps = _steps_after(bench, stored, restored, Act.RESTORE)
    return saved(request, bench, restored, _("Brought back."), steps)


def _number(request: SummitRequest) -> int | None:
    number = request.POST.get("passage", "")
    return int(number) if number.isdecimal() and len(number) < 10 else None


def _version(request: SummitRequest) -> int | None:
    """The version that the page showed; 0 where it is not a number, which no tag has."""
    version = request.POST.get("version")
    if version is None:
        return None
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def _passage_of(bench: Workbench, tag: Annotation) -> Passage:
    """The passage of a tag of the bench's document, with its text."""
    passage: Passage = passages_numbered(bench.document, tag.passage.number).get()
    passage.document = bench.document
    return passage


def _steps_after(bench: Workbench, before: Annotation, after: Annotation, act: Act) -> Steps:
    return _steps(bench, after, act if after.version != before.version else None)


def _steps(bench: Workbench, tag: Annotation, act: Act | None) -> Steps:
    """What can be undone after an act; ``act`` is None where what was asked for was stored already."""
    return step_made(tag, act) if act is not None else steps_of(bench.visit.member, bench.document)
