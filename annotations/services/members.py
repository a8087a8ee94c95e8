"""Who works in a study and what they are to code: an owner's acts.

Each function is atomic, sets a state, and refuses by raising ``NotAllowedError`` or ``MemberError``. Changes
of one study's members wait for each other, so that two owners cannot send each other away at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.enums import Role
from annotations.errors import MemberError, NotAllowedError
from annotations.models import Assignment, Document, Membership, Study, User
from annotations.permissions import may_code, may_own, role_in
from annotations.services.revision import changes_study

if TYPE_CHECKING:
    from django.db.models import QuerySet


def person_named(name: str) -> User:
    """The person of a user name, whatever its case. Who is not active is nobody here."""
    person = User.objects.filter(username__iexact=name.strip(), is_active=True).first()
    if person is None:
        raise MemberError(_("There is no person of this user name."))
    return person


@changes_study
def add_member(*, by: User, study: Study, person: User, role: Role) -> Membership:
    """Make a person a member. Who is a member in another role already keeps it, and that is said."""
    _hold(by, study)
    membership, is_new = Membership.objects.get_or_create(
        study=study, user=person, defaults={"role": role.value}
    )
    if not is_new and membership.role != role.value:
        raise MemberError(
            _("%(person)s is a member already: %(role)s. Change the role in the list.")
            % {"person": person.get_username(), "role": membership.get_role_display()}
        )
    return membership


@changes_study
def change_role(*, by: User, membership: Membership, role: Role) -> Membership:
    """Give a member another role. A study keeps an owner."""
    _hold(by, membership.study)
    current = _current(membership)
    if current.role == role.value:
        return current
    if role is not Role.OWNER:
        _check_an_owner_remains(current)
    current.role = role.value
    current.save(update_fields=["role"])
    return current


@changes_study
def remove_member(*, by: User, membership: Membership) -> None:
    """Take a person out of a study, and what was assigned to them with it. Their work stays, and so does
    what they finished. Who has been taken out already is out."""
    _hold(by, membership.study)
    current = Membership.objects.filter(pk=membership.pk).first()
    if current is None:
        return
    _check_an_owner_remains(current)
    Assignment.objects.filter(document__study=current.study_id, coder=current.user_id).delete()
    current.delete()


@changes_study
def assign_document(*, by: User, document: Document, coder: User) -> Assignment:
    """Say that a member is to code a document. It guides, and locks nobody out."""
    _hold(by, document.study)
    if not may_code(role_in(coder, document.study)):
        raise MemberError(_("%(person)s is no coder of this study.") % {"person": coder.get_username()})
    assignment, _is_new = Assignment.objects.get_or_create(
        document=document, coder=coder, defaults={"assigned_by": by}
    )
    return assignment


@changes_study
def unassign_document(*, by: User, document: Document, coder: User) -> None:
    """Take an assignment back; the coder's work on the document stays."""
    _hold(by, document.study)
    Assignment.objects.filter(document=document, coder=coder).delete()


def studies_resting_on(person: User) -> list[Study]:
    """The studies that would have no owner without this person, by title."""
    owned = Membership.objects.filter(user=person, role=Role.OWNER.value).select_related("study")
    return sorted((m.study for m in owned if not _other_owners(m).exists()), key=lambda study: study.title)


def _hold(by: User, study: Study) -> None:
    """Hold the study's members until the transaction ends, where ``by`` owns the study at that moment."""
    Study.objects.select_for_update(no_key=True).only("pk").get(pk=study.pk)
    if not may_own(role_in(by, study)):
        raise NotAllowedError(_("Only an owner of the study changes its members."))


def _current(membership: Membership) -> Membership:
    current = Membership.objects.filter(pk=membership.pk).first()
    if current is None:
        raise MemberError(_("This person is no longer a member."))
    return current


def _check_an_owner_remains(leaving: Membership) -> None:
    if leaving.role == Role.OWNER.value and not _other_owners(leaving).exists():
        raise MemberError(
            _("A study keeps an owner: make somebody else an owner before %(person)s goes.")
            % {"person": leaving.user.get_username()}
        )


def _other_owners(membership: Membership) -> QuerySet[Membership]:
    """Who can no longer log in is no owner that a study could rest on."""
    owners = Membership.objects.filter(study=membership.study_id, role=Role.OWNER.value, user__is_active=True)
    return owners.exclude(pk=membership.pk)
