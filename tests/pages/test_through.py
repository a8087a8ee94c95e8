"""Who speaks for a source in each document, counted in tags."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Source, Study, User
from annotations.pages.reading import load_compared
from annotations.pages.through import through_whom
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_tag

SOURCES = "/studies/talks/sources/"
Ways = list[tuple[str, int, list[tuple[str, int]]]]


@pytest.fixture
def mediated(study: Study, coder: User, other_coder: User) -> Study:
    """East on Putin: twice itself, three times through Russians (the Kremlin twice, Ushakov once), once
    through Biden. West: twice itself. Ben's tag does not count: he has not finished."""
    make_tag(study, coder, "Putin asked", source="putin")
    make_tag(study, coder, "Putin asked for", source="putin", reported_by="ushakov")
    make_tag(study, coder, "asked for guarantees", source="putin", reported_by="kremlin")
    make_tag(study, coder, "guarantees", source="putin", reported_by="kremlin")
    make_tag(study, coder, "for guarantees", source="putin", reported_by="biden")
    make_tag(study, coder, "for", source="putin", topic="guarantees", stance="neutral")
    make_tag(study, coder, "Biden agreed", source="biden", reported_by="ushakov")
    make_tag(study, coder, "Putin asked", "west", source="putin")
    make_tag(study, coder, "Kyiv was not", "west", source="putin")
    for slug in ("east", "west"):
        finish_document(by=coder, document=study.documents.get(slug=slug))
    make_tag(study, other_coder, "asked", source="putin", reported_by="biden")
    return study


def ways(study: Study, user: User, source: str, query: str = "") -> dict[str, Ways]:
    compared = load_compared(Visit(study, user, Role.CODER), QueryDict(query))
    return {
        found.document.slug: [
            (str(way.words), way.tags, [(messenger.slug, n) for messenger, n in way.messengers])
            for way in found.ways
        ]
        for found in through_whom(compared, study.sources.get(slug=source))
    }


NOTHING: Ways = [
    ("told by the document itself", 0, []),
    ("through its own side", 0, []),
    ("through another side", 0, []),
]


def test_own_words_own_side_and_another_side(mediated: Study, coder: User) -> None:
    assert ways(mediated, coder, "putin") == {
        "east": [
            ("told by the document itself", 2, []),
            ("through its own side", 3, [("kremlin", 2), ("ushakov", 1)]),
            ("through another side", 1, [("biden", 1)]),
        ],
        "west": [("told by the document itself", 2, []), *NOTHING[1:]],
    }
    # The same messenger is another side's for another source.
    assert ways(mediated, coder, "biden") == {
        "east": [*NOTHING[:2], ("through another side", 1, [("ushakov", 1)])],
        "west": NOTHING,
    }


def test_of_equal_messengers_the_first_of_the_codebook_comes_first(study: Study, coder: User) -> None:
    make_tag(study, coder, "Putin asked", source="putin", reported_by="ushakov")
    make_tag(study, coder, "for guarantees", source="putin", reported_by="kremlin")
    assert ways(study, coder, "putin")["east"][1][2] == [("kremlin", 1), ("ushakov", 1)]
    Source.objects.filter(study=study, slug="kremlin").update(position=9)
    assert ways(study, coder, "putin")["east"][1][2] == [("ushakov", 1), ("kremlin", 1)]


def test_the_documents_stand_as_they_are_compared(mediated: Study, coder: User) -> None:
    found = ways(mediated, coder, "putin", "a=west&b=east")
    assert list(found) == ["west", "east"]
    assert found["east"] == ways(mediated, coder, "putin")["east"]


def test_what_a_lens_does_not_hear_is_not_counted(mediated: Study, coder: User) -> None:
    assert ways(mediated, coder, "putin", "lens=own") == {"east": NOTHING, "west": NOTHING}


def test_the_page_says_it_and_spares_the_author(mediated: Study, coder: User, client: Client) -> None:
    client.force_login(coder)
    said = words(client.get(SOURCES + "putin/"))
    assert "Who speaks for Putin" in said
    assert "told by the document itself 2 through its own side 3 Kremlin 2, Ushakov 1" in said
    assert "through another side 1 Biden 1" in said
    assert "Who speaks for" not in words(client.get(SOURCES + "author/"))
