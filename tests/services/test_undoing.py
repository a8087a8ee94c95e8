"""Undo and redo of a coder's own steps: the chain, what breaks it, and whose it is."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.enums import Act
from annotations.errors import (
    DocumentFinishedError,
    DuplicateTagError,
    InvalidTagError,
    NoStepError,
    StaleVersionError,
)
from annotations.models import Annotation, CodingAct, Document, Study, Topic, User
from annotations.services.coding import (
    change_tag,
    finish_document,
    reopen_document,
    restore_tag,
    tag_passage,
    withdraw_tag,
)
from annotations.services.merging import merge_sources, merge_topics
from annotations.services.undoing import Seen, Step, Steps, redo_last, steps_of, undo_last
from tests.factories import make_tag, values

QUOTE = "Biden agreed to talk"


@pytest.fixture
def east(study: Study) -> Document:
    return study.documents.get(slug="east")


def state(tag: Annotation) -> tuple[str, str, str, bool]:
    """What a stored tag says, and whether it counts."""
    tag.refresh_from_db()
    return (tag.quote, tag.stance.slug, tag.note, tag.withdrawn_at is None)


def change(by: User, tag: Annotation, quote: str = QUOTE, **fields: object) -> Annotation:
    tag.refresh_from_db()
    said = values(tag.study, quote, **fields)[1]
    return change_tag(by=by, annotation=tag, version=tag.version, values=said)


def withdraw(by: User, tag: Annotation) -> Annotation:
    tag.refresh_from_db()
    return withdraw_tag(by=by, annotation=tag, version=tag.version)


# --- each kind of step -----------------------------------------------------------------------------------


def test_a_tag_just_made_is_withdrawn_and_brought_back(study: Study, coder: User, east: Document) -> None:
    tag = make_tag(study, coder, note="first")
    undone = undo_last(by=coder, document=east)
    assert (undone.kind, undone.annotation.pk) == ("create", tag.pk)
    assert state(tag) == (QUOTE, "support", "first", False)
    redone = redo_last(by=coder, document=east)
    assert (redone.kind, redone.annotation.pk) == ("create", tag.pk)
    assert state(tag) == (QUOTE, "support", "first", True)
    assert [(h.version, h.history_user) for h in tag.history.order_by("history_id")] == [
        (1, coder),
        (2, coder),
        (3, coder),
    ]


def test_a_change_is_taken_back_and_made_again(study: Study, coder: User, east: Document) -> None:
    tag = make_tag(study, coder, reported_by="ushakov", note="first", uncertain=True)
    change(coder, tag, "agreed", stance="mixed", topic="guarantees", note="second")
    undo_last(by=coder, document=east)
    assert state(tag) == (QUOTE, "support", "first", True)
    assert tag.reported_by is not None
    assert (tag.topic.slug, tag.reported_by.slug, tag.uncertain) == ("talks", "ushakov", True)
    redo_last(by=coder, document=east)
    assert state(tag) == ("agreed", "mixed", "second", True)
    assert (tag.topic.slug, tag.reported_by, tag.uncertain, tag.version) == ("guarantees", None, False, 4)


def test_a_withdrawal_and_a_return_are_taken_back_and_made_again(
    study: Study, coder: User, east: Document
) -> None:
    tag = make_tag(study, coder)
    withdraw(coder, tag)
    restore_tag(by=coder, annotation=tag)
    counts = []
    for act in (undo_last, undo_last, redo_last, redo_last):
        act(by=coder, document=east)
        counts.append(state(tag)[3])
    assert counts == [False, True, False, True]


def test_a_withdrawn_tag_brought_back_with_a_change_is_withdrawn_again(
    study: Study, coder: User, east: Document
) -> None:
    tag = make_tag(study, coder)
    withdraw(coder, tag)
    said = values(study, QUOTE, stance="oppose")[1]
    change_tag(by=coder, annotation=tag, version=2, values=said, bring_back=True)
    assert state(tag) == (QUOTE, "oppose", "", True)
    undo_last(by=coder, document=east)
    assert state(tag) == (QUOTE, "support", "", False)
    redo_last(by=coder, document=east)
    assert state(tag) == (QUOTE, "oppose", "", True)


# --- the chain -------------------------------------------------------------------------------------------


def test_the_whole_chain_goes_back_and_forth_any_number_of_times(
    study: Study, coder: User, east: Document
) -> None:
    first = make_tag(study, coder, note="a")
    second = make_tag(study, coder, "Putin asked", source="putin")
    change(coder, first, stance="mixed", note="b")
    withdraw(coder, second)
    change(coder, first, stance="oppose", note="c")
    there = [(state(first), state(second))]
    for _ in range(5):
        undo_last(by=coder, document=east)
        there.append((state(first), state(second)))
    assert there[-1] == ((QUOTE, "support", "a", False), ("Putin asked", "support", "", False))
    for _round in range(2):
        back = [there[-1]]
        for _ in range(5):
            redo_last(by=coder, document=east)
            back.append((state(first), state(second)))
        assert back == there[::-1]
        forth = [back[-1]]
        for _ in range(5):
            undo_last(by=coder, document=east)
            forth.append((state(first), state(second)))
        assert forth == there


def test_what_is_done_after_an_undo_ends_what_could_be_redone(
    study: Study, coder: User, east: Document
) -> None:
    tag = make_tag(study, coder)
    change(coder, tag, stance="mixed")
    change(coder, tag, stance="oppose")
    undo_last(by=coder, document=east)
    undo_last(by=coder, document=east)
    change(coder, tag, stance="neutral")
    with pytest.raises(NoStepError):
        redo_last(by=coder, document=east)
    # Nor is it found again once the new step is undone: only that step is redone.
    undo_last(by=coder, document=east)
    assert state(tag)[1] == "support"
    redo_last(by=coder, document=east)
    assert state(tag)[1] == "neutral"
    with pytest.raises(NoStepError):
        redo_last(by=coder, document=east)
    for _ in range(2):
        undo_last(by=coder, document=east)
    assert state(tag)[3] is False
    with pytest.raises(NoStepError):
        undo_last(by=coder, document=east)


def test_every_act_writes_one_step_and_none_where_nothing_changes(
    study: Study, coder: User, east: Document
) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE)
    tag, _ = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    tag_passage(by=coder, passage=passage, values=said, form_token=token)
    change_tag(by=coder, annotation=tag, version=1, values=said)
    change(coder, tag, stance="mixed")
    for _ in range(2):
        withdraw_tag(by=coder, annotation=tag, version=2)
    for _ in range(2):
        restore_tag(by=coder, annotation=tag)
    found = CodingAct.objects.order_by("id").values_list("kind", "before", "after", "top", "undone_at")
    assert list(found) == [
        ("create", None, 1, 1, None),
        ("change", 1, 2, 2, None),
        ("withdraw", 2, 3, 3, None),
        ("restore", 3, 4, 4, None),
    ]


# --- whose steps, and which ------------------------------------------------------------------------------


def test_ones_own_steps_on_this_document_only(
    study: Study, coder: User, other_coder: User, curator: User, east: Document
) -> None:
    mine = make_tag(study, coder)
    others = [
        make_tag(study, other_coder),
        make_tag(study, curator),
        make_tag(study, coder, document="west"),
    ]
    undo_last(by=coder, document=east)
    assert [state(tag)[3] for tag in (mine, *others)] == [False, True, True, True]
    with pytest.raises(NoStepError):
        undo_last(by=coder, document=east)
    undo_last(by=other_coder, document=east)
    redo_last(by=coder, document=east)
    assert [state(tag)[3] for tag in (mine, *others)] == [True, False, True, True]


def test_a_step_that_was_seen_is_undone_once_and_no_other(study: Study, coder: User, east: Document) -> None:
    first, second = make_tag(study, coder), make_tag(study, coder, "Putin asked")
    seen: Seen = (second.public_id, 1)
    for _ in range(3):
        assert undo_last(by=coder, document=east, seen=seen).annotation.pk == second.pk
    assert (state(first)[3], state(second)[3], Annotation.objects.get(pk=second.pk).version) == (
        True,
        False,
        2,
    )
    again: Seen = (second.public_id, 2)
    for _ in range(3):
        assert redo_last(by=coder, document=east, seen=again).annotation.pk == second.pk
    assert (state(first)[3], state(second)[3], Annotation.objects.get(pk=second.pk).version) == (
        True,
        True,
        3,
    )


def test_a_step_that_is_not_the_last_is_not_undone(study: Study, coder: User, east: Document) -> None:
    first = make_tag(study, coder)
    second = make_tag(study, coder, "Putin asked")
    with pytest.raises(NoStepError, match="something else"):
        undo_last(by=coder, document=east, seen=(first.public_id, 1))
    undo_last(by=coder, document=east)
    undo_last(by=coder, document=east)
    with pytest.raises(NoStepError, match="something else"):
        redo_last(by=coder, document=east, seen=(second.public_id, 2))
    assert (state(first)[3], state(second)[3]) == (False, False)


def test_what_is_offered_is_what_is_taken(study: Study, coder: User, east: Document) -> None:
    assert steps_of(coder, east) == Steps()
    tag = make_tag(study, coder)
    made = Step(Act.CREATE, tag.public_id, 1, "Talks")
    assert steps_of(coder, east) == Steps(undo=made)
    change(coder, tag, topic="guarantees")
    changed = Step(Act.CHANGE, tag.public_id, 2, "Guarantees")
    assert steps_of(coder, east) == Steps(undo=changed)
    undo_last(by=coder, document=east, seen=(changed.tag, changed.version))
    offered = steps_of(coder, east)
    assert offered == Steps(
        Step(Act.CREATE, tag.public_id, 3, "Talks"), Step(Act.CHANGE, tag.public_id, 3, "Talks")
    )
    assert offered.undo is not None
    undo_last(by=coder, document=east, seen=(offered.undo.tag, offered.undo.version))
    offered = steps_of(coder, east)
    assert offered == Steps(None, Step(Act.CREATE, tag.public_id, 4, "Talks"))
    assert [step.words for step in (made, changed)] == ["tag Talks", "change of Guarantees"]


def test_what_is_offered_is_found_in_one_query(study: Study, coder: User, east: Document) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            steps_of(coder, east)
        return len(captured)

    make_tag(study, coder)
    one = cost()
    make_tag(study, coder, "Putin asked")
    make_tag(study, coder, "Kyiv was")
    undo_last(by=coder, document=east)
    assert (one, cost()) == (1, 1)


# --- what stands in the way ------------------------------------------------------------------------------


def test_what_somebody_else_changed_since_is_shown_and_left_alone(
    study: Study, coder: User, curator: User, east: Document
) -> None:
    earlier = make_tag(study, coder, "Kyiv was", topic="guarantees")
    tag = make_tag(study, coder, source="putin")
    into, merged = study.sources.get(slug="kremlin"), study.sources.get(slug="putin")
    merge_sources(by=curator, into=into, merged=merged)
    with pytest.raises(StaleVersionError) as refused:
        undo_last(by=coder, document=east)
    assert (refused.value.current.source.slug, refused.value.current.version) == ("kremlin", 2)
    assert state(tag)[3] is True
    # It can never be undone, and does not stand before the step that can.
    undo_last(by=coder, document=east)
    assert (state(earlier)[3], state(tag)[3]) == (False, True)


def test_a_change_made_on_somebody_elses_is_undone_down_to_theirs(
    study: Study, coder: User, curator: User, east: Document
) -> None:
    tag = make_tag(study, coder, source="putin")
    into, merged = study.sources.get(slug="kremlin"), study.sources.get(slug="putin")
    merge_sources(by=curator, into=into, merged=merged)
    change(coder, tag, source="kremlin", stance="mixed")
    undo_last(by=coder, document=east)
    tag.refresh_from_db()
    assert (tag.source.slug, tag.stance.slug, tag.version) == ("kremlin", "support", 4)
    with pytest.raises(StaleVersionError):
        undo_last(by=coder, document=east)
    assert state(tag)[3] is True


def test_an_entry_that_is_gone_is_not_brought_back(
    study: Study, coder: User, curator: User, east: Document
) -> None:
    tag = make_tag(study, coder, reported_by="ushakov", stance="mixed")
    change(coder, tag, topic="guarantees", stance="mixed")
    into, merged = study.topics.get(slug="guarantees"), study.topics.get(slug="talks")
    merge_topics(by=curator, into=into, merged=merged)
    with pytest.raises(InvalidTagError, match="codebook has changed"):
        undo_last(by=coder, document=east)
    assert (state(tag)[1], tag.topic.slug, tag.version) == ("mixed", "guarantees", 2)


def test_an_entry_that_is_retired_is_not_chosen_anew(study: Study, coder: User, east: Document) -> None:
    tag = make_tag(study, coder)
    change(coder, tag, topic="guarantees")
    Topic.objects.filter(slug="talks").update(is_retired=True)
    with pytest.raises(InvalidTagError, match="retired"):
        undo_last(by=coder, document=east)
    assert Annotation.objects.get(pk=tag.pk).topic.slug == "guarantees"


def test_a_tag_of_a_retired_entry_is_still_withdrawn_and_brought_back(
    study: Study, coder: User, east: Document
) -> None:
    tag = make_tag(study, coder)
    Topic.objects.filter(slug="talks").update(is_retired=True)
    undo_last(by=coder, document=east)
    redo_last(by=coder, document=east)
    assert state(tag)[3] is True


def test_an_equal_tag_by_now_is_shown(study: Study, coder: User, east: Document) -> None:
    tag = make_tag(study, coder)
    change(coder, tag, source="putin")
    change(coder, make_tag(study, coder, "Kyiv was"), "Kyiv was", stance="mixed")
    equal = Annotation.objects.get(pk=tag.pk)
    equal.pk, equal.public_id, equal._state.adding = None, uuid.uuid4(), True
    equal.source = study.sources.get(slug="biden")
    equal.save()
    for _ in range(2):
        undo_last(by=coder, document=east)
    for _ in range(2):
        with pytest.raises(DuplicateTagError) as refused:
            undo_last(by=coder, document=east)
        assert refused.value.existing.pk == equal.pk
    assert Annotation.objects.get(pk=tag.pk).source.slug == "putin"


def test_a_finished_document_is_left_alone(study: Study, coder: User, east: Document) -> None:
    tag = make_tag(study, coder)
    change(coder, tag, stance="mixed")
    undo_last(by=coder, document=east)
    finish_document(by=coder, document=east)
    for act in (undo_last, redo_last):
        with pytest.raises(DocumentFinishedError):
            act(by=coder, document=east)
    reopen_document(by=coder, document=east)
    redo_last(by=coder, document=east)
    assert state(tag)[1] == "mixed"
    assert tag.changed_after_reopening


def test_a_tag_brought_back_was_said_under_the_words_of_then(
    study: Study, coder: User, east: Document
) -> None:
    tag = make_tag(study, coder)
    study.topics.filter(slug="talks").update(statement_version=2)
    Study.objects.filter(pk=study.pk).update(guidelines_version=5)
    change(coder, tag, stance="mixed")
    versions = [(tag.statement_version, tag.guidelines_version)]
    for act in (undo_last, redo_last):
        act(by=coder, document=east)
        tag.refresh_from_db()
        versions.append((tag.statement_version, tag.guidelines_version))
    tag.refresh_from_db()
    assert versions[1:] == [(1, 1), (2, 5)]
