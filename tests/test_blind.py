"""Blind coding: what a coder may learn of the others' work before they finish a document, and after."""

from __future__ import annotations

import csv
import io

import pytest
from django.http import HttpResponse
from django.test import Client

from annotations.enums import Role
from annotations.models import Annotation, Membership, Study, User
from annotations.services.coding import finish_document
from tests.bodies import steady
from tests.factories import make_study, make_tag

BASE = "/studies/talks/"
PATHS = (
    "",
    "code/east/",
    "code/east/?shown=all",
    "code/east/?passage=1&shown=all",
    "code/west/?shown=all",
    "compare/",
    "compare/?layer=curated",
    "compare/?open=talks",
    "compare/?open=guarantees&grain=side",
    "compare/?lens=own",
    "compare.csv",
    "compare.csv?layer=curated",
    "topics/talks/",
    "topics/guarantees/",
    "topics/talks/?layer=curated",
    "sources/biden/",
    "sources/putin/",
    "annotations/",
    "annotations/?layer=curated",
    "annotations/?q=secret",
    "annotations/?sort=coder",
    "annotations.csv",
    "annotations.csv?layer=curated",
    "codebook/",
)
NAMES = ("ben-nevis", "cora-curates")
SECRETS = (*NAMES, "secret note")


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


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def answers(client: Client) -> dict[str, tuple[int, str]]:
    """Status and body of every address, as a page and as a fragment."""
    return {
        f"{path} {'fragment' if headers else 'page'}": (response.status_code, steady(response))
        for path in PATHS
        for headers in ({}, {"HX-Request": "true"})
        for response in [client.get(BASE + path, headers=headers)]
    }


def test_nothing_that_others_do_changes_any_page_of_a_coder_who_has_not_finished(blind: Study) -> None:
    client = as_user("ada-lovelace")
    before = answers(client)
    the_others_work(blind)
    after = answers(client)
    assert {status for status, _body in before.values()} == {200}
    for address, answer in before.items():
        assert after[address] == answer, address
        assert [word for word in SECRETS if word in answer[1]] == [], address


def test_the_same_work_changes_the_pages_of_a_coder_where_coding_is_not_blind(blind: Study) -> None:
    Study.objects.filter(pk=blind.pk).update(is_blind=False)
    client = as_user("ada-lovelace")
    before = answers(client)
    the_others_work(blind)
    after = answers(client)
    unchanged = {address for address in before if before[address] == after[address]}
    assert unchanged == {
        # Her own tags only, or no passage in hand, or no tags at all.
        "code/east/ page",
        "code/east/ fragment",
        "code/east/?shown=all fragment",
        "code/west/?shown=all fragment",
        "codebook/ page",
        "codebook/ fragment",
    }


def test_a_curator_sees_all_of_it(blind: Study) -> None:
    the_others_work(blind)
    pages = {name: body for name, (_status, body) in answers(as_user("cora-curates")).items()}
    assert "ben-nevis" in pages[" page"]
    assert "Ben&#x27;s secret note" in pages["code/east/?passage=1&shown=all fragment"]
    assert "ben-nevis" in pages["topics/talks/ page"]
    assert "another secret note" in pages["topics/talks/ page"]
    assert "a curated secret note" in pages["topics/talks/?layer=curated page"]
    assert pages["annotations.csv page"].count("ben-nevis") == 3
    assert pages["annotations.csv?layer=curated page"].count("cora-curates") == 2


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
        for act in ("", "withdraw/", "restore/", "undo/"):
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
    assert [tag.document for tag in of_ben.tags] == ["east", "east"]
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
    client.post(f"{BASE}code/east/finish/")
    assert "ben-nevis" in body(client, "annotations.csv")
    client.post(f"{BASE}code/east/reopen/")
    assert body(client, "annotations.csv") == before
