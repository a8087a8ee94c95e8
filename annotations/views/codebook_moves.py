"""Codebook care: merge, split, retire, revive, and undo each as one step. A GET says what would happen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.access import (
    Visit,
    get_codebook_act_or_404,
    get_entry_or_404,
    get_visit_or_404,
)
from annotations.codebook_forms import MergeForm, partners_of
from annotations.enums import Role
from annotations.errors import StalePreviewError, SummitError, UndoError
from annotations.pages.codebook import kind_word
from annotations.services.act_records import AnyEntry
from annotations.services.codebook import InvalidEntryError
from annotations.services.codebook_acts import preview_undo, undo_act
from annotations.services.merge_plan import MergePreview
from annotations.services.merging import merge_entries, preview_merge
from annotations.services.retiring import preview_retirement, retire_entry, revive_entry

MERGE_PAGE = "annotations/codebook_merge.html"
RETIRE_PAGE = "annotations/codebook_retire.html"
UNDO_PAGE = "annotations/codebook_undo.html"

asking = require_http_methods(["GET", "HEAD", "POST"])


@asking
@never_cache
def entry_merge(request: HttpRequest, study: str, kind: str, entry: str) -> HttpResponse:
    """Make two entries one: first which other (``with``), then what will happen, then it happens."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    one = get_entry_or_404(visit, kind, entry)
    asked = request.POST if request.method == "POST" else request.GET
    other = _other(one, asked.get("with", ""))
    previews, refusals = _previews(one, other) if other is not None else ([], [])
    if not previews:
        # A POST has to name an entry that this one can be merged with.
        status = 422 if request.method == "POST" else 200
        return _merge_page(request, visit, one, other, status=status, refusals=refusals)
    form = MergeForm(request.POST if request.method == "POST" else None, previews=previews)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return _merge_page(request, visit, one, other, status=status, refusals=refusals, form=form)
    return _merged(request, visit, one, other, form)


def _other(entry: AnyEntry, slug: str) -> AnyEntry | None:
    rows = type(entry)._default_manager.filter(study=entry.study_id, slug=slug).exclude(pk=entry.pk)
    return rows.first()


def _previews(one: AnyEntry, other: AnyEntry) -> tuple[list[MergePreview[Any]], list[str]]:
    """The merge in both directions, where it is possible, and why not where it is not."""
    previews, refusals = [], []
    for into, merged in ((other, one), (one, other)):
        try:
            previews.append(preview_merge(into=into, merged=merged))
        except SummitError as refusal:
            refusals.append(str(refusal))
    return previews, refusals


def _merged(
    request: HttpRequest, visit: Visit, one: AnyEntry, other: AnyEntry | None, form: MergeForm
) -> HttpResponse:
    """Run the service; 409 with what would happen now, where that is something else by now."""
    chosen = form.chosen()
    try:
        done = merge_entries(
            by=visit.member, into=chosen.into, merged=chosen.merged, seen=form.seen(), **form.asked()
        )
    except SummitError as refusal:
        status = 409 if isinstance(refusal, StalePreviewError) else 422
        return _merge_page(request, visit, one, other, status=status, refusals=[str(refusal)], form=form)
    said = _("“%(merged)s” is now “%(into)s”. Annotations moved: %(moved)s, duplicates withdrawn: %(gone)s.")
    words = {"merged": done.merged.label, "into": done.into.label}
    messages.success(request, said % {**words, "moved": done.annotations, "gone": done.duplicates})
    return redirect("codebook-acts", study=visit.study.slug)


def _merge_page(
    request: HttpRequest, visit: Visit, one: AnyEntry, other: AnyEntry | None, *, status: int, **more: Any
) -> HttpResponse:
    context = {
        "visit": visit,
        "page": "codebook",
        "entry": one,
        "kind": kind_word(one),
        "other": other,
        "others": partners_of(one) if other is None else (),
    }
    return render(request, MERGE_PAGE, context | more, status=status)


@asking
@never_cache
def entry_retire(request: HttpRequest, study: str, kind: str, entry: str) -> HttpResponse:
    """Take an entry out of use: it keeps its annotations and takes no new ones."""
    return _retirement(request, study, kind, entry, retired=True)


@asking
@never_cache
def entry_revive(request: HttpRequest, study: str, kind: str, entry: str) -> HttpResponse:
    """Take an entry back into use."""
    return _retirement(request, study, kind, entry, retired=False)


def _retirement(request: HttpRequest, study: str, kind: str, slug: str, *, retired: bool) -> HttpResponse:
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    entry = get_entry_or_404(visit, kind, slug)
    context = {"visit": visit, "page": "codebook", "entry": entry, "kind": kind, "retired": retired}
    try:
        if request.method != "POST":
            preview = preview_retirement(entry=entry, retired=retired)
            return render(request, RETIRE_PAGE, context | {"preview": preview})
        change = retire_entry if retired else revive_entry
        change(by=visit.member, entry=entry)
    except InvalidEntryError as refusal:
        status = 422 if request.method == "POST" else 200
        return render(request, RETIRE_PAGE, context | {"refusals": [str(refusal)]}, status=status)
    said = _("“%(entry)s” is retired.") if retired else _("“%(entry)s” is in use again.")
    messages.success(request, said % {"entry": entry.label})
    return redirect("codebook", study=visit.study.slug)


@asking
@never_cache
def codebook_act_undo(request: HttpRequest, study: str, act: int) -> HttpResponse:
    """Undo a merge, split or retirement as one step; 409 with every reason where it cannot be undone."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    done = get_codebook_act_or_404(visit, act)
    context = {"visit": visit, "page": "codebook", "act": done}
    if request.method != "POST":
        return render(request, UNDO_PAGE, context | {"preview": preview_undo(act=done)})
    try:
        undone = undo_act(by=visit.member, act=done)
    except UndoError as refusal:
        more = {"preview": preview_undo(act=done), "refusal": refusal}
        return render(request, UNDO_PAGE, context | more, status=409)
    said = _("Undone: %(act)s. Annotations that went back: %(count)s.")
    messages.success(request, said % {"act": done.summary, "count": undone.annotations})
    return redirect("codebook-acts", study=visit.study.slug)
