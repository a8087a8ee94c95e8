"""Blind coding: what a coder may learn of the others' work before they finish a document, and after.

Before: every address of the app is asked before and after the others work, in every way. The answers are the
same, to the last count, and hold nothing that the others wrote. The same requests where coding is not blind
show that there was something to tell. What is asked of an address stands in ``tests.blind``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from annotations.enums import Role
from annotations.models import Annotation, Membership, Study, User
from annotations.services.coding import finish_document
from tests.blind import (
    ADA,
    BEN,
    CORA,
    DORA,
    OLGA,
    PATTERNS,
    Answer,
    World,
    address,
    as_user,
    places,
    posts,
    queries,
)
from tests.bodies import steady
from tests.factories import make_study, make_tag

BASE = "/studies/talks/"


def person(study: Study, name: str, role: Role) -> User:
    user = User.objects.create_user(name)
    Membership.objects.create(study=study, user=user, role=role.value)
    return user


@pytest.fixture
def blind(db: None) -> Study:
    """``ada-lovelace`` codes and has a tag in each document; the two others are members already."""
    study = make_study(is_blind=True)
    ada = person(study, "ada-lovelace", Role.CODER)
    person(study, "ben-nevis", Role.CODER)
    person(study, "cora-curates", Role.CURATOR)
    make_tag(study, ada, "Biden agreed to talk")
    make_tag(study, ada, "Kyiv was not", "west", source="author")
    return study


def the_others_work(study: Study) -> list[Annotation]:
    """Ben tags both documents and finishes them; Cora settles claims in both."""
    ben, cora = User.objects.get(username="ben-nevis"), User.objects.get(username="cora-curates")
    tags = [
        make_tag(study, ben, "Biden agreed", stance="oppose", note="Ben's secret note"),
        make_tag(study, ben, "Putin asked", topic="guarantees", source="putin", reported_by="ushakov"),
        make_tag(study, ben, "at the table", "west", source="putin", note="another secret note"),
        make_tag(study, cora, "Putin asked", layer="curated", source="putin", note="a curated secret note"),
        make_tag(study, cora, "Kyiv was", "west", layer="curated", source="biden"),
    ]
    for slug in ("east", "west"):
        finish_document(by=ben, document=study.documents.get(slug=slug))
    return tags


HTMX = {"HX-Request": "true"}
#: Where a coder is told nothing of the others, blind or not: the site's own pages, the codebook, what a
#: person does alone. Curators are told more on some of them, by which coders are refused.
QUIET = {
    "study-list",
    "healthz",
    "keys",
    "stance-colours",
    "measures",
    "codebook",
    "guidelines-versions",
    "entry-versions",
    "study-search",
    "study-code",
    "document-codebook",
    "topic-neighbours",
    "document-visits",
    "document-finish",
    "document-reopen",
}


def asked(world: World, name: str, person: str = ADA) -> Iterator[tuple[str, Answer]]:
    """What a person is answered to all that can be asked of an address, with what was asked."""
    client = as_user(person)
    for filled in places(name):
        path = address(name, filled, world)
        for headers in ({}, HTMX):
            for number, query in enumerate(queries(name, world)):
                response = client.get(path, query, headers=headers)
                yield f"GET {filled} {number} {headers}", Answer.of(response, world)
            for number, data in enumerate(posts(name, world)):
                with transaction.atomic():
                    answer = Answer.of(client.post(path, data, headers=headers), world)
                    transaction.set_rollback(True)
                client.cookies.pop("messages", None)
                yield f"POST {filled} {number} {headers}", answer


@pytest.mark.django_db
@pytest.mark.parametrize("name", PATTERNS)
def test_what_the_others_do_changes_no_answer_to_a_coder_who_has_not_finished(name: str) -> None:
    world = World(is_blind=True)
    before = dict(asked(world, name))
    world.others_work()
    # What a request itself says may come back in its answer.
    said = f"{queries(name, world)} {posts(name, world)} {world.ids}"
    secrets = {secret for secret in world.secrets() if secret not in said}
    for request, answer in asked(world, name):
        assert answer == before[request], request
        assert answer.status < 500, request
        assert [secret for secret in secrets if secret in answer.told] == [], request


@pytest.mark.django_db
@pytest.mark.parametrize("name", PATTERNS)
def test_the_same_requests_tell_of_the_others_where_coding_is_not_blind(name: str) -> None:
    world = World(is_blind=False)
    before = dict(asked(world, name))
    if {answer.status for answer in before.values()} <= {403, 405}:
        # For curators and owners: nothing is told because nothing is answered.
        assert name not in QUIET
        return
    world.others_work()
    tells = any(answer != before[request] for request, answer in asked(world, name))
    assert tells == (name not in QUIET)


#: Where a coder who has finished, a curator or an owner reads what the others wrote, or their names.
TELLING = {
    ADA: (
        "study-overview",
        "document-code",
        "document-passages",
        "passage-talk",
        "reliability",
        "reliability-csv",
        "compare",
        "topic-detail",
        "source-detail",
        "read",
        "frozen-list",
        "frozen-detail",
        "decision-list",
        "question-list",
        "annotation-list",
        "annotation-csv",
    ),
    CORA: ("curate", "guideline-gaps", "annotation-list", "document-code", "passage-talk", "decision-list"),
    OLGA: ("member-list", "curate", "compare", "study-overview"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("person", TELLING)
def test_who_may_know_is_told_at_the_same_addresses(person: str) -> None:
    world = World(is_blind=True)
    world.others_work()
    for document in (world.east, world.west):
        finish_document(by=world.ada, document=document)
    silent = []
    for name in TELLING[person]:
        theirs = ("SECRET", f">{BEN}", f" {BEN}<", f",{BEN},")
        if not any(word in answer.told for _request, answer in asked(world, name, person) for word in theirs):
            silent.append(name)
    assert silent == []


@pytest.mark.django_db
@pytest.mark.parametrize("is_blind", [True, False])
@pytest.mark.parametrize("topic", ["talks", "lonely"])
def test_what_others_disagree_on_is_not_for_a_coder_who_has_not_finished(topic: str, is_blind: bool) -> None:
    """Ben and Dora have both finished East and differ there. That could be told, and is: to curators, to
    coders who have finished East as well, and to all of them where coding is not blind."""
    world = World(is_blind=is_blind)
    world.others_work()
    all_told = (True, True)
    assert _disagreements(CORA, topic) == all_told
    assert _disagreements(ADA, topic) == ((False, False) if is_blind else all_told)
    finish_document(by=world.ada, document=world.west)
    assert _disagreements(ADA, topic) == ((False, False) if is_blind else all_told)
    finish_document(by=world.ada, document=world.east)
    assert _disagreements(ADA, topic) == all_told


def _disagreements(name: str, topic: str) -> tuple[bool, bool]:
    """Whether the topic's page tells of places in East where coders disagree, and whether it names
    Ben and Dora."""
    response = as_user(name).get(f"{BASE}topics/{topic}/")
    _before, _heading, part = response.content.decode().partition('id="disagreements"')
    places = {one.document.slug for one in response.context["disagreements"]}
    return "east" in places, all(f"· {name}</span>" in part for name in (BEN, DORA))


def test_asking_for_another_coders_reading_finds_nobody(blind: Study) -> None:
    the_others_work(blind)
    client = as_user("ada-lovelace")
    paths = ("compare/", "compare.csv", "topics/talks/", "sources/putin/")
    statuses = {path: client.get(f"{BASE}{path}?coder=ben-nevis").status_code for path in paths}
    assert statuses == dict.fromkeys(paths, 404)
    assert client.get(f"{BASE}annotations/?coder=ben-nevis").status_code == 422
    assert client.get(f"{BASE}compare/?coder=nobody-at-all").status_code == 404
    assert client.get(f"{BASE}compare/?coder=ada-lovelace").status_code == 200


def test_no_act_tells_whether_another_coder_has_such_a_tag(blind: Study) -> None:
    """Not even their id: 404 as for a tag that does not exist, where 403 would say that it does."""
    tags = the_others_work(blind)
    client = as_user("ada-lovelace")
    for tag in tags:
        for act in ("", "withdraw/", "restore/"):
            address = f"{BASE}code/{tag.document.slug}/tags/{tag.public_id}/{act}"
            assert client.post(address, {"version": 1}).status_code == 404
        edit = f"{BASE}code/{tag.document.slug}/?edit={tag.public_id}"
        assert client.get(edit).status_code == 404
    theirs = tags[1]
    said = {"passage": 1, "start": theirs.start, "end": theirs.end, "topic": "guarantees"}
    said |= {"stance": "support", "source": "putin", "reported_by": "ushakov"}
    response = client.post(f"{BASE}code/east/tags/", said, headers={"HX-Request": "true"})
    assert response.status_code == 201
    assert "ben-nevis" not in response.content.decode()


def body(client: Client, path: str) -> str:
    response: HttpResponse = client.get(BASE + path)
    assert response.status_code == 200
    return steady(response)


def ids(client: Client, path: str) -> set[str]:
    """The ids of the annotations in a CSV."""
    return {row["id"] for row in csv.DictReader(io.StringIO(body(client, path)))}


def test_finishing_one_document_opens_that_document_and_no_other(blind: Study) -> None:
    tags = the_others_work(blind)
    ada = User.objects.get(username="ada-lovelace")
    finish_document(by=ada, document=blind.documents.get(slug="east"))
    client = as_user("ada-lovelace")
    assert "Ben&#x27;s secret note" in body(client, "code/east/?passage=1&shown=all")
    assert str(tags[0].public_id) in body(client, "code/east/?shown=all")
    assert str(tags[2].public_id) not in body(client, "code/west/?shown=all")
    own = Annotation.objects.filter(coder=ada)
    assert ids(client, "annotations.csv") == {str(tag.public_id) for tag in (tags[0], tags[1], *own)}
    assert ids(client, "annotations.csv?layer=curated") == {str(tags[3].public_id)}
    for path in ("topics/talks/", "annotations/", "sources/putin/"):
        assert "another secret note" not in body(client, path)
    # West: only Ada's tag counts, and she has not finished it, though Ben has.
    compared = client.get(BASE + "compare/").context["compared"]
    assert [(f.slug, f.finished, f.coders) for f in (compared.comparison.a, compared.comparison.b)] == [
        ("east", True, ("ada-lovelace", "ben-nevis")),
        ("west", False, ("ada-lovelace",)),
    ]
    of_ben = client.get(BASE + "compare/?coder=ben-nevis").context["compared"]
    assert [tag.document for tag in of_ben.load_tags()] == ["east", "east"]
    overview = client.get(BASE).context["overview"]
    progress = {shown.document.slug: [coder.coder for coder in shown.coders] for shown in overview.documents}
    assert progress == {"east": ["ada-lovelace", "ben-nevis"], "west": ["ada-lovelace"]}


def test_a_coder_who_finished_everything_sees_everything(blind: Study) -> None:
    the_others_work(blind)
    for slug in ("east", "west"):
        finish_document(by=User.objects.get(username="ada-lovelace"), document=blind.documents.get(slug=slug))
    mine, theirs = (as_user(name) for name in ("ada-lovelace", "cora-curates"))
    for path in (
        "compare.csv",
        "compare.csv?layer=curated",
        "annotations.csv",
        "annotations.csv?layer=curated",
    ):
        assert body(mine, path) == body(theirs, path)
    assert body(mine, "annotations.csv").count("ben-nevis") == 3


def test_reopening_closes_the_others_work_again(blind: Study) -> None:
    the_others_work(blind)
    client = as_user("ada-lovelace")
    before = body(client, "annotations.csv")
    client.post(f"{BASE}code/east/finish/", {"anyway": "1"})
    assert "ben-nevis" in body(client, "annotations.csv")
    client.post(f"{BASE}code/east/reopen/")
    assert body(client, "annotations.csv") == before
