"""From stored annotations to the tags that the measures take: one query, no document's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotations.comparison.values import Tag

if TYPE_CHECKING:
    from annotations.models.coding import AnnotationQuerySet

#: The columns that ``tag_of`` reads, in its order.
TAG_COLUMNS = (
    "pk",
    "document__slug",
    "passage__number",
    "start",
    "end",
    "topic__slug",
    "stance__slug",
    "stance__value",
    "source__slug",
    "source__speaks_for__slug",
    "source__side",
    "reported_by__slug",
    "coder__username",
)


def tag_of(row: tuple[Any, ...]) -> Tag:
    """One row of ``TAG_COLUMNS`` as a tag; what follows these columns is left aside."""
    return Tag(
        key=row[0],
        document=row[1],
        passage=row[2],
        start=row[3],
        end=row[4],
        topic=row[5],
        stance=row[6],
        value=row[7],
        source=row[8],
        body=row[9] or row[8],
        side=row[10],
        reported_by=row[11],
        coder=row[12],
    )


def load_tags(annotations: AnnotationQuerySet) -> list[Tag]:
    """The annotations as tags, in one query, in no order."""
    return [tag_of(row) for row in annotations.order_by().values_list(*TAG_COLUMNS)]
