"""The members' page: who is in the study, and who is to code what."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Role
from annotations.models import Assignment, Membership, Study, User
from annotations.services.coding import finish_document, reopen_document
from annotations.services.members import remove_member
from annotations.services.progress import mark_nothing_here
from tests.bodies import words
from tests.factories import make_document, make_member, make_study, make_tag, make_user

MEMBERS = "/studies/talks/members/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def olga(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def of(user: User) -> Membership:
    return Membership.objects.get(user=user, study__slug="talks")


def said(response: HttpResponse) -> str:
    return str(list(get_messages(response.wsgi_request))[-1])


def roles() -> dict[str, str]:
    return dict(Membership.objects.filter(study__slug="talks").values_list("user__username", "role"))


def assigned() -> list[tuple[str, str]]:
    return sorted(Assignment.objects.values_list("document__slug", "coder__username"))


class TestMembers:
    def test_they_come_by_role_and_name_with_their_work(
        self, olga: Client, study: Study, coder: User, reader: User, curator: User
    ) -> None:
        make_member(study, Role.CODER, "Abel")
        make_tag(study, coder)
        make_tag(study, coder, document="west")
        members = olga.get(MEMBERS).context["shown"].members
        assert [(m.name, m.membership.role, m.tags, m.is_me, m.is_last_owner) for m in members] == [
            ("olga", "owner", 0, True, True),
            ("cora", "curator", 0, False, False),
            ("Abel", "coder", 0, False, False),
            ("ada", "coder", 2, False, False),
            ("rosa", "reader", 0, False, False),
        ]

    def test_a_person_is_added_by_the_whole_name(self, olga: Client, study: Study) -> None:
        make_user("Nina")
        response = olga.post(MEMBERS, {"username": "nina", "role": "coder"})
        assert (response.status_code, response["Location"]) == (302, MEMBERS)
        assert said(response) == "Nina is a member now: Coder."
        assert roles() == {"olga": "owner", "Nina": "coder"}

    @pytest.mark.parametrize("name", ["nobody", "nin", "gone"])
    def test_a_name_that_is_nobodys_is_refused_without_a_hint(
        self, olga: Client, study: Study, name: str
    ) -> None:
        make_user("nina")
        make_user("gone", is_active=False)
        response = olga.post(MEMBERS, {"username": name, "role": "coder"})
        assert response.status_code == 422
        text = words(response)
        assert "There is no person of this user name." in text
        assert "nina" not in text
        assert roles() == {"olga": "owner"}

    @pytest.mark.parametrize("name", ["", " ", "nina\x00", "n" * 151])
    def test_what_is_no_name_is_refused(self, olga: Client, study: Study, name: str) -> None:
        make_user("nina")
        assert olga.post(MEMBERS, {"username": name, "role": "coder"}).status_code == 422
        assert olga.post(MEMBERS, {"username": "nina", "role": "king"}).status_code == 422
        assert roles() == {"olga": "owner"}

    def test_a_member_in_another_role_is_not_changed_by_adding(
        self, olga: Client, study: Study, coder: User
    ) -> None:
        response = olga.post(MEMBERS, {"username": "ada", "role": "owner"})
        assert response.status_code == 422
        assert "ada is a member already: Coder. Change the role in the list." in words(response)
        assert roles()["ada"] == "coder"

    def test_a_role_is_changed_for_one_member(self, olga: Client, study: Study, coder: User) -> None:
        response = olga.post(f"{MEMBERS}{of(coder).pk}/role/", {"role": "curator"})
        assert (response.status_code, said(response)) == (302, "ada: Curator.")
        assert roles() == {"olga": "owner", "ada": "curator"}
        assert olga.post(f"{MEMBERS}{of(coder).pk}/role/", {"role": "king"}).status_code == 400
        assert olga.post(f"{MEMBERS}999999/role/", {"role": "coder"}).status_code == 404

    def test_the_last_owner_stays_and_the_page_says_why(
        self, olga: Client, study: Study, owner: User
    ) -> None:
        page = olga.get(MEMBERS)
        assert "Owner. A study keeps one: make somebody else an owner first." in words(page)
        assert f"{of(owner).pk}/remove/" not in page.content.decode()
        for act, data in (("role", {"role": "coder"}), ("remove", {})):
            response = olga.post(f"{MEMBERS}{of(owner).pk}/{act}/", data)
            assert response.status_code == 422
            assert "A study keeps an owner: make somebody else an owner before olga goes." in words(response)
        assert roles() == {"olga": "owner"}

    def test_who_gives_their_own_right_away_is_led_elsewhere(
        self, olga: Client, study: Study, owner: User
    ) -> None:
        make_member(study, Role.OWNER, "otto")
        response = olga.post(f"{MEMBERS}{of(owner).pk}/role/", {"role": "reader"})
        assert (response.status_code, response["Location"]) == (302, "/")
        Membership.objects.filter(user=owner).update(role="owner")
        response = olga.post(f"{MEMBERS}{of(owner).pk}/remove/")
        assert (response.status_code, response["Location"]) == (302, "/")
        assert roles() == {"otto": "owner"}

    def test_a_member_of_another_study_is_not_to_be_reached_from_here(
        self, olga: Client, study: Study, coder: User
    ) -> None:
        other = make_study("other")
        theirs = Membership.objects.create(study=other, user=coder, role=Role.READER.value)
        assert olga.post(f"{MEMBERS}{theirs.pk}/role/", {"role": "owner"}).status_code == 404
        assert olga.post(f"{MEMBERS}{theirs.pk}/remove/").status_code == 302
        data = {"document": "east", "member": theirs.pk, "value": "on"}
        assert olga.post(MEMBERS + "assign/", data).status_code == 422
        assert Membership.objects.get(pk=theirs.pk).role == "reader"
        assert assigned() == []

    def test_taking_somebody_out_keeps_their_work_in_the_table(
        self, olga: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder)
        address = f"{MEMBERS}{of(coder).pk}/remove/"
        response = olga.post(address)
        assert said(response) == "ada is no longer a member. Their work stays."
        # Sent twice, as a double click does: it is done, and that is no error.
        assert olga.post(address)["Location"] == MEMBERS
        page = olga.get(MEMBERS)
        coders = page.context["shown"].coders
        assert [(c.name, c.member is None) for c in coders] == [("olga", False), ("ada", True)]
        assert "no longer a member" in words(page)
        assert "1 of 2 tagged" in words(page)


class TestTable:
    def test_it_says_how_far_each_coder_is_on_each_document(
        self, olga: Client, study: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        east, west = study.documents.order_by("position")
        make_tag(study, coder)
        mark_nothing_here(by=coder, passage=east.passages.get(number=2))
        finish_document(by=coder, document=east)
        finish_document(by=other_coder, document=west)
        reopen_document(by=other_coder, document=west)
        Assignment.objects.create(document=east, coder=coder)
        shown = olga.get(MEMBERS).context["shown"]
        assert [(c.name, c.assigned, c.documents, c.codes_all) for c in shown.coders] == [
            ("ada", 1, 2, False),
            ("ben", 0, 2, True),
            ("cora", 0, 2, False),
            ("olga", 0, 2, False),
        ]
        cells = {
            (document.slug, cell.coder.name): (
                cell.progress.tagged,
                cell.progress.nothing,
                cell.progress.visited,
                cell.is_assigned,
                cell.is_finished,
            )
            for document, row in shown.rows
            for cell in row
        }
        nothing = (0, 0, 0, False, False)
        assert cells == {
            **{(slug, name): nothing for slug in ("east", "west") for name in ("ada", "ben", "cora", "olga")},
            ("east", "ada"): (1, 1, 2, True, True),
        }
        assert "1 of 2 tagged · 1 nothing here · 2 visited" in words(olga.get(MEMBERS))

    def test_a_box_sets_a_state_and_answers_with_its_cell(
        self, olga: Client, study: Study, coder: User
    ) -> None:
        data = {"document": "west", "member": of(coder).pk, "value": ["off", "on"]}
        for _ in "twice":
            response = olga.post(MEMBERS + "assign/", data, headers=HTMX)
            assert response.status_code == 200
            assert assigned() == [("west", "ada")]
        page = response.content.decode()
        assert page.startswith(f'<div class="assignment" id="cell-west-{coder.pk}">')
        assert " checked>" in page
        assert "West is assigned to ada." in page
        assert f'id="assigned-{coder.pk}" hx-swap-oob="true">1 of 2 assigned</span>' in page
        # An unticked box sends what stands before it only.
        response = olga.post(MEMBERS + "assign/", data | {"value": "off"}, headers=HTMX)
        assert assigned() == []
        assert " checked>" not in response.content.decode()
        assert "all documents" in response.content.decode()

    def test_without_htmx_it_leads_back(self, olga: Client, study: Study, coder: User) -> None:
        response = olga.post(MEMBERS + "assign/", {"document": "east", "member": of(coder).pk, "value": "on"})
        assert (response.status_code, response["Location"]) == (302, MEMBERS)
        assert said(response) == "East is assigned to ada."
        assert assigned() == [("east", "ada")]

    @pytest.mark.parametrize(
        "wrong",
        [{"document": "north"}, {"member": "999999"}, {"member": "x"}, {"value": ""}, {"value": "no"}],
    )
    def test_what_makes_no_sense_is_refused_and_changes_nothing(
        self, olga: Client, study: Study, coder: User, wrong: dict[str, str]
    ) -> None:
        data = {"document": "east", "member": of(coder).pk, "value": "on"}
        assert olga.post(MEMBERS + "assign/", data | wrong).status_code == 422
        assert assigned() == []

    def test_a_reader_is_given_no_document(self, olga: Client, study: Study, reader: User) -> None:
        data = {"document": "east", "member": of(reader).pk, "value": "on"}
        response = olga.post(MEMBERS + "assign/", data)
        assert response.status_code == 422
        assert "rosa is no coder of this study." in words(response)

    def test_its_queries_do_not_depend_on_people_documents_and_work(
        self, olga: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, make_user("left"))
        olga.get(MEMBERS)
        with CaptureQueriesContext(connection) as one:
            olga.get(MEMBERS)
        make_document(study, "north")
        for person in (other_coder, make_member(study, Role.CODER), make_member(study, Role.CURATOR)):
            make_tag(study, person, document="north")
            finish_document(by=person, document=study.documents.get(slug="west"))
            Assignment.objects.create(document=study.documents.get(slug="north"), coder=person)
        remove_member(by=User.objects.get(username="olga"), membership=of(other_coder))
        with CaptureQueriesContext(connection) as more:
            olga.get(MEMBERS)
        assert len(more) == len(one)

    def test_a_study_without_documents_or_coders_says_so(self, olga: Client, study: Study) -> None:
        study.documents.all().delete()
        assert "This study has no documents." in words(olga.get(MEMBERS))


def test_only_owners_are_led_to_these_pages(client: Client, study: Study, owner: User, curator: User) -> None:
    found = {}
    for person in (owner, curator):
        client.force_login(person)
        page = client.get("/studies/talks/").content.decode()
        found[person.username] = [
            f'href="/studies/talks/{path}/"' in page for path in ("members", "settings")
        ]
    assert found == {"olga": [True, True], "cora": [False, False]}
