"""Questions: the tags whose coders are not sure, and the newest talk."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from annotations.access import SummitRequest, Visit, get_visit_or_404
from annotations.enums import Layer, Role
from annotations.filters import AnnotationFilter, load_choices
from annotations.pages.questions import Asked, Questions, load_questions

PAGE = "annotations/question_list.html"
RESULTS = "annotations/partials/_question_results.html"
FILTERS = ("document", "topic", "coder")


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def question_list(request: SummitRequest, study: str) -> HttpResponse:
    """Curators see all, coders their own unless they ask for more. An invalid filter is answered 422."""
    visit = get_visit_or_404(request, study, at_least=Role.CODER)
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    if "coder" not in request.GET and not visit.may_curate:
        asked["coder"] = visit.member.get_username()
    said = asked | {"uncertain": "true", "layer": Layer.CODED.value}
    filters = AnnotationFilter(said, visit, load_choices(visit))
    context: dict[str, object] = {
        "visit": visit,
        "page": "questions",
        "form": filters.form,
        "fields": [filters.form[name] for name in FILTERS],
        "clear": _address(visit, {}),
        "is_narrowed": any(asked.values()),
    }
    if not filters.is_valid():
        return render(request, RESULTS if _is_fragment(request) else PAGE, context, status=422)
    documents = [slug for slug, _name in filters.choices.documents]
    questions = load_questions(visit, filters.qs, Asked(**asked), documents, request.GET.get("page"))
    context |= {"questions": questions, **_turns(visit, asked, questions)}
    if not _is_fragment(request):
        return render(request, PAGE, context)
    here = _address(visit, asked, questions.page.number)
    return push_url(render(request, RESULTS, context), here)


def _is_fragment(request: SummitRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def _turns(visit: Visit, asked: dict[str, str], questions: Questions) -> dict[str, str]:
    page = questions.page
    return {
        "previous": _address(visit, asked, page.previous_page_number()) if page.has_previous() else "",
        "next": _address(visit, asked, page.next_page_number()) if page.has_next() else "",
    }


def _address(visit: Visit, asked: dict[str, str], page: int = 1) -> str:
    """``coder`` is written even where it is empty: without it, a coder gets their own."""
    named = {name: value for name, value in asked.items() if value or name == "coder"}
    query = urlencode(named | ({"page": page} if page > 1 else {}))
    base = reverse("question-list", args=[visit.study.slug])
    return f"{base}?{query}" if query else base
