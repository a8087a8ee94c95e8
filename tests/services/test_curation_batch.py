"""Accepting all unanimous items at once, and undoing it at once."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.enums import Layer
from annotations.errors import NotAllowedError, StaleItemError
from annotations.models import Annotation, Decision, Study, User
from annotations.services.coding import change_tag
from annotations.services.curation import undo_decision
from annotations.services.curation_batch import (
    UnanimousPlan,
    accept_unanimous,
    plan_unanimous,
    undo_batch,
)
from annotations.services.curation_plan import load_queues
from tests.curating import accept_all, curated, entry_with, kept_of, queue_of, settle
from tests.factories import make_tag, values


@pytest.fixture
def tags(study: Study, coder: User, other_coder: User) -> list[Annotation]:
    """Ada and Ben agree on two items in the east (on one of them in other words) and on one in the west;
    on one item of each document they differ."""
    agreed = [
        make_tag(study, user, quote, slug, source="putin", topic="guarantees")
        for user, quotes in (
            (coder, (("Putin asked", "east"), ("Kyiv was not", "east"), ("Kyiv", "west"))),
            (other_coder, (("Putin asked", "east"), ("Kyiv was", "east"), ("Kyiv", "west"))),
        )
        for quote, slug in quotes
    ]
    for slug in ("east", "west"):
        make_tag(study, coder, "Biden agreed", slug)
        make_tag(study, other_coder, "Biden agreed", slug, stance="oppose")
    return agreed


def plan(study: Study) -> UnanimousPlan:
    return plan_unanimous(load_queues(study.documents.order_by("position")))


def numbers(study: Study) -> tuple[int, int, int, int]:
    found = plan(study)
    return (found.count, found.of_the_same_words, found.changed, found.in_the_way)


class TestCounting:
    def test_it_counts_what_the_coders_agree_on(self, study: Study, tags: list[Annotation]) -> None:
        assert numbers(study) == (3, 2, 0, 0)
        assert [queue.document.slug for queue, _items in plan(study).agreed] == ["east", "west"]

    def test_what_is_settled_is_not_counted_again_and_what_changed_is_left(
        self, study: Study, tags: list[Annotation], curator: User, coder: User
    ) -> None:
        settle(curator, tags[0], kept_of(tags[0]))
        settle(curator, tags[2], kept_of(tags[2]))
        said = values(study, "Kyiv", "west", source="putin", topic="guarantees", note="Sure.")[1]
        change_tag(by=coder, annotation=tags[2], version=1, values=said)
        assert numbers(study) == (1, 0, 1, 0)

    def test_what_has_another_curated_tag_in_its_place_is_left(
        self, study: Study, tags: list[Annotation], curator: User
    ) -> None:
        said = {"layer": "curated", "source": "putin", "topic": "guarantees"}
        make_tag(study, curator, "Putin asked", **said)
        make_tag(study, curator, "Kyiv", "west", stance="mixed", **said)
        assert numbers(study) == (2, 1, 0, 1)

    def test_nothing_to_accept_is_counted_as_nothing(self, study: Study) -> None:
        assert numbers(study) == (0, 0, 0, 0)


class TestAccepting:
    def test_it_settles_every_one_and_nothing_else(
        self, study: Study, tags: list[Annotation], curator: User
    ) -> None:
        assert accept_all(curator, study) == 3
        said = ("guarantees", "support", "putin", None, "cora")
        assert curated(study) == [
            ("east", "Putin asked", *said),
            # The shorter of two spans that one coder each chose.
            ("east", "Kyiv was", *said),
            ("west", "Kyiv", *said),
        ]
        facts = set(Decision.objects.values_list("situation", "outcome", "reason", "curator__username"))
        assert facts == {("unanimous", "accepted", "", "cora")}
        assert (queue_of(study).settled, len(queue_of(study).entries)) == (2, 3)
        made = Annotation.objects.filter(layer=Layer.CURATED.value)
        assert {(t.decision is not None, t.version, t.history.get().history_user) for t in made} == {
            (True, 1, curator)
        }

    def test_of_two_claims_of_one_item_both_are_accepted(
        self, study: Study, curator: User, coder: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, coder, source="putin")
        assert accept_all(curator, study) == 1
        assert [row[4] for row in curated(study)] == ["biden", "putin"]

    def test_what_was_not_counted_is_not_accepted(
        self, study: Study, tags: list[Annotation], curator: User, coder: User, other_coder: User
    ) -> None:
        counted = plan(study).fingerprint
        for user in (coder, other_coder):
            make_tag(study, user, "at the table", source="kremlin")
        documents = list(study.documents.all())
        accept = {"by": curator, "documents": documents, "batch": uuid.uuid4()}
        with pytest.raises(StaleItemError):
            accept_unanimous(fingerprint=counted, **accept)
        assert curated(study) == []

    def test_sent_twice_it_is_done_once(self, study: Study, tags: list[Annotation], curator: User) -> None:
        counted, batch = plan(study).fingerprint, uuid.uuid4()
        sent = {"by": curator, "documents": list(study.documents.all()), "batch": batch}
        assert [accept_unanimous(fingerprint=counted, **sent) for _ in "12"] == [3, 3]
        assert Decision.objects.count() == 3

    def test_only_curators_do(self, study: Study, tags: list[Annotation], coder: User) -> None:
        with pytest.raises(NotAllowedError):
            accept_all(coder, study)
        with pytest.raises(NotAllowedError):
            undo_batch(by=coder, study=study, batch=uuid.uuid4())

    def test_imported_tags_that_say_the_same_are_taken_over(
        self, study: Study, tags: list[Annotation], curator: User
    ) -> None:
        said = {"layer": "curated", "source": "putin", "topic": "guarantees"}
        imported = make_tag(study, curator, "Putin asked", note="Kept.", **said)
        batch = uuid.uuid4()
        accept_all(curator, study, batch)
        assert len(curated(study)) == 3
        assert Annotation.objects.active().filter(layer="curated", note="Kept.").get().pk != imported.pk
        undo_batch(by=curator, study=study, batch=batch)
        assert Annotation.objects.active().get(layer="curated").pk == imported.pk

    def test_many_take_no_more_queries_than_a_few(
        self, study: Study, tags: list[Annotation], curator: User, coder: User, other_coder: User
    ) -> None:
        batch = uuid.uuid4()
        with CaptureQueriesContext(connection) as few:
            accept_all(curator, study, batch)
        undo_batch(by=curator, study=study, batch=batch)
        for user in (coder, other_coder):
            for quote in ("to talk", "for guarantees", "at the table", "not at"):
                for slug in ("east", "west"):
                    make_tag(study, user, quote, slug, source="kremlin")
        with CaptureQueriesContext(connection) as many:
            assert accept_all(curator, study) == 11
        assert len(few) == len(many)


class TestUndoing:
    def test_all_of_it_is_undone_at_once(
        self, study: Study, tags: list[Annotation], curator: User, owner: User
    ) -> None:
        batch = uuid.uuid4()
        accept_all(curator, study, batch)
        assert undo_batch(by=owner, study=study, batch=batch) == 3
        assert curated(study) == []
        assert set(Decision.objects.values_list("undone_by__username", flat=True)) == {"olga"}
        assert numbers(study) == (3, 2, 0, 0)
        assert undo_batch(by=owner, study=study, batch=batch) == 0

    def test_what_was_decided_anew_since_stays(
        self, study: Study, tags: list[Annotation], curator: User
    ) -> None:
        batch = uuid.uuid4()
        accept_all(curator, study, batch)
        settle(curator, tags[0], kept_of(tags[0], stance="mixed"))
        assert undo_batch(by=curator, study=study, batch=batch) == 2
        assert [(row[1], row[3]) for row in curated(study)] == [("Putin asked", "mixed")]

    def test_one_of_it_can_be_undone_alone(self, study: Study, tags: list[Annotation], curator: User) -> None:
        accept_all(curator, study)
        (decision,) = entry_with(tags[0]).decisions
        undo_decision(by=curator, decision=Decision.objects.get(pk=decision.pk))
        assert [row[1] for row in curated(study)] == ["Kyiv was", "Kyiv"]

    def test_another_studys_batch_is_not_found(
        self, study: Study, tags: list[Annotation], curator: User
    ) -> None:
        accept_all(curator, study)
        assert undo_batch(by=curator, study=study, batch=uuid.uuid4()) == 0
        assert len(curated(study)) == 3
