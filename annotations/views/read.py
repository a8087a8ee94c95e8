"""The two documents side by side."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.access import SummitRequest, get_topic_or_404, get_visit_or_404
from annotations.pages.reading import NothingToCompareError, load_compared
from annotations.pages.side_by_side import load_side_by_side
from annotations.unchanged import unchanged


@require_safe
@unchanged(at_least=None)
def read(request: SummitRequest, study: str) -> HttpResponse:
    """Both texts with their tags in the margin; ``topic`` narrows them, ``from_a`` and ``from_b`` lead on."""
    visit = get_visit_or_404(request, study, at_least=None)
    asked = request.GET.get("topic", "")
    topic = get_topic_or_404(visit, asked) if asked else None
    page = {"visit": visit, "page": "compare", "contrast": "read"}
    try:
        compared = load_compared(visit, request.GET)
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", page | {"reason": str(reason)})
    beside = load_side_by_side(
        compared, topic=topic, from_a=_number(request, "from_a"), from_b=_number(request, "from_b")
    )
    context = page | compared.context() | {"beside": beside, "columns": (beside.a, beside.b)}
    return render(request, "annotations/read.html", context)


def _number(request: SummitRequest, name: str) -> int:
    asked = request.GET.get(name, "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 1
