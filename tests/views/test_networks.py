"""The networks' page and files."""

from __future__ import annotations

import networkx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Stance, Study, User
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_document, make_tag

BASE = "/studies/talks/"


@pytest.fixture
def coded(study: Study, coder: User) -> Study:
    """Biden supports and Putin opposes talks in East; in West Putin supports them, in a third account
    Biden is for guarantees."""
    make_document(study, "third")
    make_tag(study, coder, "Biden agreed to talk")
    make_tag(study, coder, "Putin asked", stance="oppose", source="putin")
    make_tag(study, coder, "agreed to talk", "west", source="putin")
    make_tag(study, coder, "guarantees", "third", topic="guarantees")
    for document in study.documents.all():
        finish_document(by=coder, document=document)
    return study


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def cells(client: Client, query: str) -> dict[tuple[str, str], float]:
    network = client.get(BASE + "networks/?" + query).context["network"]
    return {(edge.one.key, edge.other.key): round(edge.weight, 6) for edge in network.edges()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("agreement=congruence", {("biden", "putin"): 1.0}),
        ("agreement=conflict", {("biden", "putin"): 1.0}),
        ("agreement=subtract", {}),
        ("agreement=ignore", {("biden", "putin"): 1.0}),
        # Biden raises two topics, Putin one.
        ("agreement=ignore&normalisation=average", {("biden", "putin"): pytest.approx(1 / 1.5)}),
        ("mode=documents", {("east", "west"): 1.0}),
        ("mode=documents&agreement=conflict", {("east", "west"): 1.0}),
        (
            "mode=sources-topics",
            {("biden", "talks"): 1.0, ("biden", "guarantees"): 1.0, ("putin", "talks"): 2.0},
        ),
        ("mode=sources-topics&agreement=subtract", {("biden", "talks"): 1.0, ("biden", "guarantees"): 1.0}),
        ("grain=side&agreement=ignore", {("United States", "Russia"): 1.0}),
    ],
)
def test_a_network_of_all_documents(
    ada: Client, coded: Study, query: str, expected: dict[tuple[str, str], float]
) -> None:
    assert cells(ada, query) == expected


def test_two_authors_are_two_actors(ada: Client, coded: Study, coder: User) -> None:
    coded.documents.first().completions.model.objects.all().delete()
    make_tag(coded, coder, "asked for", source="author")
    make_tag(coded, coder, "asked for", "west", source="author", stance="oppose")
    assert cells(ada, "agreement=conflict")["author-east", "author-west"] == 1.0


def test_two_coders_weigh_as_one(ada: Client, coded: Study, other_coder: User) -> None:
    make_tag(coded, other_coder, "Biden agreed to talk")
    finish_document(by=other_coder, document=coded.documents.get(slug="east"))
    found = cells(ada, "mode=sources-topics")
    assert (found["biden", "talks"], found["putin", "talks"]) == (1.0, 1.5)


def test_the_files_are_of_the_same_network(ada: Client, coded: Study) -> None:
    response = ada.get(BASE + "networks/graphml?agreement=ignore")
    graph = networkx.parse_graphml(response.content.decode())
    authors = ("author-east", "author-west", "author-third")
    sources = ("biden", "kremlin", "putin", "ushakov")
    assert set(graph.nodes) == {f"source:{key}" for key in (*authors, *sources)}
    assert list(graph.edges(data="weight")) == [("source:biden", "source:putin", 1.0)]
    assert graph.nodes["source:putin"]["annotations_oppose"] == 1
    assert graph.nodes["source:putin"]["group"] == "Russia"
    assert response["Content-Disposition"] == 'attachment; filename="talks-network.graphml"'
    assert ada.get(BASE + "networks/edges.csv?agreement=ignore").content.decode() == (
        "source,target,weight\r\nbiden,putin,1.000000000\r\n"
    )
    assert (
        ada.get(BASE + "networks/matrix.csv?mode=documents").content.decode().startswith(",east,west,third")
    )
    assert ada.get(BASE + "networks/other.csv").status_code == 404


def test_a_word_left_over_from_another_mode_falls_back_and_an_unknown_one_is_refused(
    ada: Client, coded: Study
) -> None:
    network = ada.get(BASE + "networks/?mode=sources-topics&agreement=conflict&normalisation=cosine")
    assert network.context["network"].agreement.value == "ignore"
    assert network.context["network"].normalisation.value == "none"
    assert ada.get(BASE + "networks/?mode=people").status_code == 400


def test_nothing_to_compare_is_said(ada: Client, study: Study) -> None:
    Stance.objects.filter(study=study, value__lt=1).delete()
    assert "The stances need at least two different values" in words(ada.get(BASE + "networks/"))
    assert ada.get(BASE + "networks/graphml").status_code == 422


def test_readers_see_the_curated_layer(client: Client, coded: Study, reader: User) -> None:
    client.force_login(reader)
    assert client.get(BASE + "networks/").context["shown"].tags == 0
    assert client.get(BASE + "networks/?layer=coded").status_code == 403


def test_the_number_of_queries_is_fixed(ada: Client, coded: Study, coder: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(BASE + "networks/").status_code == 200
        return len(captured)

    # The codebook is kept from the first time on.
    queries()
    first = queries()
    for slug in ("fourth", "fifth"):
        make_document(coded, slug)
        make_tag(coded, coder, "Biden agreed to talk", slug)
    assert queries() == first
