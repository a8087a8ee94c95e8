"""Undo and redo: by htmx, without JavaScript, twice, too late, and by whom."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, CodingAct, Study, User
from annotations.services.coding import change_tag, finish_document, withdraw_tag
from annotations.services.merging import merge_sources
from tests.bodies import words
from tests.factories import make_tag, values
from tests.views.test_tags import ALL_PARTS, EAST, HTMX, SAID, TAGS, TAGS_ONLY, fragments, said_to

UNDO, REDO = EAST + "undo/", EAST + "redo/"
#: What the buttons of the page send: the answer goes to the list of tags.
FROM_TAGS = HTMX | {"HX-Target": "tags"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def offered(response: HttpResponse, what: str) -> dict[str, str]:
    """The fields of the page's undo or redo form; empty where nothing is offered."""
    steps = response.content.decode().split('id="undo"')[1].split("</div>")[0]
    form = re.search(rf'action="[^"]*/{what}/".*?</form>', steps, re.S)
    return dict(re.findall(r'name="(tag|version)" value="([^"]*)"', form[0])) if form else {}


def names(response: HttpResponse) -> list[str]:
    """What the two buttons say."""
    steps = response.content.decode().split('id="undo"')[1].split("</div>")[0]
    return re.findall(r'<button [^>]*aria-label="([^"]*)"', steps)


def active() -> list[tuple[str, str]]:
    return list(Annotation.objects.active().order_by("pk").values_list("quote", "stance__slug"))


