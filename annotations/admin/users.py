"""People. Accounts are the superuser's; other staff see who works in their studies, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from annotations.admin.scope import person, studies_of
from annotations.enums import Role
from annotations.models import User
from annotations.services.members import studies_resting_on
from annotations.services.revision import count_change_everywhere

if TYPE_CHECKING:
    from django.db.models import QuerySet

    BaseUserAdmin = DjangoUserAdmin[User]
else:
    BaseUserAdmin = DjangoUserAdmin


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    """Django's own, with the mark of demonstration accounts to look at."""

    list_display = ("username", "email", "first_name", "last_name", "is_staff", "is_active", "is_demo")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups", "is_demo")
    readonly_fields = ("is_demo",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Members of the studies that the person curates, those who coded there, and the person."""
        people = super().get_queryset(request)
        user = person(request)
        if user.is_superuser:
            return people
        studies = studies_of(user, Role.CURATOR).order_by().values("pk")
        known = (
            Q(pk__in=User.objects.filter(memberships__study__in=studies).values("pk"))
            | Q(pk__in=User.objects.filter(annotations__study__in=studies).values("pk"))
            | Q(pk__in=User.objects.filter(completions__document__study__in=studies).values("pk"))
        )
        return people.filter(known | Q(pk=user.pk))

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.list_display if person(request).is_superuser else ("username", "first_name", "last_name")

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter if person(request).is_superuser else ()

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self.search_fields if person(request).is_superuser else ("username", "first_name", "last_name")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Addresses and rights are the superuser's business."""
        if not person(request).is_superuser:
            return ((None, {"fields": ("username", "first_name", "last_name")}),)
        sets = super().get_fieldsets(request, obj)
        return sets if obj is None else (*sets, (_("Summit"), {"fields": ("is_demo",)}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return person(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_superuser

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A person's name stands in the pages of their studies."""
        super().save_related(request, form, formsets, change)
        count_change_everywhere()

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """With an account go its memberships."""
        count_change_everywhere()
        return super().log_deletions(request, queryset)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], Any, set[str], list[str]]:
        """An account that a study's last owner has is not deleted: the study would be nobody's."""
        links, counts, permissions, in_the_way = super().get_deleted_objects(objs, request)
        owned = [
            _("%(study)s: %(user)s is its last owner") % {"study": study, "user": user}
            for user in objs
            for study in studies_resting_on(user)
        ]
        return links, counts, permissions, [*in_the_way, *owned]

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A person's work stays with their name, or under none: it is never deleted with them."""
        user = self.get_object(request, object_id)
        if user is not None and (user.annotations.exists() or user.completions.exists()):
            messages.error(
                request,
                _(
                    "%(user)s has coded documents, so the account cannot be deleted. To let the person go, "
                    "anonymise the account: change its user name, empty its names and e-mail address, and "
                    "make it inactive. The work stays."
                )
                % {"user": user},
            )
            return HttpResponseRedirect(reverse("admin:annotations_user_change", args=(object_id,)))
        return super().delete_view(request, object_id, extra_context)
