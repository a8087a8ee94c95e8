"""The talk about a passage: its own thread, and one for each of its tags."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field, replace

from django.db.models import Count, Q

from annotations.access import Visit
from annotations.models import Annotation, Comment, Document, Passage


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed and could not be stored, on which tag (None: on the passage), and why not."""

    annotation: int | None
    text: str
    error: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments on a passage or, where ``annotation`` is set, on one of its tags, oldest first.

    ``key`` names it in the page. ``is_hidden``: one's own comments on tags that one may not see (any
    more); nothing can be added to them.
    """

    key: str
    comments: list[Comment] = field(default_factory=list)
    annotation: Annotation | None = None
    is_hidden: bool = False
    token: str = ""
    text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """What one person sees of the talk about one passage. ``quiet_tags`` are those that nobody has spoken
    of, and ``new`` is the thread that begins with one of them, ``chosen`` where a form came back. ``count``
    leaves out what was taken back."""

    document: Document
    passage: Passage
    on_passage: Thread
    on_tags: list[Thread]
    quiet_tags: list[Annotation]
    new: Thread
    chosen: Annotation | None
    count: int


def comment_counts(visit: Visit, document: Document, passage: Passage | None = None) -> dict[int, int]:
    """How many comments a person sees on each passage of a document that has any, in one query."""
    seen = Comment.objects.visible_to(visit.user, visit.study, visit.role).active()
    about = seen.filter(document=document) if passage is None else seen.filter(passage=passage)
    return dict(about.order_by().values_list("passage").annotate(Count("pk")))


def load_talk(visit: Visit, document: Document, passage: Passage, draft: Draft | None = None) -> Talk:
    """The threads of a passage, in two queries. Who took a comment back sees it, and nobody else."""
    comments = list(
        Comment.objects.visible_to(visit.user, visit.study, visit.role)
        .filter(Q(withdrawn_at__isnull=True) | Q(author=visit.member), passage=passage)
        .select_related("author")
        .order_by("pk")
    )
    said = defaultdict(list)
    for comment in comments:
        said[comment.annotation_id].append(comment)
    tags = list(
        visit.annotations()
        .filter(Q(withdrawn_at__isnull=True) | Q(pk__in=[pk for pk in said if pk]), passage=passage)
        .shown()
        .order_by("start", "end", "id")
    )
    threads = [_thread(said[tag.pk], tag, draft) for tag in tags if tag.pk in said]
    quiet = [tag for tag in tags if tag.pk not in said]
    chosen = next((tag for tag in quiet if draft and draft.annotation == tag.pk), None)
    hidden = [comment for comment in comments if comment.annotation_id not in {None, *(t.pk for t in tags)}]
    if hidden:
        threads.append(Thread("hidden", hidden, is_hidden=True))
    return Talk(
        document=document,
        passage=passage,
        on_passage=_thread(said[None], None, draft),
        on_tags=threads,
        quiet_tags=quiet,
        new=replace(_thread([], chosen, draft if chosen else None), key="new", annotation=None),
        chosen=chosen,
        count=sum(comment.withdrawn_at is None for comment in comments),
    )


def _thread(comments: list[Comment], tag: Annotation | None, draft: Draft | None) -> Thread:
    mine = draft if draft and draft.annotation == (tag.pk if tag else None) else None
    return Thread(
        key=str(tag.public_id) if tag else "passage",
        comments=comments,
        annotation=tag,
        token=str(uuid.uuid4()),
        text=mine.text if mine else "",
        error=mine.error if mine else "",
    )
