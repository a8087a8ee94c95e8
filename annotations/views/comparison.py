"""The comparison, and the topic and source pages behind it."""

from __future__ import annotations

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
    topic_quotes,
    track_of,
    voices_on_scale,
)
from annotations.pages.disagreements import disagreements_on
from annotations.pages.figures.of_one_topic import stance_rows, stances
from annotations.pages.figures.sheet import bare
from annotations.pages.presence import load_presence
from annotations.pages.reading import Compared, NothingToCompareError, load_compared
from annotations.pages.reliability import Agreements, load_agreements
from annotations.pages.table import SORT_WORDS, load_table, read_asked, row_links
from annotations.pages.through import through_whom
from annotations.pages.timeline import load_timeline
from annotations.unchanged import unchanged


@require_safe
@unchanged(at_least=None)
@vary_on_headers("HX-Request")
def compare(request: SummitRequest, study: str) -> HttpResponse:
    """Topics × documents; with ``open`` one row's quotes, as a fragment only those."""
    visit = get_visit_or_404(request, study, at_least=None)
    opened = request.GET.get("open", "")
    topic = get_topic_or_404(visit, opened) if opened else None
    is_row = topic is not None and bool(request.htmx) and not request.htmx.history_restore_request
    try:
        compared = load_compared(
            visit, request.GET, with_intervals=not is_row, topic=topic.slug if topic else None
        )
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", _page(visit) | {"reason": str(reason)})
    pair = (compared.a, compared.b)
    agreements = load_agreements(visit, pair, topic.slug) if topic else Agreements({})
    context = _page(visit) | compared.context() | {"opened": topic, "agreements": agreements.topics}
    if topic is not None:
        context["quotes_a"], context["quotes_b"] = topic_quotes(compared, topic)
        result = compared.comparison.topic(topic.slug)
        context |= {"opened_result": result, "voices_on_scale": voices_on_scale(compared, result)}
        context["alone"] = agreements.alone_on(topic.slug)
        if is_row:
            response = render(request, "annotations/partials/_compare_detail.html", context)
            response["Cache-Control"] = "no-store"
            return response
    asked = read_asked(request.GET, compared)
    context["agreements"] = load_presence(compared) | agreements.topics
    context |= {"table": load_table(compared, asked), "asked": asked, "verdicts": _strip(compared)}
    context |= {"sort_words": SORT_WORDS, "links": row_links(request.GET, compared)}
    return render(request, "annotations/compare.html", context)


@require_safe
@unchanged(at_least=None)
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
@unchanged(at_least=None)
def topic_detail(request: SummitRequest, study: str, topic: str) -> HttpResponse:
    """One topic: the quotes of both documents by source and messenger."""
    visit = get_visit_or_404(request, study, at_least=None)
    entry = get_topic_or_404(visit, topic)
    try:
        compared = load_compared(visit, request.GET, topic=entry.slug)
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", _page(visit) | {"reason": str(reason)})
    result = compared.comparison.topic(entry.slug)
    siblings = [t for t in compared.topics if t.parent_id == entry.parent_id]
    place = compared.topics.index(entry)
    agreements = load_agreements(visit, (compared.a, compared.b), entry.slug)
    context = _page(visit) | compared.context()
    context |= {
        "topic": entry,
        "result": result,
        "agreed": agreements.topics.get(entry.slug),
        "alone": agreements.alone_on(entry.slug),
        "figures": (("a", compared.a, result.a), ("b", compared.b, result.b)),
        "scale": scale_of(compared, result.a, result.b, comparable=result.distance is not None),
        "track": track_of(compared, result),
        "timeline": load_timeline(compared, *topic_quotes(compared, entry)),
        "disagreements": disagreements_on(agreements, entry.slug),
        "stance_rows": stance_rows(compared, entry),
        "stance_figure": bare(stances(compared, entry)),
        "siblings": [(t, compared.comparison.topic(t.slug).verdict) for t in siblings],
        "sections": sections_by_source(compared, entry),
        "before": compared.topics[place - 1] if place else None,
        "after": compared.topics[place + 1] if place + 1 < len(compared.topics) else None,
    }
    return render(request, "annotations/topic_detail.html", context)


@require_safe
@unchanged(at_least=None)
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
        "through": through_whom(compared, entry),
        "tags_a": sum(section.tags_a for section in sections),
        "tags_b": sum(section.tags_b for section in sections),
        "sources": [s for s in compared.sources.values() if s.side == entry.side],
    }
    return render(request, "annotations/source_detail.html", context)


def _page(visit: object) -> dict[str, object]:
    return {"visit": visit, "page": "compare"}


def _strip(compared: Compared) -> list[tuple[Verdict, int]]:
    return [(verdict, compared.comparison.headline.count(verdict)) for verdict in VERDICT_ORDER]
