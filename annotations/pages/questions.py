"""What coders are not sure of, and what they talk about: the list that a curator works through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q
from django.urls import reverse

from annotations.access import Visit
from annotations.models import Annotation, Comment, Completion, Document, Passage

if TYPE_CHECKING:
    from annotations.models.coding import AnnotationQuerySet
    from annotations.models.workbench import CommentQuerySet

QUESTIONS_A_PAGE = 50
#: How many threads are listed, the newest remark first.
THREADS = 20
LETTERS = "ab"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters that are set: slugs and a user name, empty where unset."""

    document: str = ""
    topic: str = ""
    coder: str = ""


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """A tag whose coder is not sure. ``last`` is the newest comment on it, one of ``comments``; ``place``,
    ``talk`` and ``change`` are addresses in the workbench, the last empty where one cannot change it."""

    tag: Annotation
    letter: str
    comments: int
    last: Comment | None
    place: str
    talk: str
    change: str


@dataclass(frozen=True, slots=True)
class ThreadShown:
    """A thread by its newest comment. ``tag`` is None where it is about the passage; ``is_hidden``: it is
    about a tag that one may not see (any more)."""

    last: Comment
    comments: int
    letter: str
    tag: Annotation | None
    is_hidden: bool
    talk: str


@dataclass(frozen=True, slots=True)
class Questions:
    """One page of questions, and the newest threads."""

    count: int
    rows: list[QuestionShown]
    threads: list[ThreadShown]
    page: Page[Annotation]


def load_questions(
    visit: Visit, uncertain: AnnotationQuerySet, asked: Asked, documents: list[str], page: str | None
) -> Questions:
    """In a fixed number of queries. ``uncertain``: the tags that the filters let through, in their order;
    ``documents``: the slugs of the study's, in its order."""
    seen = Comment.objects.visible_to(visit.user, visit.study, visit.role).active()
    turned = Paginator(uncertain.shown(), QUESTIONS_A_PAGE).get_page(page)
    tags = list(turned)
    on_tags = {
        row["annotation"]: row
        for row in seen.filter(annotation__in=[tag.pk for tag in tags])
        .order_by()
        .values("annotation")
        .annotate(said=Count("pk"), last=Max("pk"))
    }
    threads = _newest_threads(visit, seen, asked)
    last = _comments([row["last"] for row in (*on_tags.values(), *threads)])
    finished = set(
        Completion.objects.filter(
            coder=visit.member, document__study=visit.study, reopened_at__isnull=True
        ).values_list("document", flat=True)
    )
    letters = dict(zip(documents, LETTERS, strict=False))

    def question(tag: Annotation) -> QuestionShown:
        said = on_tags.get(tag.pk)
        is_mine = tag.coder_id == visit.member.pk and tag.document_id not in finished
        return QuestionShown(
            tag=tag,
            letter=letters.get(tag.document.slug, ""),
            comments=said["said"] if said else 0,
            last=last[said["last"]] if said else None,
            place=_place(visit, tag.document, tag.passage, f"q-{tag.public_id}"),
            talk=_place(visit, tag.document, tag.passage, f"p{tag.passage.number}", talk="open"),
            change=f"{_base(visit, tag.document)}?edit={tag.public_id}#panel" if is_mine else "",
        )

    return Questions(
        count=turned.paginator.count,
        rows=[question(tag) for tag in tags],
        threads=_threads_shown(visit, threads, last, letters),
        page=turned,
    )


def _newest_threads(visit: Visit, seen: CommentQuerySet, asked: Asked) -> list[dict[str, Any]]:
    """Passage, tag, number of comments and newest comment of the threads that the filters let through: on
    a tag of the topic; by or about the coder. What one may not see of a tag decides nothing."""
    threads = seen.order_by()
    tags = visit.annotations().order_by()
    if asked.document:
        threads = threads.filter(document__slug=asked.document)
    if asked.topic:
        on_topic = tags.filter(Q(topic__slug=asked.topic) | Q(topic__parent__slug=asked.topic))
        threads = threads.filter(annotation__in=on_topic.values("pk"))
    rows = threads.values("passage", "annotation").annotate(said=Count("pk"), last=Max("pk"))
    if asked.coder:
        theirs = Q(author__username=asked.coder)
        theirs |= Q(annotation__in=tags.filter(coder__username=asked.coder).values("pk"))
        rows = rows.annotate(theirs=Count("pk", filter=theirs)).filter(theirs__gt=0)
    return [dict(row) for row in rows.order_by("-last")[:THREADS]]


def _comments(pks: list[int]) -> dict[int, Comment]:
    """The comments, each with its author and place; no text of a document or a passage is read."""
    wanted = Comment.objects.select_related("author", "document", "passage").filter(pk__in=pks)
    plain = wanted.defer("document__text", "passage__text", "passage__folded")
    return {comment.pk: comment for comment in plain}


def _threads_shown(
    visit: Visit, threads: list[dict[str, Any]], last: dict[int, Comment], letters: dict[str, str]
) -> list[ThreadShown]:
    about = [row["annotation"] for row in threads if row["annotation"]]
    tags = {tag.pk: tag for tag in visit.annotations().shown().filter(pk__in=about)}
    shown = []
    for row in threads:
        comment = last[row["last"]]
        passage = comment.passage
        shown.append(
            ThreadShown(
                last=comment,
                comments=row["said"],
                letter=letters.get(comment.document.slug, ""),
                tag=tags.get(row["annotation"]),
                is_hidden=row["annotation"] is not None and row["annotation"] not in tags,
                talk=_place(visit, comment.document, passage, f"p{passage.number}", talk="open"),
            )
        )
    return shown


def _base(visit: Visit, document: Document) -> str:
    return reverse("document-code", args=[visit.study.slug, document.slug])


def _place(visit: Visit, document: Document, passage: Passage, anchor: str, **asked: str) -> str:
    """The workbench with everybody's tags, as far as one may see them, and nothing in hand."""
    query = urlencode({"passage": passage.number, "shown": "all", "hand": "empty"} | asked)
    return f"{_base(visit, document)}?{query}#{anchor}"
