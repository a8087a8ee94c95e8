"""What the list of studies and a study's front page show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Assignment, Completion, Document, Membership, Study, User
from annotations.pages.progress import Progress, load_progress, visible_work

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True, slots=True)
class StudyShown:
    """A study in the list, with my role in it."""

    study: Study
    documents: int
    role: Role | None


@dataclass(frozen=True, slots=True)
class CoderProgress:
    """One coder on one document: how far they are, whether it is assigned to them, and finished."""

    coder: str
    progress: Progress
    is_assigned: bool
    is_finished: bool
    is_me: bool


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """A document on the front page. ``coders`` holds only those the visitor may see; ``is_mine`` says that
    it is assigned to the visitor, ``is_next`` that it is the next one for them to code."""

    document: Document
    letter: str
    passages: int
    coders: tuple[CoderProgress, ...]
    is_mine: bool
    is_next: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """A study's front page. ``assigned`` counts the documents assigned to the visitor, ``finished`` those of
    them that the visitor has finished."""

    documents: tuple[DocumentShown, ...]
    members: tuple[tuple[str, str], ...]
    topics: int
    sources: int
    assigned: int
    finished: int


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
    """The front page in a number of queries that does not depend on how much is in the study."""
    documents = list(
        visit.study.documents.without_text().annotate(count=Count("passages")).order_by("position")
    )
    coders = _coder_progress(visit, documents)
    mine = {document: row for document, rows in coders.items() for row in rows if row.is_me}
    assigned = {document for document, row in mine.items() if row.is_assigned}
    finished = {document for document, row in mine.items() if row.is_finished}
    # A coder without any assignment is to code all documents; a curator or an owner is not.
    wanted = assigned or ({d.pk for d in documents} if visit.role is Role.CODER else set())
    following = next((d.pk for d in documents if d.pk in wanted - finished), None)
    shown = [
        DocumentShown(
            document=document,
            letter="ab"[place] if place < 2 else "",
            passages=document.count,  # type: ignore[attr-defined]
            coders=tuple(coders[document.pk]),
            is_mine=document.pk in assigned,
            is_next=document.pk == following,
        )
        for place, document in enumerate(documents)
    ]
    return Overview(
        documents=tuple(shown),
        members=_members(visit),
        topics=visit.study.topics.taggable().count(),
        sources=visit.study.sources.count(),
        assigned=len(assigned),
        finished=len(assigned & finished),
    )


def _members(visit: Visit) -> tuple[tuple[str, str], ...]:
    # Where coding is blind, a coder learns who else codes a document by finishing it, and not before.
    if not visit.may_code or (visit.study.is_blind and not visit.may_curate):
        return ()
    rows = Membership.objects.filter(study=visit.study).select_related("user")
    members = [(row.user.get_username(), row.get_role_display()) for row in rows]
    return tuple(sorted(members))


def _coder_progress(visit: Visit, documents: list[Document]) -> defaultdict[int, list[CoderProgress]]:
    """By document: the coders whose progress the visitor may see, by name. What they may not see is not
    asked for."""
    shown: defaultdict[int, list[CoderProgress]] = defaultdict(list)
    if not visit.may_code:
        return shown
    of = visible_work(visit)
    progress = load_progress(documents, of)
    ids = [document.pk for document in documents]
    completions = Completion.objects.filter(of, document__in=ids)
    finished = {
        (document, coder): reopened is None
        for document, coder, reopened in completions.values_list("document_id", "coder_id", "reopened_at")
    }
    assignments = Assignment.objects.filter(of, document__in=ids)
    assigned = set(assignments.values_list("document_id", "coder_id"))
    keys = progress.found.keys() | finished.keys() | assigned
    people = User.objects.filter(pk__in={coder for _document, coder in keys})
    names = dict(people.values_list("pk", "username"))
    for document, coder in sorted(keys, key=lambda key: names[key[1]]):
        shown[document].append(
            CoderProgress(
                coder=names[coder],
                progress=progress.of(document, coder),
                is_assigned=(document, coder) in assigned,
                is_finished=finished.get((document, coder), False),
                is_me=coder == visit.member.pk,
            )
        )
    return shown
