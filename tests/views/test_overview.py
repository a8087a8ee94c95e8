"""The list of studies, a study's front page, and whether the site is alive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import InterfaceError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Role
from annotations.models import Assignment, Membership, Study, User
from annotations.services.coding import finish_document, reopen_document, withdraw_tag
from annotations.services.progress import mark_nothing_here
from tests.bodies import words
from tests.factories import make_document, make_study, make_tag

FRONT = "/studies/talks/"


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestStudies:
    def test_the_latest_event_comes_first_and_those_without_a_date_last(
        self, ada: Client, coder: User
    ) -> None:
        days = {"old": date(2020, 1, 1), "new": date(2021, 12, 7), "new-too": date(2021, 12, 7), "none": None}
        for slug, day in days.items():
            study = make_study(slug, event_date=day)
            Membership.objects.create(study=study, user=coder, role=Role.READER.value)
        response = ada.get("/")
        shown = [(s.study.slug, s.documents, s.role) for s in response.context["studies"]]
        assert shown == [
            ("new-too", 2, Role.READER),
            ("new", 2, Role.READER),
            ("old", 2, Role.READER),
            ("talks", 2, Role.CODER),
            ("none", 2, Role.READER),
        ]

    def test_its_queries_do_not_depend_on_the_number_of_studies(self, ada: Client, coder: User) -> None:
        ada.get("/")
        one = queries(ada, "/")
        for slug in ("second", "third"):
            Membership.objects.create(study=make_study(slug), user=coder, role=Role.OWNER.value)
        assert queries(ada, "/") == one

    def test_who_has_no_study_is_told_so(self, client: Client, study: Study) -> None:
        client.force_login(User.objects.create_user("nina"))
        response = client.get("/")
        assert (response.status_code, response.context["studies"]) == (200, [])
        assert study.title not in words(response)


class TestFrontPage:
    def test_it_says_who_codes_what_and_how_far_they_are(
        self, ada: Client, study: Study, coder: User, other_coder: User, owner: User
    ) -> None:
        make_tag(study, coder, "Biden agreed")
        make_tag(study, coder, "Putin asked")
        make_tag(study, coder, "Kyiv")
        withdraw_tag(by=coder, annotation=make_tag(study, coder, "agreed"), version=1)
        make_tag(study, other_coder, "Kyiv", "west")
        make_tag(study, other_coder, "Kyiv was", "west", layer="curated")
        east, west = study.documents.order_by("position")
        finish_document(by=coder, document=east)
        finish_document(by=owner, document=east)
        finish_document(by=other_coder, document=west)
        reopen_document(by=other_coder, document=west)
        mark_nothing_here(by=other_coder, passage=west.passages.get(number=1))
        response = ada.get(FRONT)
        shown = {
            d.document.slug: [
                (c.coder, c.progress.tags, c.progress.tagged, c.progress.nothing, c.is_finished, c.is_me)
                for c in d.coders
            ]
            for d in response.context["overview"].documents
        }
        assert shown == {
            "east": [("ada", 3, 2, 0, True, True), ("olga", 0, 0, 0, True, False)],
            "west": [("ben", 1, 1, 1, False, False)],
        }
        text = words(response)
        assert "ada (you) 2 of 2 0 2 3 finished" in text
        assert "ben 1 of 2 1 2 1 not finished" in text

    def test_it_says_what_is_mine_and_what_comes_next(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        def shown() -> list[tuple[str, bool, bool]]:
            documents = ada.get(FRONT).context["overview"].documents
            return [(d.document.slug, d.is_mine, d.is_next) for d in documents]

        make_document(study, "north")
        east, _west, north = study.documents.order_by("position")
        Assignment.objects.create(document=east, coder=other_coder)
        # Nothing is assigned to Ada: all is hers to code.
        assert shown() == [("east", False, True), ("west", False, False), ("north", False, False)]
        finish_document(by=coder, document=east)
        assert shown() == [("east", False, False), ("west", False, True), ("north", False, False)]
        Assignment.objects.create(document=east, coder=coder)
        Assignment.objects.create(document=north, coder=coder)
        assert shown() == [("east", True, False), ("west", False, False), ("north", True, True)]
        response = ada.get(FRONT)
        assert "2 documents are assigned to you; finished: 1" in words(response)
        assert "ada (you) assigned" in words(response)
        assert ada.get("/studies/talks/code/")["Location"] == "/studies/talks/code/north/"
        finish_document(by=coder, document=north)
        assert shown() == [("east", True, False), ("west", False, False), ("north", True, False)]

    def test_a_curator_without_an_assignment_has_nothing_next(
        self, client: Client, study: Study, curator: User
    ) -> None:
        client.force_login(curator)
        assert [d.is_next for d in client.get(FRONT).context["overview"].documents] == [False, False]
        Assignment.objects.create(document=study.documents.get(slug="west"), coder=curator)
        assert [d.is_next for d in client.get(FRONT).context["overview"].documents] == [False, True]

    def test_the_members_are_named_with_their_roles(
        self, ada: Client, study: Study, curator: User, reader: User
    ) -> None:
        response = ada.get(FRONT)
        assert response.context["overview"].members == (
            ("ada", "Coder"),
            ("cora", "Curator"),
            ("rosa", "Reader"),
        )
        assert "cora Curator" in words(response)

    def test_readers_see_neither_members_nor_progress(
        self, client: Client, study: Study, coder: User, reader: User
    ) -> None:
        make_tag(study, coder)
        finish_document(by=coder, document=study.documents.get(slug="east"))
        client.force_login(reader)
        response = client.get(FRONT)
        overview = response.context["overview"]
        assert (overview.members, [d.coders for d in overview.documents]) == ((), [(), ()])
        assert "ada" not in words(response).split()
        assert "/code/" not in response.content.decode()

    def test_the_headline_is_the_comparisons(self, ada: Client, study: Study, coder: User) -> None:
        make_tag(study, coder)
        make_tag(study, coder, document="west")
        finish_document(by=coder, document=study.documents.get(slug="east"))
        finish_document(by=coder, document=study.documents.get(slug="west"))
        response = ada.get(FRONT)
        assert "Where the two can be compared: 1 of 2 topics agree ." in words(response)
        assert f'href="{FRONT}compare/?verdict=agree"' in response.content.decode()

    def test_a_third_document_has_no_letter_and_one_study_may_have_none(
        self, ada: Client, study: Study
    ) -> None:
        make_document(study, "north")
        letters = [d.letter for d in ada.get(FRONT).context["overview"].documents]
        assert letters == ["a", "b", ""]
        study.documents.all().delete()
        response = ada.get(FRONT)
        assert response.context["overview"].documents == ()
        assert "This study has no documents yet. An owner adds them." in words(response)

    def test_an_owner_of_an_empty_study_is_told_how_to_go_on(
        self, client: Client, study: Study, owner: User
    ) -> None:
        study.documents.all().delete()
        client.force_login(owner)
        page = client.get(FRONT)
        assert "manage.py load_study FOLDER" in words(page)
        for address in ("codebook/", "members/"):
            assert f'href="/studies/talks/{address}"' in page.content.decode()

    def test_it_counts_the_codebook(self, ada: Client, study: Study) -> None:
        overview = ada.get(FRONT).context["overview"]
        assert (overview.topics, overview.sources) == (2, 5)

    def test_its_queries_do_not_depend_on_coders_tags_and_documents(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder)
        ada.get(FRONT)
        one = queries(ada, FRONT)
        make_document(study, "north")
        make_tag(study, coder, "Kyiv", "north")
        make_tag(study, other_coder, "Kyiv", "west")
        finish_document(by=other_coder, document=study.documents.get(slug="west"))
        assert queries(ada, FRONT) == one


class TestHealth:
    def test_it_is_well_when_the_database_answers(self, client: Client, db: None) -> None:
        response = client.get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok\n")
        assert "no-store" in response["Cache-Control"]

    def test_it_is_not_when_the_tables_are_not_there(self, client: Client, db: None) -> None:
        with renamed("annotations_study"):
            response = client.get("/healthz")
        assert (response.status_code, response.content) == (503, b"the database does not answer\n")

    def test_it_is_not_when_the_connection_is_refused(self, client: Client, db: None) -> None:
        def refuse(execute: object, sql: str, *rest: object) -> object:
            raise InterfaceError("connection already closed")

        with connection.execute_wrapper(refuse):
            response = client.get("/healthz")
        assert response.status_code == 503


@contextmanager
def renamed(table: str) -> Iterator[None]:
    """The table goes by another name for a while, which a savepoint takes back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")
        yield
        transaction.set_rollback(True)
