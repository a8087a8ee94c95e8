"""Telling the server what was visited, and where nothing is to be tagged."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import PassageKind
from annotations.models import PassageVisit, Study, User
from annotations.services.coding import finish_document
from annotations.services.progress import mark_nothing_here
from tests.bodies import words
from tests.factories import make_document, make_tag

EAST = "/studies/talks/code/east/"
VISITS = EAST + "visits/"
NOTHING = EAST + "passages/2/nothing/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def visits() -> list[tuple[str, int, bool]]:
    rows = PassageVisit.objects.order_by("passage__document_id", "passage__number")
    return [(row.coder.username, row.passage.number, row.nothing_here_at is not None) for row in rows]


def said(response: HttpResponse) -> str:
    return str(list(get_messages(response.wsgi_request))[-1])


class TestVisits:
    def test_a_fragment_answers_with_the_progress(self, ada: Client) -> None:
        response = ada.post(VISITS, {"passage": ["1", "2", "2", "77"]}, headers=HTMX)
        assert response.status_code == 200
        assert visits() == [("ada", 1, False), ("ada", 2, False)]
        assert response.content.decode().startswith('<div class="progress" id="progress">')
        assert words(response) == "0 of 2 passages tagged · 0 nothing here · 2 visited · 0 tags"
        assert 'aria-label="2 of 2 passages are open: neither tagged nor marked"' in response.content.decode()

    def test_without_htmx_it_leads_to_the_workbench(self, ada: Client) -> None:
        response = ada.post(VISITS, {"passage": "1"})
        assert (response.status_code, response["Location"]) == (302, EAST)
        assert visits() == [("ada", 1, False)]

    def test_five_hundred_at_once_and_no_more(self, ada: Client, study: Study) -> None:
        make_document(study, "long", *(f"Word {number}." for number in range(501)))
        address = "/studies/talks/code/long/visits/"
        assert ada.post(address, {"passage": range(1, 502)}).status_code == 400
        assert visits() == []
        assert ada.post(address, {"passage": range(1, 501)}).status_code == 302
        assert len(visits()) == 500

    @pytest.mark.parametrize("number", ["x", "-1", "1.5", "", "1" * 10, "²"])
    def test_what_is_no_number_is_refused_whole(self, ada: Client, number: str) -> None:
        assert ada.post(VISITS, {"passage": ["1", number]}, headers=HTMX).status_code == 400
        assert visits() == []

    def test_nobodys_visits_are_told_for_another(self, ada: Client, other_coder: User) -> None:
        ada.post(VISITS, {"passage": "1", "coder": "ben"})
        assert visits() == [("ada", 1, False)]

    def test_the_page_tells_where_to_report_until_the_document_is_finished(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        assert f'data-visits="{VISITS}"' in ada.get(EAST).content.decode()
        finish_document(by=coder, document=study.documents.get(slug="east"))
        assert "data-visits" not in ada.get(EAST).content.decode()
        assert ada.post(VISITS, {"passage": "1"}, headers=HTMX).status_code == 200
        assert visits() == []

    def test_looking_at_a_page_is_no_visit_by_itself(self, ada: Client) -> None:
        for query in ("", "?passage=1", "?passage=1&shown=all"):
            assert ada.get(EAST + query).status_code == 200
        assert visits() == []

    def test_its_queries_do_not_depend_on_how_many_are_told(self, ada: Client, study: Study) -> None:
        make_document(study, "long", *(f"Word {number}." for number in range(60)))
        counts = []
        for numbers in ([1], list(range(2, 60))):
            with CaptureQueriesContext(connection) as captured:
                ada.post("/studies/talks/code/long/visits/", {"passage": numbers}, headers=HTMX)
            counts.append(len(captured))
        assert counts[0] == counts[1]


class TestNothingHere:
    def test_a_fragment_answers_with_the_passages_act_the_progress_and_a_message(self, ada: Client) -> None:
        response = ada.post(NOTHING, {"value": "on"}, headers=HTMX)
        assert response.status_code == 200
        assert visits() == [("ada", 2, True)]
        page = response.content.decode()
        assert page.startswith('<div class="passage-acts" id="acts-2">')
        for part in (
            'aria-label="Passage 2, nothing here: take back"',
            'value="off"',
            '<div class="progress" id="progress" hx-swap-oob="true">',
            "1 nothing here",
            "¶ 2: nothing here.",
        ):
            assert part in page, part
        response = ada.post(NOTHING, {"value": "off"}, headers=HTMX)
        assert visits() == [("ada", 2, False)]
        assert "¶ 2: open again." in response.content.decode()
        assert 'value="on"' in response.content.decode()

    def test_without_htmx_it_leads_back_to_the_passage(self, ada: Client) -> None:
        response = ada.post(NOTHING, {"value": "on"})
        assert (response.status_code, response["Location"]) == (302, EAST + "#p2")
        assert said(response) == "¶ 2: nothing here."
        page = ada.get(EAST).content.decode()
        assert f'formaction="{NOTHING}"' in page
        assert '<form id="acts-form" method="post" hidden' in page

    def test_it_is_refused_beside_a_tag_of_ones_own(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, other_coder, "Kyiv")
        assert ada.post(NOTHING, {"value": "on"}, headers=HTMX).status_code == 200
        make_tag(study, coder, "Kyiv")
        for headers in (HTMX, {}):
            response = ada.post(NOTHING, {"value": "on"}, headers=headers)
            assert response.status_code == 422
            assert "You have tagged this passage: withdraw your tags in it first." in words(response)
        assert ("ada", 2, True) not in visits()

    def test_a_finished_document_is_locked(self, ada: Client, study: Study, coder: User) -> None:
        finish_document(by=coder, document=study.documents.get(slug="east"))
        for value in ("on", "off"):
            for headers in (HTMX, {}):
                response = ada.post(NOTHING, {"value": value}, headers=headers)
                assert response.status_code == 409
                assert "Reopen it to change them." in words(response)
        assert visits() == []

    def test_it_says_which_state_and_never_toggles(self, ada: Client) -> None:
        for value in ("", "toggle", "ON"):
            assert ada.post(NOTHING, {"value": value}).status_code == 400
        assert ada.post(NOTHING).status_code == 400
        assert visits() == []

    def test_a_passage_that_is_not_there_is_not_found(self, ada: Client, study: Study) -> None:
        make_document(study, "long", "One.", "Two.", "Three.")
        assert ada.post(EAST + "passages/3/nothing/", {"value": "on"}).status_code == 404
        assert visits() == []


class TestThePassage:
    def acts(self, client: Client) -> list[tuple[int, str]]:
        """Of each passage on the page what can be said: ``on``, ``off`` or nothing."""
        page = client.get(EAST).content.decode()
        found = []
        for number in (1, 2):
            part = page.split(f'id="acts-{number}">')[1].split("</div>")[0]
            found.append((number, part.split('data-nothing="')[1].split('"')[0] if "data-n" in part else ""))
        return found

    def test_each_shows_what_can_be_said_of_it(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        east = study.documents.get(slug="east")
        make_tag(study, other_coder, "Biden agreed")
        mark_nothing_here(by=other_coder, passage=east.passages.get(number=2))
        assert self.acts(ada) == [(1, "on"), (2, "on")]
        make_tag(study, coder, "Biden agreed")
        mark_nothing_here(by=coder, passage=east.passages.get(number=2))
        assert self.acts(ada) == [(1, ""), (2, "off")]
        finish_document(by=coder, document=east)
        assert self.acts(ada) == [(1, ""), (2, "")]
        assert '<span class="nothing-word">nothing here</span>' in ada.get(EAST).content.decode()

    def test_a_heading_needs_no_tag_and_no_word_about_it(self, ada: Client, study: Study) -> None:
        study.documents.get(slug="east").passages.filter(number=1).update(kind=PassageKind.HEADING.value)
        assert self.acts(ada) == [(1, ""), (2, "on")]
