"""Finishing a document, and reopening it."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from annotations.models import Completion, Study, User
from annotations.services.coding import reopen_document
from tests.factories import make_tag

EAST = "/studies/talks/code/east/"


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
    response = ada.post(EAST + "finish/")
    assert (response.status_code, response["Location"]) == (302, EAST)
    assert said(response) == "Finished: your tags on this document are locked, and count for all."
    assert states() == [("east", "ada", True, False)]


def test_finishing_sets_a_state_and_does_not_toggle_it(ada: Client) -> None:
    ada.post(EAST + "finish/")
    first = Completion.objects.get().finished_at
    ada.post(EAST + "finish/")
    assert states() == [("east", "ada", True, False)]
    assert Completion.objects.get().finished_at == first


def test_reopening_unlocks_and_is_remembered(ada: Client, study: Study, coder: User) -> None:
    ada.post(EAST + "finish/")
    first = Completion.objects.get().finished_at
    for _ in "twice":
        response = ada.post(EAST + "reopen/")
        assert (response.status_code, response["Location"]) == (302, EAST)
        assert said(response).startswith("Reopened.")
        assert states() == [("east", "ada", False, True)]
    assert make_tag(study, coder).changed_after_reopening
    ada.post(EAST + "finish/")
    assert states() == [("east", "ada", True, True)]
    assert Completion.objects.get().finished_at > first


def test_reopening_what_was_never_finished_leaves_no_trace(ada: Client) -> None:
    assert ada.post(EAST + "reopen/").status_code == 302
    assert states() == []


def test_nobody_reopens_for_another(ada: Client, study: Study, coder: User, other_coder: User) -> None:
    ada.post(EAST + "finish/")
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
