"""The settings of a study. For owners."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.access import Visit, get_visit_or_404
from annotations.enums import Role
from annotations.errors import InvalidSettingsError, NotAllowedError, StaleEntryError
from annotations.pages.settings import differences, load_changes
from annotations.services.codebook import last_line
from annotations.services.settings import Settings, change_settings
from annotations.study_forms import SettingsForm

PAGE = "annotations/study_settings.html"
#: How many of the earlier changes the page shows.
CHANGES_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def study_settings(request: HttpRequest, study: str) -> HttpResponse:
    """The settings; 422 where they break a rule, 409 where another owner has changed them meanwhile."""
    visit = get_visit_or_404(request, study, at_least=Role.OWNER)
    if request.method != "POST":
        return _page(request, visit, _form(visit, Settings.of(visit.study)))
    form = SettingsForm(request.POST, study=visit.study)
    if not form.is_valid():
        return _page(request, visit, form, status=422)
    seen, values = form.cleaned_data["seen"], form.values()
    try:
        change_settings(by=visit.member, study=visit.study, seen=seen, values=values)
    except InvalidSettingsError as refusal:
        form.add_problems(refusal)
        return _page(request, visit, form, status=422)
    except StaleEntryError:
        visit.study.refresh_from_db()
        found, merged = differences(visit.study, seen, values)
        return _page(request, visit, _form(visit, merged), status=409, differences=found)
    except NotAllowedError as refusal:
        raise PermissionDenied from refusal
    messages.success(request, _("The settings are saved."))
    return redirect("study-settings", study=study)


def _form(visit: Visit, values: Settings) -> SettingsForm:
    return SettingsForm(initial=asdict(values) | {"seen": last_line(visit.study)}, study=visit.study)


def _page(
    request: HttpRequest, visit: Visit, form: SettingsForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    changes = load_changes(visit.study)[:CHANGES_SHOWN]
    context = {"visit": visit, "page": "settings", "form": form, "changes": changes} | more
    return render(request, PAGE, context, status=status)
