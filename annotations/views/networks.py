"""Discourse networks: a page, and the files that leave it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.access import SummitRequest, Visit, get_visit_or_404
from annotations.exporting.networks import network_edges_csv, network_graphml, network_matrix_csv
from annotations.networks.enums import Mode
from annotations.networks.network import Network
from annotations.pages.networks import load_network
from annotations.pages.reading import NothingToCompareError
from annotations.unchanged import unchanged

#: By the end of the address: the writer, its content type, and the end of the file's name.
FILES: dict[str, tuple[Callable[[Network], bytes | str], str, str]] = {
    "graphml": (network_graphml, "application/graphml+xml; charset=utf-8", "network.graphml"),
    "matrix.csv": (network_matrix_csv, "text/csv; charset=utf-8", "matrix.csv"),
    "edges.csv": (network_edges_csv, "text/csv; charset=utf-8", "edges.csv"),
}


@require_safe
@unchanged()
def networks(request: SummitRequest, study: str) -> HttpResponse:
    """One network as a table, and links to its files."""
    visit = get_visit_or_404(request, study)
    try:
        shown = load_network(visit, request.GET)
    except NothingToCompareError as reason:
        return render(request, "annotations/compare_nothing.html", _page(visit) | {"reason": str(reason)})
    context = _page(visit) | {
        "shown": shown,
        "network": shown.network,
        "reading": shown.reading,
        "modes": tuple(Mode),
        "rows": list(zip(shown.network.rows, shown.network.matrix, strict=True)),
        "files": tuple(FILES),
    }
    return render(request, "annotations/networks.html", context)


@require_safe
@unchanged()
def network_file(request: SummitRequest, study: str, file: str) -> HttpResponse:
    """The same network as a file, with the same query string."""
    visit = get_visit_or_404(request, study)
    if file not in FILES:
        raise Http404("No such file.")
    write, content_type, name = FILES[file]
    try:
        content = write(load_network(visit, request.GET).network)
    except NothingToCompareError as reason:
        return HttpResponse(f"nothing to compare: {reason}\n", content_type="text/plain", status=422)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{visit.study.slug}-{name}"'
    return response


def _page(visit: Visit) -> dict[str, object]:
    return {"visit": visit, "page": "compare", "contrast": "networks"}
