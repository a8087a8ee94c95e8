"""Members, their roles, and what is assigned to them."""

from __future__ import annotations

import pytest
from django.db import connection

from annotations.enums import Role
from annotations.errors import MemberError, NotAllowedError
from annotations.models import Annotation, Assignment, Membership, Study, User
from annotations.services.members import (
    add_member,
    assign_document,
    change_role,
    person_named,
    remove_member,
    studies_resting_on,
    unassign_document,
)
from tests.factories import make_member, make_study, make_tag, make_user
from tests.services.test_concurrency import together


def member(user: User, study: Study) -> Membership:
    return Membership.objects.get(user=user, study=study)


def roles(study: Study) -> dict[str, str]:
    return dict(study.memberships.values_list("user__username", "role"))


def assignments() -> list[tuple[str, str, str | None]]:
    """Document, coder, and who assigned it."""
    rows = Assignment.objects.order_by("document_id", "coder__username")
    return [(a.document.slug, a.coder.username, a.assigned_by and a.assigned_by.username) for a in rows]


class TestPeople:
    def test_a_person_is_found_by_the_whole_name_whatever_its_case(self, study: Study, coder: User) -> None:
        assert person_named(" ADA ") == coder
        make_user("gone", is_active=False)
        for name in ("ad", "adam", "", "gone", "a%"):
            with pytest.raises(MemberError, match=r"There is no person of this user name\."):
                person_named(name)


class TestRoles:
    def test_an_owner_adds_people_and_adding_twice_adds_once(self, study: Study, owner: User) -> None:
        nina = make_user("nina")
        for _ in "twice":
            add_member(by=owner, study=study, person=nina, role=Role.CODER)
        assert roles(study) == {"olga": "owner", "nina": "coder"}

    def test_who_is_a_member_keeps_the_role_they_have(self, study: Study, owner: User, coder: User) -> None:
        with pytest.raises(MemberError, match="ada is a member already: Coder"):
            add_member(by=owner, study=study, person=coder, role=Role.OWNER)
        assert roles(study)["ada"] == "coder"

    def test_an_owner_changes_roles_of_this_study_only(self, study: Study, owner: User, coder: User) -> None:
        other = make_study("other")
        add_member(by=make_member(other, Role.OWNER), study=other, person=coder, role=Role.READER)
        change_role(by=owner, membership=member(coder, study), role=Role.CURATOR)
        assert (roles(study)["ada"], roles(other)["ada"]) == ("curator", "reader")

    def test_the_last_owner_is_neither_demoted_nor_taken_out(self, study: Study, owner: User) -> None:
        root = make_user("root", is_superuser=True)
        for by in (owner, root):
            with pytest.raises(MemberError, match="make somebody else an owner before olga goes"):
                change_role(by=by, membership=member(owner, study), role=Role.CURATOR)
            with pytest.raises(MemberError, match="A study keeps an owner"):
                remove_member(by=by, membership=member(owner, study))
        assert change_role(by=owner, membership=member(owner, study), role=Role.OWNER).role == "owner"
        assert roles(study) == {"olga": "owner"}

    def test_an_owner_who_cannot_log_in_is_none_to_rest_on(self, study: Study, owner: User) -> None:
        other = make_member(study, Role.OWNER, "otto")
        assert studies_resting_on(owner) == []
        User.objects.filter(pk=other.pk).update(is_active=False)
        with pytest.raises(MemberError):
            remove_member(by=owner, membership=member(owner, study))
        assert studies_resting_on(owner) == [study]
        remove_member(by=owner, membership=member(other, study))
        assert roles(study) == {"olga": "owner"}

    def test_one_of_two_owners_may_go(self, study: Study, owner: User) -> None:
        otto = make_member(study, Role.OWNER, "otto")
        change_role(by=owner, membership=member(owner, study), role=Role.READER)
        assert roles(study) == {"olga": "reader", "otto": "owner"}
        with pytest.raises(NotAllowedError):
            remove_member(by=owner, membership=member(otto, study))

    @pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.CURATOR])
    def test_nobody_below_an_owner_changes_members(self, study: Study, coder: User, role: Role) -> None:
        by = make_member(study, role)
        before = roles(study)
        east = study.documents.get(slug="east")
        acts = (
            lambda: add_member(by=by, study=study, person=make_user(), role=Role.READER),
            lambda: change_role(by=by, membership=member(coder, study), role=Role.OWNER),
            lambda: remove_member(by=by, membership=member(coder, study)),
            lambda: assign_document(by=by, document=east, coder=coder),
            lambda: unassign_document(by=by, document=east, coder=coder),
        )
        for act in acts:
            with pytest.raises(NotAllowedError):
                act()
        assert (roles(study), assignments()) == (before, [])


class TestTakingOut:
    def test_the_work_stays_and_the_assignments_of_this_study_go(
        self, study: Study, owner: User, coder: User
    ) -> None:
        tag = make_tag(study, coder)
        other = make_study("other")
        boss = make_member(other, Role.OWNER)
        add_member(by=boss, study=other, person=coder, role=Role.CODER)
        assign_document(by=boss, document=other.documents.get(slug="west"), coder=coder)
        assign_document(by=owner, document=tag.document, coder=coder)
        leaving = member(coder, study)
        for _ in "twice":
            remove_member(by=owner, membership=leaving)
        assert roles(study) == {"olga": "owner"}
        assert [(slug, name) for slug, name, _by in assignments()] == [("west", "ada")]
        assert Annotation.objects.active().get() == tag

    def test_a_member_who_has_gone_has_no_role_to_change(
        self, study: Study, owner: User, coder: User
    ) -> None:
        leaving = member(coder, study)
        remove_member(by=owner, membership=leaving)
        with pytest.raises(MemberError, match="no longer a member"):
            change_role(by=owner, membership=leaving, role=Role.OWNER)


class TestAssignments:
    def test_an_assignment_is_a_state_that_is_set_and_taken_back(
        self, study: Study, owner: User, coder: User, other_coder: User
    ) -> None:
        east, west = study.documents.order_by("position")
        for _ in "twice":
            assign_document(by=owner, document=east, coder=coder)
        assign_document(by=owner, document=west, coder=other_coder)
        assert assignments() == [("east", "ada", "olga"), ("west", "ben", "olga")]
        for _ in "twice":
            unassign_document(by=owner, document=east, coder=coder)
        assert assignments() == [("west", "ben", "olga")]

    def test_only_who_may_code_is_given_a_document(
        self, study: Study, owner: User, curator: User, reader: User
    ) -> None:
        east = study.documents.get(slug="east")
        for person in (reader, make_user("stranger")):
            with pytest.raises(MemberError, match="is no coder of this study"):
                assign_document(by=owner, document=east, coder=person)
        assign_document(by=owner, document=east, coder=curator)
        assert assignments() == [("east", "cora", "olga")]


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_send_each_other_away_at_once_leave_one() -> None:
    study = make_study()
    first, second = (make_member(study, Role.OWNER, name) for name in ("olga", "otto"))
    mine, theirs = member(first, study), member(second, study)

    def tried(by: User, whom: Membership) -> bool:
        try:
            remove_member(by=by, membership=whom)
        except (NotAllowedError, MemberError):
            return False
        return True

    results = together([lambda: tried(first, theirs), lambda: tried(second, mine)])
    assert sorted(results) == [False, True]
    assert study.memberships.count() == 1
    connection.close()
