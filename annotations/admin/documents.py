"""Documents and passages. They come with a study's folder, and their text never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from annotations.admin.scope import ReadOnlyAdmin, ScopedAdmin, ScopedFilter
from annotations.enums import Role
from annotations.models import Document, Passage

if TYPE_CHECKING:
    from django.db.models import QuerySet


@admin.register(Document)
class DocumentAdmin(ScopedAdmin):
    """What is said about a document may be corrected by an owner; what it says may not."""

    changed_by = Role.OWNER
    list_display = ("title", "slug", "publisher", "country", "language", "published", "characters", "study")
    list_filter = (("study", ScopedFilter), "language", "country")
    list_select_related = ("study",)
    search_fields = ("title", "slug", "publisher")
    date_hierarchy = "published"
    ordering = ("study_id", "position")
    fields = (
        "study",
        "slug",
        "title",
        "publisher",
        "country",
        "language",
        "published",
        "position",
        "file",
        "characters",
        "text",
    )
    readonly_fields = ("study", "slug", "file", "characters", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Without the texts, which are large and which a list does not show."""
        return super().get_queryset(request).defer("text")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Passage)
class PassageAdmin(ReadOnlyAdmin):
    """Passages are for looking at: analysts cite their numbers."""

    study_path = "document__study"
    list_display = ("document", "number", "kind", "start", "end")
    list_filter = (("document", ScopedFilter), "kind")
    list_select_related = ("document",)
    search_fields = ("text",)
    ordering = ("document_id", "number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Passage]:
        return super().get_queryset(request).select_related("document").defer("document__text")

    def study_id_of(self, obj: Passage) -> int:
        return obj.document.study_id
