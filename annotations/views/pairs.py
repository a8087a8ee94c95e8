"""Every pair of documents at a glance."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.access import SummitRequest, get_topic_or_404, get_visit_or_404
from annotations.pages.pairs import load_all_documents, pair_table
from annotations.pages.reading import NothingToCompareError
from annotations.unchanged import unchanged


@require_safe
@unchanged(at_least=None)
def pairs(request: SummitRequest, study: str) -> HttpResponse:
    """Agreement, shared topics and silence of every pair; with ``topic`` all documents on one scale."""
    visit = get_visit_or_404(request, study, at_least=None)
    asked = request.GET.get("topic", "")
    topic = get_topic_or_404(visit, asked) if asked else None
    page = {"visit": visit, "page": "compare", "contrast": "pairs"}
    try:
        found = load_all_documents(visit, request.GET)
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", page | {"reason": str(reason)})
    context = page | {
        "all": found,
        "reading": found.reading,
        "columns": found.documents[1:],
        "rows": pair_table(found.documents, found.pairs()),
        "topic": topic,
        "positions": found.on(topic) if topic else [],
    }
    return render(request, "annotations/pairs.html", context)
