"""Questions: uncertain tags and the newest talk, filtered, and by the rules of blind coding."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Comment, Study, User
from annotations.pages import questions as page
from annotations.services.coding import finish_document, reopen_document, withdraw_tag
from annotations.services.comments import withdraw_comment, write_comment
from tests.bodies import words
from tests.factories import make_tag

LIST = "/studies/talks/questions/"
ALL = LIST + "?coder="
HTMX = {"HX-Request": "true"}


def quotes(client: Client, address: str = ALL) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200
    return [row.tag.quote for row in response.context["questions"].rows]


def threads(client: Client, address: str = ALL) -> list[tuple[str, str, int]]:
    """About what, the newest remark, how many: the newest thread first."""
    return [
        (
            "hidden" if thread.is_hidden else thread.tag.quote if thread.tag else "passage",
            thread.last.text,
            thread.comments,
        )
        for thread in client.get(address).context["questions"].threads
    ]


def say(by: User, tag: Annotation, text: str, *, on_tag: bool = True) -> Comment:
    return write_comment(by=by, passage=tag.passage, text=text, annotation=tag if on_tag else None)[0]


def test_readers_have_no_such_page(client: Client, study: Study, reader: User) -> None:
    client.force_login(reader)
    assert client.get(LIST).status_code == 403
    assert LIST not in client.get("/studies/talks/").content.decode()


def test_a_curator_sees_the_uncertain_tags_of_all_in_text_order(
    client: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    make_tag(study, other_coder, "Kyiv was not", "west", source="author", uncertain=True)
    make_tag(study, coder, "Putin asked", uncertain=True, note="Or did he demand?", reported_by="ushakov")
    make_tag(study, other_coder, "Biden agreed", uncertain=True)
    make_tag(study, coder, "Biden agreed to talk")
    gone = make_tag(study, coder, "at the table", uncertain=True)
    withdraw_tag(by=coder, annotation=gone, version=1)
    make_tag(study, curator, "Kyiv", layer="curated", uncertain=True)
    client.force_login(curator)
    response = client.get(LIST)
    rows = response.context["questions"].rows
    assert [(row.tag.quote, row.tag.coder.username, row.letter) for row in rows] == [
        ("Biden agreed", "ben", "a"),
        ("Putin asked", "ada", "a"),
        ("Kyiv was not", "ben", "b"),
    ]
    text = words(response)
    assert "Putin asked + Support" not in text
    for word in ("Or did he demand?", "Talks", "reported by Ushakov", "East ¶ 1", "Uncertain tags 3"):
        assert word in text
    place = f"/studies/talks/code/east/?passage=1&amp;shown=all&amp;hand=empty#q-{rows[1].tag.public_id}"
    assert place in response.content.decode()
    assert [row.change for row in rows] == ["", "", ""]


def test_the_place_in_the_workbench_shows_the_tag(
    client: Client, study: Study, coder: User, curator: User
) -> None:
    tag = make_tag(study, coder, "Putin asked", uncertain=True)
    client.force_login(curator)
    [row] = client.get(LIST).context["questions"].rows
    workbench = client.get(row.place.split("#")[0])
    assert f'id="{row.place.split("#")[1]}"' in workbench.content.decode()
    assert workbench.context["current"].tags == [tag]
    talk = client.get(row.talk.split("#")[0], headers=HTMX).content.decode()
    assert 'id="talk" open' in talk


def test_each_question_has_its_thread(
    client: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    asked = make_tag(study, coder, "Putin asked", uncertain=True)
    make_tag(study, coder, "Biden agreed", uncertain=True)
    say(curator, asked, "He demanded.")
    say(coder, asked, "Changed?")
    withdraw_comment(by=curator, comment=say(curator, asked, "Never mind."))
    say(coder, asked, "about the passage", on_tag=False)
    client.force_login(curator)
    rows = client.get(LIST).context["questions"].rows
    assert [(row.tag.quote, row.comments, row.last.text if row.last else None) for row in rows] == [
        ("Biden agreed", 0, None),
        ("Putin asked", 2, "Changed?"),
    ]


def test_a_coder_gets_their_own_and_may_ask_for_all(
    client: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    make_tag(study, coder, "Putin asked", uncertain=True)
    make_tag(study, other_coder, "Biden agreed", uncertain=True)
    client.force_login(coder)
    assert quotes(client, LIST) == quotes(client, LIST + "?coder=ada") == ["Putin asked"]
    assert quotes(client, ALL) == ["Biden agreed", "Putin asked"]
    assert quotes(client, LIST + "?coder=ben") == ["Biden agreed"]
    client.force_login(curator)
    assert quotes(client, LIST) == quotes(client, ALL) == ["Biden agreed", "Putin asked"]


def test_a_coder_is_led_to_change_their_own_tag_unless_it_is_locked(
    client: Client, study: Study, coder: User, other_coder: User
) -> None:
    mine = make_tag(study, coder, "Putin asked", uncertain=True)
    make_tag(study, other_coder, "Biden agreed", uncertain=True)
    client.force_login(coder)
    change = f"/studies/talks/code/east/?edit={mine.public_id}#panel"
    assert [row.change for row in client.get(ALL).context["questions"].rows] == ["", change]
    assert client.get(change.split("#")[0]).status_code == 200
    finish_document(by=coder, document=mine.document)
    assert [row.change for row in client.get(ALL).context["questions"].rows] == ["", ""]


def test_it_is_filtered_by_document_topic_and_coder(
    client: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    first = make_tag(study, coder, "Putin asked", topic="guarantees", uncertain=True)
    second = make_tag(study, other_coder, "Kyiv was not", "west", uncertain=True)
    say(curator, first, "on guarantees")
    say(other_coder, second, "on talks")
    say(coder, second, "on the passage", on_tag=False)
    client.force_login(curator)
    by_query = {
        "?document=west": (["Kyiv was not"], ["on the passage", "on talks"]),
        "?topic=guarantees": (["Putin asked"], ["on guarantees"]),
        "?topic=security": (["Putin asked", "Kyiv was not"], ["on talks", "on guarantees"]),
        # By or about the coder.
        "?coder=ada": (["Putin asked"], ["on the passage", "on guarantees"]),
        "?coder=cora": ([], ["on guarantees"]),
        "?document=west&coder=ben&topic=talks": (["Kyiv was not"], ["on talks"]),
        "?document=east&coder=ben": ([], []),
    }
    for query, expected in by_query.items():
        found = (quotes(client, LIST + query), [text for _about, text, _n in threads(client, LIST + query)])
        assert found == expected, query
    for query in ("?document=north", "?topic=nothing", "?coder=nobody"):
        response = client.get(LIST + query)
        assert response.status_code == 422
        assert "Nothing is shown" in words(response)


def test_a_thread_that_the_coder_spoke_in_is_counted_whole(
    client: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    tag = make_tag(study, other_coder)
    for person in (coder, curator, other_coder):
        say(person, tag, f"by {person}", on_tag=False)
    client.force_login(curator)
    assert threads(client, LIST + "?coder=ada") == [("passage", "by ben", 3)]


def test_the_newest_threads_come_first_and_the_oldest_are_left_out(
    client: Client, study: Study, coder: User, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "THREADS", 2)
    tags = [make_tag(study, coder, quote) for quote in ("Biden agreed", "Putin asked", "Kyiv was")]
    for tag in tags:
        say(coder, tag, tag.quote)
    say(curator, tags[1], "newest")
    client.force_login(curator)
    assert threads(client, LIST) == [("Putin asked", "newest", 2), ("Kyiv was", "Kyiv was", 1)]


def test_pages_have_fifty_and_keep_the_filters(
    client: Client, study: Study, coder: User, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.QUESTIONS_A_PAGE == 50
    monkeypatch.setattr(page, "QUESTIONS_A_PAGE", 2)
    for quote in ("Biden agreed", "agreed to talk", "Putin asked"):
        make_tag(study, coder, quote, uncertain=True)
    client.force_login(curator)
    first = client.get(LIST + "?document=east")
    assert [row.tag.quote for row in first.context["questions"].rows] == ["Biden agreed", "agreed to talk"]
    assert first.context["next"] == f"{LIST}?document=east&coder=&page=2"
    assert quotes(client, first.context["next"]) == ["Putin asked"]
    last = client.get(LIST + "?document=east&page=99", headers=HTMX)
    assert last.context["previous"] == f"{LIST}?document=east&coder="
    assert last["HX-Push-Url"] == f"{LIST}?document=east&coder=&page=2"
    assert last.content.decode().startswith('<div id="questions"')


def test_the_count_of_queries_does_not_grow(client: Client, study: Study, coder: User, curator: User) -> None:
    client.force_login(curator)
    counts = []
    for quote in ("Biden agreed", "agreed to talk", "Putin asked"):
        tag = make_tag(study, coder, quote, uncertain=True)
        say(coder, tag, "on the tag")
        say(curator, tag, "on the passage", on_tag=False)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(LIST).context["questions"].threads) == len(counts) + 2
        counts.append(len(queries))
        assert not any('"annotations_document"."text"' in query["sql"] for query in queries)
    assert counts[0] == counts[2] <= 18


def test_an_empty_list_says_how_it_fills(client: Client, study: Study, coder: User) -> None:
    client.force_login(coder)
    assert "ticks “Uncertain” in its form" in words(client.get(ALL))
    assert "No tag under these filters" in words(client.get(LIST))
    assert "Nobody has said anything yet." in words(client.get(ALL))


class TestBlind:
    @pytest.fixture
    def leaky(self, study: Study, coder: User, other_coder: User, curator: User) -> list[Annotation]:
        Study.objects.filter(pk=study.pk).update(is_blind=True)
        mine = make_tag(study, coder, "Biden agreed", uncertain=True)
        theirs = make_tag(
            study, other_coder, "Putin asked", topic="guarantees", uncertain=True, note="secret note"
        )
        say(other_coder, theirs, "secret doubt")
        say(curator, mine, "secret advice")
        say(curator, mine, "secret remark", on_tag=False)
        say(coder, mine, "my own")
        return [mine, theirs]

    QUERIES = ("", "?coder=", "?document=east&coder=", "?topic=guarantees&coder=", "?coder=ada")

    def test_a_coder_who_has_not_finished_learns_of_no_other(
        self, client: Client, coder: User, leaky: list[Annotation]
    ) -> None:
        client.force_login(coder)
        assert quotes(client) == ["Biden agreed"]
        assert threads(client) == [("Biden agreed", "my own", 1)]
        bodies = " ".join(client.get(LIST + query).content.decode() for query in self.QUERIES)
        assert re.findall(r"secret|\bben\b|\bcora\b|Putin asked", bodies) == []
        assert client.get(LIST + "?coder=ben").status_code == 422

    def test_finishing_opens_it_and_reopening_closes_it(
        self, client: Client, coder: User, leaky: list[Annotation]
    ) -> None:
        mine, theirs = leaky
        finish_document(by=coder, document=mine.document)
        client.force_login(coder)
        assert quotes(client) == ["Biden agreed", "Putin asked"]
        assert [about for about, _text, _n in threads(client)] == ["Biden agreed", "passage", "Putin asked"]
        say(coder, theirs, "my answer")
        reopen_document(by=coder, document=mine.document)
        assert quotes(client) == ["Biden agreed"]
        assert threads(client) == [("hidden", "my answer", 1), ("Biden agreed", "my own", 1)]
        # Not even by asking: what the tag says decides nothing.
        assert threads(client, LIST + "?topic=guarantees&coder=") == []
        assert threads(client, LIST + "?topic=talks&coder=") == [("Biden agreed", "my own", 1)]
        bodies = " ".join(client.get(LIST + query).content.decode() for query in self.QUERIES)
        assert re.findall(r"secret|\bben\b|\bcora\b|Putin asked", bodies) == []

    def test_a_curator_sees_all_of_it(self, client: Client, curator: User, leaky: list[Annotation]) -> None:
        client.force_login(curator)
        assert quotes(client, LIST) == ["Biden agreed", "Putin asked"]
        assert threads(client, LIST) == [
            ("Biden agreed", "my own", 2),
            ("passage", "secret remark", 1),
            ("Putin asked", "secret doubt", 1),
        ]
