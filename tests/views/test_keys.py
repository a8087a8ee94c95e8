"""The page of a person's keys, what the workbench shows of them, and where its jumps lead."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import PassageVisit, Study, User
from annotations.pages.recent import Recent, load_recent
from annotations.services.coding import withdraw_tag
from annotations.services.keys import DEFAULT_KEYS, change_keys
from tests.bodies import words
from tests.factories import make_document, make_study, make_tag

KEYS = "/accounts/keys/"
EAST = "/studies/talks/code/east/"
NEXT = EAST + "next/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


class TestThePage:
    def test_it_lists_every_act_with_its_key(self, ada: Client, coder: User) -> None:
        change_keys(by=coder, keys={"topic": "z"})
        fields = re.findall(r'name="(\w+)" value="([^"]*)" maxlength="1"', ada.get(KEYS).content.decode())
        assert dict(fields) == DEFAULT_KEYS | {"topic": "z"}

    def test_what_is_saved_is_shown_and_said(self, ada: Client, coder: User) -> None:
        response = ada.post(KEYS, DEFAULT_KEYS | {"topic": "z"}, follow=True)
        assert response.redirect_chain == [(KEYS, 302)]
        assert "Your keys are saved." in words(response)
        assert User.objects.get(pk=coder.pk).keys == {"topic": "z"}

    def test_a_refusal_keeps_what_was_typed_and_stores_nothing(self, ada: Client, coder: User) -> None:
        response = ada.post(KEYS, DEFAULT_KEYS | {"topic": "j", "note": "z"})
        page = response.content.decode()
        assert response.status_code == 422
        assert "Nothing was saved" in words(response)
        assert page.count("This key is given twice.") == 2
        assert page.count('aria-invalid="true"') == 2
        assert 'name="note" value="z"' in page
        assert User.objects.get(pk=coder.pk).keys == {}

    def test_everybodys_keys_come_back(self, ada: Client, coder: User) -> None:
        change_keys(by=coder, keys={"topic": "z"})
        assert "everybody has" in words(ada.post(KEYS, {"topic": "z", "default": "1"}, follow=True))
        assert User.objects.get(pk=coder.pk).keys == {}

    def test_it_says_which_of_my_studies_stances_has_a_key(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_study("foreign").stances.filter(slug="oppose").update(key="t")
        study.stances.filter(slug="mixed").update(key="f")
        said = words(ada.get(KEYS))
        assert "The stance Mixed (Study talks) has this key." in said
        assert "foreign" not in said

    def test_its_queries_do_not_grow_with_the_stances(self, ada: Client, study: Study) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert ada.get(KEYS).status_code == 200
            return len(captured)

        one = count()
        for position, key in enumerate("tfr", start=10):
            study.stances.create(slug=f"more-{key}", label=key, key=key, position=position)
        assert count() == one


class TestTheWorkbench:
    def test_its_help_and_its_labels_say_the_persons_own_keys(self, ada: Client, coder: User) -> None:
        change_keys(by=coder, keys={"topic": "z"})
        page = ada.get(EAST).content.decode()
        told = dict(re.findall(r'<kbd data-act="(\w+)">([^<]*)</kbd>', page))
        assert told == {
            act: key.replace("'", "&#x27;") for act, key in (DEFAULT_KEYS | {"topic": "z"}).items()
        }
        assert '<label for="topic">Topic <kbd>z</kbd></label>' in page

    def test_a_stance_wins_its_key(self, ada: Client, study: Study) -> None:
        study.stances.filter(slug="mixed").update(key="t")
        page = ada.get(EAST)
        assert 'data-act="topic"' not in page.content.decode()
        assert "here this key is the stance Mixed" in words(page)
        assert '<label for="topic">Topic</label>' in page.content.decode()


class TestWhatWasUsedLast:
    def test_it_is_ones_own_most_recent_first_and_once_each(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        visit = Visit(study, coder, Role.CODER)
        assert load_recent(visit) == Recent()
        make_tag(study, other_coder, "Kyiv", topic="guarantees", source="kremlin")
        make_tag(make_study("other"), coder, "Kyiv", source="kremlin")
        make_tag(study, coder, "Biden agreed", reported_by="ushakov")
        make_tag(study, coder, "Putin asked", source="putin", topic="guarantees", stance="oppose")
        withdrawn = make_tag(study, coder, "Kyiv was", source="biden", reported_by="kremlin")
        withdraw_tag(by=coder, annotation=withdrawn, version=1)
        assert load_recent(visit) == Recent(
            topics=("talks", "guarantees"),
            sources=("biden", "putin"),
            messengers=("kremlin", "ushakov"),
            last=("talks", "support", "biden", "kremlin"),
        )

    def test_it_is_one_query_however_much_was_tagged(self, study: Study, coder: User) -> None:
        visit = Visit(study, coder, Role.CODER)
        for quote in ("Biden", "Putin", "Kyiv"):
            make_tag(study, coder, quote)
            with CaptureQueriesContext(connection) as captured:
                load_recent(visit)
            assert len(captured) == 1


class TestJumps:
    @pytest.fixture
    def long(self, study: Study, coder: User) -> str:
        make_document(study, "long", *(f"Passage {n} speaks." for n in range(1, 7)))
        document = study.documents.get(slug="long")
        document.passages.filter(number=1).update(kind="heading")
        make_tag(study, coder, "Passage 3", "long")
        make_tag(study, coder, "Passage 5", "long", topic="guarantees")
        marked = document.passages.get(number=4)
        PassageVisit.objects.create(
            passage=marked, document=document, coder=coder, nothing_here_at=timezone.now()
        )
        return "/studies/talks/code/long/"

    def number(self, client: Client, address: str, **query: object) -> object:
        return client.get(address + "next/", query, headers=HTMX).json()["passage"]

    def test_the_next_to_code_is_neither_tagged_nor_marked_nor_a_heading(
        self, ada: Client, long: str
    ) -> None:
        found = [self.number(ada, long, **{"from": n, "want": "untagged"}) for n in (0, 2, 3, 6)]
        assert found == [2, 6, 6, 2]

    def test_others_tags_leave_a_passage_to_be_coded(
        self, ada: Client, study: Study, long: str, other_coder: User
    ) -> None:
        make_tag(study, other_coder, "Passage 2", "long")
        assert self.number(ada, long) == 2

    def test_tags_are_those_that_the_text_shows(
        self, ada: Client, study: Study, long: str, other_coder: User
    ) -> None:
        make_tag(study, other_coder, "Passage 6", "long")
        assert self.number(ada, long, want="tagged") == 3
        assert self.number(ada, long, want="tagged", **{"from": 3}) == 5
        assert self.number(ada, long, want="tagged", **{"from": 5}) is None
        assert self.number(ada, long, want="tagged", shown="all", **{"from": 5}) == 6
        assert self.number(ada, long, want="tagged", shown="mine;topic=guarantees") == 5
        assert self.number(ada, long, want="tagged-before", **{"from": 5}) == 3
        assert self.number(ada, long, want="tagged-before", **{"from": 3}) is None

    def test_a_blind_coder_learns_nothing_of_others_tags(
        self, ada: Client, study: Study, long: str, other_coder: User
    ) -> None:
        make_tag(study, other_coder, "Passage 6", "long")
        query: dict[str, object] = {"from": 5, "want": "tagged", "shown": "all"}
        assert self.number(ada, long, **query) == 6
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        assert self.number(ada, long, **query) is None
        assert self.number(ada, long, **(query | {"shown": "all;coder=ben"})) is None

    def test_without_a_script_it_leads_to_the_passage(self, ada: Client, long: str) -> None:
        place = ada.get(long + "next/?from=2")["Location"]
        assert place == f"{long}?shown=mine&at=6&passage=6&hand=empty#p6"
        nowhere = ada.get(long + "next/?from=5&want=tagged", follow=True)
        assert "There is no such passage." in words(nowhere)

    def test_an_unknown_wish_is_an_error(self, ada: Client, study: Study) -> None:
        assert ada.get(NEXT + "?want=everything").status_code == 400

    def test_its_queries_do_not_grow_with_the_tags(self, ada: Client, study: Study, coder: User) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert ada.get(NEXT, headers=HTMX).status_code == 200
            return len(captured)

        make_tag(study, coder, "Biden agreed")
        count()
        one = count()
        make_tag(study, coder, "Putin asked")
        make_tag(study, coder, "Kyiv was")
        assert count() == one
