"""Figures as files, each with the query string of its page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from annotations.access import SummitRequest, get_visit_or_404
from annotations.exporting.figures import figure_svg
from annotations.pages.figures.drawn import FIGURES, draw_figure
from annotations.pages.figures.sheet import NothingToDrawError


@require_safe
def figure_file(request: SummitRequest, study: str, file: str) -> HttpResponse:
    """``<figure>.svg``; 422 with the reason in words where there is nothing to draw."""
    visit = get_visit_or_404(request, study, at_least=None)
    name, dot, kind = file.partition(".")
    if name not in FIGURES or dot + kind != ".svg":
        raise Http404("No such figure.")
    try:
        figure = draw_figure(visit, name, request.GET)
    except NothingToDrawError as reason:
        return HttpResponse(f"{reason}\n", content_type="text/plain; charset=utf-8", status=422)
    response = HttpResponse(figure_svg(figure), content_type="image/svg+xml; charset=utf-8")
    # It bears the day on which it was drawn, and shows what this person may see: nobody keeps it.
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'inline; filename="{visit.study.slug}-{figure.key}.svg"'
    return response
