"""Studies and their members: seen by curators, changed by owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from annotations.admin.scope import ScopedAdmin, ScopedFilter, ScopedHistoryAdmin, person
from annotations.enums import Role
from annotations.errors import MemberError
from annotations.models import Membership, Study, User
from annotations.services.guidelines import save_guidelines
from annotations.services.members import add_member, change_role, person_named, remove_member

if TYPE_CHECKING:
    MembershipFormBase = forms.ModelForm[Membership]
else:
    MembershipFormBase = forms.ModelForm


@admin.register(Study)
class StudyAdmin(ScopedHistoryAdmin):
    """A study's settings. Studies come with their folders and go with a command, never from here."""

    study_path = "id"
    changed_by = Role.OWNER
    list_display = ("title", "slug", "event_date", "is_blind", "is_public", "created_at")
    list_filter = ("is_blind", "is_public")
    search_fields = ("title", "slug", "question")
    date_hierarchy = "created_at"
    ordering = ("id",)
    fields = (
        "slug",
        "title",
        "event_date",
        "question",
        "guidelines",
        "agree_max",
        "diverge_above",
        "is_blind",
        "is_public",
        "created_at",
    )

    def study_id_of(self, obj: Study) -> int:
        return obj.pk

    def get_readonly_fields(self, request: HttpRequest, obj: Study | None = None) -> tuple[str, ...]:
        """Addresses and files name a study by its slug: it stays once there is one."""
        return ("created_at",) if obj is None else ("slug", "created_at")

    def save_model(self, request: HttpRequest, obj: Study, form: Any, change: bool) -> None:
        """Changed guidelines are a new version, wherever they are changed."""
        if change and "guidelines" in form.changed_data:
            saved = save_guidelines(by=person(request), study=obj, text=obj.guidelines)
            obj.guidelines, obj.guidelines_version = saved.guidelines, saved.guidelines_version
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(person(request).is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PersonField(forms.CharField):
    """A person by user name, typed: an owner adds people whom no list of theirs shows yet."""

    def clean(self, value: Any) -> User:
        name = super().clean(value)
        try:
            return person_named(name)
        except MemberError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class MembershipForm(MembershipFormBase):
    user = PersonField(label=gettext_lazy("User name"))

    class Meta:
        model = Membership
        fields = ("study", "user", "role")


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    """Who works in a study. A membership keeps its study and person; its role changes."""

    form = MembershipForm
    changed_by = Role.OWNER
    list_display = ("user", "study", "role")
    list_filter = (("study", ScopedFilter), "role")
    list_select_related = ("user", "study")
    search_fields = ("user__username", "study__title")
    autocomplete_fields = ("study",)
    ordering = ("study_id", "user__username")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return () if obj is None else ("study", "user")

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Through the service: a study keeps an owner."""
        role = Role(obj.role)
        if change:
            change_role(by=person(request), membership=obj, role=role)
        else:
            obj.pk = add_member(by=person(request), study=obj.study, person=obj.user, role=role).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        remove_member(by=person(request), membership=obj)
