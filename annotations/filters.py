"""The filters of the annotations list and of its CSV: one query string, one set, one order.

Every choice is a slug, a user name or a word of this study: what belongs to another study is no choice.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import django_filters
from django import forms
from django.db import connection
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from annotations.access import Visit
from annotations.enums import Layer, Role
from annotations.models import Source, Topic, User
from annotations.models.coding import LAYER_CHOICES, AnnotationQuerySet
from annotations.permissions import default_layer, may_code, may_curate, may_read_layer
from annotations.services.reviewing import OUTDATED, outdated

Options = list[tuple[str, Any]]

#: ``reported_by=none``: nobody stands between the source and the document.
NO_MESSENGER = "none"
SEARCH_LIMIT = 200

SORTS = [
    ("text", _("Place in the text")),
    ("changed", _("Newest change first")),
    ("topic", _("Topic")),
    ("coder", _("Coder")),
]


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the filters of one visit may be set to, in the study's order. ``documents`` are (slug, name)."""

    documents: tuple[tuple[str, str], ...]
    topics: tuple[Topic, ...]
    stances: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    coders: tuple[tuple[int, str], ...]
    layers: tuple[tuple[str, str], ...]

    def topic_options(self) -> Options:
        """Parents as groups: the parent itself, which stands for all its children, and the children."""
        options: Options = [("", _("All topics"))]
        children: dict[int, list[Topic]] = {}
        for topic in self.topics:
            children.setdefault(topic.parent_id or 0, []).append(topic)
        for topic in children.get(0, []):
            below = children.get(topic.pk, [])
            if not below:
                options.append((topic.slug, topic.label))
                continue
            whole = (topic.slug, _("%(group)s: all") % {"group": topic.label})
            options.append((topic.label, [whole, *((child.slug, child.label) for child in below)]))
        return options

    def source_options(self) -> Options:
        """Sources under their sides, in the order in which the sides first appear."""
        sides: dict[str, list[tuple[str, str]]] = {}
        for source in self.sources:
            sides.setdefault(source.side, []).append((source.slug, source.label))
        return list(sides.items())

    def for_filters(self) -> dict[str, Options]:
        """The options of every filter by its name; the first one leaves the filter unset."""
        sources = self.source_options()
        return {
            "document": [("", _("All documents")), *self.documents],
            "topic": self.topic_options(),
            "stance": [("", _("All stances")), *self.stances],
            "source": [("", _("All sources")), *sources],
            "side": [("", _("All sides")), *((side, side) for side, _sources in sources)],
            "reported_by": [
                ("", _("Anybody or nobody")),
                (NO_MESSENGER, _("In the document’s own words")),
                *sources,
            ],
            "coder": [("", _("All coders")), *((name, name) for _pk, name in self.coders)],
            "layer": list(self.layers),
        }


def load_choices(visit: Visit) -> FilterChoices:
    """The options of one visit, in five queries."""
    study = visit.study
    documents = study.documents.without_text().order_by("position")
    return FilterChoices(
        documents=tuple((document.slug, document.short_name) for document in documents),
        topics=tuple(study.topics.order_by("position")),
        stances=tuple((stance.slug, stance.label) for stance in study.stances.order_by("position")),
        sources=tuple(study.sources.order_by("position")),
        coders=_coders(visit),
        layers=tuple(
            (layer, str(label)) for layer, label in LAYER_CHOICES if may_read_layer(visit.role, Layer(layer))
        ),
    )


def _coders(visit: Visit) -> tuple[tuple[int, str], ...]:
    """Whose tags may be asked for, by name. Where coding is blind, a coder is offered nobody whose tags
    are hidden: a name in the list would say that there are some."""
    offered = Q(pk__in=visit.annotations().active().values("coder"))
    if may_code(visit.role):
        offered |= Q(pk=visit.member.pk)
    if may_curate(visit.role) or (may_code(visit.role) and not visit.study.is_blind):
        coding = [role.value for role in Role if role.includes(Role.CODER)]
        offered |= Q(pk__in=visit.study.memberships.filter(role__in=coding).values("user"))
    found = User.objects.filter(offered).values_list("pk", "username")
    return tuple(sorted(found, key=lambda coder: (coder[1].casefold(), coder[1])))


class SinceField(forms.CharField):
    """A date, from its midnight in the site's time zone, or an ISO 8601 date and time."""

    default_error_messages = {"invalid": _("Write a date as 2026-11-22 or a time as 2026-11-22T09:30Z.")}

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            day = parse_date(text)
            moment = datetime.combine(day, time.min) if day else parse_datetime(text)
            if moment is None:
                raise ValueError(text)
            aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
            # Years at the ends of the calendar have no place in other time zones, nor in the database.
            return aware.astimezone(timezone.get_fixed_timezone(0))
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class ChoiceFilter(django_filters.Filter):  # type: ignore[misc]
    """One choice of a list that is set for each visit. Unlike the library's, no word of it means NULL."""

    field_class = forms.ChoiceField


class SinceFilter(django_filters.Filter):  # type: ignore[misc]
    """A moment: what changed at it or later."""

    field_class = SinceField


class AnnotationFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters a queryset of one study's annotations, and puts them in order."""

    q = django_filters.CharFilter(
        label=_("In quotes and notes"),
        max_length=SEARCH_LIMIT,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    document = ChoiceFilter(field_name="document__slug", label=_("Document"))
    topic = ChoiceFilter(method="filter_topic", label=_("Topic"))
    stance = ChoiceFilter(field_name="stance__slug", label=_("Stance"))
    source = ChoiceFilter(field_name="source__slug", label=_("Source"))
    side = ChoiceFilter(field_name="source__side", label=_("Side"))
    reported_by = ChoiceFilter(method="filter_reported_by", label=_("Reported by"))
    coder = ChoiceFilter(field_name="coder__username", label=_("Coder"))
    layer = ChoiceFilter(field_name="layer", label=_("Layer"))
    uncertain = ChoiceFilter(
        method="filter_uncertain",
        label=_("Uncertain"),
        choices=[("", _("Certain or not")), ("true", _("Uncertain only")), ("false", _("Certain only"))],
    )
    outdated = ChoiceFilter(
        method="filter_outdated",
        label=_("Made under older words"),
        choices=[("", _("Or not")), ("true", _("Only those")), ("false", _("Only the others"))],
    )
    since = SinceFilter(
        field_name="updated_at",
        lookup_expr="gte",
        label=_("Changed since"),
        widget=forms.TextInput(attrs={"placeholder": "2026-11-22", "autocomplete": "off"}),
    )
    sort = ChoiceFilter(label=_("Sort by"), choices=SORTS)

    def __init__(self, data: Mapping[str, Any], visit: Visit, choices: FilterChoices) -> None:
        given = {name: data[name] for name in self.base_filters if name in data}
        given["layer"] = given.get("layer") or default_layer(visit.role).value
        given["sort"] = given.get("sort") or "text"
        super().__init__(given, visit.annotations().active())
        self.choices = choices
        for name, options in choices.for_filters().items():
            # One coder's tags are a reading of the coded layer, which readers do not have.
            is_hidden = name == "coder" and not may_code(visit.role)
            self.filters[name].extra["choices"] = options[:1] if is_hidden else options

    def filter_queryset(self, queryset: AnnotationQuerySet) -> AnnotationQuerySet:
        """All filters, the search last, because it reads what the others leave; then the order."""
        asked = self.form.cleaned_data
        for name in asked.keys() - {"q", "sort"}:
            queryset = self.filters[name].filter(queryset, asked[name])
        if asked["q"]:
            queryset = holding(queryset, asked["q"])
        return queryset.order_by(*self._order(asked["sort"]))

    def filter_topic(self, queryset: AnnotationQuerySet, name: str, value: str) -> AnnotationQuerySet:
        """A topic, and all below it."""
        return queryset.filter(Q(topic__slug=value) | Q(topic__parent__slug=value))

    def filter_reported_by(self, queryset: AnnotationQuerySet, name: str, value: str) -> AnnotationQuerySet:
        """A messenger, or nobody."""
        if value == NO_MESSENGER:
            return queryset.filter(reported_by__isnull=True)
        return queryset.filter(reported_by__slug=value)

    def filter_uncertain(self, queryset: AnnotationQuerySet, name: str, value: str) -> AnnotationQuerySet:
        """Tags whose coder was, or was not, uncertain."""
        return queryset.filter(uncertain=value == "true")

    def filter_outdated(self, queryset: AnnotationQuerySet, name: str, value: str) -> AnnotationQuerySet:
        """Tags made under an older statement or older guidelines, or the others."""
        return outdated(queryset) if value == "true" else queryset.exclude(OUTDATED)

    def _order(self, sort: str) -> list[Any]:
        """By positions and numbers only: the two databases put words in different orders."""
        in_text = [F("document__position"), F("start"), F("end"), F("id")]
        if sort == "changed":
            return [F("updated_at").desc(), F("id").desc()]
        if sort == "topic":
            return [F("topic__position"), *in_text]
        if sort == "coder" and self.choices.coders:
            ranks = [When(coder=pk, then=Value(rank)) for rank, (pk, _name) in enumerate(self.choices.coders)]
            return [Case(*ranks, default=Value(len(ranks)), output_field=IntegerField()), *in_text]
        return in_text


def fold(text: str) -> str:
    """The text as the search compares it: composed, and in one case for every script."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def holding(queryset: AnnotationQuerySet, words: str) -> AnnotationQuerySet:
    """The annotations whose quote or note contains ``words``, whatever the case.

    Compared in Python, because SQLite folds ASCII only and PostgreSQL as its locale says: Łódź must be
    found under both. The ids travel as one JSON parameter: there may be more than SQLite takes of others.
    """
    folded = fold(words)
    rows = queryset.order_by().values_list("pk", "quote", "note").iterator(chunk_size=2000)
    found = [pk for pk, quote, note in rows if folded in fold(quote) or folded in fold(note)]
    return queryset.filter(pk__in=_rows_of(found))


def _rows_of(ids: list[int]) -> RawSQL:
    by_vendor: dict[str, str] = {
        "sqlite": "SELECT value FROM json_each(%s)",
        "postgresql": "SELECT value::bigint FROM json_array_elements_text(%s::json)",
    }
    # Our own SQL; what varies is a parameter, and holds numbers only.
    return RawSQL(by_vendor[connection.vendor], [json.dumps(ids)])  # noqa: S611
