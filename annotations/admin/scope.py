"""What staff see in the admin: only studies they curate or own, within Django's permissions.

Every admin of ours builds on ``ScopedAdmin``: its lists, pages, choices, filters, searches and histories
start from the same scoped queryset, so that nothing of another study can be reached by any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from simple_history.admin import SimpleHistoryAdmin

from annotations.enums import Role
from annotations.errors import SummitError
from annotations.models import Study, User
from annotations.services.revision import count_change, one_change

if TYPE_CHECKING:
    from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
    from django.forms import ModelChoiceField

    BaseAdmin = admin.ModelAdmin[Any]
else:
    BaseAdmin = admin.ModelAdmin


def person(request: HttpRequest) -> User:
    """Who is at the admin: its own login has let nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def studies_of(user: User, role: Role) -> QuerySet[Study]:
    """The studies in which the person curates (``CURATOR``: curates or owns) or owns (``OWNER``)."""
    curated = Study.objects.curated_by(user)
    if role is not Role.OWNER or user.is_superuser:
        return curated
    return Study.objects.filter(memberships__user=user, memberships__role=Role.OWNER.value)


class ScopedFilter(admin.RelatedFieldListFilter):
    """A filter by a related object that offers only what the person may see of that kind."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: BaseAdmin
    ) -> list[tuple[str, Any]]:
        """Through the related admin's own queryset, which also leaves documents' texts out."""
        rows = model_admin.admin_site.get_model_admin(field.remote_field.model).get_queryset(request)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(row.pk, str(row)) for row in (rows.order_by(*ordering) if ordering else rows)]


class ScopedAdmin(BaseAdmin):
    """An admin that shows the objects of the studies its visitor curates or owns.

    ``study_path``: the lookup from the model to its study. ``changed_by``: the role that may add, change
    and delete, where Django's permissions allow it too.
    """

    study_path = "study"
    changed_by = Role.CURATOR

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The objects of the person's studies."""
        studies = studies_of(person(request), Role.CURATOR).order_by().values("pk")
        return super().get_queryset(request).filter(**{f"{self.study_path}__in": studies})

    def is_in_scope(self, request: HttpRequest, obj: Model, role: Role = Role.CURATOR) -> bool:
        """Whether the object is of a study in which the person has this role."""
        return studies_of(person(request), role).filter(pk=self.study_id_of(obj)).exists()

    def study_id_of(self, obj: Any) -> int:
        """The study that the object is of; a deleted one, too, that only its history remembers."""
        return int(obj.study_id)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_view_permission(request, obj)
        return allowed and (obj is None or self.is_in_scope(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and studies_of(person(request), self.changed_by).exists()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or self.is_in_scope(request, obj, self.changed_by))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or self.is_in_scope(request, obj, self.changed_by))

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Choices are what the person may see of that kind; studies, what they may change."""
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _choices(
        self, db_field: ForeignKey[Any, Any] | ManyToManyField[Any, Any], request: HttpRequest
    ) -> QuerySet[Any]:
        if db_field.remote_field.model is Study:
            return studies_of(person(request), self.changed_by)
        return self.admin_site.get_model_admin(db_field.remote_field.model).get_queryset(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A service's refusal is a message on the page it came from, and nothing has been written."""
        try:
            with one_change():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except SummitError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Whatever is saved here, by a service or not, is a change of its study."""
        super().save_related(request, form, formsets, change)
        count_change(self.study_id_of(form.instance))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Django calls this before each deletion, of one object or of several."""
        for obj in queryset:
            count_change(self.study_id_of(obj))
        return super().log_deletions(request, queryset)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """An action on many objects is one change."""
        with one_change():
            return super().response_action(request, queryset, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A service's refusal is a message on the object's page, and nothing has been deleted."""
        try:
            with one_change():
                return super().delete_view(request, object_id, extra_context)
        except SummitError as refusal:
            messages.error(request, str(refusal))
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(name, args=(object_id,)))


class ReadOnlyAdmin(ScopedAdmin):
    """Rows that are looked at: what changes them are acts of the app, and actions that call its services."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ScopedHistoryAdmin(SimpleHistoryAdmin, ScopedAdmin):  # type: ignore[misc]
    """A scoped admin with the history of each object. The history is for reading: going back to an old
    state is a change like any other, and is made on the object's page."""

    def revert_disabled(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def get_history_queryset(
        self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any
    ) -> Any:
        """History outlives its object, and stays in the object's study."""
        rows = super().get_history_queryset(request, history_manager, pk_name, object_id)
        studies = studies_of(person(request), Role.CURATOR).order_by().values("pk")
        return rows.filter(**{f"{self.study_path}__in": studies})

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One earlier state. Simple-history would save a POST here for whoever may only look."""
        if request.method != "GET":
            raise PermissionDenied
        if not object_id.isdigit() or not version_id.isdigit():
            raise Http404
        shown = self.get_history_queryset(request, self.model.history, "id", object_id)
        if not shown.filter(history_id=version_id).exists():
            raise Http404
        answer: HttpResponse = super().history_form_view(request, object_id, version_id, extra_context)
        return answer
