"""The two documents side by side."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Study, User
from annotations.pages import side_by_side
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_document, make_tag

READ = "/studies/talks/read/"


@pytest.fixture
def coded(study: Study, coder: User, other_coder: User) -> Study:
    """Both documents treat talks in their first passage; West also in its second; East alone guarantees."""
    for by in (coder, other_coder):
        make_tag(study, by, "Biden agreed to talk")
    make_tag(study, coder, "Putin asked for guarantees", topic="guarantees", source="putin", stance="oppose")
    make_tag(study, coder, "agreed to talk", "west", reported_by="ushakov")
    make_tag(study, coder, "Kyiv was not", "west", stance="neutral")
    for by in (coder, other_coder):
        for document in study.documents.all():
            finish_document(by=by, document=document)
    return study


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def test_each_passage_says_what_is_tagged_in_it_and_which_passages_treat_the_same(
    ada: Client, coded: Study
) -> None:
    columns = ada.get(READ).context["columns"]
    found = [
        [
            (
                one.passage.number,
                [(s.topic.slug, s.stance.slug, s.source.slug, s.tags) for s in one.said],
                [(part.number, part.shared) for part in one.counterparts],
            )
            for one in column.passages
        ]
        for column in columns
    ]
    assert found == [
        [
            (
                1,
                [("talks", "support", "biden", 2), ("guarantees", "oppose", "putin", 1)],
                [(1, ("Talks",)), (2, ("Talks",))],
            ),
            (2, [], []),
        ],
        [
            (1, [("talks", "support", "biden", 1)], [(1, ("Talks",))]),
            (2, [("talks", "neutral", "biden", 1)], [(1, ("Talks",))]),
        ],
    ]


def test_equal_quotes_of_two_coders_are_underlined_once(ada: Client, coded: Study) -> None:
    first = ada.get(READ).context["columns"][0].passages[0]
    assert [(s.text, s.lanes) for s in first.segments if s.lanes] == [
        ("Biden agreed to talk", ((0, "support"),)),
        ("Putin asked for guarantees", ((0, "oppose"),)),
    ]
    assert "".join(s.text for s in first.segments) == first.passage.text


def test_a_topic_narrows_both_texts(ada: Client, coded: Study) -> None:
    columns = ada.get(READ + "?topic=guarantees").context["columns"]
    said = [[len(one.said) for one in column.passages] for column in columns]
    assert said == [[1, 0], [0, 0]]
    assert ada.get(READ + "?topic=nothing").status_code == 404


def test_readers_and_the_public_see_the_curated_layer_and_no_coder(
    client: Client, coded: Study, curator: User
) -> None:
    coded.is_public = True
    coded.save()
    make_tag(coded, curator, "Biden agreed", layer="curated", note="settled")
    response = client.get(READ)
    assert [len(one.said) for one in response.context["columns"][0].passages] == [1, 0]
    body = response.content.decode()
    assert not any(name in body for name in ("ada", "cora", "ben"))
    assert client.get(READ + "?layer=coded").status_code == 403


def test_long_documents_are_read_in_parts(ada: Client, coded: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "WINDOW", 2)
    make_document(coded, "long", *(f"Passage number {n} says little." for n in range(1, 8)))
    url = READ + "?a=long&b=west"

    def part(query: str) -> tuple[list[int], int | None, int | None]:
        column = ada.get(url + query).context["columns"][0]
        return [one.passage.number for one in column.passages], column.earlier, column.later

    assert part("") == ([1, 2], None, 3)
    assert part("&from_a=3") == ([3, 4], 1, 5)
    assert part("&from_a=7") == ([7], 5, None)
    assert part("&from_a=99") == ([7], 5, None)
    assert part("&from_a=x") == ([1, 2], None, 3)
    assert "Later passages" in words(ada.get(url))


def test_the_number_of_queries_is_fixed(ada: Client, coded: Study, coder: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(READ).status_code == 200
        assert not any('document"."text"' in query["sql"] for query in captured.captured_queries)
        return len(captured)

    # The codebook is kept from the first time on.
    queries()
    first = queries()
    coded.documents.get(slug="west").completions.update(reopened_at=coder.date_joined)
    for quote in ("Biden", "Putin", "Kyiv"):
        make_tag(coded, coder, quote, "west", topic="guarantees")
    assert queries() == first


def test_without_two_documents_there_is_nothing_to_read_side_by_side(ada: Client, study: Study) -> None:
    study.documents.get(slug="west").delete()
    assert "A comparison needs two documents" in words(ada.get(READ))
