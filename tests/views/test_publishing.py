"""Frozen readings stay as they are, whatever is done to the study."""

from __future__ import annotations

import json
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from annotations.models import Annotation, FrozenReading, Study, Topic, User
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_tag

LIST = "/studies/talks/frozen/"


@pytest.fixture
def settled(study: Study, curator: User, coder: User) -> Study:
    """Curated: Biden for talks in both documents. Coded by ada: something else."""
    make_tag(study, curator, "Biden agreed to talk", layer="curated")
    make_tag(study, curator, "agreed to talk", "west", layer="curated", reported_by="ushakov")
    make_tag(study, coder, "Putin asked", stance="oppose", source="putin", note="ada's secret")
    finish_document(by=coder, document=study.documents.get(slug="east"))
    return study


@pytest.fixture
def olga(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def freeze(client: Client, **fields: str) -> FrozenReading:
    response = client.post(LIST, {"title": "As published", **fields})
    assert response.status_code == 302, response.content
    return FrozenReading.objects.latest("id")


def test_it_keeps_rows_quotes_and_codebook_of_the_curated_layer(olga: Client, settled: Study) -> None:
    frozen = freeze(olga)
    content = frozen.content
    talks = dict(zip(content["columns"], content["rows"][0], strict=True))
    assert (talks["topic"], talks["verdict"], talks["n_a"], talks["n_b"]) == ("talks", "agree", "1", "1")
    assert talks["distance_high"] != ""
    assert [(quote["document"], quote["quote"], quote["reported_by"]) for quote in content["quotes"]] == [
        ("east", "Biden agreed to talk", ""),
        ("west", "agreed to talk", "ushakov"),
    ]
    assert [topic["statement"] for topic in content["topics"]] == [
        "There should be talks.",
        "There should be guarantees.",
    ]
    assert frozen.query == "layer=curated"


def test_no_coder_is_in_it(olga: Client, settled: Study) -> None:
    stored = json.dumps(freeze(olga).content)
    assert not re.search(r"\b(ada|cora|olga)\b", stored)
    assert "secret" not in stored


def test_its_page_stays_while_the_study_changes(olga: Client, settled: Study) -> None:
    frozen = freeze(olga)
    address = f"{LIST}{frozen.public_id}/"
    before = words(olga.get(address))
    assert "As published" in before
    files = {name: olga.get(address + name).content for name in ("rows.csv", "reading.json")}
    Annotation.objects.filter(layer="curated").delete()
    Topic.objects.filter(study=settled, slug="talks").update(label="Renamed", statement="Otherwise.")
    assert "Renamed" not in words(olga.get(address))
    assert words(olga.get(address)).count("Biden agreed to talk") == before.count("Biden agreed to talk")
    assert files == {name: olga.get(address + name).content for name in files}
    assert json.loads(files["reading.json"]) == frozen.content
    assert files["rows.csv"].decode().startswith("topic,verdict,thin,distance,")


def test_the_page_says_how_to_cite_it_and_leads_to_the_live_one(olga: Client, settled: Study) -> None:
    frozen = freeze(olga, lens="attributed")
    page = olga.get(f"{LIST}{frozen.public_id}/")
    assert f"http://testserver{LIST}{frozen.public_id}/" in words(page)
    assert 'href="/studies/talks/compare/?layer=curated&amp;lens=attributed"' in page.content.decode()


def test_the_database_refuses_a_change(olga: Client, settled: Study) -> None:
    frozen = freeze(olga)
    for change in ("content = '{}'", "title = 'Other'"):
        with pytest.raises(IntegrityError, match="frozen_reading_never_changes"), transaction.atomic():
            connection.cursor().execute(
                f"UPDATE annotations_frozenreading SET {change} WHERE id = %s", [frozen.pk]
            )


def test_whoever_froze_it_may_leave(olga: Client, settled: Study, owner: User) -> None:
    frozen = freeze(olga)
    User.objects.filter(pk=owner.pk).delete()
    frozen.refresh_from_db()
    assert frozen.frozen_by is None


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_title_is_asked_for(olga: Client, settled: Study, title: str) -> None:
    response = olga.post(LIST, {"title": title})
    assert response.status_code == 422
    assert "Give it a title of at most 200 characters." in words(response)
    assert not FrozenReading.objects.exists()


def test_the_coded_layer_cannot_be_frozen(olga: Client, settled: Study) -> None:
    frozen = freeze(olga, layer="coded", coder="ada")
    assert frozen.content["reading"]["layer"] == "curated"
    assert frozen.content["tags"] == 2


def test_another_studys_reading_is_not_here(olga: Client, settled: Study) -> None:
    from tests.factories import make_study

    other = FrozenReading.objects.create(study=make_study("other"), title="Other", content={})
    assert olga.get(f"{LIST}{other.public_id}/").status_code == 404


def test_the_public_reads_it_where_the_study_is_public(client: Client, olga: Client, settled: Study) -> None:
    frozen = freeze(olga)
    address = f"{LIST}{frozen.public_id}/"
    stranger = Client()
    assert stranger.get(address).status_code == 302
    settled.is_public = True
    settled.save()
    assert "As published" in words(stranger.get(address))
    assert "Freeze the curated layer" not in words(stranger.get(LIST))


def test_nothing_to_compare_is_nothing_to_freeze(olga: Client, study: Study) -> None:
    study.documents.get(slug="west").delete()
    response = olga.post(LIST, {"title": "Early"})
    assert response.status_code == 422
    assert "nothing to freeze" in words(response)