def test_they_answer_like_a_save_and_leave_the_form_alone(ada: Client, study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    undone = ada.post(UNDO, offered(ada.get(EAST), "undo"), headers=FROM_TAGS)
    assert (undone.status_code, fragments(undone)) == (200, TAGS_ONLY)
    assert "Undone: the tag Talks is withdrawn." in words(undone)
    assert "<mark" not in undone.content.decode()
    assert names(undone) == ["Nothing to undo", "Redo: tag Talks"]
    assert active() == []

    redone = ada.post(REDO, offered(undone, "redo"), headers=FROM_TAGS)
    assert (redone.status_code, fragments(redone)) == (200, TAGS_ONLY)
    assert "Redone: the tag Talks is back." in words(redone)
    assert redone.content.decode().count("<mark") == 1
    assert names(redone) == ["Undo: tag Talks", "Nothing to redo"]
    assert active() == [(tag.quote, "support")]
    assert fragments(ada.post(UNDO, headers=HTMX)) == ALL_PARTS


def test_what_can_be_undone_is_known_after_a_reload(ada: Client, study: Study, coder: User) -> None:
    assert names(ada.get(EAST)) == ["Nothing to undo", "Nothing to redo"]
    tag = make_tag(study, coder)
    change_tag(by=coder, annotation=tag, version=1, values=values(study, tag.quote, stance="mixed")[1])
    withdraw_tag(by=coder, annotation=tag, version=2)
    found = []
    for act in (UNDO, UNDO, UNDO, REDO, REDO, REDO):
        page = ada.get(EAST)
        found.append(names(page))
        ada.post(act, offered(page, act.split("/")[-2]))
    assert found == [
        ["Undo: withdrawal of Talks", "Nothing to redo"],
        ["Undo: change of Talks", "Redo: withdrawal of Talks"],
        ["Undo: tag Talks", "Redo: change of Talks"],
        ["Nothing to undo", "Redo: tag Talks"],
        ["Undo: tag Talks", "Redo: change of Talks"],
        ["Undo: change of Talks", "Redo: withdrawal of Talks"],
    ]


@pytest.mark.parametrize(
    ("act", "undone", "redone"),
    [
        ("create", "Undone: the tag Talks is withdrawn.", "Redone: the tag Talks is back."),
        (
            "change",
            "Undone: the tag Talks says what it said before.",
            "Redone: the tag Talks is changed again.",
        ),
        ("withdraw", "Undone: the tag Talks is back.", "Redone: the tag Talks is withdrawn again."),
        ("restore", "Undone: the tag Talks is withdrawn again.", "Redone: the tag Talks is back again."),
    ],
)
def test_without_javascript_they_lead_back_to_the_passage(
    ada: Client, study: Study, coder: User, act: str, undone: str, redone: str
) -> None:
    tag = make_tag(study, coder, "Kyiv was")
    if act == "change":
        change_tag(by=coder, annotation=tag, version=1, values=values(study, tag.quote, stance="mixed")[1])
    if act in ("withdraw", "restore"):
        withdraw_tag(by=coder, annotation=tag, version=1)
    if act == "restore":
        ada.post(f"{TAGS}{tag.public_id}/restore/")
    for address, message in ((UNDO, undone), (REDO, redone)):
        response = ada.post(address)
        assert (response.status_code, response["Location"]) == (302, EAST + "#p2")
        assert said_to(response)[-1] == message


def test_a_step_sent_twice_is_taken_once(ada: Client, study: Study, coder: User) -> None:
    make_tag(study, coder)
    make_tag(study, coder, "Putin asked")
    step = offered(ada.get(EAST), "undo")
    answers = [ada.post(UNDO, step, headers=FROM_TAGS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert active() == [("Biden agreed to talk", "support")]
    step = offered(answers[-1], "redo")
    assert [ada.post(REDO, step, headers=FROM_TAGS).status_code for _ in range(3)] == [200] * 3
    assert len(active()) == 2


def test_a_step_that_is_not_the_last_by_now_is_left_and_the_last_one_offered(
    ada: Client, study: Study, coder: User
) -> None:
    make_tag(study, coder)
    old = offered(ada.get(EAST), "undo")
    newest = make_tag(study, coder, "Putin asked")
    response = ada.post(UNDO, old, headers=FROM_TAGS)
    assert response.status_code == 409
    assert response["HX-Reswap"] == "none"
    assert fragments(response) == {"undo": True, "toast": True}
    assert "You have done something else since this page was drawn" in words(response)
    assert offered(response, "undo") == {"tag": str(newest.public_id), "version": "1"}
    assert len(active()) == 2
    page = ada.post(UNDO, old)
    assert (page.status_code, page.content[:15]) == (409, b"<!doctype html>")
    assert "You have done something else" in words(page)


@pytest.mark.parametrize("address", [UNDO, REDO])
def test_where_there_is_nothing_it_says_so(ada: Client, study: Study, address: str) -> None:
    what = address.split("/")[-2]
    for headers in (HTMX, {}):
        response = ada.post(address, headers=headers)
        assert response.status_code == 409
        assert f"There is nothing to {what}." in words(response)


def test_what_somebody_else_changed_since_is_shown_and_kept(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    make_tag(study, coder, "Kyiv was", topic="guarantees")
    make_tag(study, coder, source="putin", note="why")
    step = offered(ada.get(EAST), "undo")
    into, merged = study.sources.get(slug="kremlin"), study.sources.get(slug="putin")
    merge_sources(by=curator, into=into, merged=merged)
    response = ada.post(UNDO, step, headers=FROM_TAGS)
    assert (response.status_code, fragments(response)) == (409, TAGS_ONLY)
    assert "This tag has changed since you opened it." in words(response)
    assert "¶ 1 Biden agreed to talk Talks · Support · Kremlin why" in words(response)
    assert len(active()) == 2
    # The step before it is offered now.
    assert names(response) == ["Undo: tag Guarantees", "Nothing to redo"]
    assert ada.post(UNDO, offered(response, "undo"), headers=FROM_TAGS).status_code == 200
    assert active() == [("Biden agreed to talk", "support")]


def test_a_finished_document_offers_nothing_and_refuses(ada: Client, study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    step = {"tag": str(tag.public_id), "version": "1"}
    finish_document(by=coder, document=tag.document)
    assert names(ada.get(EAST)) == []
    for headers in (FROM_TAGS, {}):
        response = ada.post(UNDO, step, headers=headers)
        assert response.status_code == 409
        assert "You have finished this document" in words(response)
    assert len(active()) == 1


def test_nobody_undoes_anothers_step(
    client: Client, study: Study, coder: User, other_coder: User, owner: User
) -> None:
    tag = make_tag(study, coder)
    step = {"tag": str(tag.public_id), "version": "1"}
    for user in (other_coder, owner):
        client.force_login(user)
        assert client.post(UNDO, step, headers=FROM_TAGS).status_code == 409
        assert client.post(UNDO, headers=FROM_TAGS).status_code == 409
        assert names(client.get(EAST)) == ["Nothing to undo", "Nothing to redo"]
    assert len(active()) == 1


@pytest.mark.parametrize(
    "fields",
    [{"tag": "x", "version": "1"}, {"tag": str(uuid.UUID(int=1))}, {"tag": "x", "version": "1" * 30}],
)
def test_a_broken_step_is_a_bad_request(ada: Client, study: Study, fields: dict[str, str]) -> None:
    assert ada.post(UNDO, fields, headers=FROM_TAGS).status_code == 400


def test_a_save_offers_its_own_undo_without_looking_it_up(ada: Client, study: Study) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = ada.post(TAGS, SAID, headers=HTMX)
    tag = Annotation.objects.get()
    assert offered(response, "undo") == {"tag": str(tag.public_id), "version": "1"}
    table = CodingAct._meta.db_table
    assert [query["sql"].split()[0] for query in captured if table in query["sql"]] == ["INSERT"]


def test_the_number_of_queries_does_not_depend_on_the_number_of_steps(
    ada: Client, study: Study, coder: User
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.post(UNDO, headers=FROM_TAGS).status_code == 200
        return len(captured)

    make_tag(study, coder)
    cost()
    for quote in ("Biden agreed", "Putin asked", "Kyiv was"):
        make_tag(study, coder, quote)
    assert len({cost() for _ in range(3)}) == 1
