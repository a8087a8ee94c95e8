"""Annotations and completions. A coded tag is its coder's, and read-only here; merges alone touch it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from annotations.admin.decisions import undo_decisions
from annotations.admin.scope import ReadOnlyAdmin, ScopedFilter, ScopedHistoryAdmin, person
from annotations.enums import Layer
from annotations.errors import InvalidTagError, SummitError
from annotations.models import Annotation, Completion, Decision
from annotations.services.curated import CuratedValues, change_curated_tag, check_curated_change

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from annotations.models import User

    CuratedFormBase = forms.ModelForm[Annotation]
else:
    CuratedFormBase = forms.ModelForm

CHANGEABLE = ("topic", "stance", "source", "reported_by", "uncertain", "note")


class CuratedForm(CuratedFormBase):
    """A curated tag, and the version that the curator saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    #: Who asks; set by the admin.
    by: User

    class Meta:
        model = Annotation
        fields = CHANGEABLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.version

    def curated_values(self) -> CuratedValues:
        return CuratedValues(**{name: self.cleaned_data[name] for name in CHANGEABLE})

    def clean(self) -> dict[str, Any] | None:
        """Shows what the service would refuse beside its field."""
        cleaned = super().clean()
        if not self.errors:
            try:
                check_curated_change(
                    by=self.by,
                    annotation=self.instance,
                    version=self.cleaned_data["seen"],
                    values=self.curated_values(),
                )
            except InvalidTagError as refusal:
                self.add_error(refusal.field, str(refusal))
            except SummitError as refusal:
                self.add_error(None, str(refusal))
        return cleaned


@admin.register(Annotation)
class AnnotationAdmin(ScopedHistoryAdmin):
    """All annotations. Curated ones may be changed; words, place, layer and coder stay with all of them."""

    list_display = (
        "__str__",
        "study",
        "document",
        "passage",
        "topic",
        "stance",
        "source",
        "reported_by",
        "coder",
        "layer",
        "uncertain",
        "is_active",
        "updated_at",
    )
    list_filter = (
        ("study", ScopedFilter),
        ("document", ScopedFilter),
        "layer",
        ("coder", ScopedFilter),
        ("topic", ScopedFilter),
        ("stance", ScopedFilter),
        ("source", ScopedFilter),
        ("reported_by", ScopedFilter),
        "uncertain",
        "changed_after_reopening",
        ("withdrawn_at", admin.EmptyFieldListFilter),
        ("decision__reason", admin.AllValuesFieldListFilter),
    )
    actions = ["undo_decisions_of_selected"]
    search_fields = ("quote", "note", "public_id")
    date_hierarchy = "updated_at"
    ordering = ("study_id", "document_id", "start", "id")
    fields = (
        "public_id",
        "study",
        "document",
        "passage",
        ("start", "end"),
        "quote",
        *CHANGEABLE,
        "coder",
        "layer",
        "created_at",
        "updated_at",
        "version",
        "changed_after_reopening",
        "withdrawn_at",
        "merged_into",
    )
    list_per_page = 50

    @admin.display(boolean=True, description="active")
    def is_active(self, annotation: Annotation) -> bool:
        return annotation.withdrawn_at is None

    def has_undo_permission(self, request: HttpRequest) -> bool:
        """Whoever may change annotations in the admin; the service asks the role in the study."""
        return person(request).has_perm("annotations.change_annotation")

    @admin.action(
        description=gettext_lazy("Undo the decisions behind the selected curated tags"), permissions=["undo"]
    )
    def undo_decisions_of_selected(self, request: HttpRequest, queryset: QuerySet[Annotation]) -> None:
        """The tags are withdrawn with the decisions that made them; coded tags are left alone."""
        tags = queryset.filter(layer=Layer.CURATED.value, decision__isnull=False)
        undo_decisions(request, Decision.objects.filter(pk__in=tags.values("decision")))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Annotation]:
        """All that the list shows, in one query and without any document's text."""
        rows: QuerySet[Annotation] = super().get_queryset(request)
        return rows.select_related(
            "study", "document", "passage", "topic", "stance", "source", "reported_by", "coder"
        ).defer("document__text", "passage__text", "passage__folded")

    def get_fields(self, request: HttpRequest, obj: Annotation | None = None) -> Any:
        return (*self.fields, "seen") if self.has_change_permission(request, obj) else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Annotation | None = None) -> tuple[str, ...]:
        flat = (*(name for name in self.fields if isinstance(name, str)), "start", "end")
        return tuple(name for name in flat if name not in CHANGEABLE)

    def get_form(
        self, request: HttpRequest, obj: Annotation | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Choices are those of the annotation's study; topics are those with a statement."""
        if obj is None or not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change=change, **kwargs)
        form: Any = super().get_form(request, obj, change=change, form=CuratedForm, **kwargs)
        form.by = person(request)
        for name in ("topic", "stance", "source", "reported_by"):
            field = form.base_fields[name]
            field.queryset = field.queryset.filter(study=obj.study_id)
        form.base_fields["topic"].queryset = form.base_fields["topic"].queryset.exclude(statement="")
        return form

    def save_model(self, request: HttpRequest, obj: Annotation, form: Any, change: bool) -> None:
        change_curated_tag(
            by=person(request),
            annotation=obj,
            version=form.cleaned_data["seen"],
            values=form.curated_values(),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A coded tag is changed by its coder alone, and not here; a withdrawn one by nobody."""
        if obj is not None and (obj.layer != Layer.CURATED.value or obj.withdrawn_at is not None):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Completion)
class CompletionAdmin(ReadOnlyAdmin):
    """Who finished which document: each coder's own word, so it is for looking at."""

    study_path = "document__study"
    list_display = ("document", "coder", "is_done", "finished_at", "reopened_at", "was_reopened")
    list_filter = (("document", ScopedFilter), ("coder", ScopedFilter), "was_reopened")
    list_select_related = ("document", "coder")
    search_fields = ("document__title", "coder__username")
    date_hierarchy = "finished_at"
    ordering = ("document_id", "coder__username")

    @admin.display(boolean=True, description="finished")
    def is_done(self, completion: Completion) -> bool:
        return completion.is_finished

    def get_queryset(self, request: HttpRequest) -> QuerySet[Completion]:
        return super().get_queryset(request).select_related("document", "coder").defer("document__text")

    def study_id_of(self, obj: Completion) -> int:
        return obj.document.study_id
