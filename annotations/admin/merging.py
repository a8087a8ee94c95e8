"""The admin action "Merge into…": a page that says what will happen, then the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.admin.scope import ScopedAdmin, person
from annotations.codebook_forms import MergeForm
from annotations.errors import MergeError, SummitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.urls import URLPattern

    from annotations.services.merge_plan import MergePreview

TEMPLATE = "admin/annotations/merge_confirm.html"


class MergeAdmin(ScopedAdmin):
    """Adds the action and its page. Needs the permissions to change and to delete, and a curator."""

    preview_merge: ClassVar[Callable[..., MergePreview[Any]]]
    merge: ClassVar[Callable[..., MergePreview[Any]]]
    actions = ["merge_selected"]

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description=gettext_lazy("Merge into…"), permissions=["merge"])
    def merge_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Go on to the page that says what a merge of the two selected entries will do."""
        pair = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
        if len(pair) != 2:
            messages.error(request, _("Select the two entries that are one."))
            return None
        return HttpResponseRedirect(self._address("merge", *pair))

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        view = self.admin_site.admin_view(self.merge_view)
        return [path("merge/<int:first>/<int:second>/", view, name=name), *super().get_urls()]

    def merge_view(self, request: HttpRequest, first: int, second: int) -> HttpResponse:
        """Show what will happen, ask what must be asked, and on a POST do it."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        previews, refusals = self._previews(request, first, second)
        if not previews:
            messages.error(request, refusals[0])
            return HttpResponseRedirect(self._address("changelist"))
        form = MergeForm(request.POST or None, previews=previews)
        if request.method == "POST" and form.is_valid():
            return self._merged(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge into…"),
            "opts": self.opts,
            "previews": previews,
            "refusals": refusals,
            "form": form,
        }
        return TemplateResponse(request, TEMPLATE, context)

    def _previews(
        self, request: HttpRequest, first: int, second: int
    ) -> tuple[list[MergePreview[Any]], list[str]]:
        """The merge in both directions, where it is possible, and why not where it is not."""
        entries = {e.pk: e for e in self.get_queryset(request).filter(pk__in=(first, second))}
        if not all(
            pk in entries and self.has_delete_permission(request, entries[pk]) for pk in (first, second)
        ):
            raise PermissionDenied
        previews, refusals = [], []
        for into, merged in ((first, second), (second, first)):
            try:
                previews.append(type(self).preview_merge(into=entries[into], merged=entries[merged]))
            except MergeError as refusal:
                refusals.append(str(refusal))
        return previews, refusals

    def _merged(self, request: HttpRequest, form: MergeForm) -> HttpResponse:
        """Run the service, and say what it has done."""
        chosen = form.chosen()
        into, merged = chosen.into, chosen.merged
        gone = merged.pk
        try:
            merge = type(self).merge
            done = merge(by=person(request), into=into, merged=merged, seen=form.seen(), **form.asked())
        except SummitError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())
        merged.pk = gone
        self._log(request, into, merged)
        messages.success(
            request,
            _(
                "“%(merged)s” is now “%(into)s”: %(annotations)s annotations moved, "
                "%(duplicates)s duplicates withdrawn."
            )
            % {
                "merged": merged,
                "into": into,
                "annotations": done.annotations,
                "duplicates": done.duplicates,
            },
        )
        return HttpResponseRedirect(self._address("changelist"))

    def _log(self, request: HttpRequest, into: Any, merged: Any) -> None:
        said = _("Merged “%(merged)s” into “%(into)s”.") % {"merged": merged, "into": into}
        user = person(request).pk
        LogEntry.objects.log_actions(user, [into], CHANGE, said, single_object=True)
        LogEntry.objects.log_actions(user, [merged], DELETION, said, single_object=True)

    def _address(self, view: str, *args: int) -> str | SafeString:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}", args=args)
