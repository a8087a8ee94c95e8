"""The pages behind the comparison that look at all topics at once: voices, mediation, silence."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.access import SummitRequest, Visit, get_visit_or_404
from annotations.pages.figures.of_mediation import flow_of
from annotations.pages.figures.sheet import bare
from annotations.pages.mediation import sides_of
from annotations.pages.reading import Compared, NothingToCompareError, load_compared
from annotations.pages.silence import silences_of
from annotations.pages.voices import Map, heat_map
from annotations.unchanged import unchanged


@require_safe
@unchanged(at_least=None)
def voices(request: SummitRequest, study: str) -> HttpResponse:
    """A source × topic heat map of each document, and of their difference (``map``)."""
    visit = get_visit_or_404(request, study, at_least=None)
    compared = _compared(request, visit)
    if compared is None:
        return _nothing(request, visit)
    shown = heat_map(compared, _map(request))
    return _page(request, compared, "voices", {"heat": shown, "maps": tuple(Map)})


@require_safe
@unchanged(at_least=None)
def mediation(request: SummitRequest, study: str) -> HttpResponse:
    """Who is heard in the document's own words, through their own side, or through another."""
    visit = get_visit_or_404(request, study, at_least=None)
    compared = _compared(request, visit)
    if compared is None:
        return _nothing(request, visit)
    sides = sides_of(compared)
    flows = [bare(flow_of(sides, place)) for place in (0, 1)] if sides else []
    return _page(request, compared, "mediation", {"sides": sides, "flows": flows})


@require_safe
@unchanged(at_least=None)
def silence(request: SummitRequest, study: str) -> HttpResponse:
    """What one document treats and the other leaves out, ranked by emphasis."""
    visit = get_visit_or_404(request, study, at_least=None)
    compared = _compared(request, visit)
    if compared is None:
        return _nothing(request, visit)
    return _page(request, compared, "silence", {"silences": silences_of(compared)})


def _compared(request: SummitRequest, visit: Visit) -> Compared | None:
    try:
        return load_compared(visit, request.GET)
    except NothingToCompareError:
        return None


def _nothing(request: SummitRequest, visit: Visit) -> HttpResponse:
    reason = "documents" if visit.study.documents.count() < 2 else "scale"
    context = {"visit": visit, "page": "compare", "reason": reason}
    return render(request, "annotations/compare_nothing.html", context)


def _page(request: SummitRequest, compared: Compared, name: str, more: dict[str, object]) -> HttpResponse:
    context = {"visit": compared.visit, "page": "compare", "contrast": name} | compared.context() | more
    return render(request, f"annotations/{name}.html", context)


def _map(request: SummitRequest) -> Map:
    try:
        return Map(request.GET.get("map") or Map.DIFFERENCE.value)
    except ValueError as error:
        raise BadRequest("map: no such choice.") from error
