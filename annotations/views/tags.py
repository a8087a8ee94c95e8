"""A coder's acts on tags. Each answers a fragment to htmx and a redirect to everybody else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotations.access import SummitRequest, get_document_or_404, get_own_tag_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.errors import (
    DocumentFinishedError,
    DuplicateTagError,
    InvalidTagError,
    StaleVersionError,
    SummitError,
)
from annotations.forms import TagForm
from annotations.models import Annotation
from annotations.pages.tagging import (
    FormShown,
    again_form,
    differences,
    edit_form,
    empty_form,
    panel_context,
    refused_form,
)
from annotations.pages.workbench import Workbench, load_passage, load_passages, load_workbench, progress_of
from annotations.services.coding import change_tag, restore_tag, tag_passage, undo_change, withdraw_tag

PAGE = "annotations/document_code.html"
PANEL = "annotations/partials/_panel.html"
SAVED = "annotations/partials/_saved.html"
#: The fields that a conflict offers to choose; those that are equal are sent along.
CHOSEN = ("topic", "stance", "source", "reported_by", "uncertain", "note")


@dataclass(frozen=True, slots=True)
class Toast:
    """What was done, and the address that undoes it."""

    text: str
    undo: str = ""
    version: int = 0
    target: str = "panel"


@require_POST
@never_cache
def tag_create(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Tag words of a passage."""
    bench = _bench(request, study, document)
    number = _number(request)
    form = _tag_form(request, bench, number)
    if not form.is_valid() or form.passage is None:
        return _refused(request, bench, form, number)
    form.passage.document = bench.document
    try:
        tag, created = tag_passage(
            by=bench.visit.member,
            passage=form.passage,
            values=form.values(),
            form_token=form.cleaned_data["form_token"],
        )
    except SummitError as error:
        return _refused(request, bench, form, number, error)
    said = _("Tagged as %(topic)s.") % {"topic": tag.topic.label}
    toast = Toast(said, _address(tag, bench, "tag-withdraw"), tag.version)
    return _saved(request, bench, tag, toast, status=201 if created else 200)


@require_POST
@never_cache
def tag_change(request: SummitRequest, study: str, document: str, tag: uuid.UUID) -> HttpResponse:
    """Change a tag, if it is still what the person saw."""
    bench = _bench(request, study, document)
    stored = get_own_tag_or_404(bench.visit, bench.document, tag)
    form = _tag_form(request, bench, stored.passage.number)
    if not form.is_valid() or form.cleaned_data["version"] is None:
        return _refused(request, bench, form, stored.passage.number, tag=stored)
    try:
        changed = change_tag(
            by=bench.visit.member,
            annotation=stored,
            version=form.cleaned_data["version"],
            values=form.values(),
        )
    except StaleVersionError as error:
        return _conflict(request, bench, error, form)
    except SummitError as error:
        return _refused(request, bench, form, stored.passage.number, error, tag=stored)
    toast = Toast(_("Changed."), _address(changed, bench, "tag-undo"), changed.version)
    return _saved(request, bench, changed, toast)


@require_POST
@never_cache
def tag_withdraw(request: SummitRequest, study: str, document: str, tag: uuid.UUID) -> HttpResponse:
    """Take a tag back."""
    bench = _bench(request, study, document)
    stored = get_own_tag_or_404(bench.visit, bench.document, tag)
    version = request.POST.get("version", "")
    try:
        withdrawn = withdraw_tag(
            by=bench.visit.member,
            annotation=stored,
            version=int(version) if version.isdecimal() else 0,
        )
    except SummitError as error:
        return _not_done(request, bench, stored, error)
    toast = Toast(_("Withdrawn."), _address(withdrawn, bench, "tag-restore"), withdrawn.version)
    return _saved(request, bench, withdrawn, toast)


@require_POST
@never_cache
def tag_restore(request: SummitRequest, study: str, document: str, tag: uuid.UUID) -> HttpResponse:
    """Bring a withdrawn tag back."""
    bench = _bench(request, study, document)
    stored = get_own_tag_or_404(bench.visit, bench.document, tag)
    try:
        restored = restore_tag(by=bench.visit.member, annotation=stored)
    except SummitError as error:
        return _not_done(request, bench, stored, error)
    toast = Toast(_("Brought back."), _address(restored, bench, "tag-withdraw"), restored.version)
    return _saved(request, bench, restored, toast)


