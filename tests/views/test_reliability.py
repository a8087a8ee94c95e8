"""The reliability page and its CSV: what it rests on, in words, and for whom."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Role
from annotations.exporting.reliability_csv import COLUMNS
from annotations.importing.folder import load_folder
from annotations.models import Annotation, Membership, Study, User
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_document, make_tag

PAGE = "/studies/talks/reliability/"
CSV = "/studies/talks/reliability.csv"
HTMX = {"HX-Request": "true"}


def finish(study: Study, coder: User, *documents: str) -> None:
    for slug in documents:
        finish_document(by=coder, document=study.documents.get(slug=slug))


@pytest.fixture
def coded(study: Study, coder: User, other_coder: User) -> Study:
    """In the east both find Biden on talks, and differ in stance; Ada alone finds Putin on guarantees."""
    make_tag(study, coder, "Biden agreed to talk")
    make_tag(study, other_coder, "Biden agreed", stance="mixed")
    make_tag(study, coder, "Putin asked for guarantees", topic="guarantees", source="putin")
    finish(study, coder, "east")
    finish(study, other_coder, "east")
    return study


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


@pytest.fixture
def shipped(client: Client, db: None, other_coder: User) -> Client:
    study = load_folder(Path(settings.BASE_DIR) / "seeds" / "biden-putin-2021").study
    Membership.objects.create(study=study, user=other_coder, role=Role.CODER.value)
    client.force_login(other_coder)
    return client


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestWhatIsMeasured:
    def test_figures_stand_beside_what_they_rest_on(self, ada: Client, coded: Study) -> None:
        response = ada.get(PAGE)
        text = words(response)
        assert "Something is tagged in 1 of the 2 passages." in text
        assert "There are 2 claims, 1 of them found by two coders or more." in text
        assert "2 coders: ada, ben" in text
        primary = response.context["primary"]
        assert (primary.measure.units, primary.rests_on) == (2, "on 2 passages")
        rests = {f.measure.dimension.value: f.rests_on for f in response.context["diagnostics"]}
        assert rests["stance"] == "on 1 of 2 claims"
        assert rests["positions-tagged"] == "on 1 of 2 passages"

    def test_an_undefined_value_is_said_with_its_reason(self, ada: Client, coded: Study) -> None:
        assert "only one unit has values of two coders" in words(ada.get(PAGE))

    def test_an_unfinished_coder_is_missing(self, ada: Client, coded: Study, curator: User) -> None:
        make_tag(coded, curator, "Kyiv was not")
        assert ada.get(PAGE).context["found"].coders == ("ada", "ben")

    def test_a_document_that_one_coder_finished_stays_out(
        self, ada: Client, coded: Study, coder: User
    ) -> None:
        finish(coded, coder, "west")
        assert ada.get(PAGE).context["found"].documents == ("east",)

    def test_nothing_finished_together_is_said(self, ada: Client, study: Study) -> None:
        assert "it takes a document that at least two coders finished" in words(ada.get(PAGE))

    def test_tags_changed_after_reopening_stay_out_and_are_counted(self, ada: Client, coded: Study) -> None:
        Annotation.objects.filter(coder__username="ben").update(changed_after_reopening=True)
        response = ada.get(PAGE)
        assert "1 tag was changed after reopening and stays out." in words(response)
        assert [claim.coders for claim in response.context["found"].claims] == [("ada",), ("ada",)]

    def test_document_restricts_it(self, ada: Client, coded: Study, coder: User, other_coder: User) -> None:
        for who in (coder, other_coder):
            finish(coded, who, "west")
        assert ada.get(PAGE).context["found"].documents == ("east", "west")
        assert ada.get(PAGE + "?document=west").context["found"].documents == ("west",)
        assert ada.get(PAGE + "?document=north").status_code == 404

    def test_the_number_of_queries_does_not_grow(
        self, ada: Client, coded: Study, coder: User, other_coder: User
    ) -> None:
        few = queries(ada, PAGE)
        for number in range(3):
            make_document(coded, f"more-{number}")
            for who in (coder, other_coder):
                make_tag(coded, who, document=f"more-{number}")
                finish(coded, who, f"more-{number}")
        assert queries(ada, PAGE) == few


class TestBlindCoding:
    def test_a_coder_sees_only_documents_they_finished(
        self, client: Client, coded: Study, curator: User
    ) -> None:
        late = User.objects.create_user("late")
        Membership.objects.create(study=coded, user=late, role=Role.CODER.value)
        client.force_login(late)
        assert client.get(PAGE).context["found"].coders == ("ada", "ben")
        Study.objects.update(is_blind=True)
        response = client.get(PAGE)
        assert "Coding is blind" in words(response)
        assert "ben" not in response.content.decode()
        assert list(csv.reader(io.StringIO(client.get(CSV).content.decode())))[1][5] == "0"
        assert client.get(PAGE + "?cell=ada:ben:support:mixed").status_code == 404
        finish(coded, late, "east")
        assert client.get(PAGE).context["found"].coders == ("ada", "ben", "late")
        client.force_login(curator)
        assert client.get(PAGE).context["found"].coders == ("ada", "ben", "late")


class TestTopics:
    def test_the_least_comes_first_and_undefined_last(self, ada: Client, coded: Study) -> None:
        def order(query: str) -> list[str]:
            return [row.topic.slug for row in ada.get(PAGE + query).context["topics"]]

        assert order("") == ["talks", "guarantees"]
        assert order("?sort=presence") == ["guarantees", "talks"]
        assert order("?sort=stance") == ["talks", "guarantees"]
        assert ada.get(PAGE + "?sort=colour").status_code == 400

    def test_an_unreliable_topic_is_marked_in_words(self, ada: Client, coded: Study) -> None:
        rows = {row.topic.slug: row for row in ada.get(PAGE).context["topics"]}
        assert (rows["talks"].presence.reading, rows["guarantees"].presence.reading) == (
            "reliable",
            "not reliable",
        )
        assert [(r.agreed, r.matched, len(r.alone)) for r in rows.values()] == [(0, 1, 0), (0, 0, 1)]


class TestCells:
    def test_a_cell_opens_the_quotes_of_both_with_and_without_javascript(
        self, ada: Client, coded: Study
    ) -> None:
        address = PAGE + "?cell=ada:ben:support:mixed"
        whole, part = ada.get(address), ada.get(address, headers=HTMX)
        for response in (whole, part):
            text = words(response)
            assert "1 claim : ada “Support”, ben “Mixed”" in text.replace("claim:", "claim :")
            assert "<q>Biden agreed to talk</q>" in response.content.decode()
            assert "<q>Biden agreed</q>" in response.content.decode()
        assert "<html" not in part.content.decode()
        assert part["Cache-Control"] == "no-store"

    def test_what_one_coder_did_not_find_is_a_cell(self, ada: Client, coded: Study) -> None:
        text = words(ada.get(PAGE + "?cell=ada:ben:support:", headers=HTMX))
        assert "Putin asked for guarantees" in text
        assert "Not found." in text

    def test_an_unknown_cell_is_not_there(self, ada: Client, coded: Study) -> None:
        assert ada.get(PAGE + "?cell=ada:ben:support:colour").status_code == 404


class TestOverTime:
    def test_one_day_is_said(self, ada: Client, coded: Study) -> None:
        assert "All tags were made on one day" in words(ada.get(PAGE))

    def test_each_day_has_all_tags_up_to_it(self, ada: Client, coded: Study) -> None:
        for day, tag in enumerate(Annotation.objects.order_by("pk"), start=1):
            Annotation.objects.filter(pk=tag.pk).update(created_at=datetime(2026, 1, day, tzinfo=UTC))
        response = ada.get(PAGE)
        assert [(p.day.day, p.tags) for p in response.context["points"]] == [(1, 1), (2, 2), (3, 3)]
        assert "<polyline" in response.content.decode()


class TestTheCsv:
    def test_its_columns_and_rows(self, ada: Client, coded: Study) -> None:
        response = ada.get(CSV)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(response.content.decode())))
        assert tuple(rows[0]) == COLUMNS
        stance = next(r for r in rows if r["dimension"] == "stance" and r["measure"] == "alpha-nominal")
        assert (stance["units"], stance["value"], stance["reason"]) == ("1", "", "one-unit")
        assert {(r["coder_a"], r["coder_b"]) for r in rows if r["measure"] == "kappa"} == {("ada", "ben")}


class TestTheShippedStudy:
    PUBLISHED = (("0.889", "on 30 passages"), ("1.000", "on 30 passages"), ("0.980", "on 103 of 115 claims"))

    def test_its_figures_and_that_they_are_for_demonstration(self, shipped: Client) -> None:
        response = shipped.get("/studies/biden-putin-2021/reliability/")
        text = words(response)
        assert "These codings are for demonstration." in text
        assert "made with a language model applying the codebook twice" in text
        assert "alike to the code point in 79 of 109 rows" in text
        assert "They say nothing about how people would agree." in text
        assert "α 0.889 reliable" in text
        for value, rests in self.PUBLISHED[1:]:
            assert value in text
            assert rests in text

    def test_another_study_has_no_such_note(self, ada: Client, coded: Study) -> None:
        assert "for demonstration" not in words(ada.get(PAGE))

    @pytest.mark.parametrize(("messenger", "alike"), [((), 79), (("reported_by",), 77)])
    def test_the_codings_are_alike_in_79_of_109_rows(self, messenger: tuple[str, ...], alike: int) -> None:
        file = Path(settings.BASE_DIR) / "seeds" / "biden-putin-2021" / "codings.csv"
        keys = ("document", "start", "end", "topic", "stance", "source", *messenger)
        said: dict[str, set[tuple[str, ...]]] = {"coder-1": set(), "coder-2": set()}
        for line in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))):
            said[line["coder"]].add(tuple(line[key] for key in keys))
        one, two = said.values()
        assert (len(one), len(two), len(one & two)) == (109, 109, alike)

    def test_the_command_prints_the_csv(self, shipped: Client) -> None:
        out = io.StringIO(newline="")
        call_command("reliability", "biden-putin-2021", stdout=out)
        assert out.getvalue() == shipped.get("/studies/biden-putin-2021/reliability.csv").content.decode()
        assert "alpha-sets,positions,,,,30,0.889" in out.getvalue()
        with pytest.raises(CommandError, match="There is no study nowhere"):
            call_command("reliability", "nowhere")


class TestBesideTheVerdict:
    COMPARE = "/studies/talks/compare/"

    def test_a_row_shows_the_coders_agreement_on_its_topic(self, ada: Client, coded: Study) -> None:
        page = ada.get(self.COMPARE).content.decode()
        assert 'href="/studies/talks/reliability/#topic-talks"' in page
        assert "α 1.00" in page

    @pytest.mark.parametrize("address", ["compare/?open=guarantees", "topics/guarantees/"])
    def test_claims_of_one_coder_alone_are_listed(self, ada: Client, coded: Study, address: str) -> None:
        text = words(ada.get("/studies/talks/" + address))
        assert "1 of 1 claims was made by one coder alone" in text
        assert "Coders: presence α −0.00 on 2 passages" in text.replace("α 0.00", "α −0.00")

    def test_readers_and_the_public_see_nothing_of_it(
        self, client: Client, coded: Study, reader: User
    ) -> None:
        Study.objects.update(is_public=True)
        for user in (None, reader):
            if user:
                client.force_login(user)
            for address in ("compare/", "compare/?open=guarantees", "topics/guarantees/"):
                page = client.get("/studies/talks/" + address).content.decode()
                assert "reliability/#" not in page
                assert "coder alone" not in page
