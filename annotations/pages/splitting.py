"""What the page shows on which an entry is split: its annotations, filtered, to be ticked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from annotations.codebook_forms import SplitFilterForm
from annotations.filters import holding
from annotations.models import Annotation
from annotations.models.coding import LAYER_CHOICES, AnnotationQuerySet
from annotations.services.act_records import AnyEntry
from annotations.services.splitting import annotations_of

#: The most annotations that can be ticked one by one; a filter reaches all of them.
TAGS_SHOWN = 200

#: Each filter's field, and the field that a choice is named by.
FIELDS = {
    "document": ("document__slug", "document__title", "document__position"),
    "coder": ("coder__username", "coder__username", "coder_id"),
    "topic": ("topic__slug", "topic__label", "topic__position"),
    "stance": ("stance__slug", "stance__label", "stance__position"),
    "source": ("source__slug", "source__label", "source__position"),
}


@dataclass(frozen=True, slots=True)
class SplitShown:
    """``found``: how many annotations the filter finds, of ``uses`` in all; ``rows``: the first of them."""

    entry: AnyEntry
    uses: int
    found: int
    filters: SplitFilterForm
    rows: tuple[Annotation, ...]
    ticked: frozenset[uuid.UUID]


def filter_form(entry: AnyEntry, data: Any) -> SplitFilterForm:
    """The filters, offering what the entry's annotations have."""
    rows = annotations_of(entry).order_by()
    offered: dict[str, Sequence[tuple[str, str]]] = {}
    for name, (value, label, order) in FIELDS.items():
        found = sorted(rows.values_list(order, value, label).distinct(), key=lambda one: (one[0], one[1]))
        offered[name] = [(str(value), str(label)) for _order, value, label in found]
    offered["coder"] = sorted(offered["coder"], key=lambda one: one[0].casefold())
    layers = set(rows.values_list("layer", flat=True).distinct())
    offered["layer"] = [(word, str(label)) for word, label in LAYER_CHOICES if word in layers]
    return SplitFilterForm(data, offered=offered)


def filtered(entry: AnyEntry, filters: SplitFilterForm) -> AnnotationQuerySet:
    """The entry's annotations that the filters leave."""
    rows = annotations_of(entry)
    asked = filters.asked()
    for name, (value, _label, _order) in FIELDS.items():
        if name in asked:
            rows = rows.filter(**{value: asked[name]})
    if "layer" in asked:
        rows = rows.filter(layer=asked["layer"])
    return holding(rows, asked["q"]) if "q" in asked else rows


def load_split(entry: AnyEntry, filters: SplitFilterForm, ticked: Sequence[str] = ()) -> SplitShown:
    """The page, in a fixed number of queries."""
    rows = filtered(entry, filters)
    return SplitShown(
        entry=entry,
        uses=annotations_of(entry).count(),
        found=rows.count(),
        filters=filters,
        rows=tuple(rows.shown().in_text_order()[:TAGS_SHOWN]),
        ticked=frozenset(known_ids(ticked)),
    )


def chosen_tags(entry: AnyEntry, ticked: Sequence[str]) -> AnnotationQuerySet:
    """The entry's annotations whose public ids were sent; what is no id is passed over."""
    return annotations_of(entry).filter(Q(public_id__in=known_ids(ticked)))


def known_ids(sent: Sequence[str]) -> list[uuid.UUID]:
    """The ids among what was sent."""
    found = []
    for text in sent:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found
