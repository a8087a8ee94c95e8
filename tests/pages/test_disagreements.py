"""What the coders disagree on, on one topic: in what, where, with whose quotes, and for whose eyes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Study, User
from annotations.pages.disagreements import Disagreement, disagreements_on
from annotations.pages.reliability import load_agreements
from annotations.permissions import role_in
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_member, make_tag

TALKS = "/studies/talks/topics/talks/"
Found = list[tuple[str, str, int, list[tuple[tuple[str, ...], str, str, str | None]]]]


def finish(study: Study, *people: User, slugs: tuple[str, ...] = ("east", "west")) -> None:
    for person in people:
        for slug in slugs:
            finish_document(by=person, document=study.documents.get(slug=slug))


def told(found: list[Disagreement]) -> Found:
    """In what, in which document, in which passage; of each quote who, which source, stance and messenger."""
    return [
        (
            one.words,
            one.document.slug,
            one.number,
            [
                (
                    quote.coders,
                    quote.source.slug,
                    quote.stance.slug,
                    quote.reported_by.slug if quote.reported_by else None,
                )
                for quote in one.quotes
            ],
        )
        for one in found
    ]


def seen_by(user: User, study: Study, topic: str = "talks") -> Found:
    documents = list(study.documents.order_by("position"))
    visit = Visit(study, user, role_in(user, study))
    return told(disagreements_on(load_agreements(visit, documents, topic), topic))


ADA, BEN = ("ada",), ("ben",)


class TestInWhat:
    def test_stance(self, study: Study, coder: User, other_coder: User) -> None:
        make_tag(study, coder)
        make_tag(study, other_coder, "Biden agreed", stance="oppose")
        finish(study, coder, other_coder)
        assert seen_by(coder, study) == [
            (
                "different stances",
                "east",
                1,
                [(BEN, "biden", "oppose", None), (ADA, "biden", "support", None)],
            )
        ]

    def test_messenger(self, study: Study, coder: User, other_coder: User) -> None:
        make_tag(study, coder, "Kyiv was", "west", source="putin")
        make_tag(study, other_coder, "Kyiv was", "west", source="putin", reported_by="ushakov")
        finish(study, coder, other_coder)
        quotes = [(ADA, "putin", "support", None), (BEN, "putin", "support", "ushakov")]
        assert seen_by(coder, study) == [("different messengers", "west", 2, quotes)]

    def test_source(self, study: Study, coder: User, other_coder: User) -> None:
        make_tag(study, coder, "Putin asked", source="putin")
        make_tag(study, other_coder, "Putin asked", source="kremlin")
        finish(study, coder, other_coder)
        quotes = [(ADA, "putin", "support", None), (BEN, "kremlin", "support", None)]
        assert seen_by(coder, study) == [("different sources", "east", 1, quotes)]

    def test_all_three_at_once(self, study: Study, coder: User, other_coder: User) -> None:
        """One heard Putin himself in favour; the other Putin against, through Ushakov, and the Kremlin."""
        make_tag(study, coder, "Putin asked", source="putin")
        make_tag(study, other_coder, "Putin asked", source="putin", stance="oppose", reported_by="ushakov")
        make_tag(study, other_coder, "asked for", source="kremlin")
        finish(study, coder, other_coder)
        assert seen_by(coder, study) == [
            (
                "different sources, different stances, different messengers",
                "east",
                1,
                [
                    (ADA, "putin", "support", None),
                    (BEN, "putin", "oppose", "ushakov"),
                    (BEN, "kremlin", "support", None),
                ],
            )
        ]

    def test_none(self, study: Study, coder: User, other_coder: User) -> None:
        for by in (coder, other_coder):
            make_tag(study, by, reported_by="ushakov")
        finish(study, coder, other_coder)
        assert seen_by(coder, study) == []

    def test_what_one_coder_alone_found_is_listed_apart(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder)
        finish(study, coder, other_coder)
        documents = list(study.documents.all())
        agreements = load_agreements(Visit(study, coder, Role.CODER), documents, "talks")
        assert disagreements_on(agreements, "talks") == []
        assert [quote.coders for quote in agreements.alone_on("talks")] == [ADA]

    def test_two_sources_that_one_coder_alone_heard_are_no_disagreement(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder, "Putin asked", source="putin")
        make_tag(study, coder, "Putin asked", source="kremlin")
        finish(study, coder, other_coder)
        assert seen_by(coder, study) == []

    def test_two_sources_that_both_heard_are_none_either(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        for by in (coder, other_coder):
            make_tag(study, by, "Putin asked", source="putin")
            make_tag(study, by, "Putin asked", source="kremlin")
        finish(study, coder, other_coder)
        assert seen_by(coder, study) == []

    def test_of_two_sources_that_both_heard_only_the_claim_that_differs_is_shown(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        for by, stance in ((coder, "support"), (other_coder, "mixed")):
            make_tag(study, by, "Putin asked", source="putin")
            make_tag(study, by, "Putin asked", source="kremlin", stance=stance)
        finish(study, coder, other_coder)
        quotes = [(ADA, "kremlin", "support", None), (BEN, "kremlin", "mixed", None)]
        assert seen_by(coder, study) == [("different stances", "east", 1, quotes)]

    def test_places_follow_the_text_and_other_topics_are_left_out(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        for by, stance in ((coder, "support"), (other_coder, "oppose")):
            make_tag(study, by, "at the table", "west", stance=stance)
            make_tag(study, by, "Kyiv was", stance=stance)
            make_tag(study, by, "Putin asked", stance=stance)
            make_tag(study, by, "for guarantees", stance=stance, topic="guarantees")
        finish(study, coder, other_coder)
        assert [row[1:3] for row in seen_by(coder, study)] == [("east", 1), ("east", 2), ("west", 2)]
        assert len(seen_by(coder, study, "guarantees")) == 1

    def test_of_three_coders_all_who_differ_are_shown(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        third = make_member(study, Role.CODER, "cleo")
        for by, stance in ((coder, "support"), (other_coder, "support"), (third, "oppose")):
            make_tag(study, by, stance=stance)
        finish(study, coder, other_coder, third)
        quotes = [(name, stance) for name, _source, stance, _by in seen_by(coder, study)[0][3]]
        assert quotes == [(ADA, "support"), (BEN, "support"), (("cleo",), "oppose")]


@pytest.fixture
def disputed(study: Study, coder: User, other_coder: User) -> Study:
    """In both documents the stance is in dispute; Ben has finished both, Ada none."""
    for slug in ("east", "west"):
        make_tag(study, coder, document=slug)
        make_tag(study, other_coder, document=slug, stance="oppose", note="a secret note")
    finish(study, other_coder)
    return study


class TestForWhoseEyes:
    def test_a_document_that_one_coder_finished_has_none_yet(self, disputed: Study, coder: User) -> None:
        assert seen_by(coder, disputed) == []
        finish(disputed, coder, slugs=("west",))
        assert [row[1] for row in seen_by(coder, disputed)] == ["west"]

    def test_the_page_lists_them_with_both_quotes(
        self, client: Client, disputed: Study, coder: User, curator: User
    ) -> None:
        finish(disputed, coder)
        client.force_login(coder)
        said = words(client.get(TALKS))
        assert "What the coders disagree on" in said
        assert "2 places, among 2 claims on this topic" in said
        assert "different stances East ¶ 1" in said
        assert "different stances West ¶ 1" in said
        assert "Settle them" not in said
        client.force_login(curator)
        assert "Settle them" in words(client.get(TALKS))

    def test_a_topic_without_any_says_how_many_claims_there_are(
        self, client: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        for by in (coder, other_coder):
            make_tag(study, by)
        finish(study, coder, other_coder)
        client.force_login(coder)
        assert "0 places, among 1 claim on this topic" in words(client.get(TALKS))

    def test_readers_and_the_public_learn_nothing(
        self, client: Client, disputed: Study, coder: User, reader: User
    ) -> None:
        finish(disputed, coder)
        Study.objects.update(is_public=True)
        disputed.refresh_from_db()
        assert seen_by(reader, disputed) == []
        for person in (reader, None):
            if person:
                client.force_login(person)
            else:
                client.logout()
            response = client.get(TALKS)
            assert response.context["disagreements"] == []
            page = response.content.decode()
            assert "disagreements" not in page
            assert not [secret for secret in ("secret note", ">ben", " ben<", "· ben") if secret in page]

    def test_where_coding_is_blind_whoever_has_not_finished_learns_nothing(
        self, client: Client, disputed: Study, coder: User
    ) -> None:
        """Two others differ in both documents: it could all be told."""
        Study.objects.update(is_blind=True)
        disputed.refresh_from_db()
        third = make_member(disputed, Role.CODER, "cleo")
        for slug in ("east", "west"):
            make_tag(disputed, third, document=slug, stance="mixed", note="a secret note")
        finish(disputed, third)
        client.force_login(coder)
        assert seen_by(coder, disputed) == []
        page = client.get(TALKS).content.decode()
        assert not [secret for secret in ("disagreements", "secret note", "cleo") if secret in page]
        # Somebody who may know is told of both; and Ada of the one that she finished.
        assert [row[1] for row in seen_by(third, disputed)] == ["east", "west"]
        finish(disputed, coder, slugs=("east",))
        (one,) = seen_by(coder, disputed)
        assert (one[1], {quote[0] for quote in one[3]}) == ("east", {ADA, BEN, ("cleo",)})
        page = client.get(TALKS).content.decode()
        assert page.count('class="disagreement"') == 1
        assert "secret note" in page


def test_their_number_costs_no_query(client: Client, study: Study, coder: User, other_coder: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(TALKS).status_code == 200
        return len(captured)

    finish(study, coder, other_coder)
    client.force_login(coder)

    def differ(quote: str) -> None:
        for by, stance in ((coder, "support"), (other_coder, "oppose")):
            for document in study.documents.all():
                document.completions.filter(coder=by).update(reopened_at=by.date_joined)
            make_tag(study, by, quote, stance=stance)
        for by in (coder, other_coder):
            study.documents.get(slug="east").completions.filter(coder=by).update(reopened_at=None)
            study.documents.get(slug="west").completions.filter(coder=by).update(reopened_at=None)
        study.annotations.update(changed_after_reopening=False)

    differ("Biden agreed to talk")
    queries()
    one = queries()
    differ("Putin asked")
    differ("Kyiv was not")
    assert len(client.get(TALKS).context["disagreements"]) == 3
    assert queries() == one
