"""Visits, and passages with nothing to tag."""

from __future__ import annotations

import pytest

from annotations.enums import Layer
from annotations.errors import DocumentFinishedError, NothingHereError
from annotations.models import Annotation, Document, PassageVisit, Study, User
from annotations.services.coding import finish_document, reopen_document, restore_tag, withdraw_tag
from annotations.services.progress import mark_nothing_here, unmark_nothing_here, visit_passages
from tests.factories import make_tag


@pytest.fixture
def east(study: Study) -> Document:
    return study.documents.get(slug="east")


def visits() -> list[tuple[str, str, int, bool]]:
    """Coder, document, number of the passage, whether nothing is in it."""
    rows = PassageVisit.objects.order_by("coder__username", "passage__document_id", "passage__number")
    return [
        (row.coder.username, row.document.slug, row.passage.number, row.nothing_here_at is not None)
        for row in rows
    ]


def test_visits_are_ones_own_and_told_twice_they_are_one(
    east: Document, coder: User, other_coder: User
) -> None:
    visit_passages(by=coder, document=east, numbers=[1, 1])
    first = PassageVisit.objects.get()
    visit_passages(by=coder, document=east, numbers=[2, 1])
    visit_passages(by=other_coder, document=east, numbers=[2])
    assert visits() == [("ada", "east", 1, False), ("ada", "east", 2, False), ("ben", "east", 2, False)]
    assert PassageVisit.objects.get(pk=first.pk).visited_at == first.visited_at


def test_numbers_that_the_document_does_not_have_are_left_aside(east: Document, coder: User) -> None:
    visit_passages(by=coder, document=east, numbers=[0, 3, 999_999_999])
    visit_passages(by=coder, document=east, numbers=[])
    assert visits() == []


def test_a_visit_takes_nothing_back(east: Document, coder: User) -> None:
    mark_nothing_here(by=coder, passage=east.passages.get(number=1))
    visit_passages(by=coder, document=east, numbers=[1, 2])
    assert visits() == [("ada", "east", 1, True), ("ada", "east", 2, False)]


def test_what_a_coder_looks_at_after_finishing_is_no_visit(
    east: Document, coder: User, other_coder: User
) -> None:
    finish_document(by=coder, document=east)
    visit_passages(by=coder, document=east, numbers=[1])
    visit_passages(by=other_coder, document=east, numbers=[1])
    assert visits() == [("ben", "east", 1, False)]
    reopen_document(by=coder, document=east)
    visit_passages(by=coder, document=east, numbers=[1])
    assert visits() == [("ada", "east", 1, False), ("ben", "east", 1, False)]


def test_nothing_here_is_a_state_that_is_set_and_taken_back(east: Document, coder: User) -> None:
    passage = east.passages.get(number=2)
    mark_nothing_here(by=coder, passage=passage)
    first = PassageVisit.objects.get().nothing_here_at
    mark_nothing_here(by=coder, passage=passage)
    assert visits() == [("ada", "east", 2, True)]
    assert PassageVisit.objects.get().nothing_here_at == first
    for _ in "twice":
        unmark_nothing_here(by=coder, passage=passage)
        assert visits() == [("ada", "east", 2, False)]
    mark_nothing_here(by=coder, passage=passage)
    assert visits() == [("ada", "east", 2, True)]


def test_taking_back_what_was_never_said_leaves_no_trace(east: Document, coder: User) -> None:
    unmark_nothing_here(by=coder, passage=east.passages.get(number=1))
    assert visits() == []


def test_a_passage_with_a_tag_of_ones_own_does_not_hold_nothing(
    study: Study, east: Document, coder: User, other_coder: User
) -> None:
    tag = make_tag(study, coder, "Kyiv was")
    make_tag(study, coder, "Biden agreed", layer=Layer.CURATED.value)
    with pytest.raises(NothingHereError, match="withdraw your tags in it first"):
        mark_nothing_here(by=coder, passage=tag.passage)
    # A curated tag, and a tag of somebody else, are no tags of one's own.
    mark_nothing_here(by=coder, passage=east.passages.get(number=1))
    mark_nothing_here(by=other_coder, passage=tag.passage)
    withdraw_tag(by=coder, annotation=tag, version=1)
    mark_nothing_here(by=coder, passage=tag.passage)
    assert visits() == [("ada", "east", 1, True), ("ada", "east", 2, True), ("ben", "east", 2, True)]


def test_tagging_a_passage_visits_it_and_clears_ones_own_nothing_here(
    study: Study, east: Document, coder: User, other_coder: User
) -> None:
    for person in (coder, other_coder):
        mark_nothing_here(by=person, passage=east.passages.get(number=1))
    make_tag(study, coder, "Biden agreed")
    make_tag(study, coder, "Kyiv was")
    assert visits() == [("ada", "east", 1, False), ("ada", "east", 2, False), ("ben", "east", 1, True)]


def test_a_tag_that_is_restored_clears_it_too(study: Study, coder: User) -> None:
    tag = make_tag(study, coder, "Kyiv was")
    withdrawn = withdraw_tag(by=coder, annotation=tag, version=1)
    mark_nothing_here(by=coder, passage=tag.passage)
    assert visits() == [("ada", "east", 2, True)]
    restore_tag(by=coder, annotation=withdrawn)
    assert visits() == [("ada", "east", 2, False)]


def test_a_finished_document_keeps_what_was_said(east: Document, coder: User) -> None:
    one, two = east.passages.order_by("number")
    mark_nothing_here(by=coder, passage=one)
    finish_document(by=coder, document=east)
    with pytest.raises(DocumentFinishedError):
        mark_nothing_here(by=coder, passage=two)
    with pytest.raises(DocumentFinishedError):
        unmark_nothing_here(by=coder, passage=one)
    assert visits() == [("ada", "east", 1, True)]
    assert not Annotation.objects.exists()
