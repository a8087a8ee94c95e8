"""The coder's acts: what each does, what each refuses, and what the history keeps."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from annotations.errors import (
    DocumentFinishedError,
    DuplicateTagError,
    InvalidTagError,
    NotAllowedError,
    StaleVersionError,
)
from annotations.models import Annotation, Completion, Study, User
from annotations.services.coding import (
    TagValues,
    change_tag,
    finish_document,
    reopen_document,
    restore_tag,
    tag_passage,
    undo_change,
    withdraw_tag,
)
from annotations.services.merging import merge_sources, merge_topics
from tests.factories import make_tag, values

QUOTE = "Biden agreed to talk"


def say(study: Study, quote: str = QUOTE, **fields: object) -> TagValues:
    return values(study, quote, **fields)[1]


def history(tag: Annotation) -> list[tuple[str, str, int, str, str]]:
    """Who did what, and what the tag said then; newest last."""
    return [
        (h.history_user.username, h.history_type, h.version, h.stance.slug, h.note)
        for h in tag.history.order_by("history_id")
    ]


# --- tag_passage ---------------------------------------------------------------------------------------


def test_a_tag_says_what_the_coder_said(study: Study, coder: User) -> None:
    passage, said = values(study, QUOTE, reported_by="ushakov", uncertain=True, note="see p. 2")
    tag, is_new = tag_passage(by=coder, passage=passage, values=said)
    tag.refresh_from_db()
    assert is_new
    assert (tag.study, tag.document, tag.passage, tag.coder) == (study, passage.document, passage, coder)
    assert (tag.quote, tag.start, tag.end, tag.layer, tag.version) == (QUOTE, 0, 20, "coded", 1)
    assert (tag.topic.slug, tag.stance.slug, tag.source.slug) == ("talks", "support", "biden")
    assert tag.reported_by is not None
    assert (tag.reported_by.slug, tag.uncertain, tag.note) == ("ushakov", True, "see p. 2")
    assert (tag.withdrawn_at, tag.merged_into, tag.changed_after_reopening) == (None, None, False)
    assert history(tag) == [("ada", "+", 1, "support", "see p. 2")]


def test_a_repeated_form_makes_one_tag(study: Study, coder: User) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE)
    first, is_new = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    again, is_new_again = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
    assert len(history(first)) == 1


def test_a_form_repeated_after_finishing_answers_with_its_tag(study: Study, coder: User) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE)
    tag, _ = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    finish_document(by=coder, document=passage.document)
    assert tag_passage(by=coder, passage=passage, values=said, form_token=token) == (tag, False)


def test_a_token_is_each_coders_own(study: Study, coder: User, other_coder: User) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE)
    for user in (coder, other_coder):
        assert tag_passage(by=user, passage=passage, values=said, form_token=token)[1]


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (9, 5), (0, 999), (51, 60)], ids=str)
def test_a_quote_outside_the_passage_is_refused(study: Study, coder: User, start: int, end: int) -> None:
    passage, said = values(study, QUOTE)
    outside = TagValues(start, end, said.topic, said.stance, said.source)
    with pytest.raises(InvalidTagError) as refused:
        tag_passage(by=coder, passage=passage, values=outside)
    assert refused.value.field == "quote"
    assert not Annotation.objects.exists()


def test_a_quote_of_blanks_is_refused(study: Study, coder: User) -> None:
    passage, said = values(study, " ")
    with pytest.raises(InvalidTagError) as refused:
        tag_passage(by=coder, passage=passage, values=said)
    assert refused.value.field == "quote"


def test_a_messenger_who_is_the_source_is_refused(study: Study, coder: User) -> None:
    passage, said = values(study, QUOTE, source="putin", reported_by="putin")
    with pytest.raises(InvalidTagError) as refused:
        tag_passage(by=coder, passage=passage, values=said)
    assert refused.value.field == "reported_by"


def test_a_topic_without_a_statement_is_refused(study: Study, coder: User) -> None:
    passage, said = values(study, QUOTE, topic="security")
    with pytest.raises(InvalidTagError) as refused:
        tag_passage(by=coder, passage=passage, values=said)
    assert refused.value.field == "topic"


def test_an_equal_tag_is_refused_and_shown(study: Study, coder: User, other_coder: User) -> None:
    tag = make_tag(study, coder, reported_by="ushakov")
    passage, said = values(study, QUOTE, reported_by="ushakov", stance="oppose", note="again")
    with pytest.raises(DuplicateTagError) as refused:
        tag_passage(by=coder, passage=passage, values=said)
    assert refused.value.existing == tag
    make_tag(study, coder)
    make_tag(study, other_coder, reported_by="ushakov")
    make_tag(study, coder, layer="curated", reported_by="ushakov")


def test_a_withdrawn_equal_tag_does_not_stand_in_the_way(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdraw_tag(by=coder, annotation=tag, version=1)
    assert make_tag(study, coder).pk != tag.pk


def test_a_finished_document_takes_no_tag(study: Study, coder: User, other_coder: User) -> None:
    finish_document(by=coder, document=study.documents.get(slug="east"))
    with pytest.raises(DocumentFinishedError):
        make_tag(study, coder)
    make_tag(study, other_coder)
    make_tag(study, coder, document="west")


# --- change_tag ----------------------------------------------------------------------------------------


def test_a_change_is_the_next_version_and_history_keeps_what_was(study: Study, coder: User) -> None:
    tag = make_tag(study, coder, note="first")
    created, before = tag.created_at, tag.updated_at
    changed = change_tag(
        by=coder,
        annotation=tag,
        version=1,
        values=say(study, "agreed to talk", stance="mixed", note="second"),
    )
    changed.refresh_from_db()
    assert (changed.version, changed.quote, changed.start, changed.stance.slug) == (
        2,
        "agreed to talk",
        6,
        "mixed",
    )
    assert changed.created_at == created
    assert changed.updated_at > before
    assert history(tag) == [("ada", "+", 1, "support", "first"), ("ada", "~", 2, "mixed", "second")]


def test_a_stale_change_is_refused_with_what_is_stored(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    change_tag(by=coder, annotation=tag, version=1, values=say(study, stance="mixed"))
    with pytest.raises(StaleVersionError) as refused:
        change_tag(by=coder, annotation=tag, version=1, values=say(study, stance="oppose"))
    assert (refused.value.current.version, refused.value.current.stance.slug) == (2, "mixed")


def test_a_stale_change_to_what_is_stored_is_answered(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    for _ in range(2):
        stored = change_tag(by=coder, annotation=tag, version=1, values=say(study, stance="mixed"))
        assert (stored.version, stored.stance.slug) == (2, "mixed")
    assert len(history(tag)) == 2


def test_a_change_of_a_withdrawn_tag_is_refused(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdraw_tag(by=coder, annotation=tag, version=1)
    with pytest.raises(StaleVersionError):
        change_tag(by=coder, annotation=tag, version=2, values=say(study, stance="mixed"))


def test_a_change_into_an_equal_tag_is_refused_and_shown(study: Study, coder: User) -> None:
    other = make_tag(study, coder, source="putin")
    tag = make_tag(study, coder)
    with pytest.raises(DuplicateTagError) as refused:
        change_tag(by=coder, annotation=tag, version=1, values=say(study, source="putin"))
    assert refused.value.existing == other


def test_a_change_to_an_invalid_tag_is_refused(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    with pytest.raises(InvalidTagError):
        change_tag(by=coder, annotation=tag, version=1, values=say(study, topic="security"))
    with pytest.raises(InvalidTagError):
        change_tag(by=coder, annotation=tag, version=1, values=say(study, "Kyiv"))


def test_only_its_coder_changes_a_tag(study: Study, coder: User, other_coder: User, owner: User) -> None:
    tag = make_tag(study, coder)
    curated = make_tag(study, coder, layer="curated")
    for by, annotation in ((other_coder, tag), (owner, tag), (coder, curated)):
        with pytest.raises(NotAllowedError):
            change_tag(by=by, annotation=annotation, version=1, values=say(study, stance="mixed"))
        with pytest.raises(NotAllowedError):
            withdraw_tag(by=by, annotation=annotation, version=1)
        with pytest.raises(NotAllowedError):
            restore_tag(by=by, annotation=annotation)
        with pytest.raises(NotAllowedError):
            undo_change(by=by, annotation=annotation, version=1)


# --- withdraw, restore, undo ---------------------------------------------------------------------------


def test_a_withdrawn_tag_stays_stored(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdrawn = withdraw_tag(by=coder, annotation=tag, version=1)
    assert withdrawn.withdrawn_at is not None
    assert withdrawn.version == 2
    assert list(Annotation.objects.active()) == []
    assert withdraw_tag(by=coder, annotation=tag, version=1).version == 2
    assert [line[:3] for line in history(tag)] == [("ada", "+", 1), ("ada", "~", 2)]


def test_a_stale_withdrawal_is_refused(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    change_tag(by=coder, annotation=tag, version=1, values=say(study, stance="mixed"))
    with pytest.raises(StaleVersionError) as refused:
        withdraw_tag(by=coder, annotation=tag, version=1)
    assert refused.value.current.stance.slug == "mixed"


def test_a_restored_tag_counts_again(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    Annotation.objects.filter(pk=tag.pk).update(
        merged_into=make_tag(study, coder, source="putin"), withdrawn_at=timezone.now()
    )
    restored = restore_tag(by=coder, annotation=tag)
    assert (restored.withdrawn_at, restored.merged_into, restored.version) == (None, None, 2)
    assert restore_tag(by=coder, annotation=tag).version == 2


def test_a_tag_with_an_equal_by_now_is_not_restored(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdraw_tag(by=coder, annotation=tag, version=1)
    equal = make_tag(study, coder, stance="oppose")
    with pytest.raises(DuplicateTagError) as refused:
        restore_tag(by=coder, annotation=tag)
    assert refused.value.existing == equal


def test_undo_brings_back_what_was_as_a_new_version(study: Study, coder: User) -> None:
    tag = make_tag(study, coder, note="first")
    change_tag(
        by=coder, annotation=tag, version=1, values=say(study, "agreed", stance="mixed", note="second")
    )
    undone = undo_change(by=coder, annotation=tag, version=2)
    assert (undone.version, undone.quote, undone.stance.slug, undone.note) == (3, QUOTE, "support", "first")
    assert [line[2:] for line in history(tag)] == [
        (1, "support", "first"),
        (2, "mixed", "second"),
        (3, "support", "first"),
    ]


def test_undo_of_a_first_or_a_stale_version_is_refused(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    with pytest.raises(InvalidTagError):
        undo_change(by=coder, annotation=tag, version=1)
    with pytest.raises(StaleVersionError):
        undo_change(by=coder, annotation=tag, version=2)


def test_undo_into_an_equal_tag_is_refused(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    change_tag(by=coder, annotation=tag, version=1, values=say(study, source="putin"))
    equal = make_tag(study, coder)
    with pytest.raises(DuplicateTagError) as refused:
        undo_change(by=coder, annotation=tag, version=2)
    assert refused.value.existing == equal


def test_undo_to_an_entry_that_is_gone_is_refused(study: Study, coder: User, curator: User) -> None:
    tag = make_tag(study, coder)
    into, merged = study.topics.get(slug="guarantees"), study.topics.get(slug="talks")
    merge_topics(by=curator, into=into, merged=merged)
    with pytest.raises(InvalidTagError):
        undo_change(by=coder, annotation=tag, version=2)


def test_undo_to_a_messenger_that_is_gone_is_refused(study: Study, coder: User, curator: User) -> None:
    tag = make_tag(study, coder, reported_by="putin")
    into, merged = study.sources.get(slug="kremlin"), study.sources.get(slug="putin")
    merge_sources(by=curator, into=into, merged=merged)
    with pytest.raises(InvalidTagError):
        undo_change(by=coder, annotation=tag, version=2)


# --- finish, reopen ------------------------------------------------------------------------------------


def test_finishing_locks_the_coders_tags(study: Study, coder: User, other_coder: User) -> None:
    tag, others = make_tag(study, coder), make_tag(study, other_coder)
    completion = finish_document(by=coder, document=tag.document)
    assert completion.is_finished
    assert not completion.was_reopened
    with pytest.raises(DocumentFinishedError):
        change_tag(by=coder, annotation=tag, version=1, values=say(study, stance="mixed"))
    with pytest.raises(DocumentFinishedError):
        withdraw_tag(by=coder, annotation=tag, version=1)
    with pytest.raises(DocumentFinishedError):
        restore_tag(by=coder, annotation=tag)
    with pytest.raises(DocumentFinishedError):
        undo_change(by=coder, annotation=tag, version=1)
    withdraw_tag(by=other_coder, annotation=others, version=1)


def test_finishing_twice_is_finishing_once(study: Study, coder: User) -> None:
    east = study.documents.get(slug="east")
    first = finish_document(by=coder, document=east)
    again = finish_document(by=coder, document=east)
    assert (again.pk, again.finished_at) == (first.pk, first.finished_at)
    assert Completion.objects.count() == 1


def test_what_changes_after_reopening_is_marked(study: Study, coder: User) -> None:
    changed, untouched = make_tag(study, coder), make_tag(study, coder, source="putin")
    withdrawn = make_tag(study, coder, source="kremlin")
    finish_document(by=coder, document=changed.document)
    reopen_document(by=coder, document=changed.document)
    change_tag(by=coder, annotation=changed, version=1, values=say(study, stance="mixed"))
    withdraw_tag(by=coder, annotation=withdrawn, version=1)
    new = make_tag(study, coder, "Putin asked")
    elsewhere = make_tag(study, coder, document="west")
    marked = set(Annotation.objects.filter(changed_after_reopening=True))
    assert marked == {changed, withdrawn, new}
    assert {untouched, elsewhere}.isdisjoint(marked)


def test_a_reopened_document_can_be_finished_again_and_says_so(study: Study, coder: User) -> None:
    east = study.documents.get(slug="east")
    first = finish_document(by=coder, document=east)
    reopen_document(by=coder, document=east)
    assert not Completion.objects.get().is_finished
    again = finish_document(by=coder, document=east)
    assert again.is_finished
    assert again.was_reopened
    assert again.finished_at > first.finished_at
    assert Completion.objects.count() == 1


def test_reopening_what_is_not_finished_changes_nothing(study: Study, coder: User, other_coder: User) -> None:
    east = study.documents.get(slug="east")
    finish_document(by=coder, document=east)
    reopen_document(by=other_coder, document=east)
    assert Completion.objects.get().is_finished


def test_a_withdrawn_tag_has_no_change_to_undo(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdrawn = withdraw_tag(by=coder, annotation=tag, version=1)
    with pytest.raises(StaleVersionError, match="withdrawn"):
        undo_change(by=coder, annotation=withdrawn, version=2)
