"""The workbench: one document, read like a page and tagged in place."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import replace_url

from annotations.access import SummitRequest, get_document_or_404, get_own_tag_or_404, get_visit_or_404
from annotations.codebook import Codebook
from annotations.enums import Role
from annotations.pages.minimap import load_blocks
from annotations.pages.neighbours import load_neighbours
from annotations.pages.passages import Place, load_window
from annotations.pages.progress import next_document
from annotations.pages.shown import NAMES as FILTERS
from annotations.pages.tagging import FormShown, edit_form, new_form, panel_context
from annotations.pages.workbench import (
    Workbench,
    load_frame,
    load_workbench,
    page_address,
    page_context,
    paragraphs,
)

PAGE = "annotations/document_code.html"
PANEL = "annotations/partials/_panel.html"
CHUNK = "annotations/partials/_passages.html"
TEXT = "annotations/partials/_reread.html"
MAP = "annotations/partials/_map.html"
BLOCK = "annotations/partials/_map_block.html"
CODEBOOK = "annotations/partials/_codebook_words.html"
NEIGHBOURS = "annotations/partials/_neighbour_quotes.html"
NEIGHBOURS_PAGE = "annotations/topic_neighbours.html"


@require_safe
def study_code(request: SummitRequest, study: str) -> HttpResponse:
    """Leads to the first document that the coder is to code and has not finished."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    document = next_document(visit)
    if document is None:
        raise Http404("The study has no documents.")
    return redirect("document-code", study=study, document=document.slug)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def document_code(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """The whole page; as a fragment, the panel for one passage (``passage``) or one tag (``edit``).

    ``from``, ``to`` and ``at`` say which passages of a long document come first.
    """
    bench = _bench(request, study, document)
    form = _asked_form(request, bench)
    context = panel_context(bench, form)
    if _is_fragment(request):
        return render(request, PANEL, context)
    place = _place(request)
    if place == Place() and form.passage is not None:
        place = Place(around=form.passage.passage.number)
    return render(request, PAGE, context | page_context(bench, place, with_map="map" in request.GET))


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def document_passages(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """More of a long document: the passages after (``from``) or before (``to``) those that are in the page.
    Without either, the text anew: around a passage (``at``), and with the map where a filter is asked for."""
    bench = _bench(request, study, document)
    if not _is_fragment(request):
        return redirect(page_address(bench, _place(request)))
    place = _place(request)
    window = load_window(bench.visit, bench.document, bench.shown, place)
    context = {"visit": bench.visit, "bench": bench, "shown": bench.shown, "window": window}
    if place.first is not None or place.up_to is not None:
        only = "earlier" if place.first is None else "later"
        return render(request, CHUNK, context | {"only": only})
    if any(name in request.GET for name in FILTERS):
        context |= {"frame": load_frame(bench, window), "oob": True}
    return replace_url(render(request, TEXT, context), page_address(bench, place))


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def document_map(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Where the tags of a long document lie; with ``passage``, only the block that it belongs to."""
    bench = _bench(request, study, document)
    if not _is_fragment(request):
        return redirect(page_address(bench, _place(request), with_map=True))
    number = _number(request, "passage")
    blocks = load_blocks(bench.visit, bench.document, bench.shown, number)
    context = {"visit": bench.visit, "bench": bench, "shown": bench.shown, "blocks": blocks}
    if number is None:
        return render(request, MAP, context)
    return render(request, BLOCK, context | {"block": blocks[0]})


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def document_codebook(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """The codebook and the guidelines, for the drawer beside the text; without htmx, their own page."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    get_document_or_404(visit, document)
    if not _is_fragment(request):
        return redirect("codebook", study=study)
    context = {"visit": visit, "codebook": Codebook.of(visit.study)}
    return render(request, CODEBOOK, context | {"guidelines": paragraphs(visit.study.guidelines)})


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def topic_neighbours(request: SummitRequest, study: str, document: str) -> HttpResponse:
    """Other quotes that one gave a topic (``topic``), without the tag in hand (``but``)."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    text = get_document_or_404(visit, document)
    but = request.GET.get("but", "")
    neighbours = load_neighbours(visit, request.GET.get("topic", ""), _public_id(but) if but else None)
    context = {"visit": visit, "page": "code", "document": text, "neighbours": neighbours}
    return render(request, NEIGHBOURS if _is_fragment(request) else NEIGHBOURS_PAGE, context)


def _bench(request: SummitRequest, study: str, document: str) -> Workbench:
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    return load_workbench(visit, get_document_or_404(visit, document), request.GET)


def _is_fragment(request: SummitRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def _asked_form(request: SummitRequest, bench: Workbench) -> FormShown:
    edit = request.GET.get("edit", "")
    if edit:
        tag = get_own_tag_or_404(bench.visit, bench.document, _public_id(edit), with_entries=True)
        return edit_form(bench, tag)
    return new_form(
        bench,
        _number(request, "passage"),
        in_hand=request.GET.get("hand") != "empty",
        words=(_number(request, "start"), _number(request, "end")),
    )


def _place(request: SummitRequest) -> Place:
    return Place(first=_number(request, "from"), up_to=_number(request, "to"), around=_number(request, "at"))


def _number(request: SummitRequest, name: str) -> int | None:
    number = request.GET.get(name, "")
    return int(number) if number.isdecimal() and len(number) < 10 else None


def _public_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404("No such tag.") from error
