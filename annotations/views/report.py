"""The report of a comparison: a page to print, and a file that needs nothing beside it."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from annotations.access import SummitRequest, Visit, get_visit_or_404
from annotations.pages.reading import NothingToCompareError
from annotations.pages.report import load_report


@require_safe
def report(request: SummitRequest, study: str) -> HttpResponse:
    """One printable page, with the query string of the comparison."""
    visit = get_visit_or_404(request, study, at_least=None)
    try:
        context = _context(request, visit)
    except NothingToCompareError as reason:
        return _nothing(request, visit, str(reason))
    response = render(request, "annotations/report.html", context)
    # It bears its day, so that it is made anew; and it is for whoever asked, and for nobody else.
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Cookie", "HX-Request"))
    return response


@require_safe
def report_file(request: SummitRequest, study: str) -> HttpResponse:
    """The same as one HTML file: its style inside, no script, nothing fetched from anywhere."""
    visit = get_visit_or_404(request, study, at_least=None)
    try:
        context = _context(request, visit)
    except NothingToCompareError as reason:
        return _nothing(request, visit, str(reason))
    response = render(request, "annotations/report_file.html", context | {"style": _style()})
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'attachment; filename="{visit.study.slug}-report.html"'
    return response


def _context(request: SummitRequest, visit: Visit) -> dict[str, object]:
    loaded = load_report(visit, request.GET)
    query = request.GET.urlencode()
    path = reverse("compare", args=[visit.study.slug]) + (f"?{query}" if query else "")
    return {
        "visit": visit,
        "page": "compare",
        "contrast": "report",
        "report": loaded,
        "today": timezone.localdate(),
        "live": request.build_absolute_uri(path),
    } | loaded.compared.context()


def _nothing(request: SummitRequest, visit: Visit, reason: str) -> HttpResponse:
    context = {"visit": visit, "page": "compare", "reason": reason}
    return render(request, "annotations/compare_nothing.html", context, status=422)


def _style() -> SafeString:
    """Our own stylesheet as an element: the one place with a style inside, since this file is opened from a
    disk, where no policy forbids it. Nobody can write in the sheet."""
    sheet = Path(str(finders.find("css/report.css"))).read_text(encoding="utf-8")
    return SafeString(f"<style>{sheet}</style>")
