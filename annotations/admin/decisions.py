"""What curators settled, to look at and to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotations.admin.scope import ReadOnlyAdmin, ScopedFilter, person
from annotations.errors import SummitError
from annotations.models import DecidedTag, Decision
from annotations.services.curation import undo_decision

if TYPE_CHECKING:
    from django.db.models import QuerySet

    DecidedTagBase = admin.TabularInline[DecidedTag, Decision]
else:
    DecidedTagBase = admin.TabularInline


class DecidedTagInline(DecidedTagBase):
    """The coders' tags that a decision was about, at the versions that the curator saw."""

    model = DecidedTag
    fields = readonly_fields = ("annotation", "coder", "topic", "stance", "source", "reported_by", "version")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[DecidedTag]:
        names = ("coder", "topic", "stance", "source", "reported_by")
        return super().get_queryset(request).select_related(*(f"annotation__{name}" for name in names))

    @admin.display(description=gettext_lazy("coder"))
    def coder(self, decided: DecidedTag) -> str:
        return decided.annotation.coder.get_username()

    @admin.display(description=gettext_lazy("topic"))
    def topic(self, decided: DecidedTag) -> str:
        return str(decided.annotation.topic)

    @admin.display(description=gettext_lazy("stance"))
    def stance(self, decided: DecidedTag) -> str:
        return str(decided.annotation.stance)

    @admin.display(description=gettext_lazy("source"))
    def source(self, decided: DecidedTag) -> str:
        return str(decided.annotation.source)

    @admin.display(description=gettext_lazy("reported by"))
    def reported_by(self, decided: DecidedTag) -> str:
        return str(decided.annotation.reported_by or "")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the decision sees what it was about; its own admin has scoped it."""
        return True


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Decisions of the queue. They are for looking at; their one change is to be undone."""

    list_display = (
        "document",
        "passage",
        "situation",
        "outcome",
        "reason",
        "remark",
        "curator",
        "created_at",
        "holds",
    )
    list_filter = (
        ("study", ScopedFilter),
        ("document", ScopedFilter),
        "situation",
        "outcome",
        "reason",
        ("curator", ScopedFilter),
        ("undone_at", admin.EmptyFieldListFilter),
        ("batch", admin.EmptyFieldListFilter),
    )
    search_fields = ("remark", "public_id", "decided_tags__annotation__quote")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = (
        "public_id",
        "study",
        "document",
        "passage",
        "situation",
        "outcome",
        "reason",
        "remark",
        "curator",
        "created_at",
        "undone_at",
        "undone_by",
    )
    inlines = (DecidedTagInline,)
    list_per_page = 50
    actions = ["undo_selected"]

    @admin.display(boolean=True, description=gettext_lazy("holds"))
    def holds(self, decision: Decision) -> bool:
        return decision.undone_at is None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        """All that the list shows, in one query and without any document's text."""
        rows: QuerySet[Decision] = super().get_queryset(request)
        return rows.select_related("study", "document", "passage", "curator", "undone_by").defer(
            "document__text", "passage__text", "passage__folded"
        )

    def has_undo_permission(self, request: HttpRequest) -> bool:
        """Whoever may change annotations in the admin may take a decision back; the service asks the role."""
        return person(request).has_perm("annotations.change_annotation")

    @admin.action(description=gettext_lazy("Undo the selected decisions"), permissions=["undo"])
    def undo_selected(self, request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        """Undo all that are selected, or, where one refuses, none."""
        undo_decisions(request, queryset)


def undo_decisions(request: HttpRequest, decisions: QuerySet[Decision]) -> None:
    """Undo decisions through the service, all or none, and say so."""
    standing = list(decisions.filter(undone_at__isnull=True).order_by("-id"))
    try:
        with transaction.atomic():
            for decision in standing:
                undo_decision(by=person(request), decision=decision)
    except SummitError as refusal:
        messages.error(request, _("Nothing was undone: %(why)s") % {"why": refusal})
        return
    messages.success(
        request,
        ngettext("%(n)s decision is undone.", "%(n)s decisions are undone.", len(standing))
        % {"n": len(standing)},
    )
