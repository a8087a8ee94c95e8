"""All annotations of a study that a member may see: filtered as a page, and the same set as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.forms import ChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from annotations.access import Visit, get_visit_or_404
from annotations.enums import Layer
from annotations.exporting.annotations_csv import csv_chunks
from annotations.filters import AnnotationFilter, load_choices
from annotations.models import Annotation
from annotations.permissions import default_layer, may_read_layer

PAGE = "annotations/annotation_list.html"
RESULTS = "annotations/partials/_annotation_results.html"
ROWS_A_PAGE = 50
#: The filters that are always in view; the others are folded.
MAIN_FILTERS = ("q", "document", "topic", "stance", "source", "coder", "sort")


@dataclass(frozen=True, slots=True)
class AnnotationShown:
    """One row: ``letter`` is its document's, ``mark`` the disc or diamond of the first two ("a", "b", else
    empty), ``place`` the passage's address for those who may open it (else empty)."""

    annotation: Annotation
    letter: str
    mark: str
    place: str


@dataclass(frozen=True, slots=True)
class FilterShown:
    """A filter that is set: its name, what it is set to, and the address without it."""

    label: str
    value: str
    without: str


class HtmxRequest(HttpRequest):
    """A request that has passed htmx's middleware."""

    htmx: HtmxDetails


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def annotation_list(request: HtmxRequest, study: str) -> HttpResponse:
    """The list with its filters; as a fragment, what was found. An invalid filter is answered 422."""
    visit = get_visit_or_404(request, study)
    filters = _filters(request, visit)
    context = _shell(visit, filters)
    status = 422
    if filters.is_valid():
        found = Paginator(filters.qs.shown(), ROWS_A_PAGE).get_page(request.GET.get("page"))
        context |= _found(visit, filters, found)
        status = 200
    if not _is_fragment(request):
        return render(request, PAGE, context, status=status)
    response = render(request, RESULTS, context, status=status)
    if status == 200:
        response["HX-Push-Url"] = _address(visit, _asked(visit, filters), page=found.number)
    return response


@require_safe
@never_cache
def annotation_csv(request: HttpRequest, study: str) -> HttpResponseBase:
    """The same set in the same order. ``raw=1`` leaves the formula guard out, ``bom=1`` starts with a BOM."""
    visit = get_visit_or_404(request, study)
    filters = _filters(request, visit)
    if not filters.is_valid():
        reasons = "".join(f"{name}: {reason}\n" for name, reason in _reasons(filters))
        return HttpResponse(reasons, status=422, content_type="text/plain; charset=utf-8")
    chunks = csv_chunks(
        visit.study,
        filters.qs,
        guarded=request.GET.get("raw") != "1",
        bom=request.GET.get("bom") == "1",
    )
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{visit.study.slug}-annotations.csv"'
    return response


def _filters(request: HttpRequest, visit: Visit) -> AnnotationFilter:
    """The filters of the query string. Asking for a layer or a coder one may not see is refused, not
    ignored."""
    layer = request.GET.get("layer")
    if layer in set(Layer) and not may_read_layer(visit.role, Layer(layer)):
        raise PermissionDenied
    if request.GET.get("coder", "").strip() and not visit.may_code:
        raise PermissionDenied
    return AnnotationFilter(request.GET, visit, load_choices(visit))


def _is_fragment(request: HtmxRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def _reasons(filters: AnnotationFilter) -> Iterator[tuple[str, str]]:
    for name, errors in filters.form.errors.items():
        for error in errors:
            yield name, str(error)


def _shell(visit: Visit, filters: AnnotationFilter) -> dict[str, Any]:
    """What the page shows whatever was found. The rarer filters are folded away unless one is in use."""
    form = filters.form
    asked = _asked(visit, filters)
    rare = [name for name in form.fields if name not in MAIN_FILTERS]
    main = [name for name in MAIN_FILTERS if name != "coder" or visit.may_code]
    return {
        "visit": visit,
        "page": "annotations",
        "form": form,
        "main_fields": [form[name] for name in main],
        "more_fields": [form[name] for name in rare],
        "more_open": any(name in asked or name in form.errors for name in rare),
        "clear": _address(visit, {}),
    }


def _found(visit: Visit, filters: AnnotationFilter, found: Page[Annotation]) -> dict[str, Any]:
    """What the page shows of a set that was found."""
    asked = _asked(visit, filters)
    turn = {
        "previous": found.has_previous() and found.previous_page_number(),
        "next": found.has_next() and found.next_page_number(),
    }
    return {
        "found": found,
        "count": found.paginator.count,
        "rows": _shown(visit, filters, found),
        "active": _active(visit, filters, asked),
        "csv": _address(visit, asked, name="annotation-csv"),
        **{name: _address(visit, asked, page=number) if number else "" for name, number in turn.items()},
    }


def _shown(visit: Visit, filters: AnnotationFilter, found: Page[Annotation]) -> list[AnnotationShown]:
    letters = {slug: _letters(number) for number, (slug, _name) in enumerate(filters.choices.documents)}
    rows = []
    for annotation in found:
        slug = annotation.document.slug
        place = ""
        if visit.may_code:
            code = reverse("document-code", kwargs={"study": visit.study.slug, "document": slug})
            place = f"{code}#p{annotation.passage.number}"
        mark = letters[slug].lower() if letters[slug] in ("A", "B") else ""
        rows.append(AnnotationShown(annotation, letters[slug], mark, place))
    return rows


def _letters(number: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _asked(visit: Visit, filters: AnnotationFilter) -> dict[str, str]:
    """The query string's filters, without those that say what holds anyhow."""
    default = {"layer": default_layer(visit.role).value, "sort": "text"}
    return {name: text for name, text in filters.data.items() if text.strip() and text != default.get(name)}


def _address(visit: Visit, asked: dict[str, str], *, page: int = 1, name: str = "annotation-list") -> str:
    query = urlencode(asked | ({"page": page} if page > 1 else {}))
    base = reverse(name, kwargs={"study": visit.study.slug})
    return f"{base}?{query}" if query else base


def _active(visit: Visit, filters: AnnotationFilter, asked: dict[str, str]) -> list[FilterShown]:
    """The filters that are set, in the form's order; the order of rows is none."""
    return [
        FilterShown(
            label=str(filters.form.fields[name].label),
            value=_words(filters.form.fields[name], text),
            without=_address(visit, {other: asked[other] for other in asked if other != name}),
        )
        for name, text in asked.items()
        if name != "sort"
    ]


def _words(field: Any, text: str) -> str:
    """What a value is called: the words of its option, or itself."""
    if not isinstance(field, ChoiceField):
        return _("“%(text)s”") % {"text": text}
    options: dict[str, str] = {}
    choices: Any = field.choices
    for value, label in choices:
        inside = label if isinstance(label, list | tuple) else [(value, label)]
        options |= {str(slug): str(words) for slug, words in inside}
    return options[text]
