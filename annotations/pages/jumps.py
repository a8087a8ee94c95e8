"""Where a jump leads: the next passage that is still to be coded, the next or previous with a tag shown."""

from __future__ import annotations

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from annotations.access import Visit
from annotations.models import Document, Passage
from annotations.pages.progress import open_passages
from annotations.pages.shown import Shown, tags_shown


def next_untagged(visit: Visit, document: Document, after: int) -> int | None:
    """The number of the first open passage after ``after``: the coder has no tag in it, has not said that
    there is nothing to tag, and it is no heading. From the document's beginning where none comes after it;
    None where all are done."""
    left = open_passages(visit.member, document)
    is_behind = Case(When(number__lte=after, then=Value(1)), default=Value(0))
    return _first(left.order_by(is_behind, "number"))


def next_tagged(visit: Visit, document: Document, after: int, shown: Shown) -> int | None:
    """The number of the first passage after ``after`` with a tag that the text shows; None at the end."""
    return _first(_tagged(visit, document, shown).filter(number__gt=after).order_by("number"))


def previous_tagged(visit: Visit, document: Document, before: int, shown: Shown) -> int | None:
    """The number of the last passage before ``before`` with a tag that the text shows; None at the start."""
    return _first(_tagged(visit, document, shown).filter(number__lt=before).order_by("-number"))


def _tagged(visit: Visit, document: Document, shown: Shown) -> QuerySet[Passage]:
    tags = tags_shown(visit, document, shown).order_by().filter(passage=OuterRef("pk"))
    return document.passages.filter(Exists(tags))


def _first(passages: QuerySet[Passage]) -> int | None:
    return passages.values_list("number", flat=True).first()
