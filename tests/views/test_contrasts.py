"""The pages behind the comparison: voices, mediation, silence."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Stance, Study, User
from annotations.services.coding import finish_document, reopen_document
from tests.bodies import words
from tests.factories import make_tag

BASE = "/studies/talks/"
PATHS = ("voices/", "mediation/", "silence/")


@pytest.fixture
def coded(study: Study, coder: User) -> Study:
    """East: Biden and, through Ushakov, Biden again on talks; Putin on guarantees. West: Biden through
    Ushakov on talks. Both finished."""
    make_tag(study, coder, "Biden agreed to talk")
    make_tag(study, coder, "Biden agreed", reported_by="ushakov")
    make_tag(study, coder, "Putin asked for guarantees", topic="guarantees", source="putin")
    make_tag(study, coder, "agreed to talk", "west", reported_by="ushakov")
    for document in study.documents.all():
        finish_document(by=coder, document=document)
    return study


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def test_silence_lists_what_one_document_alone_raises(ada: Client, coded: Study) -> None:
    only_a, only_b = ada.get(BASE + "silence/").context["silences"]
    assert [(one.topic.slug, one.bar.on_topic.emphasis) for one in only_a.topics] == [
        ("guarantees", pytest.approx(1 / 3))
    ]
    # Pairs of passage and topic: two in East, one in West. C(2, 1) / C(3, 1) on guarantees, C(2, 2) / C(3, 2)
    # on talks.
    assert only_a.expected == pytest.approx(2 / 3 + 1 / 3)
    assert only_b.topics == ()
    assert "From length alone one would expect 1.0 such topics." in words(ada.get(BASE + "silence/"))


def test_silence_ranks_by_emphasis(ada: Client, coded: Study) -> None:
    swapped = ada.get(BASE + "silence/?a=west&b=east").context["silences"]
    assert [one.topic.slug for one in swapped[1].topics] == ["guarantees"]


def test_mediation_says_through_whom(ada: Client, coded: Study) -> None:
    sides = {side.name: side for side in ada.get(BASE + "mediation/").context["sides"]}
    assert list(sides) == ["United States", "Russia"]
    east, west = sides["United States"].flows
    assert [(part.way, part.side, part.share) for part in east.parts] == [
        ("words", "", 0.5),
        ("other", "Russia", 0.5),
    ]
    assert [(part.way, part.side, part.share) for part in west.parts] == [("other", "Russia", 1.0)]
    found = sides["United States"].mediation
    assert (found.a.claims_own, found.a.claims_other, found.b.claims_other, found.p) == (0, 1, 1, 1.0)
    assert sides["United States"].claims_in_words == (
        "Claims with a messenger: in A 0 of 1 through the side itself, 1 through another; "
        "in B 0 of 1 through the side itself, 1 through another. Fisher’s exact p = 1.000."
    )
    assert sides["Russia"].claims_in_words == "No claim has a messenger."
    assert "gives this side no word" in words(ada.get(BASE + "mediation/"))


def test_voices_map_the_weights_of_each_document_and_their_difference(ada: Client, coded: Study) -> None:
    def cells(which: str) -> dict[str, list[float]]:
        heat = ada.get(BASE + f"voices/?map={which}").context["heat"]
        return {row.voice: [cell.shown for cell in row.cells] for row in heat.rows}

    assert cells("a") == {"biden": [2.0, 0.0], "putin": [0.0, 1.0]}
    assert cells("b") == {"biden": [1.0, 0.0], "putin": [0.0, 0.0]}
    # Shares in percentage points: two of A's three tags against B's only one.
    third = pytest.approx(100 / 3)
    assert cells("difference") == {"biden": [pytest.approx(-100 / 3), 0.0], "putin": [0.0, third]}
    heat = ada.get(BASE + "voices/").context["heat"]
    assert (heat.which.value, heat.largest, heat.groups) == ("difference", third, (("Security", 2),))
    assert [[cell.leans for cell in row.cells] for row in heat.rows] == [["b", ""], ["", "a"]]


def test_voices_are_those_of_the_grain(ada: Client, coded: Study) -> None:
    def labels(grain: str) -> list[tuple[str, str]]:
        heat = ada.get(BASE + f"voices/?map=a&grain={grain}").context["heat"]
        return [(row.label, row.page) for row in heat.rows]

    assert labels("source") == [("Biden", "biden"), ("Putin", "putin")]
    assert labels("side") == [("United States", ""), ("Russia", "")]


def test_an_unfinished_document_is_not_called_silent(ada: Client, coded: Study, coder: User) -> None:
    """What it has not treated is not coded yet, and length leads one to expect nothing of it."""
    reopen_document(by=coder, document=coded.documents.get(slug="west"))
    page = ada.get(BASE + "silence/")
    only_a, only_b = page.context["silences"]
    assert (only_a.other_is_finished, only_a.not_coded, only_a.topics) == (False, 1, ())
    assert (only_b.other_is_finished, only_b.not_coded) == (True, 0)
    said = words(page)
    assert "West is not finished: nothing can be said of its silence." in said
    assert "1 topic that East raises is not coded in it yet." in said
    assert said.count("is finished and silent on these") == 1
    figure = ada.get(BASE + "figures/silence.svg").content.decode()
    assert "West is not finished: nothing can be said of its silence yet." in figure
    assert figure.count("from length alone one would expect") == 1


def test_what_no_grain_changes_has_no_choice_of_grain(ada: Client, coded: Study) -> None:
    for path in PATHS:
        assert ("grain=side" in ada.get(BASE + path).content.decode()) is (path == "voices/")
        name = path.strip("/")
        caption = ada.get(f"{BASE}figures/{name}.svg?grain=side").content.decode()
        assert ("by side" in caption) is (path == "voices/")


def test_every_cell_with_a_weight_opens_its_quotes(ada: Client, coded: Study) -> None:
    page = ada.get(BASE + "voices/").content.decode()
    for address in re.findall(r'href="(/studies/talks/topics/[a-z]+/)[^"]*#([a-z]+)"', page):
        assert f'id="{address[1]}"' in ada.get(address[0]).content.decode()
    assert "topics/talks/#biden" in page


def test_an_unknown_map_is_refused(ada: Client, coded: Study) -> None:
    assert ada.get(BASE + "voices/?map=c").status_code == 400


@pytest.mark.parametrize("path", PATHS)
def test_readers_see_the_curated_layer(client: Client, coded: Study, reader: User, path: str) -> None:
    client.force_login(reader)
    response = client.get(BASE + path)
    assert response.context["tags"] == 0
    assert client.get(BASE + path + "?layer=coded").status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_nothing_to_compare_is_said(ada: Client, study: Study, path: str) -> None:
    Stance.objects.filter(study=study, value__lt=1).delete()
    assert "The stances need at least two different values" in words(ada.get(BASE + path))
    study.documents.get(slug="west").delete()
    assert "A comparison needs two documents" in words(ada.get(BASE + path))


@pytest.mark.parametrize("path", PATHS)
def test_the_number_of_queries_is_fixed(ada: Client, coded: Study, coder: User, path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert ada.get(BASE + path).status_code == 200
        return len(captured)

    # The codebook is kept from the first time on.
    queries()
    first = queries()
    other = User.objects.get(pk=coder.pk)
    for quote in ("Biden", "talk", "Putin"):
        coded.documents.get(slug="west").completions.update(reopened_at=coder.date_joined)
        make_tag(coded, other, quote, "west", topic="guarantees")
    assert queries() == first
