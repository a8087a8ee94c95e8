"""The studies, one study's front page and its colours."""

from __future__ import annotations

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.access import LoginRequired, get_visit_or_404
from annotations.pages.overview import load_overview, load_studies
from annotations.pages.reading import NothingToCompareError, load_compared
from annotations.unchanged import unchanged

#: The colours that the pages have without any study: a wish for one of these changes nothing.
HOUSE_COLOURS = {"support": "#0b7a6e", "mixed": "#7a3fc0", "neutral": "#3f3b33", "oppose": "#c62c17"}


@require_safe
def study_list(request: HttpRequest) -> HttpResponse:
    """The studies I can see; a visitor sees the public ones, or is asked to log in where there are none."""
    studies = load_studies(request.user)
    if not studies and not request.user.is_authenticated:
        raise LoginRequired
    return render(request, "annotations/study_list.html", {"studies": studies})


@require_safe
@unchanged(at_least=None)
def study_overview(request: HttpRequest, study: str) -> HttpResponse:
    """The headline, the documents, who codes them and how far they are."""
    visit = get_visit_or_404(request, study, at_least=None)
    context: dict[str, object] = {"visit": visit, "page": "overview", "overview": load_overview(visit)}
    try:
        context |= load_compared(visit, QueryDict()).context()
    except NothingToCompareError:
        context["tags"] = None
    return render(request, "annotations/study_overview.html", context)


@require_safe
def stance_colours(request: HttpRequest, study: str) -> HttpResponse:
    """The study's own colours as a stylesheet: on underline and mark, never on text.

    Colours are ``#rrggbb`` by validation; anything else that got into the table is left out.
    """
    visit = get_visit_or_404(request, study, at_least=None)
    lines = [
        f":root {{ --tone-{stance.slot}: {stance.color.lower()}; }}"
        for stance in visit.study.stances.order_by("-position")
        if stance.has_valid_color and stance.color.lower() != HOUSE_COLOURS[stance.slot]
    ]
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "private, max-age=60"
    return response


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM annotations_study LIMIT 1")
    except Error:
        return HttpResponse("the database does not answer\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")
