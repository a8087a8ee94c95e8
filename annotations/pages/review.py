"""The annotations made under older words, with what has changed since, for their coders to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.urls import reverse

from annotations.access import Visit
from annotations.models import Annotation, Topic
from annotations.models.coding import AnnotationQuerySet
from annotations.pages.codebook_versions import earlier_statements
from annotations.pages.word_diff import Piece, word_diff
from annotations.services.merge_plan import CoderCount
from annotations.services.reviewing import outdated, to_review

TAGS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One annotation. ``may_confirm``: it is this visitor's to confirm; ``change`` leads to its form."""

    tag: Annotation
    older_statement: bool
    older_guidelines: bool
    may_confirm: bool
    change: str

    @property
    def seen(self) -> str:
        """The annotation at the version that the page shows, as the form sends it."""
        return f"{self.tag.public_id}:{self.tag.version}"


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Annotations on one topic that were made under the same words. ``pieces``: what has changed in the
    statement since; empty where only the guidelines have, or where the words were another topic's."""

    topic: Topic
    version: int
    pieces: tuple[Piece, ...]
    was_elsewhere: bool
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """One page of the list. ``whose``: ``mine`` or ``all``; ``counts``: all that is left, by coder."""

    page: Page[Annotation]
    groups: tuple[ReviewGroup, ...]
    whose: str
    counts: tuple[CoderCount, ...]

    @property
    def can_confirm(self) -> int:
        """How many of the page's annotations are this visitor's to confirm."""
        return sum(row.may_confirm for group in self.groups for row in group.rows)


def load_review(visit: Visit, whose: str, number: str) -> Review:
    """One page, in a fixed number of queries. Only a curator may ask for ``all``."""
    whose = "all" if whose == "all" and visit.may_curate else "mine"
    mine = to_review(visit.study, visit.member)
    rows = outdated(visit.annotations().active()) if whose == "all" else mine
    page: Page[Annotation] = Paginator(_in_order(rows), TAGS_A_PAGE).get_page(number)
    tags = list(page)
    own = set(mine.filter(pk__in=[tag.pk for tag in tags]).values_list("pk", flat=True))
    shown = [_row(visit, tag, tag.pk in own) for tag in tags]
    return Review(page, tuple(_groups(shown)), whose, _counts(visit) if visit.may_curate else ())


def _in_order(rows: AnnotationQuerySet) -> AnnotationQuerySet:
    """By topic and the words they were made under, then in the order of the text."""
    shown = rows.select_related("study").defer("study__guidelines", "study__question").shown()
    return shown.order_by(
        "topic__position", "topic_id", "statement_version", "document__position", "start", "end", "id"
    )


def _row(visit: Visit, tag: Annotation, may_confirm: bool) -> ReviewRow:
    code = reverse("document-code", args=[visit.study.slug, tag.document.slug])
    is_own = tag.coder_id == visit.member.pk and tag.layer == "coded"
    return ReviewRow(
        tag=tag,
        older_statement=tag.statement_version < tag.topic.statement_version,
        older_guidelines=tag.guidelines_version < tag.study.guidelines_version,
        may_confirm=may_confirm,
        change=f"{code}?edit={tag.public_id}#panel" if is_own else "",
    )


def _groups(rows: list[ReviewRow]) -> Iterable[ReviewGroup]:
    older = earlier_statements({row.tag.topic_id for row in rows})
    for (_topic, version), group in groupby(rows, key=lambda r: (r.tag.topic_id, r.tag.statement_version)):
        members = tuple(group)
        topic = members[0].tag.topic
        before = older.get((topic.pk, version))
        is_older = members[0].older_statement
        changed = is_older and before is not None and before != topic.statement
        yield ReviewGroup(
            topic=topic,
            version=version,
            pieces=word_diff(before or "", topic.statement) if changed else (),
            was_elsewhere=is_older and before is None,
            rows=members,
        )


def _counts(visit: Visit) -> tuple[CoderCount, ...]:
    rows = outdated(visit.annotations().active()).order_by()
    found = rows.values_list("coder__username", "layer").annotate(count=Count("pk"))
    return tuple(CoderCount(coder, layer, count) for coder, layer, count in sorted(found))
