"""Who works in a study, and the table of documents by coders: what is assigned, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Assignment, Completion, Document, Membership, User
from annotations.pages.progress import Key, Progress, ProgressTable, load_progress


@dataclass(frozen=True, slots=True)
class MemberShown:
    """A member. ``tags`` are their active tags in the study, ``is_last_owner`` that they have to stay."""

    membership: Membership
    name: str
    tags: int
    is_me: bool
    is_last_owner: bool


@dataclass(frozen=True, slots=True)
class CoderShown:
    """A column: somebody who may code, or whose work is here though they are no member any more
    (``member`` is None then). ``assigned`` counts the documents assigned to them, of ``documents``."""

    user_id: int
    name: str
    member: Membership | None
    assigned: int
    documents: int

    @property
    def codes_all(self) -> bool:
        """Whether the coder is to code all documents because none is assigned to them."""
        return self.member is not None and self.member.role == Role.CODER.value and not self.assigned


@dataclass(frozen=True, slots=True)
class Cell:
    """One coder on one document."""

    document: Document
    coder: CoderShown
    progress: Progress
    is_assigned: bool
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Members:
    """The members' page: the members, the table's columns, and its rows in the documents' order."""

    members: tuple[MemberShown, ...]
    coders: tuple[CoderShown, ...]
    rows: tuple[tuple[Document, tuple[Cell, ...]], ...]


def load_members(visit: Visit) -> Members:
    """The page in a number of queries that does not depend on how many documents and people there are."""
    documents = list(visit.study.documents.without_text().order_by("position"))
    memberships = list(visit.study.memberships.select_related("user"))
    progress = load_progress(documents, of=Q())
    assigned, finished = _assigned(documents), _finished(documents)
    coders = _coders(memberships, documents, progress, assigned, finished)
    rows = tuple(
        (
            document,
            tuple(
                Cell(
                    document=document,
                    coder=coder,
                    progress=progress.of(document.pk, coder.user_id),
                    is_assigned=(document.pk, coder.user_id) in assigned,
                    is_finished=finished.get((document.pk, coder.user_id), False),
                )
                for coder in coders
            ),
        )
        for document in documents
    )
    return Members(_members(visit, memberships, progress), coders, rows)


def load_cell(visit: Visit, document: Document, member: Membership) -> Cell:
    """One cell of the table, as an act on it leaves it."""
    of_coder = Q(coder=member.user_id)
    assigned = Assignment.objects.filter(of_coder, document__study=visit.study)
    coder = CoderShown(
        user_id=member.user_id,
        name=member.user.get_username(),
        member=member,
        assigned=assigned.count(),
        documents=visit.study.documents.count(),
    )
    return Cell(
        document=document,
        coder=coder,
        progress=load_progress([document], of=of_coder).of(document.pk, member.user_id),
        is_assigned=assigned.filter(document=document).exists(),
        is_finished=_finished([document]).get((document.pk, member.user_id), False),
    )


def _members(visit: Visit, memberships: list[Membership], progress: ProgressTable) -> tuple[MemberShown, ...]:
    """By role, the highest first, then by name."""
    ranks = {role.value: -rank for rank, role in enumerate(Role)}
    tags: dict[int, int] = {}
    for (_document, coder), found in progress.found.items():
        tags[coder] = tags.get(coder, 0) + found.tags
    owners = {m.pk for m in memberships if m.role == Role.OWNER.value and m.user.is_active}
    shown = [
        MemberShown(
            membership=membership,
            name=membership.user.get_username(),
            tags=tags.get(membership.user_id, 0),
            is_me=membership.user_id == visit.user.pk,
            is_last_owner=membership.role == Role.OWNER.value and not owners - {membership.pk},
        )
        for membership in memberships
    ]
    return tuple(sorted(shown, key=lambda m: (ranks[m.membership.role], m.name.casefold(), m.name)))


def _coders(
    memberships: list[Membership],
    documents: list[Document],
    progress: ProgressTable,
    assigned: set[Key],
    finished: dict[Key, bool],
) -> tuple[CoderShown, ...]:
    """Coders first, then curators and owners, who may code too; last whoever is no member any more."""
    order = [role.value for role in Role if role.includes(Role.CODER)]
    coding = {m.user_id: m for m in memberships if m.role in order}
    with_work = {coder for _document, coder in progress.found.keys() | finished.keys()}
    gone = dict(User.objects.filter(pk__in=with_work - coding.keys()).values_list("pk", "username"))
    names = {user: m.user.get_username() for user, m in coding.items()} | gone
    counts: dict[int, int] = {}
    for _document, coder in assigned:
        counts[coder] = counts.get(coder, 0) + 1
    shown = [
        CoderShown(user, name, coding.get(user), counts.get(user, 0), len(documents))
        for user, name in names.items()
    ]
    rank = {user: order.index(m.role) for user, m in coding.items()}
    return tuple(sorted(shown, key=lambda c: (rank.get(c.user_id, len(order)), c.name.casefold(), c.name)))


def _assigned(documents: list[Document]) -> set[Key]:
    rows = Assignment.objects.filter(document__in=[document.pk for document in documents])
    return set(rows.values_list("document_id", "coder_id"))


def _finished(documents: list[Document]) -> dict[Key, bool]:
    """By document and coder: whether it is finished now; False where it was reopened."""
    rows = Completion.objects.filter(document__in=[document.pk for document in documents])
    return {
        (document, coder): reopened is None
        for document, coder, reopened in rows.values_list("document_id", "coder_id", "reopened_at")
    }
