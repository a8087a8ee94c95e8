"""The comparison, and the topic and source pages behind it."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from annotations.access import SummitRequest, get_source_or_404, get_topic_or_404, get_visit_or_404
from annotations.enums import Verdict
from annotations.exporting.compare_csv import compare_csv as as_csv
from annotations.pages.comparison import (
    VERDICT_ORDER,
    scale_of,
    sections_by_source,
    sections_by_topic,
    table_groups,
    topic_quotes,
)
from annotations.pages.reading import Compared, NothingToCompareError, load_compared
from annotations.pages.reliability import load_agreements


@require_safe
@vary_on_headers("HX-Request")
def compare(request: SummitRequest, study: str) -> HttpResponse:
    """Topics × documents; with ``open`` one row's quotes, as a fragment only those."""
    visit = get_visit_or_404(request, study, at_least=None)
    opened = request.GET.get("open", "")
    topic = get_topic_or_404(visit, opened) if opened else None
    try:
        compared = load_compared(visit, request.GET, with_draws=topic is not None)
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", _page(visit) | {"reason": str(reason)})
    agreements = load_agreements(visit, (compared.a, compared.b))
    context = _page(visit) | compared.context() | {"opened": topic, "agreements": agreements.topics}
    if topic is not None:
        context["quotes_a"], context["quotes_b"] = topic_quotes(compared, topic)
        context["opened_result"] = compared.comparison.topic(topic.slug)
        context["alone"] = agreements.alone_on(topic.slug)
        if request.htmx and not request.htmx.history_restore_request:
            response = render(request, "annotations/partials/_compare_detail.html", context)
            response["Cache-Control"] = "no-store"
            return response
    only = _verdict(request)
    context |= {"groups": table_groups(compared, only), "only": only, "verdicts": _strip(compared)}
    return render(request, "annotations/compare.html", context)


@require_safe
def compare_csv(request: SummitRequest, study: str) -> HttpResponse:
    """The comparison as CSV, with the same query string."""
    visit = get_visit_or_404(request, study, at_least=None)
    try:
        text = as_csv(load_compared(visit, request.GET, with_draws=True))
    except NothingToCompareError as reason:
        return HttpResponse(f"nothing to compare: {reason}\n", content_type="text/plain", status=422)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{visit.study.slug}-compare.csv"'
    return response


@require_safe
def topic_detail(request: SummitRequest, study: str, topic: str) -> HttpResponse:
    """One topic: the quotes of both documents by source and messenger."""
    visit = get_visit_or_404(request, study, at_least=None)
    entry = get_topic_or_404(visit, topic)
    try:
        compared = load_compared(visit, request.GET, with_draws=True)
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", _page(visit) | {"reason": str(reason)})
    result = compared.comparison.topic(entry.slug)
    siblings = [t for t in compared.topics if t.parent_id == entry.parent_id]
    place = compared.topics.index(entry)
    agreements = load_agreements(visit, (compared.a, compared.b))
    context = _page(visit) | compared.context()
    context |= {
        "topic": entry,
        "result": result,
        "agreed": agreements.topics.get(entry.slug),
        "alone": agreements.alone_on(entry.slug),
        "figures": (("a", compared.a, result.a), ("b", compared.b, result.b)),
        "scale": scale_of(compared, result.a, result.b, comparable=result.distance is not None),
        "siblings": [(t, compared.comparison.topic(t.slug).verdict) for t in siblings],
        "sections": sections_by_source(compared, entry),
        "before": compared.topics[place - 1] if place else None,
        "after": compared.topics[place + 1] if place + 1 < len(compared.topics) else None,
    }
    return render(request, "annotations/topic_detail.html", context)


@require_safe
def source_detail(request: SummitRequest, study: str, source: str) -> HttpResponse:
    """One source: everything each document lets it say, and through whom."""
    visit = get_visit_or_404(request, study, at_least=None)
    entry = get_source_or_404(visit, source)
    try:
        compared = load_compared(visit, request.GET)
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", _page(visit) | {"reason": str(reason)})
    sections = sections_by_topic(compared, entry)
    context = _page(visit) | compared.context()
    context |= {
        "source": entry,
        "sections": sections,
        "tags_a": sum(section.tags_a for section in sections),
        "tags_b": sum(section.tags_b for section in sections),
        "sources": [s for s in compared.sources.values() if s.side == entry.side],
    }
    return render(request, "annotations/source_detail.html", context)


def _page(visit: object) -> dict[str, object]:
    return {"visit": visit, "page": "compare"}


def _verdict(request: SummitRequest) -> Verdict | None:
    asked = request.GET.get("verdict")
    if not asked:
        return None
    try:
        return Verdict(asked)
    except ValueError as error:
        raise BadRequest("verdict: no such choice.") from error


def _strip(compared: Compared) -> list[tuple[Verdict, int]]:
    return [(verdict, compared.comparison.headline.count(verdict)) for verdict in VERDICT_ORDER]
