"""Figures as files: whole without anything beside them, and as open as their page."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Study, Topic, User
from annotations.pages.figures.drawn import FIGURES
from annotations.services.coding import finish_document
from tests.factories import make_tag

if TYPE_CHECKING:
    from django.http import HttpResponse

BASE = "/studies/talks/figures/"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def ada(client: Client, study: Study, coder: User) -> Client:
    make_tag(study, coder, "Biden agreed to talk", note="ada's secret")
    make_tag(study, coder, "Biden agreed", "west", reported_by="ushakov")
    for slug in ("east", "west"):
        finish_document(by=coder, document=study.documents.get(slug=slug))
    client.force_login(coder)
    return client


def figure(client: Client, name: str, query: str = "topic=talks") -> HttpResponse:
    return client.get(f"{BASE}{name}.svg?{query}")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_one_file_that_fetches_nothing(name: str, ada: Client) -> None:
    response = figure(ada, name)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith('inline; filename="talks-')
    root = ET.fromstring(response.content)
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {"svg", "title", "desc", "path", "text"}
    used = {key for node in root.iter() for key in node.keys()}  # noqa: SIM118 - an element is no mapping
    assert not used & {"href", "{http://www.w3.org/1999/xlink}href", "style", "onload", "src"}
    assert b"url(" not in response.content
    # A sheet of its own, so that it is black on white wherever it is put.
    assert next(root.iter(f"{SVG}path")).get("fill") == "#ffffff"


@pytest.mark.parametrize("name", FIGURES)
def test_words_of_people_are_text(name: str, ada: Client, study: Study) -> None:
    evil = '</text><script>alert(1)</script>&"\x0b'
    study.topics.update(label=evil, statement=evil)
    study.sources.update(label=evil)
    study.documents.update(title=evil)
    response = figure(ada, name)
    assert b"<script" not in response.content
    assert "alert(1)" in "".join(ET.fromstring(response.content).itertext()).replace("…", "")


@pytest.mark.parametrize("name", FIGURES)
def test_no_coder_is_named(name: str, ada: Client) -> None:
    for query in ("topic=talks", "topic=talks&coder=ada"):
        text = " ".join(ET.fromstring(figure(ada, name, query).content).itertext())
        assert "ada" not in text.replace("–", " ")
        assert "secret" not in text


def test_without_two_documents_it_says_why(ada: Client, study: Study) -> None:
    study.annotations.filter(document__slug="west").delete()
    study.documents.get(slug="west").delete()
    for name in FIGURES:
        response = figure(ada, name)
        assert (response.status_code, response["Content-Type"]) == (422, "text/plain; charset=utf-8")
        assert "fewer than two documents" in response.content.decode()


def test_where_nobody_speaks_there_is_nothing_to_draw(ada: Client, study: Study) -> None:
    study.annotations.all().delete()
    answers = {name: figure(ada, name).status_code for name in FIGURES}
    assert {name for name, status in answers.items() if status == 422} == {"voices", "mediation"}
    assert set(answers.values()) == {200, 422}
    assert "Nobody is given word" in figure(ada, "voices").content.decode()


def test_without_topics_it_says_so(ada: Client, study: Study) -> None:
    study.annotations.all().delete()
    Topic.objects.filter(study=study, parent__isnull=False).delete()
    assert figure(ada, "positions", "").content.decode() == "The study has no topics yet.\n"


@pytest.mark.parametrize(
    ("file", "status"),
    [
        ("positions.png", 404),
        ("positions.svg.exe", 404),
        ("nothing.svg", 404),
        ("topic.svg", 404),
        ("topic.svg?topic=nothing", 404),
        ("documents.svg?topic=security", 404),
        ("positions.svg?a=nothing", 404),
        ("positions.svg?grain=nothing", 400),
        ("voices.svg?map=nothing", 400),
    ],
)
def test_what_is_not_there(file: str, status: int, ada: Client) -> None:
    assert ada.get(BASE + file).status_code == status


def test_the_public_sees_the_curated_layer_only(client: Client, study: Study, curator: User) -> None:
    make_tag(study, curator, "Biden agreed to talk", layer="curated")
    assert figure(client, "positions").status_code == 302
    study.is_public = True
    study.save()
    for name in FIGURES:
        assert figure(client, name).status_code == 200
        assert figure(client, name, "topic=talks&layer=coded").status_code == 403
    assert b"curated layer" in figure(client, "positions").content


@pytest.mark.parametrize("name", FIGURES)
def test_its_queries_do_not_grow_with_the_study(name: str, ada: Client, study: Study, coder: User) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert figure(ada, name).status_code == 200
        return len(queries)

    count()
    few = count()
    for number, quote in enumerate(("Putin asked", "asked for", "guarantees")):
        make_tag(study, coder, quote, source=("putin", "kremlin", "author")[number], layer="curated")
    assert count() == few


def test_every_page_offers_its_figures(ada: Client) -> None:
    pages = {
        "compare/": ("positions", "emphasis"),
        "topics/talks/": ("topic",),
        "voices/?map=a": ("voices",),
        "mediation/": ("mediation",),
        "silence/": ("silence",),
        "pairs/?topic=talks": ("pairs", "documents"),
    }
    for page, names in pages.items():
        body = ada.get(f"/studies/talks/{page}").content.decode()
        for name in names:
            assert f'href="{BASE}{name}.svg' in body, page
        assert "js/figures.js" in body
    assert f'href="{BASE}voices.svg?map=a"' in ada.get("/studies/talks/voices/?map=a").content.decode()
    assert f'href="{BASE}topic.svg?topic=talks"' in ada.get("/studies/talks/topics/talks/").content.decode()
