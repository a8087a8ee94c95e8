"""Merges, splits and retirements, to look at and to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.admin.scope import ReadOnlyAdmin, ScopedFilter, person
from annotations.errors import SummitError
from annotations.models import CodebookAct
from annotations.services.codebook_acts import preview_undo, undo_act

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.urls import URLPattern

TEMPLATE = "admin/annotations/undo_confirm.html"


@admin.register(CodebookAct)
class CodebookActAdmin(ReadOnlyAdmin):
    """What was done to codebooks as a whole. It is for looking at; its one change is to be undone."""

    list_display = ("summary", "kind", "what", "study", "by", "created_at", "undone_at", "undone_by")
    list_filter = (("study", ScopedFilter), "kind", "what", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("study", "by", "undone_by")
    search_fields = ("summary",)
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = ("study", "summary", "kind", "what", "by", "created_at", "undone_at", "undone_by")
    actions = ["undo_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CodebookAct]:
        """Without the records, which may be large."""
        rows: QuerySet[CodebookAct] = super().get_queryset(request)
        return rows.defer("undo")

    def has_undo_permission(self, request: HttpRequest) -> bool:
        """Whoever may change entries of the codebook may take a change of it back."""
        return all(
            person(request).has_perm(f"annotations.change_{kind}") for kind in ("topic", "stance", "source")
        )

    @admin.action(description=gettext_lazy("Undo…"), permissions=["undo"])
    def undo_selected(self, request: HttpRequest, queryset: QuerySet[CodebookAct]) -> HttpResponse | None:
        """Go on to the page that says what undoing the selected change will do."""
        chosen = list(queryset.values_list("pk", flat=True)[:2])
        if len(chosen) != 1:
            messages.error(request, _("Select the one change that is to be undone."))
            return None
        return HttpResponseRedirect(reverse("admin:annotations_codebookact_undo", args=chosen))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.undo_view)
        return [path("undo/<int:number>/", view, name="annotations_codebookact_undo"), *super().get_urls()]

    def undo_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Show what goes back, and on a POST do it; 409 with every reason where it cannot be undone."""
        if not self.has_undo_permission(request):
            raise PermissionDenied
        act = self.get_queryset(request).select_related("study").filter(pk=number).first()
        if act is None:
            raise Http404
        status = 200
        if request.method == "POST":
            try:
                undo_act(by=person(request), act=act)
            except SummitError as refusal:
                messages.error(request, str(refusal))
                status = 409
            else:
                messages.success(request, _("Undone: %(act)s.") % {"act": act.summary})
                return HttpResponseRedirect(reverse("admin:annotations_codebookact_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undo: %(act)s") % {"act": act.summary},
            "opts": self.opts,
            "preview": preview_undo(act=act),
        }
        return TemplateResponse(request, TEMPLATE, context, status=status)
