"""The admin actions "Retire", "Revive" and "Split…": a page that says what will happen, then the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.access import ENTRY_KINDS
from annotations.admin.scope import ScopedAdmin, person
from annotations.errors import SummitError
from annotations.services.codebook import InvalidEntryError
from annotations.services.retiring import preview_retirement, retire_entry, revive_entry

if TYPE_CHECKING:
    from django.db.models import QuerySet

TEMPLATE = "admin/annotations/retire_confirm.html"


class CareAdmin(ScopedAdmin):
    """Adds the actions. They need the permission to change, and a curator of each entry's study."""

    actions = ["retire_selected", "revive_selected", "split_selected"]

    @admin.action(description=gettext_lazy("Retire"), permissions=["change"])
    def retire_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Take the selected entries out of use: they keep their annotations and take no new ones."""
        return self._retirement(request, queryset, retired=True)

    @admin.action(description=gettext_lazy("Revive"), permissions=["change"])
    def revive_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Take the selected entries back into use."""
        return self._retirement(request, queryset, retired=False)

    @admin.action(description=gettext_lazy("Split…"), permissions=["change"])
    def split_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Go on to the page of the app on which an entry is split."""
        chosen = list(queryset.select_related("study")[:2])
        if len(chosen) != 1:
            messages.error(request, _("Select the one entry that is to be split."))
            return None
        (entry,) = chosen
        kind = next(word for word, model in ENTRY_KINDS.items() if isinstance(entry, model))
        return HttpResponseRedirect(reverse("entry-split", args=(entry.study.slug, kind, entry.slug)))

    def _retirement(
        self, request: HttpRequest, queryset: QuerySet[Any], *, retired: bool
    ) -> HttpResponse | None:
        entries = [e for e in queryset.order_by("pk") if self.has_change_permission(request, e)]
        if "confirm" in request.POST:
            self._retire(request, entries, retired=retired)
            return None
        previews, refusals = [], []
        for entry in entries:
            try:
                previews.append((entry, preview_retirement(entry=entry, retired=retired)))
            except InvalidEntryError as refusal:
                refusals.append(f"{entry}: {refusal}")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Retire") if retired else _("Revive"),
            "opts": self.opts,
            "action": "retire_selected" if retired else "revive_selected",
            "retired": retired,
            "previews": previews,
            "refusals": refusals,
        }
        return TemplateResponse(request, TEMPLATE, context)

    def _retire(self, request: HttpRequest, entries: list[Any], *, retired: bool) -> None:
        """Run the service for each; a refusal is a message, and the others are done."""
        change = retire_entry if retired else revive_entry
        done = 0
        for entry in entries:
            try:
                done += change(by=person(request), entry=entry) is not None
            except SummitError as refusal:
                messages.error(request, f"{entry}: {refusal}")
        said = _("Retired: %(count)s.") if retired else _("Revived: %(count)s.")
        messages.success(request, said % {"count": done})
