"""The page where an owner takes an ``annotations.csv`` back into the study."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.access import Visit, get_visit_or_404
from annotations.enums import Role
from annotations.importing.annotations_csv import ImportRefusedError, ImportReport, import_annotations
from annotations.importing.annotations_csv_rows import FILE_LIMIT

PAGE = "annotations/import_form.html"
#: A page is no place for a hundred thousand lines: the command line prints them all.
LINES_SHOWN = 1000


class ImportForm(forms.Form):
    """A file, and whether it was written without the formula guard."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An annotations.csv of this study, of at most 20 MiB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "missing": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
    raw = forms.BooleanField(
        label=gettext_lazy("Downloaded with raw=1"),
        help_text=gettext_lazy(
            "The file has no formula guard: an apostrophe at the start of a cell belongs to its text."
        ),
        required=False,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > FILE_LIMIT:
            raise forms.ValidationError(_("The file is larger than 20 MiB: split it."))
        return file


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def study_import(request: HttpRequest, study: str) -> HttpResponse:
    """The form; after an import, what it did; where the file has errors, 422 and all of them."""
    visit = get_visit_or_404(request, study, at_least=Role.OWNER)
    if request.method != "POST":
        report = request.session.get(_key(visit)) if "done" in request.GET else None
        return _page(request, visit, ImportForm(), report=report)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, visit, form, status=422)
    file = form.cleaned_data["file"]
    try:
        report = import_annotations(
            study=visit.study,
            file=file.name,
            content=file.read(),
            raw=form.cleaned_data["raw"],
            by=visit.member,
        )
    except ImportRefusedError as refused:
        shown = refused.errors[:LINES_SHOWN]
        hidden = len(refused.errors) - len(shown)
        return _page(request, visit, form, status=422, refused=refused, errors=shown, hidden=hidden)
    request.session[_key(visit)] = _kept(report)
    return redirect(reverse("study-import", kwargs={"study": visit.study.slug}) + "?done=1")


def _page(
    request: HttpRequest, visit: Visit, form: ImportForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"visit": visit, "page": "import", "form": form} | more
    return render(request, PAGE, context, status=status)


def _key(visit: Visit) -> str:
    """Where the session keeps what the last import did, for the page the POST leads to."""
    return f"import-{visit.study.pk}"


def _kept(report: ImportReport) -> dict[str, Any]:
    shown = report.differing[:LINES_SHOWN]
    return {
        "new": report.new,
        "already": report.already,
        "differ": len(report.differing),
        "differing": [[one.line, one.id, ", ".join(one.columns)] for one in shown],
        "hidden": len(report.differing) - len(shown),
    }
