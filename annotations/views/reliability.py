"""How far the coders agree: the page and its CSV. For coders and above."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from annotations.access import SummitRequest, get_visit_or_404
from annotations.enums import Role
from annotations.exporting.reliability_csv import reliability_csv as as_csv
from annotations.pages.reliability import (
    TopicAgreement,
    coded_for,
    is_demonstration,
    open_cell,
    over_time,
    pairs_of,
    topic_agreements,
)
from annotations.pages.reliability_figures import diagnostics_of, primary_of
from annotations.unchanged import unchanged

SORTS = ("topic", "presence", "characters", "stance")


@require_safe
@unchanged(at_least=Role.CODER)
@vary_on_headers("HX-Request")
def reliability(request: SummitRequest, study: str) -> HttpResponse:
    """The figures; with ``cell`` the quotes behind one cell, as a fragment only those."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    coded = coded_for(visit, request.GET)
    asked = request.GET.get("cell", "")
    only_cell = bool(asked and request.htmx and not request.htmx.history_restore_request)
    found = coded.measured(draws=0) if only_cell else coded.measured()
    pairs = pairs_of(coded, found)
    context = {"visit": visit, "page": "reliability", "opened": open_cell(pairs, asked) if asked else None}
    if only_cell:
        response = render(request, "annotations/partials/_reliability_cell.html", context)
        response["Cache-Control"] = "no-store"
        return response
    context |= {
        "coded": coded,
        "found": found,
        "chosen": request.GET.getlist("document"),
        "names": visit.study.documents.without_text().order_by("position"),
        "primary": primary_of(found),
        "diagnostics": diagnostics_of(found),
        "topics": _sorted(list(topic_agreements(coded, found).values()), request),
        "sorts": SORTS,
        "sort": request.GET.get("sort") or SORTS[0],
        "pairs": pairs,
        "points": over_time(coded) if found.documents else [],
        "is_demonstration": is_demonstration(visit.study, found),
    }
    return render(request, "annotations/reliability.html", context)


@require_safe
@unchanged(at_least=Role.CODER)
def reliability_csv(request: SummitRequest, study: str) -> HttpResponse:
    """The same measures as CSV, with the same query string."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    text = as_csv(coded_for(visit, request.GET).measured())
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{visit.study.slug}-reliability.csv"'
    return response


def _sorted(topics: list[TopicAgreement], request: SummitRequest) -> list[TopicAgreement]:
    """In codebook order, or by a figure: the least first, undefined ones last."""
    sort = request.GET.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise BadRequest("sort: no such choice.")
    if sort == "topic":
        return topics
    return sorted(topics, key=lambda topic: _place(topic, sort))


def _place(topic: TopicAgreement, sort: str) -> tuple[bool, float]:
    value = {
        "presence": topic.presence.measure.value,
        "characters": topic.characters.measure.value,
        "stance": topic.stance_share,
    }[sort]
    return value is None, value or 0.0
