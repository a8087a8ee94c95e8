"""The coders' page: what was decided about their tags."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.access import SummitRequest, get_visit_or_404
from annotations.enums import Role
from annotations.pages.decisions import load_decisions


@require_safe
@never_cache
def decision_list(request: SummitRequest, study: str) -> HttpResponse:
    """One's own tags with the decisions on them, once one may see these; a curator sees every coder's."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    context = {"visit": visit, "page": "decisions", "shown": load_decisions(visit, request.GET)}
    return render(request, "annotations/decision_list.html", context)
