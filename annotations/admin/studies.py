"""Studies and their members: seen by curators, changed by owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.admin.scope import ScopedAdmin, ScopedFilter, ScopedHistoryAdmin, person
from annotations.enums import Role
from annotations.models import Membership, Study, User

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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(person(request).is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PersonField(forms.CharField):
    """A person by user name, typed: an owner adds people whom no list of theirs shows yet."""

    def clean(self, value: Any) -> User:
        name = super().clean(value)
        user = User.objects.filter(username__iexact=name, is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("There is no person of this user name."))
        return user


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
