"""The search page: who may search, what is shown of a hit, and the way from it to a tag."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Study, User
from annotations.pages import search as page
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_document, make_study, make_user

SEARCH = "/studies/talks/search/"
HTMX = {"HX-Request": "true"}


def places(response: HttpResponse) -> list[tuple[str, int]]:
    """Document and number of every passage on the page, in its order."""
    return [
        (shown.document.slug, found.passage.number)
        for shown in response.context["found"].documents
        for found in shown.passages
    ]


def counts(response: HttpResponse) -> dict[str, int]:
    return {shown.document.slug: shown.count for shown in response.context["found"].counts}


class TestAccess:
    def test_every_member_searches_and_nobody_else(
        self, client: Client, study: Study, reader: User, coder: User
    ) -> None:
        assert client.get(SEARCH)["Location"] == f"/accounts/login/?next={SEARCH}"
        Study.objects.filter(pk=study.pk).update(is_public=True)
        assert client.get(f"{SEARCH}?q=kyiv").status_code == 302
        client.force_login(make_user())
        assert client.get(f"{SEARCH}?q=kyiv").status_code == 404
        for person in (reader, coder):
            client.force_login(person)
            assert places(client.get(f"{SEARCH}?q=kyiv")) == [("east", 2), ("west", 2)]

    def test_it_stays_in_its_study(self, client: Client, study: Study, reader: User) -> None:
        other = make_study("other")
        make_document(other, "secret", "Kyiv and nothing else")
        client.force_login(reader)
        response = client.get(f"{SEARCH}?q=kyiv")
        assert counts(response) == {"east": 1, "west": 1}
        assert "nothing else" not in words(response)
        assert client.get(f"{SEARCH}?q=kyiv&document=secret").status_code == 422

    def test_a_reader_is_led_to_no_workbench(
        self, client: Client, study: Study, reader: User, coder: User
    ) -> None:
        client.force_login(coder)
        assert "/code/" in client.get(f"{SEARCH}?q=kyiv").content.decode()
        client.force_login(reader)
        response = client.get(f"{SEARCH}?q=kyiv")
        assert "/code/" not in response.content.decode()
        assert "Tag from here" not in words(response)
        assert "¶ 2" in words(response)


class TestHits:
    def test_hits_are_marked_in_the_text_as_it_stands(
        self, client: Client, study: Study, reader: User
    ) -> None:
        make_document(study, "lodz", "Na Łódź & <Lodz> patrzy łodz, Zo\u0308e też.")
        client.force_login(reader)
        response = client.get(SEARCH, {"q": "lodz zoë"})
        assert response.status_code == 200
        [mark, *_more] = re.findall(r'<p class="found-text"[^>]*>(.*?)</p>', response.content.decode())
        assert mark == (
            "Na <mark>Łódź</mark> &amp; &lt;<mark>Lodz</mark>&gt; patrzy <mark>łodz</mark>, "
            "<mark>Zo\u0308e</mark> też."
        )

    def test_documents_come_in_their_order_with_their_counts(
        self, client: Client, study: Study, reader: User
    ) -> None:
        make_document(study, "first", "Biden here", "nothing", "Biden there", position=10)
        study.documents.filter(slug="east").update(position=5)
        study.documents.filter(slug="first").update(position=0)
        client.force_login(reader)
        response = client.get(f"{SEARCH}?q=biden")
        assert places(response) == [("first", 1), ("first", 3), ("west", 1), ("east", 1)]
        assert counts(response) == {"first": 2, "west": 1, "east": 1}
        assert response.context["found"].total == response.context["found"].count == 4

    def test_a_document_without_a_hit_is_counted_too(
        self, client: Client, study: Study, reader: User
    ) -> None:
        make_document(study, "silent", "Nothing of the kind.")
        client.force_login(reader)
        response = client.get(f"{SEARCH}?q=kyiv")
        assert counts(response) == {"east": 1, "west": 1, "silent": 0}
        assert "Silent 0" in words(response)

    def test_one_document_may_be_searched_alone(self, client: Client, study: Study, reader: User) -> None:
        client.force_login(reader)
        response = client.get(f"{SEARCH}?q=kyiv&document=west")
        assert places(response) == [("west", 2)]
        # The others say still how much they hold, and lead there.
        assert counts(response) == {"east": 1, "west": 1}
        assert (response.context["found"].count, response.context["found"].total) == (1, 2)
        assert f'href="{SEARCH}?q=kyiv&amp;document=east"' in response.content.decode()

    def test_what_is_in_no_passage_is_said_with_advice(
        self, client: Client, study: Study, reader: User
    ) -> None:
        make_document(study, "only", "Reykjavík")
        client.force_login(reader)
        response = client.get(f"{SEARCH}?q=nowhere")
        assert (response.status_code, response.context["found"].count) == (200, 0)
        assert "No passage holds all of this." in words(response)
        response = client.get(f"{SEARCH}?q=reykjavik&document=east")
        assert "No passage of East holds all of this. Other documents do." in words(response)

    def test_before_anything_is_asked_the_page_invites(
        self, client: Client, study: Study, reader: User
    ) -> None:
        client.force_login(reader)
        for query in ("", "?q=", "?q=%20%20", "?document=east"):
            response = client.get(SEARCH + query)
            assert (response.status_code, response.context["found"]) == (200, None)
            assert "Write what you look for." in words(response)

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"q": "-kyiv"}, "add a word that is to be found"),
            ({"q": '"" …'}, "no letter and no digit"),
            ({"q": "x" * 201}, "at most 200 characters"),
            ({"q": "kyiv", "document": "north"}, "no such document"),
        ],
        ids=["only-excluded", "no-words", "too-long", "document"],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
    def test_what_cannot_be_searched_for_is_answered_with_the_reason(
        self, client: Client, study: Study, reader: User, asked: dict[str, str], said: str, headers: dict
    ) -> None:
        client.force_login(reader)
        response = client.get(SEARCH, asked, headers=headers)
        assert response.status_code == 422
        assert said in words(response)
        if headers:
            assert response["HX-Push-Url"] == "false"
        else:
            assert f'value="{html.escape(asked["q"])}"' in response.content.decode()

    def test_no_query_breaks_the_page(self, client: Client, study: Study, reader: User) -> None:
        client.force_login(reader)
        for query in ("kyiv\0", "kyiv \ud83d"[:5], "kyiv'); DROP TABLE x;--", 'kyiv " OR *', "^kyiv:* & !x"):
            assert client.get(SEARCH, {"q": query}).status_code in (200, 422)

    def test_a_page_that_is_a_number_no_more_is_the_nearest(
        self, client: Client, study: Study, reader: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert page.PASSAGES_A_PAGE == 50
        monkeypatch.setattr(page, "PASSAGES_A_PAGE", 2)
        make_document(study, "more", "Kyiv one", "Kyiv two")
        client.force_login(reader)
        first = client.get(f"{SEARCH}?q=kyiv")
        assert places(first) == [("east", 2), ("west", 2)]
        assert first.context["found"].next == f"{SEARCH}?q=kyiv&page=2"
        last = client.get(f"{SEARCH}?q=kyiv&page=99", headers=HTMX)
        assert places(last) == [("more", 1), ("more", 2)]
        assert last["HX-Push-Url"] == f"{SEARCH}?q=kyiv&page=2"
        assert "Page 2 of 2" in words(last)
        one = client.get(f"{SEARCH}?q=kyiv&document=more")
        assert (places(one), one.context["found"].next) == ([("more", 1), ("more", 2)], "")


def test_a_fragment_is_the_results_and_pushes_its_address(client: Client, study: Study, reader: User) -> None:
    client.force_login(reader)
    response = client.get(f"{SEARCH}?q= kyiv &document=", headers=HTMX)
    assert response.content.decode().startswith('<section id="results"')
    assert response["HX-Push-Url"] == f"{SEARCH}?q=kyiv"
    assert "HX-Request" in response["Vary"]
    restored = client.get(f"{SEARCH}?q=kyiv", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert restored.content.decode().startswith("<!doctype html>")


def test_the_count_of_queries_does_not_grow(client: Client, study: Study, coder: User) -> None:
    client.force_login(coder)
    found = []
    for number in range(3):
        make_document(study, f"more-{number}", *["Łódź"] * (number + 1))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"{SEARCH}?q=lodz")
        found.append((len(queries), len(places(response))))
        assert not any('"annotations_document"."text"' in query["sql"] for query in queries)
    assert [passages for _queries, passages in found] == [1, 3, 6]
    assert found[0][0] == found[2][0] <= 8


class TestTagFromHere:
    def address(self, client: Client, query: str) -> str:
        [shown] = client.get(SEARCH, {"q": query, "document": "west"}).context["found"].documents
        return str(shown.passages[0].tag_from)

    def test_it_opens_the_workbench_with_the_hits_words_in_hand(
        self, client: Client, study: Study, coder: User
    ) -> None:
        client.force_login(coder)
        address = self.address(client, '"at the table"')
        assert address == "/studies/talks/code/west/?passage=2&start=64&end=76#p2"
        response = client.get(address)
        form = response.context["form"]
        assert (form.passage.passage.number, form.quote) == (2, "at the table")
        assert 'data-start="64" data-end="76"' in response.content.decode()

    def test_what_is_in_hand_is_counted_in_code_points(
        self, client: Client, study: Study, coder: User
    ) -> None:
        text = "😀 Zo\u0308e & Łódź, о\u0301собый"
        make_document(study, "hard", "First.", text)
        client.force_login(coder)
        for query, quote in (("lodz", "Łódź"), ("zoe", "Zo\u0308e"), ("особый", "о\u0301собый")):
            response = client.get(SEARCH, {"q": query})
            [shown] = response.context["found"].documents
            assert client.get(shown.passages[0].tag_from).context["form"].quote == quote

    @pytest.mark.parametrize(
        "words_asked",
        [
            "start=0&end=5",
            "start=63&end=9999",
            "start=70&end=70",
            "start=75&end=63",
            "start=x&end=",
            "end=70",
        ],
    )
    def test_words_outside_the_passage_take_the_whole_of_it(
        self, client: Client, study: Study, coder: User, words_asked: str
    ) -> None:
        client.force_login(coder)
        response = client.get(f"/studies/talks/code/west/?passage=2&{words_asked}")
        assert response.context["form"].quote == "Kyiv was not at the table."

    def test_a_finished_document_opens_at_the_passage(
        self, client: Client, study: Study, coder: User
    ) -> None:
        finish_document(by=coder, document=study.documents.get(slug="west"))
        client.force_login(coder)
        response = client.get(self.address(client, "table"))
        assert response.status_code == 200
        assert response.context["current"].passage.number == 2
