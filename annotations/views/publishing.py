"""Frozen readings: a list, a page for each, and its files."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from annotations.access import SummitRequest, Visit, get_visit_or_404
from annotations.codebook import Codebook
from annotations.enums import Layer, Role
from annotations.exporting.compare_csv import COLUMNS, compare_rows, rows_as_csv
from annotations.models import FrozenReading
from annotations.pages.publishing import citation_of, frozen_content, frozen_reading_in_words, frozen_rows
from annotations.pages.reading import NothingToCompareError, load_compared
from annotations.services.publishing import InvalidTitleError, freeze_reading
from annotations.unchanged import unchanged

NOTHING_SETTLED = gettext_lazy(
    "Nothing is settled under this reading: a frozen one would be empty for good. Settle claims first."
)
#: What of a query string a frozen reading keeps.
KEPT = ("a", "b", "lens", "grain", "side")


@require_http_methods(["GET", "HEAD", "POST"])
@unchanged(at_least=None)
def frozen_list(request: SummitRequest, study: str) -> HttpResponse:
    """The frozen readings of a study; a POST of an owner freezes another."""
    if request.method == "POST":
        return _freeze(request, get_visit_or_404(request, study, at_least=Role.OWNER))
    return _list(request, get_visit_or_404(request, study, at_least=None))


@require_safe
def frozen_latest(request: SummitRequest, study: str) -> HttpResponse:
    """On to the latest frozen reading; to the list where there is none."""
    visit = get_visit_or_404(request, study, at_least=None)
    readings = FrozenReading.objects.visible_to(visit.user, visit.study, visit.role)
    latest = readings.order_by("-id").values_list("public_id", flat=True).first()
    if latest is None:
        return redirect("frozen-list", study=visit.study.slug)
    return redirect("frozen-detail", study=visit.study.slug, frozen=latest)


@require_safe
@unchanged(at_least=None)
def frozen_detail(request: SummitRequest, study: str, frozen: uuid.UUID) -> HttpResponse:
    """One frozen reading: its rows and quotes, how to cite it, and the live page."""
    visit = get_visit_or_404(request, study, at_least=None)
    found = _get_frozen_or_404(visit, frozen)
    context = {
        "visit": visit,
        "page": "compare",
        "contrast": "frozen",
        "frozen": found,
        "content": found.content,
        "rows": frozen_rows(found.content),
        "reading": frozen_reading_in_words(found.content),
        "citation": citation_of(found, request.build_absolute_uri(request.path)),
    }
    return render(request, "annotations/frozen_detail.html", context)


@require_safe
@unchanged(at_least=None)
def frozen_file(request: SummitRequest, study: str, frozen: uuid.UUID, file: str) -> HttpResponse:
    """The rows as CSV, or all that is stored as JSON."""
    visit = get_visit_or_404(request, study, at_least=None)
    content = _get_frozen_or_404(visit, frozen).content
    if file == "rows.csv":
        text = rows_as_csv(content["columns"], content["rows"])
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    elif file == "reading.json":
        response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    else:
        raise Http404("No such file.")
    name = f"{visit.study.slug}-{str(frozen)[:8]}-{file}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _get_frozen_or_404(visit: Visit, public_id: uuid.UUID) -> FrozenReading:
    readings = FrozenReading.objects.visible_to(visit.user, visit.study, visit.role)
    found = readings.filter(public_id=public_id).first()
    if found is None:
        raise Http404("No such reading.")
    return found


def _freeze(request: SummitRequest, visit: Visit) -> HttpResponse:
    query = QueryDict(mutable=True)
    query["layer"] = Layer.CURATED.value
    for name in KEPT:
        if request.POST.get(name):
            query[name] = request.POST[name]
    try:
        compared = load_compared(visit, query, with_draws=True)
        if not compared.n:
            return _list(request, visit, error=str(NOTHING_SETTLED))
        frozen = freeze_reading(
            by=visit.member,
            study=visit.study,
            title=request.POST.get("title", ""),
            query=query.urlencode(),
            content=frozen_content(compared, COLUMNS, compare_rows(compared)),
        )
    except NothingToCompareError:
        return _list(request, visit, error=_("There is nothing to compare yet, and so nothing to freeze."))
    except InvalidTitleError as error:
        return _list(request, visit, error=str(error))
    messages.success(request, _("Frozen. The link below stays as it is."))
    return redirect("frozen-detail", study=visit.study.slug, frozen=frozen.public_id)


def _list(request: SummitRequest, visit: Visit, error: str = "") -> HttpResponse:
    readings = FrozenReading.objects.visible_to(visit.user, visit.study, visit.role)
    context = {
        "visit": visit,
        "page": "compare",
        "contrast": "frozen",
        "readings": readings.defer("content").order_by("-id"),
        "documents": visit.study.documents.without_text().order_by("position"),
        "settled": visit.annotations().active().filter(layer=Layer.CURATED.value).count(),
        "sides": Codebook.of(visit.study, state=visit.codebook_state).sides,
        "error": error,
        "title": request.POST.get("title", ""),
    }
    return render(request, "annotations/frozen_list.html", context, status=422 if error else 200)
