"""Two, three and twelve documents, pair by pair."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Study, User
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_document, make_tag

PAIRS = "/studies/talks/pairs/"


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def finish(study: Study, coder: User) -> None:
    for document in study.documents.all():
        finish_document(by=coder, document=document)


@pytest.fixture
def three(study: Study, coder: User) -> Study:
    """East and West agree on talks, the third opposes them; East alone raises guarantees."""
    make_document(study, "third")
    make_tag(study, coder, "Biden agreed to talk")
    make_tag(study, coder, "guarantees", topic="guarantees", source="putin")
    make_tag(study, coder, "Biden agreed to talk", "west")
    make_tag(study, coder, "Biden agreed to talk", "third", stance="oppose")
    finish(study, coder)
    return study


def found(client: Client, query: str = "") -> dict[tuple[str, str], tuple[int, ...]]:
    rows = client.get(PAIRS + query).context["rows"]
    return {
        (p.a.slug, p.b.slug): (p.shared, p.agree, p.partly, p.diverge, p.only_a, p.only_b)
        for _document, cells in rows
        for p in cells
        if p is not None
    }


def test_every_pair_in_numbers(ada: Client, three: Study) -> None:
    assert found(ada) == {
        ("east", "west"): (1, 1, 0, 0, 1, 0),
        ("east", "third"): (1, 0, 0, 1, 1, 0),
        ("west", "third"): (1, 0, 0, 1, 0, 0),
    }
    page = ada.get(PAIRS)
    assert "1 of 1 agree" in words(page)
    assert "1 only in East, 0 only in West" in words(page)
    assert "?a=east&amp;b=third" in page.content.decode()


def test_a_pair_leads_to_its_comparison(ada: Client, three: Study) -> None:
    compared = ada.get("/studies/talks/compare/?a=west&b=third").context["compared"]
    assert compared.comparison.topic("talks").distance == 1.0


def test_all_documents_on_one_scale(ada: Client, three: Study) -> None:
    response = ada.get(PAIRS + "?topic=talks")
    assert [(on.document.slug, on.n, on.mean) for on in response.context["positions"]] == [
        ("east", 1, 1.0),
        ("west", 1, 1.0),
        ("third", 1, -1.0),
    ]
    silent = ada.get(PAIRS + "?topic=guarantees").context["positions"]
    assert [(on.n, on.is_silent) for on in silent] == [(1, False), (0, True), (0, True)]
    assert ada.get(PAIRS + "?topic=none").status_code == 404


def test_two_documents_are_one_pair(ada: Client, study: Study, coder: User) -> None:
    finish(study, coder)
    assert list(found(ada)) == [("east", "west")]


def test_twelve_documents_are_sixty_six_pairs_in_as_many_queries_as_three(
    ada: Client, three: Study, coder: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ada.get(PAIRS)
        return len(captured)

    # The codebook is kept from the first time on.
    queries()
    with_three = queries()
    for number in range(9):
        make_document(three, f"more-{number}")
        make_tag(three, coder, "Biden agreed to talk", f"more-{number}")
    finish(three, coder)
    assert queries() == with_three
    assert len(found(ada)) == 66


def test_readers_see_the_curated_layer(client: Client, three: Study, reader: User) -> None:
    client.force_login(reader)
    assert set(found(client).values()) == {(0, 0, 0, 0, 0, 0)}
    assert client.get(PAIRS + "?layer=coded").status_code == 403


def test_one_document_is_nothing_to_compare(ada: Client, study: Study) -> None:
    study.documents.get(slug="west").delete()
    assert "A comparison needs two documents" in words(ada.get(PAIRS))
