"""Frozen readings stay as they are, whatever is done to the study."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from annotations.models import Annotation, FrozenReading, Study, Topic, User
from annotations.services.coding import finish_document
from tests.blind import ADA, BEN, CORA, MORE_QUERIES, OLGA, World, address, note, places
from tests.bodies import words
from tests.factories import make_tag
from tests.test_access import OPEN_TO_ALL

LIST = "/studies/talks/frozen/"
#: The addresses that show a reading, by what they are asked.
READINGS = (
    "compare",
    "compare-csv",
    "topic-detail",
    "source-detail",
    "read",
    "voices",
    "mediation",
    "silence",
    "pairs",
    "figure-file",
    "report",
    "report-file",
)


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
    response = client.post(LIST, {"title": "As published"} | fields)
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


def test_nothing_settled_is_not_frozen(olga: Client, study: Study, coder: User) -> None:
    """It could be cited for good, and says nothing."""
    make_tag(study, coder)
    response = olga.post(LIST, {"title": "As published"})
    assert response.status_code == 422
    assert "Nothing is settled under this reading" in words(response)
    assert "0 tags are settled in the study." in words(response)
    assert not FrozenReading.objects.exists()


def test_the_page_says_the_figures_as_they_were(olga: Client, settled: Study) -> None:
    """Rounded, and in the words of the reading and of the codebook that were frozen."""
    frozen = freeze(olga, lens="attributed", side="United States")
    row = dict(zip(frozen.content["columns"], frozen.content["rows"][0], strict=True))
    text = words(olga.get(f"{LIST}{frozen.public_id}/"))
    assert "Reading: curated layer, attributed voices, by source, of United States only." in text
    high, share = float(row["distance_high"]), float(row["verdict_probability"])
    assert f"0.00 0.00–{high:.2f}; this verdict in {share * 100:.0f} % of draws" in text
    assert "with a position in both: Biden" in text
    assert "1 tag 100.0 %; balance 1.00" in text


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


def main_part(response: HttpResponse) -> bytes:
    """What the page itself says, without the site around it."""
    return response.content.split(b"<main", 1)[1].split(b"</main>")[0]


def test_the_frozen_page_is_the_same_byte_for_byte_whatever_is_done(olga: Client, settled: Study) -> None:
    frozen = freeze(olga)
    address = f"{LIST}{frozen.public_id}/"
    before = main_part(olga.get(address))
    Annotation.objects.all().delete()
    make_tag(settled, User.objects.get(username="cora"), "Putin asked", layer="curated", source="putin")
    settled.stances.update(label="Otherwise", color="#111111")
    settled.sources.update(label="Somebody else", side="Elsewhere")
    settled.topics.update(label="Renamed", statement="Otherwise.")
    settled.topics.get(slug="guarantees").delete()
    settled.documents.update(title="Another title", publisher="Another publisher")
    Study.objects.update(title="Another study", question="?", agree_max=0.01, diverge_above=0.02)
    Study.objects.update(guidelines="Otherwise.")
    assert main_part(olga.get(address)) == before
    assert b"Biden agreed to talk" in before


def test_it_is_cited_as_text_and_as_bibtex(olga: Client, settled: Study) -> None:
    frozen = freeze(olga, title="50 % & more_or_less {sic} \\o/ #1")
    body = olga.get(f"{LIST}{frozen.public_id}/")
    day = frozen.frozen_at
    address = f"http://testserver{LIST}{frozen.public_id}/"
    cited = f"Summit, frozen reading of {day:%-d} {day:%B} {day.year}. {address}"
    assert f"50 % & more_or_less {{sic}} \\o/ #1. Study talks. {cited}" in words(body)
    bibtex = html.unescape(
        re.findall(r'<pre id="cite-bibtex"[^>]*>(.*?)</pre>', body.content.decode(), re.S)[0]
    )
    assert bibtex == (
        f"@misc{{summit-{str(frozen.public_id)[:8]},\n"
        r"  title = {50 \% \& more\_or\_less \{sic\} \textbackslash{}o/ \#1}," + "\n"
        "  howpublished = {Study talks. Summit, frozen reading},\n"
        f"  year = {{{day.year}}},\n  month = {day.strftime('%b').lower()},\n"
        f"  url = {{{address}}},\n}}"
    )


def test_the_latest_is_one_link_away_from_the_live_page(olga: Client, settled: Study) -> None:
    live = olga.get("/studies/talks/compare/").content.decode()
    assert f'href="{LIST}latest/"' in live
    assert f'href="{LIST}"' in live
    assert olga.get(f"{LIST}latest/")["Location"] == LIST
    freeze(olga)
    second = freeze(olga)
    assert olga.get(f"{LIST}latest/")["Location"] == f"{LIST}{second.public_id}/"


def test_the_settings_say_what_becomes_visible(olga: Client, settled: Study) -> None:
    said = words(olga.get("/studies/talks/settings/"))
    for what in (
        "without a login",
        "whole texts of the documents",
        "report",
        "all frozen readings",
        "No coder",
    ):
        assert what in said


# --- a public study, and somebody who is nobody ---

#: What a visitor of a public study may be told of the people and their remarks: nothing.
PEOPLE = {ADA: "Augusta King", BEN: "Benjamin Nevis", CORA: "Cordelia Lear", OLGA: "Olga Prozorova"}


def public_world() -> World:
    """Everybody has done everything, under names that stand out; some of it is curated, and frozen."""
    world = World(is_blind=False)
    for username, name in PEOPLE.items():
        first, last = name.split()
        User.objects.filter(username=username).update(
            first_name=first, last_name=last, email=f"{username}@example.org"
        )
    world.others_work()
    Study.objects.filter(pk=world.study.pk).update(is_public=True)
    return world


@pytest.mark.django_db
def test_no_answer_to_the_public_names_a_member_or_quotes_a_note() -> None:
    world = public_world()
    secrets = {*PEOPLE, *(part for name in PEOPLE.values() for part in name.split()), "example.org"}
    # Olga's title of the frozen reading is published with it; every other remark is for members.
    secrets |= {
        note(what) for what in ("settled", "decided", "on", "one", "two", "changed", "passage", "tag")
    }
    told = []
    for name in OPEN_TO_ALL:
        for filled in places(name):
            for query in ({}, *MORE_QUERIES.get(name, ()), {"layer": "curated", "lens": "attributed"}):
                response = Client().get(address(name, filled, world), query)
                if query.get("layer") == "coded":
                    assert response.status_code == 403, name
                    continue
                assert response.status_code in (200, 302, 404), (name, query)
                body = f"{response.headers} {response.getvalue().decode()}"
                told += [(name, query, secret) for secret in secrets if secret in body]
    assert told == []


@pytest.mark.django_db
def test_the_public_cannot_ask_for_the_coded_layer_or_for_a_coder() -> None:
    world = public_world()
    for name in sorted(set(OPEN_TO_ALL) & set(READINGS)):
        for filled in places(name):
            path = address(name, filled, world)
            assert Client().get(path, {"layer": "coded", "topic": "talks"}).status_code == 403, name
            for coder in (BEN, "nobody-at-all"):
                asked = {"coder": coder, "topic": "talks"}
                assert Client().get(path, asked).status_code == 403, name


@pytest.mark.django_db
def test_a_study_that_is_not_public_asks_for_a_login_everywhere() -> None:
    world = public_world()
    Study.objects.update(is_public=False)
    for name in OPEN_TO_ALL:
        for filled in places(name):
            response = Client().get(address(name, filled, world))
            assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/"), (
                name
            )
