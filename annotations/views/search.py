"""Full-text search over the passages of a study."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from annotations.access import SummitRequest, get_visit_or_404
from annotations.pages.search import Found, load_found, search_address
from annotations.search_text import QUERY_CHARACTERS, QueryError, Unsearchable

PAGE = "annotations/search.html"
RESULTS = "annotations/partials/_search_results.html"
REASONS = {
    Unsearchable.TOO_LONG: gettext_lazy("A search may have at most %(limit)s characters. Leave words out."),
    Unsearchable.NO_WORDS: gettext_lazy("There is no letter and no digit in this search: write a word."),
    Unsearchable.ONLY_EXCLUDED: gettext_lazy(
        "This search only says what to leave out: add a word that is to be found."
    ),
}


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def study_search(request: SummitRequest, study: str) -> HttpResponse:
    """The page with its form; as a fragment, what was found. What cannot be searched for is answered 422."""
    visit = get_visit_or_404(request, study)
    documents = list(visit.study.documents.without_text().order_by("position"))
    text = request.GET.get("q", "").strip()
    slug = request.GET.get("document", "")
    chosen = next((document for document in documents if document.slug == slug), None)
    found: Found | None = None
    error = ""
    if slug and chosen is None:
        error = _("The study has no such document.")
    elif text:
        try:
            found = load_found(visit, documents, text, chosen, request.GET.get("page"))
        except QueryError as refused:
            error = REASONS[refused.reason] % {"limit": QUERY_CHARACTERS}
    context = {
        "visit": visit,
        "page": "search",
        "q": text,
        "limit": QUERY_CHARACTERS,
        "documents": documents,
        "chosen": chosen,
        "clear": search_address(visit, ""),
        "found": found,
        "error": error,
    }
    status = 422 if error else 200
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, PAGE, context, status=status)
    response = render(request, RESULTS, context, status=status)
    turned = found.page.number if found else 1
    # What cannot be searched for leaves no step in the browser's history: htmx restores no refusal.
    return push_url(response, False if error else search_address(visit, text, slug, turned))