@require_POST
@never_cache
def tag_undo(request: SummitRequest, study: str, document: str, tag: uuid.UUID) -> HttpResponse:
    """Bring back what the tag said before its last change."""
    bench = _bench(request, study, document)
    stored = get_own_tag_or_404(bench.visit, bench.document, tag)
    version = request.POST.get("version", "")
    try:
        undone = undo_change(
            by=bench.visit.member,
            annotation=stored,
            version=int(version) if version.isdecimal() else 0,
        )
    except SummitError as error:
        return _not_done(request, bench, stored, error)
    return _saved(request, bench, undone, Toast(_("The change is undone.")))


def _bench(request: SummitRequest, study: str, document: str) -> Workbench:
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    return load_workbench(visit, get_document_or_404(visit, document), request.POST.get("shown", "mine"))


def _number(request: SummitRequest) -> int | None:
    number = request.POST.get("passage", "")
    return int(number) if number.isdecimal() and len(number) < 10 else None


def _tag_form(request: SummitRequest, bench: Workbench, number: int | None) -> TagForm:
    passage = bench.document.passages.filter(number=number).first() if number else None
    return TagForm(request.POST, codebook=bench.codebook, passage=passage)


def _address(tag: Annotation, bench: Workbench, name: str) -> str:
    return reverse(name, args=[bench.visit.study.slug, bench.document.slug, tag.public_id])


def _workbench_address(bench: Workbench, number: int | None) -> str:
    base = reverse("document-code", args=[bench.visit.study.slug, bench.document.slug])
    shown = "?shown=all" if bench.shown == "all" else ""
    return f"{base}{shown}#p{number}" if number else f"{base}{shown}"


def _saved(
    request: SummitRequest, bench: Workbench, tag: Annotation, toast: Toast, status: int = 200
) -> HttpResponse:
    """The passage, its tags, the progress and a message: a bounded answer, however long the document."""
    if not request.htmx:
        messages.success(request, toast.text)
        return redirect(_workbench_address(bench, tag.passage.number))
    shown = load_passage(bench.visit, bench.document, tag.passage.number, bench.shown)
    again = "again" in request.POST and tag.withdrawn_at is None
    form = again_form(shown, tag) if again else empty_form(shown)
    context = panel_context(bench, form) | {
        "progress": progress_of(bench.visit, bench.document),
        "toast": toast,
        "oob": True,
    }
    return render(request, SAVED, context, status=status)


def _refused(
    request: SummitRequest,
    bench: Workbench,
    form: TagForm,
    number: int | None,
    error: SummitError | None = None,
    tag: Annotation | None = None,
) -> HttpResponse:
    """The form with what is wrong: 422, or 409 where another tag or a lock is in the way."""
    if error is not None:
        field = error.field if isinstance(error, InvalidTagError) else None
        form.add_error(field, str(error))
    elif not form.errors:
        form.add_error(None, _("This form is out of date: open the tag again."))
    status = 409 if isinstance(error, DuplicateTagError | DocumentFinishedError) else 422
    return _answer(request, bench, refused_form(bench, form, number, tag), status=status)


def _conflict(
    request: SummitRequest, bench: Workbench, error: StaleVersionError, form: TagForm
) -> HttpResponse:
    """Both values side by side, and a choice for each field."""
    shown = edit_form(bench, error.current)
    rows = differences(error.current, form)
    context = {
        "error": error,
        "stored": error.current,
        "differences": rows,
        "sent": form.cleaned_data,
        "same": [
            (name, form.data.get(name, "")) for name in CHOSEN if name not in {row.name for row in rows}
        ],
    }
    return _answer(request, bench, shown, status=409, extra=context)


def _not_done(request: SummitRequest, bench: Workbench, tag: Annotation, error: SummitError) -> HttpResponse:
    """409: what stands in the way, beside what is stored now."""
    current = getattr(error, "current", None) or getattr(error, "existing", None) or tag
    shown = load_passage(bench.visit, bench.document, current.passage.number, bench.shown)
    return _answer(request, bench, empty_form(shown), status=409, extra={"refusal": error, "about": current})


def _answer(
    request: SummitRequest,
    bench: Workbench,
    form: FormShown,
    *,
    status: int,
    extra: dict[str, object] | None = None,
) -> HttpResponse:
    context = panel_context(bench, form) | (extra or {})
    if request.htmx:
        return render(request, PANEL, context, status=status)
    return render(request, PAGE, context | {"passages": load_passages(bench)}, status=status)
