"""What the list of studies and a study's front page show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from annotations.access import Visit
from annotations.enums import Layer, Role
from annotations.models import Annotation, Completion, Document, Membership, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from annotations.models import User


@dataclass(frozen=True, slots=True)
class StudyShown:
    """A study in the list, with my role in it."""

    study: Study
    documents: int
    role: Role | None


@dataclass(frozen=True, slots=True)
class CoderProgress:
    """One coder on one document: active tags, passages tagged, and whether they finished it."""

    coder: str
    tags: int
    passages: int
    is_finished: bool
    is_me: bool


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """A document on the front page. ``coders`` holds only those the visitor may see."""

    document: Document
    letter: str
    passages: int
    coders: tuple[CoderProgress, ...]
    mine: CoderProgress | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A study's front page."""

    documents: tuple[DocumentShown, ...]
    members: tuple[tuple[str, str], ...]
    topics: int
    sources: int


def load_studies(user: User | AnonymousUser) -> list[StudyShown]:
    """The studies this person can see, by date of event and title, in two queries."""
    studies = Study.objects.visible_to(user).annotate(count=Count("documents", distinct=True))
    roles: dict[int, str] = {}
    if user.is_authenticated:
        roles = dict(Membership.objects.filter(user=user).values_list("study_id", "role"))
    shown = [
        StudyShown(study, study.count, _role(user, roles.get(study.pk)))  # type: ignore[attr-defined]
        for study in studies
    ]
    return sorted(shown, key=lambda s: (str(s.study.event_date or ""), s.study.title), reverse=True)


def _role(user: User | AnonymousUser, role: str | None) -> Role | None:
    if user.is_superuser:
        return Role.OWNER
    return Role(role) if role else None


def load_overview(visit: Visit) -> Overview:
    """The front page in a fixed number of queries."""
    documents = list(
        visit.study.documents.without_text().annotate(count=Count("passages")).order_by("position")
    )
    coders = _coder_progress(visit)
    shown = []
    for place, document in enumerate(documents):
        progress = tuple(coders[document.pk])
        mine = next((coder for coder in progress if coder.is_me), None)
        shown.append(
            DocumentShown(document, "ab"[place] if place < 2 else "", document.count, progress, mine)  # type: ignore[attr-defined]
        )
    return Overview(
        documents=tuple(shown),
        members=_members(visit),
        topics=visit.study.topics.taggable().count(),
        sources=visit.study.sources.count(),
    )


def _members(visit: Visit) -> tuple[tuple[str, str], ...]:
    # Where coding is blind, a coder learns who else codes a document by finishing it, and not before.
    if not visit.may_code or (visit.study.is_blind and not visit.may_curate):
        return ()
    rows = Membership.objects.filter(study=visit.study).select_related("user")
    members = [(row.user.get_username(), row.get_role_display()) for row in rows]
    return tuple(sorted(members))


def _coder_progress(visit: Visit) -> defaultdict[int, list[CoderProgress]]:
    """By document: the coders whose progress the visitor may see, by name."""
    progress: defaultdict[int, list[CoderProgress]] = defaultdict(list)
    if not visit.may_code:
        return progress
    counts = (
        Annotation.objects.active()
        .filter(study=visit.study, layer=Layer.CODED.value)
        .order_by()
        .values_list("document_id", "coder_id", "coder__username")
        .annotate(tags=Count("id"), passages=Count("passage", distinct=True))
    )
    finished = Completion.objects.filter(document__study=visit.study).values_list(
        "document_id", "coder_id", "coder__username", "reopened_at"
    )
    rows: dict[tuple[int, int, str], tuple[int, int]] = {
        (document, coder, name): (tags, passages) for document, coder, name, tags, passages in counts
    }
    done = {(document, coder, name): reopened is None for document, coder, name, reopened in finished}
    me = visit.member.pk
    open_to_me = {document for (document, coder, _name), is_done in done.items() if coder == me and is_done}
    for key in sorted(rows.keys() | done.keys(), key=lambda key: key[2]):
        document, coder, name = key
        if coder == me or visit.may_curate or not visit.study.is_blind or document in open_to_me:
            tags, passages = rows.get(key, (0, 0))
            progress[document].append(CoderProgress(name, tags, passages, done.get(key, False), coder == me))
    return progress
