"""Topics, stances and sources: edited, merged, retired, and carried in and out as files, all through the
services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm

from annotations.admin.care import CareAdmin
from annotations.admin.codebook_upload import CodebookConfirmForm, CodebookImportForm, SignedStorage
from annotations.admin.merging import MergeAdmin
from annotations.admin.scope import ScopedFilter, ScopedHistoryAdmin, person
from annotations.codebook_forms import EntryForm
from annotations.importing.codebook_resources import SourceResource, StanceResource, TopicResource, refusals
from annotations.models import Source, Stance, Topic
from annotations.services.codebook import (
    delete_source,
    delete_stance,
    delete_topic,
    save_source,
    save_stance,
    save_topic,
)
from annotations.services.merging import (
    merge_sources,
    merge_stances,
    merge_topics,
    preview_source_merge,
    preview_stance_merge,
    preview_topic_merge,
)
from annotations.services.revision import one_change

if TYPE_CHECKING:
    from collections.abc import Callable


class CodebookAdmin(ImportExportMixin, ScopedHistoryAdmin, MergeAdmin, CareAdmin):  # type: ignore[misc]
    """What the three kinds share."""

    form = EntryForm
    actions: Any = ["merge_selected", "split_selected", "retire_selected", "revive_selected"]
    formats = [CSV, XLSX]
    import_form_class = CodebookImportForm
    confirm_form_class = CodebookConfirmForm
    export_form_class = ExportForm
    tmp_storage_class = SignedStorage
    list_select_related: ClassVar[Any] = ("study",)
    ordering = ("study_id", "position")
    autocomplete_fields = ("study",)
    entry_name: ClassVar[str]
    save_entry: ClassVar[Callable[..., Any]]
    delete_entry: ClassVar[Callable[..., None]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """An entry stays in its study; ``author`` keeps its slug and side."""
        if obj is None:
            return ()
        is_author = isinstance(obj, Source) and obj.is_author
        return ("study", "slug", "side") if is_author else ("study",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The other entries that one may refer to are those of its own study."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name in ("parent", "speaks_for"):
            field = form.base_fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                _limit(field, name, obj)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        type(self).save_entry(by=person(request), **{self.entry_name: obj})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).delete_entry(by=person(request), **{self.entry_name: obj})

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], Any, set[str], list[str]]:
        """Only the entry itself: what is in use is refused by the service, with a way to go on."""
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def get_valid_export_item_pks(self, request: HttpRequest) -> Any:
        """What an export may be limited to: what the person sees."""
        return self.get_queryset(request).values_list("pk", flat=True)

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"user": person(request)}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """All or nothing: by default the rows that can be read would be kept."""
        given: dict[str, Any] = super().get_import_data_kwargs(**kwargs)
        return {**given, "rollback_on_validation_errors": True}

    def process_import(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A file of entries is one change."""
        with one_change():
            answer: HttpResponse = super().process_import(request, *args, **kwargs)
            return answer

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Between preview and confirmation the study may have changed: then nothing is written."""
        refused = refusals(result)
        if not refused:
            answer: HttpResponse = super().process_result(result, request)
            return answer
        for reason in refused:
            messages.error(request, reason)
        return HttpResponseRedirect(reverse(f"admin:annotations_{self.opts.model_name}_import"))


def _limit(field: Any, name: str, obj: Any) -> None:
    """Heads only; of the entry's own study once it has one, else with the study's name before them."""
    heads = field.queryset.filter(**{f"{name}__isnull": True})
    if obj is not None:
        field.queryset = heads.filter(study=obj.study_id).exclude(pk=obj.pk)
    else:
        field.queryset = heads.select_related("study")
        field.label_from_instance = _name_with_study


def _name_with_study(entry: Topic | Source) -> str:
    return f"{entry.study}: {entry}"


@admin.register(Topic)
class TopicAdmin(CodebookAdmin):
    entry_name = "topic"
    save_entry, delete_entry = save_topic, delete_topic
    preview_merge, merge = preview_topic_merge, merge_topics
    resource_classes = [TopicResource]
    list_display = (
        "label",
        "slug",
        "parent",
        "statement",
        "statement_version",
        "is_retired",
        "position",
        "study",
    )
    list_filter = (("study", ScopedFilter), "is_retired", ("parent", ScopedFilter))
    list_select_related = ("study", "parent")
    search_fields = ("label", "slug", "statement")
    fields = ("study", "parent", "slug", "label", "statement", "position")


@admin.register(Stance)
class StanceAdmin(CodebookAdmin):
    entry_name = "stance"
    save_entry, delete_entry = save_stance, delete_stance
    preview_merge, merge = preview_stance_merge, merge_stances
    resource_classes = [StanceResource]
    list_display = ("label", "slug", "value", "key", "color", "is_retired", "position", "study")
    list_filter = (("study", ScopedFilter), "is_retired")
    search_fields = ("label", "slug")
    fields = ("study", "slug", "label", "value", "key", "color", "position")


@admin.register(Source)
class SourceAdmin(CodebookAdmin):
    entry_name = "source"
    save_entry, delete_entry = save_source, delete_source
    preview_merge, merge = preview_source_merge, merge_sources
    resource_classes = [SourceResource]
    list_display = ("label", "slug", "side", "speaks_for", "is_retired", "position", "study")
    list_filter = (("study", ScopedFilter), "is_retired", "side", ("speaks_for", ScopedFilter))
    list_select_related = ("study", "speaks_for")
    search_fields = ("label", "slug", "side")
    fields = ("study", "slug", "label", "side", "speaks_for", "position")
