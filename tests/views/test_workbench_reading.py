"""Reading while coding: the filter, what a mark stands for, the codebook and a topic's other quotes."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Role
from annotations.models import Annotation, Study, User
from annotations.services.coding import finish_document, withdraw_tag
from tests.bodies import runs, steady, words
from tests.factories import FIRST, SECOND, make_document, make_member, make_study, make_tag

EAST = "/studies/talks/code/east/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def queries(client: Client, address: str, **headers: str) -> int:
    """How many queries a GET makes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


class TestTheFilter:
    @pytest.fixture
    def tags(self, study: Study, coder: User, other_coder: User) -> dict[str, Annotation]:
        return {
            "talks": make_tag(study, coder, "Biden agreed"),
            "guarantees": make_tag(
                study, coder, "Putin asked", topic="guarantees", stance="oppose", source="putin"
            ),
            "bens": make_tag(study, other_coder, "Kyiv was not", stance="mixed", source="author"),
        }

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["talks", "guarantees"]),
            ("?topic=guarantees", ["guarantees"]),
            ("?stance=support", ["talks"]),
            ("?source=putin", ["guarantees"]),
            ("?topic=talks&source=putin", []),
            ("?coder=*", ["talks", "guarantees", "bens"]),
            ("?shown=all", ["talks", "guarantees", "bens"]),
            ("?coder=ben", ["bens"]),
            ("?coder=ada&shown=all", ["talks", "guarantees"]),
            ("?coder=*&stance=mixed", ["bens"]),
            ("?shown=all;stance=mixed", ["bens"]),
            ("?shown=all;stance=mixed&stance=", ["talks", "guarantees", "bens"]),
            ("?topic=&stance=&source=&coder=", ["talks", "guarantees"]),
        ],
    )
    def test_it_narrows_the_highlights_and_the_map(
        self, ada: Client, tags: dict[str, Annotation], query: str, expected: list[str]
    ) -> None:
        page = ada.get(EAST + query).content.decode()
        shown = {name for name, tag in tags.items() if f'id="q-{tag.public_id}"' in page}
        assert shown == set(expected)
        assert len(re.findall(r'<rect class="f-', page)) == len(expected)

    def test_it_says_what_it_shows_and_how_to_show_all(
        self, ada: Client, tags: dict[str, Annotation]
    ) -> None:
        response = ada.get(EAST + "?topic=guarantees&coder=*")
        page = response.content.decode()
        assert "1 tag shown. Show all" in words(response)
        for chosen in ('<option value="guarantees" selected>', '<option value="*" selected>'):
            assert chosen in page
        assert "Show all" not in words(ada.get(EAST + "?shown=all"))

    def test_the_panel_carries_it_along(self, ada: Client, tags: dict[str, Annotation]) -> None:
        page = ada.get(EAST + "?passage=1&topic=guarantees&coder=*").content.decode()
        assert '<input type="hidden" name="shown" value="all;topic=guarantees">' in page
        assert "?passage=1&amp;shown=all;topic=guarantees" in page

    @pytest.mark.parametrize(
        "query", ["topic=nothing", "topic=security-x", "stance=x", "source=x", "coder=nobody"]
    )
    def test_a_word_that_the_study_does_not_have_is_refused(
        self, ada: Client, study: Study, query: str
    ) -> None:
        other = make_study("other")
        other.topics.filter(slug="talks").update(slug="nothing")
        for path in ("", "passages/", "map/"):
            for headers in ({}, HTMX):
                assert ada.get(f"{EAST}{path}?{query}", headers=headers).status_code == 400

    def test_a_form_that_carries_such_a_word_is_saved_all_the_same(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        said = {
            "passage": 1,
            "quote": "Biden agreed",
            "topic": "talks",
            "stance": "support",
            "source": "biden",
        }
        response = ada.post(EAST + "tags/", said | {"shown": "all;topic=gone;coder=~~"}, headers=HTMX)
        assert response.status_code == 201
        assert Annotation.objects.get().coder == coder

    def test_a_save_that_the_filter_hides_is_said_to_be_hidden(self, ada: Client, study: Study) -> None:
        said = {
            "passage": 1,
            "quote": "Biden agreed",
            "topic": "talks",
            "stance": "support",
            "source": "biden",
        }
        hidden = ada.post(EAST + "tags/", said | {"shown": "mine;topic=guarantees"}, headers=HTMX)
        assert "Tagged as Talks. The filter hides it in the text." in words(hidden)
        assert "<mark" not in hidden.content.decode()
        shown = ada.post(
            EAST + "tags/", said | {"source": "putin", "shown": "mine;topic=talks"}, headers=HTMX
        )
        assert "The filter hides it" not in words(shown)
        assert shown.content.decode().count("<mark") == 1

    def test_as_a_fragment_it_draws_text_map_and_count_and_never_the_panel(
        self, ada: Client, tags: dict[str, Annotation]
    ) -> None:
        response = ada.get(EAST + "passages/?topic=guarantees&stance=&source=&coder=&at=2", headers=HTMX)
        page = response.content.decode()
        assert re.findall(r'<(?:article|nav|p|aside|form)[^>]* id="([a-z-]+)"', page) == [
            "text",
            "map",
            "filter-state",
        ]
        assert page.count('hx-swap-oob="true"') == 2
        assert runs(response) == [FIRST, SECOND]
        assert page.count("<mark") == 1
        assert response["HX-Replace-Url"] == EAST + "?shown=mine;topic=guarantees"
        assert "no-store" in response["Cache-Control"]

    def test_a_place_is_reached_without_the_map_and_the_filter(self, ada: Client, study: Study) -> None:
        page = ada.get(EAST + "passages/?at=2", headers=HTMX).content.decode()
        assert 'id="text"' in page
        assert 'id="map"' not in page
        assert "hx-swap-oob" not in page

    def test_coders_are_offered_where_their_tags_may_be_seen(
        self, ada: Client, study: Study, tags: dict[str, Annotation], curator: User, reader: User
    ) -> None:
        former = make_member(study, Role.CODER, "zoe")
        make_tag(study, former, "Biden")
        study.memberships.filter(user=former).delete()
        assert ada.get(EAST).context["frame"].coders == ["ben", "cora", "zoe"]
        assert ada.get("/studies/talks/code/west/").context["frame"].coders == ["ben", "cora"]


class TestTheFilterWhereCodingIsBlind:
    def test_another_coder_cannot_be_asked_for_and_is_not_told_from_nobody(
        self, ada: Client, study: Study, other_coder: User
    ) -> None:
        Study.objects.update(is_blind=True)
        tag = make_tag(study, other_coder, note="Ben's secret note")
        for path in ("", "passages/", "map/"):
            for headers in ({}, HTMX):
                answers = [
                    ada.get(f"{EAST}{path}?coder={name}", headers=headers) for name in ("ben", "nobody")
                ]
                assert [answer.status_code for answer in answers] == [400, 400]
                assert steady(answers[0]).replace("coder=ben", "coder=nobody") == steady(answers[1])
        for query in ("?coder=*", "?shown=all", "?shown=all;coder=ben"):
            for address in (EAST, EAST + "passages/", EAST + "map/"):
                body = ada.get(address + query, headers=HTMX).content.decode()
                assert str(tag.public_id) not in body
                assert "ben" not in body
            page = ada.get(EAST + query)
            assert page.context["frame"].coders == []
            assert "<mark" not in page.content.decode()
            assert 'name="coder"' not in page.content.decode()

    def test_nothing_that_others_do_changes_a_fragment(
        self, ada: Client, study: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        Study.objects.update(is_blind=True)
        make_tag(study, coder)
        addresses = [
            EAST + path
            for path in (
                "passages/?at=1",
                "passages/?from=1&shown=all",
                "passages/?topic=talks&coder=*",
                "map/?shown=all",
                "map/?passage=1&shown=all",
                "neighbours/?topic=talks",
                "codebook/",
            )
        ]
        before = [steady(ada.get(address, headers=HTMX)) for address in addresses]
        make_tag(study, other_coder, "Biden agreed", stance="oppose", note="secret")
        make_tag(study, curator, "Putin asked", layer="curated")
        finish_document(by=other_coder, document=study.documents.get(slug="east"))
        assert [steady(ada.get(address, headers=HTMX)) for address in addresses] == before
        Study.objects.update(is_blind=False)
        after = [steady(ada.get(address, headers=HTMX)) for address in addresses]
        changed = [address for address, old, new in zip(addresses, before, after, strict=True) if old != new]
        assert changed == [
            EAST + path
            for path in (
                "passages/?from=1&shown=all",
                "passages/?topic=talks&coder=*",
                "map/?shown=all",
                "map/?passage=1&shown=all",
            )
        ]

    def test_finishing_opens_it(self, ada: Client, study: Study, coder: User, other_coder: User) -> None:
        Study.objects.update(is_blind=True)
        tag = make_tag(study, other_coder)
        finish_document(by=coder, document=study.documents.get(slug="east"))
        assert f'id="q-{tag.public_id}"' in ada.get(EAST + "?coder=ben").content.decode()
        assert ada.get("/studies/talks/code/west/?coder=ben").status_code == 400


class TestWhatAMarkStandsFor:
    def test_a_passage_lists_its_tags_for_pointer_focus_and_print(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        first = make_tag(study, coder, "Biden agreed to talk", reported_by="ushakov")
        second = make_tag(study, coder, "agreed", topic="guarantees", stance="oppose", source="putin")
        page = ada.get(EAST).content.decode()
        listed = re.findall(r'<li data-tag="([^"]*)">(.*?)</li>', page, re.DOTALL)
        said = [" ".join(html.unescape(re.sub(r"<[^>]*>", " ", line)).split()) for _key, line in listed]
        assert [key for key, _line in listed] == [str(first.public_id), str(second.public_id)]
        assert said == [
            "+ Support · Talks · Biden ← , reported by Ushakov",
            "− Oppose · Guarantees · Putin",
        ]
        # The words under both name both, in the order of the text; each of their marks can take the focus.
        assert re.findall(r'<mark class="[^"]*" tabindex="-1" data-tags="([^"]*)"', page) == [
            str(first.public_id),
            f"{first.public_id} {second.public_id}",
            str(first.public_id),
        ]

    def test_a_coder_is_named_where_everybodys_tags_are_shown(
        self, ada: Client, study: Study, other_coder: User
    ) -> None:
        make_tag(study, other_coder)
        [line] = re.findall(r"<li data-tag=.*?</li>", ada.get(EAST + "?shown=all").content.decode())
        assert line.endswith(" · ben</span></li>")

    def test_what_people_wrote_is_text(self, ada: Client, study: Study, coder: User) -> None:
        study.topics.filter(slug="talks").update(label='<script>"&')
        study.sources.filter(slug="biden").update(label="<b>Biden</b>")
        make_tag(study, coder)
        page = ada.get(EAST + "?passage=1").content.decode()
        assert "<script>&quot;" not in page.replace("&lt;script&gt;", "")
        assert "<b>Biden" not in page
        assert "&lt;script&gt;&quot;&amp;" in page


class TestTheDocumentsBesideIt:
    def test_one_gets_to_the_document_before_and_after(self, ada: Client, study: Study) -> None:
        make_document(study, "north")
        pages = {
            slug: ada.get(f"/studies/talks/code/{slug}/?shown=all") for slug in ("east", "west", "north")
        }
        beside = {
            slug: [
                (match := re.search(rf'data-{way}-document="([^"]*)"', page.content.decode())) and match[1]
                for way in ("previous", "next")
            ]
            for slug, page in pages.items()
        }
        code = "/studies/talks/code/"
        assert beside == {
            "east": [None, f"{code}west/"],
            "west": [f"{code}east/", f"{code}north/"],
            "north": [f"{code}west/", None],
        }
        west = pages["west"].content.decode()
        assert f'href="{code}east/?shown=all"' in west
        assert f'href="{code}north/?shown=all"' in west


class TestTheCodebookBesideTheText:
    def test_it_holds_the_guidelines_and_every_entry_with_its_statement(
        self, ada: Client, study: Study
    ) -> None:
        Study.objects.update(guidelines="Tag what is <claimed>.\n\nNothing else.")
        response = ada.get(EAST + "codebook/", headers=HTMX)
        page, said = response.content.decode(), words(response)
        assert page.strip().startswith('<div class="drawer-body" id="codebook-words">')
        for word in (
            "Security",
            "Talks There should be talks.",
            "Guarantees There should be guarantees.",
            "Tag what is <claimed>.",
            "Nothing else.",
            "United States",
            "Ushakov for Kremlin",
            "Neutral n raised, no position taken",
        ):
            assert word in said
        assert "<claimed>" not in page

    def test_without_htmx_it_is_the_page(self, ada: Client, study: Study) -> None:
        assert ada.get(EAST + "codebook/")["Location"] == "/studies/talks/codebook/"

    def test_the_first_paint_does_not_carry_it(self, ada: Client, study: Study) -> None:
        Study.objects.update(guidelines="A long guideline.")
        page = ada.get(EAST).content.decode()
        assert "A long guideline." not in page
        assert f'hx-get="{EAST}codebook/"' in page
        assert "data-opens-codebook" in page

    def test_a_document_that_is_not_there_has_none(self, ada: Client, study: Study) -> None:
        assert ada.get("/studies/talks/code/north/codebook/", headers=HTMX).status_code == 404


class TestNeighbours:
    ADDRESS = EAST + "neighbours/"

    def test_it_lists_ones_own_quotes_on_the_topic_the_latest_first(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder, "Biden agreed")
        make_tag(study, coder, "Kyiv was not", "west", reported_by="ushakov", stance="oppose")
        make_tag(study, coder, "Putin asked", topic="guarantees")
        make_tag(study, other_coder, "at the table")
        withdraw_tag(by=coder, annotation=make_tag(study, coder, "agreed to talk"), version=1)
        response = ada.get(self.ADDRESS + "?topic=talks", headers=HTMX)
        assert [tag.quote for tag in response.context["neighbours"].tags] == ["Kyiv was not", "Biden agreed"]
        assert "Kyiv was not Biden ← , reported by Ushakov · West ¶ 2" in words(response)
        tag = response.context["neighbours"].tags[0]
        assert (
            f'href="/studies/talks/code/west/?passage=2&amp;hand=empty#q-{tag.public_id}"'
            in response.content.decode()
        )

    def test_nobody_elses_even_for_who_sees_all(
        self, client: Client, study: Study, coder: User, curator: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, curator, "Putin asked", layer="curated")
        client.force_login(curator)
        assert client.get(self.ADDRESS + "?topic=talks").context["neighbours"].tags == []

    def test_the_tag_in_hand_is_no_neighbour(self, ada: Client, study: Study, coder: User) -> None:
        tag, other = make_tag(study, coder, "Biden agreed"), make_tag(study, coder, "Putin asked")
        query = f"?topic=talks&but={tag.public_id}"
        assert ada.get(self.ADDRESS + query).context["neighbours"].tags == [other]

    def test_there_are_twenty_and_a_way_to_the_others(self, ada: Client, study: Study, coder: User) -> None:
        make_document(study, "long", *(f"Passage {n} says Biden agreed." for n in range(1, 23)))
        for n in range(1, 21):
            make_tag(study, coder, f"Passage {n} says", "long")
        response = ada.get(self.ADDRESS + "?topic=talks", headers=HTMX)
        assert (len(response.context["neighbours"].tags), response.context["neighbours"].more) == (20, False)
        make_tag(study, coder, "Passage 21 says", "long")
        response = ada.get(self.ADDRESS + "?topic=talks", headers=HTMX)
        assert (len(response.context["neighbours"].tags), response.context["neighbours"].more) == (20, True)
        assert "/studies/talks/annotations/?topic=talks&amp;coder=ada" in response.content.decode()

    def test_without_a_topic_it_asks_for_one(self, ada: Client, study: Study) -> None:
        assert "Choose a topic to see them." in words(ada.get(self.ADDRESS, headers=HTMX))
        assert ada.get(self.ADDRESS).content.startswith(b"<!doctype html>")

    @pytest.mark.parametrize("query", ["topic=nothing", "topic=security", "topic=talks&but=no-id"])
    def test_what_is_not_there_is_not_found(self, ada: Client, study: Study, query: str) -> None:
        assert ada.get(f"{self.ADDRESS}?{query}").status_code == 404

    def test_the_panel_offers_it_where_a_topic_is_known(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder)
        panel = ada.get(EAST + f"?edit={tag.public_id}", headers=HTMX).content.decode()
        assert f'href="{self.ADDRESS}?topic=talks&amp;but={tag.public_id}"' in panel
        assert f'data-neighbours="{self.ADDRESS}"' in panel

    def test_the_number_of_queries_is_fixed(self, ada: Client, study: Study, coder: User) -> None:
        make_tag(study, coder, "Biden agreed")
        address = self.ADDRESS + "?topic=talks"
        one = queries(ada, address, **HTMX)
        make_tag(study, coder, "Putin asked", reported_by="ushakov")
        make_tag(study, coder, "Kyiv", "west")
        assert queries(ada, address, **HTMX) == one
