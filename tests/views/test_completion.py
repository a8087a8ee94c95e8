"""Finishing a document, and reopening it."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from annotations.enums import PassageKind
from annotations.models import Completion, Passage, Study, User
from annotations.services.coding import reopen_document
from annotations.services.progress import mark_nothing_here
from tests.bodies import words
from tests.factories import make_document, make_tag

EAST = "/studies/talks/code/east/"
#: The word that finishes a document with open passages, too.
ANYWAY = {"anyway": "1"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def said(response: HttpResponse) -> str:
    return str(list(get_messages(response.wsgi_request))[-1])


def states() -> list[tuple[str, str, bool, bool]]:
    """Document, coder, whether finished, whether it was ever reopened."""
    return [
        (row.document.slug, row.coder.username, row.is_finished, row.was_reopened)
        for row in Completion.objects.order_by("pk")
    ]


def test_finishing_is_ones_own_word_about_one_document(ada: Client, other_coder: User) -> None:
    response = ada.post(EAST + "finish/", ANYWAY)
    assert (response.status_code, response["Location"]) == (302, EAST)
    assert said(response) == "Finished: your tags on this document are locked, and count for all."
    assert states() == [("east", "ada", True, False)]


def test_finishing_sets_a_state_and_does_not_toggle_it(ada: Client) -> None:
    ada.post(EAST + "finish/", ANYWAY)
    first = Completion.objects.get().finished_at
    ada.post(EAST + "finish/", ANYWAY)
    assert states() == [("east", "ada", True, False)]
    assert Completion.objects.get().finished_at == first


def test_reopening_unlocks_and_is_remembered(ada: Client, study: Study, coder: User) -> None:
    ada.post(EAST + "finish/", ANYWAY)
    first = Completion.objects.get().finished_at
    for _ in "twice":
        response = ada.post(EAST + "reopen/")
        assert (response.status_code, response["Location"]) == (302, EAST)
        assert said(response).startswith("Reopened.")
        assert states() == [("east", "ada", False, True)]
    assert make_tag(study, coder).changed_after_reopening
    ada.post(EAST + "finish/", ANYWAY)
    assert states() == [("east", "ada", True, True)]
    assert Completion.objects.get().finished_at > first


def test_reopening_what_was_never_finished_leaves_no_trace(ada: Client) -> None:
    assert ada.post(EAST + "reopen/").status_code == 302
    assert states() == []


def test_nobody_reopens_for_another(ada: Client, study: Study, coder: User, other_coder: User) -> None:
    ada.post(EAST + "finish/", ANYWAY)
    ada.force_login(other_coder)
    ada.post(EAST + "reopen/")
    assert states() == [("east", "ada", True, False)]
    reopen_document(by=other_coder, document=study.documents.get(slug="east"))
    assert states() == [("east", "ada", True, False)]


@pytest.mark.parametrize("act", ["finish/", "reopen/"])
def test_a_document_that_is_not_there_is_not_found(ada: Client, act: str) -> None:
    assert ada.post(f"/studies/talks/code/north/{act}").status_code == 404
    assert ada.get(EAST + act).status_code == 405
    assert states() == []


def test_open_passages_are_asked_about_first_and_nothing_is_finished(
    ada: Client, study: Study, coder: User
) -> None:
    make_document(study, "long", "Head", *(f"Passage {number}." for number in range(2, 16)))
    long = study.documents.get(slug="long")
    long.passages.filter(number=1).update(kind=PassageKind.HEADING.value)
    make_tag(study, coder, "Passage 2.", "long")
    mark_nothing_here(by=coder, passage=long.passages.get(number=3))
    address = "/studies/talks/code/long/"
    for headers in ({}, {"HX-Request": "true"}):
        response = ada.post(address + "finish/", headers=headers)
        assert response.status_code == 422
        assert states() == []
    text, page = words(response), response.content.decode()
    assert "12 of 15 passages are open: you have neither tagged them nor marked them" in text
    assert f'<a class="ghost-btn" href="{address}?passage=4#p4">Back to the first of them, ¶ 4</a>' in page
    assert [n for n in range(1, 16) if f'">¶ {n}</a>' in page] == list(range(4, 14))
    assert "and 2 more" in text
    assert '<input type="hidden" name="anyway" value="1">' in page
    response = ada.post(address + "finish/", ANYWAY)
    assert (response.status_code, response["Location"]) == (302, address)
    assert states() == [("long", "ada", True, False)]


def test_one_open_passage_is_spoken_of_as_one(ada: Client, study: Study, coder: User) -> None:
    make_tag(study, coder, "Kyiv")
    assert "1 of 2 passages is open: you have neither tagged it nor" in words(ada.post(EAST + "finish/"))


def test_a_document_without_open_passages_is_finished_at_once(
    ada: Client, study: Study, coder: User, other_coder: User
) -> None:
    make_tag(study, coder, "Kyiv")
    first = Passage.objects.get(document__slug="east", number=1)
    mark_nothing_here(by=other_coder, passage=first)
    assert ada.post(EAST + "finish/").status_code == 422
    mark_nothing_here(by=coder, passage=first)
    assert ada.post(EAST + "finish/").status_code == 302
    assert states() == [("east", "ada", True, False)]


def test_what_is_finished_already_is_not_asked_about_again(ada: Client) -> None:
    ada.post(EAST + "finish/", ANYWAY)
    assert ada.post(EAST + "finish/").status_code == 302
    assert states() == [("east", "ada", True, False)]
