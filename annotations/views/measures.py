"""What the figures of the comparison mean."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.access import get_visit_or_404
from annotations.unchanged import unchanged


@require_safe
@unchanged(at_least=None)
def measures(request: HttpRequest, study: str) -> HttpResponse:
    """Each measure in plain words, with its formula and its limits."""
    visit = get_visit_or_404(request, study, at_least=None)
    return render(request, "annotations/measures.html", {"visit": visit, "page": "compare"})
