"""The codebook and what grows on it: its versions, the gaps in the guidelines, the list of its changes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.access import get_entry_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.pages.codebook import care_counts, kind_word, load_acts, load_codebook
from annotations.pages.codebook_versions import load_entry_versions, load_guidelines_versions
from annotations.pages.gaps import load_gaps


@require_safe
def codebook(request: HttpRequest, study: str) -> HttpResponse:
    """The guidelines, the topics with their statements, the stances and the sources."""
    visit = get_visit_or_404(request, study)
    shown = load_codebook(visit)
    context = {"visit": visit, "page": "codebook", "tab": "codebook", "codebook": shown}
    return render(request, "annotations/codebook.html", context | {"counts": shown.counts})


@require_safe
def entry_versions(request: HttpRequest, study: str, kind: str, entry: str) -> HttpResponse:
    """What an entry said before, and who changed it."""
    visit = get_visit_or_404(request, study)
    shown = get_entry_or_404(visit, kind, entry)
    context = {
        "visit": visit,
        "page": "codebook",
        "entry": shown,
        "kind": kind_word(shown),
        "versions": load_entry_versions(shown),
    }
    return render(request, "annotations/codebook_versions.html", context)


@require_safe
def guidelines_versions(request: HttpRequest, study: str) -> HttpResponse:
    """What the guidelines said before, and who changed them."""
    visit = get_visit_or_404(request, study)
    versions = load_guidelines_versions(visit.study)
    context = {"visit": visit, "page": "codebook", "versions": versions}
    return render(request, "annotations/codebook_versions.html", context)


@require_safe
@never_cache
def guideline_gaps(request: HttpRequest, study: str) -> HttpResponse:
    """The decisions whose reason was a gap in the guidelines, with the quotes they were about."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    found, gaps = load_gaps(visit, request.GET.get("page", "1"))
    context = {"visit": visit, "page": "codebook", "tab": "gaps", "counts": care_counts(visit)}
    return render(request, "annotations/guideline_gaps.html", context | {"found": found, "gaps": gaps})


@require_safe
@never_cache
def codebook_acts(request: HttpRequest, study: str) -> HttpResponse:
    """Merges, splits and retirements, each with the way to undo it."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    acts = load_acts(visit, request.GET.get("page", "1"))
    context = {"visit": visit, "page": "codebook", "tab": "acts", "counts": care_counts(visit)}
    return render(request, "annotations/codebook_acts.html", context | {"acts": acts})
