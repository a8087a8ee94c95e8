"""How the workbench answers an act on a tag: fragments for htmx, a page or a redirect for everybody else.

A fragment is bounded, however long the document is: the passage, its tags, its place on the map, what can be
undone, and a message. What was sent to ``#tags`` leaves the form to the page's script, which has a fresh one
or leaves a half-filled one alone; and the progress, which the script asks for afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from annotations.access import SummitRequest, get_document_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.errors import (
    DocumentFinishedError,
    DuplicateTagError,
    InvalidTagError,
    NoStepError,
    StaleVersionError,
    SummitError,
)
from annotations.forms import TagForm
from annotations.models import Annotation, Passage
from annotations.pages.minimap import block_of
from annotations.pages.passages import (
    PassageShown,
    Place,
    find_passage,
    load_passage,
    load_saved_passage,
)
from annotations.pages.progress import progress_of
from annotations.pages.tagging import (
    FormShown,
    again_form,
    conflict_context,
    edit_form,
    empty_form,
    panel_context,
    refused_form,
)
from annotations.pages.workbench import Workbench, load_workbench, page_address, page_context
from annotations.services.undoing import Step, Steps, steps_of
from annotations.templatetags.bench import saved_parts

PAGE = "annotations/document_code.html"
PANEL = "annotations/partials/_panel.html"
SAVED = "annotations/partials/_saved.html"
IN_THE_WAY = "annotations/partials/_in_the_way.html"
SAID = "annotations/partials/_said.html"


@dataclass(frozen=True, slots=True)
class Toast:
    """What was done, and the step that the message offers to undo or to redo."""

    text: str
    undo: Step | None = None
    redo: Step | None = None


def bench_of(request: SummitRequest, study: str, document: str) -> Workbench:
    """The workbench that a POST was sent from."""
    return bench_at(request, study, document, None)[0]


def bench_at(
    request: SummitRequest, study: str, document: str, number: int | None
) -> tuple[Workbench, Passage | None]:
    """The workbench that a POST was sent from, and the passage with this number, if there is one."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    passage = find_passage(visit, document, number)
    text = passage.document if passage else get_document_or_404(visit, document)
    return load_workbench(visit, text, request.POST.get("shown", "mine")), passage


def saved(
    request: SummitRequest,
    bench: Workbench,
    tag: Annotation,
    said: str,
    steps: Steps,
    *,
    passage: Passage | None = None,
    status: int = 200,
) -> HttpResponse:
    """It is done: the parts of the page that change, or the way back to the passage.

    ``passage``: where a tag was made or changed, the passage that the form was about, loaded already.
    """
    if tag.withdrawn_at is None and not bench.shown.includes(tag, mine=True):
        said = " ".join([said, _("The filter hides it in the text.")])
    if not request.htmx:
        messages.success(request, said)
        return redirect(_address(bench, tag.passage.number))
    bench.found_unfinished()
    only_tags = _only_tags(request)
    if only_tags and passage is not None and tag.withdrawn_at is None:
        shown: PassageShown | None = load_saved_passage(bench.visit, passage, bench.shown, bench.codebook)
    else:
        shown = load_passage(bench.visit, bench.document, tag.passage.number, bench.shown)
    toast = Toast(said, steps.undo, None if steps.undo else steps.redo)
    if only_tags:
        context = _parts(bench, shown, steps)
    else:
        again = "again" in request.POST and tag.withdrawn_at is None
        form = again_form(shown, tag) if again else empty_form(shown)
        context = _panel_parts(bench, form, shown, steps)
    context["toast"] = toast
    response = (
        _only_parts(request, context, status) if only_tags else render(request, SAVED, context, status=status)
    )
    # A proxy's own page comes with a 200, too: the script forgets a tag only where this answer says so.
    response["X-Summit-Saved"] = str(tag.public_id)
    return response if context["progress"] else trigger_client_event(response, "progressStale")


def refused(
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
    return _panel(request, bench, refused_form(bench, form, number, tag), status=status)


def conflict(
    request: SummitRequest, bench: Workbench, error: StaleVersionError, form: TagForm
) -> HttpResponse:
    """409: both values side by side, to keep the one, take the other, or choose field by field."""
    context = conflict_context(error, form)
    return _panel(request, bench, edit_form(bench, error.current), status=409, extra=context)


def not_done(
    request: SummitRequest, bench: Workbench, error: SummitError, tag: Annotation | None = None
) -> HttpResponse:
    """409: what stands in the way, beside what is stored now."""
    about = getattr(error, "current", None) or getattr(error, "existing", None) or tag
    context = {
        "refusal": error,
        "about": about,
        "withdraws": tag if isinstance(error, StaleVersionError) else None,
    }
    if not request.htmx:
        form = empty_form(_passage_of(bench, about))
        return _panel(request, bench, form, status=409, extra=context)
    steps = steps_of(bench.visit.member, bench.document)
    if isinstance(error, NoStepError) or about is None:
        # No passage is meant: the tags in view stay, and the message says it.
        context |= {
            "visit": bench.visit,
            "bench": bench,
            "steps": steps,
            "toast": Toast(str(error)),
            "oob": True,
        }
        return reswap(render(request, SAID, context, status=409), "none")
    shown = _passage_of(bench, about)
    if _only_tags(request):
        context = _parts(bench, shown, steps) | context
        context["in_the_way"] = render_to_string(IN_THE_WAY, context, request)
        return _only_parts(request, context, 409)
    context = _panel_parts(bench, empty_form(shown), shown, steps) | context
    return render(request, SAVED, context, status=409)


def _only_parts(request: SummitRequest, context: dict[str, object], status: int) -> HttpResponse:
    """What an act changes beside the form, without the machinery of a template: every save is answered so."""
    more = {"user": request.user, "csrf_token": get_token(request)}
    return HttpResponse(saved_parts(context | more), status=status)


def _only_tags(request: SummitRequest) -> bool:
    """Whether the answer goes to the list of tags: whatever stands in the form is left alone."""
    return bool(request.htmx.target == "tags")


def _parts(bench: Workbench, shown: PassageShown | None, steps: Steps) -> dict[str, object]:
    """What an act changes in the page beside the form."""
    return {
        "visit": bench.visit,
        "bench": bench,
        "shown": bench.shown,
        "current": shown,
        # It is counted after the save: the script asks for it.
        "progress": None,
        "block": block_of(shown),
        "steps": steps,
        "oob": True,
    }


def _panel_parts(
    bench: Workbench, form: FormShown, shown: PassageShown | None, steps: Steps
) -> dict[str, object]:
    is_of_long = shown is not None and shown.is_of_long
    progress = None if is_of_long else progress_of(bench.visit, bench.document)
    return _parts(bench, shown, steps) | panel_context(bench, form) | {"progress": progress}


def _passage_of(bench: Workbench, tag: Annotation | None) -> PassageShown | None:
    if tag is None:
        return None
    return load_passage(bench.visit, bench.document, tag.passage.number, bench.shown)


def _address(bench: Workbench, number: int) -> str:
    return f"{page_address(bench, Place(around=number))}#p{number}"


def _panel(
    request: SummitRequest,
    bench: Workbench,
    form: FormShown,
    *,
    status: int,
    extra: dict[str, object] | None = None,
) -> HttpResponse:
    context = panel_context(bench, form) | (extra or {})
    if request.htmx:
        response = render(request, PANEL, context, status=status)
        # The form has to come back with what is wrong with it.
        return retarget(response, "#panel") if _only_tags(request) else response
    place = Place(around=form.passage.passage.number if form.passage else None)
    return render(request, PAGE, context | page_context(bench, place), status=status)
