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
from annotations.models import Annotation, Completion, PassageVisit, Study, User
from annotations.services.coding import (
    TagValues,
    change_tag,
    finish_document,
    reopen_document,
    restore_tag,
    tag_passage,
    withdraw_tag,
)
from annotations.services.progress import mark_nothing_here
from tests.factories import make_tag, values

QUOTE = "Biden agreed to talk"
OTHER_TOPIC = {"topic": "guarantees"}


def retire(study: Study) -> None:
    study.topics.filter(slug="talks").update(is_retired=True)
    study.stances.filter(slug="mixed").update(is_retired=True)
    study.sources.filter(slug="putin").update(is_retired=True)


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


def test_a_form_repeated_after_its_tag_has_changed_answers_with_it(study: Study, coder: User) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE, note="first", reported_by="ushakov")
    tag, _ = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    change_tag(by=coder, annotation=tag, version=1, values=say(study, stance="mixed", note="second"))
    again, is_new = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    assert (again.pk, again.version, again.note, is_new) == (tag.pk, 2, "second", False)


def test_a_form_that_says_something_else_by_now_is_a_conflict(study: Study, coder: User) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE)
    tag, _ = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    for other in (say(study, stance="mixed"), say(study, "agreed"), say(study, note="now")):
        with pytest.raises(StaleVersionError) as refused:
            tag_passage(by=coder, passage=passage, values=other, form_token=token)
        assert refused.value.current == tag
    assert Annotation.objects.count() == 1


def test_a_form_repeated_after_its_tag_was_withdrawn_is_a_conflict(study: Study, coder: User) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE)
    tag, _ = tag_passage(by=coder, passage=passage, values=said, form_token=token)
    withdraw_tag(by=coder, annotation=tag, version=1)
    with pytest.raises(StaleVersionError, match="withdrawn since") as refused:
        tag_passage(by=coder, passage=passage, values=said, form_token=token)
    assert refused.value.current == tag


@pytest.mark.parametrize(("document", "quote"), [("west", QUOTE), ("east", "Kyiv")])
def test_a_token_makes_no_second_tag_in_another_place(
    study: Study, coder: User, document: str, quote: str
) -> None:
    token = uuid.uuid4()
    passage, said = values(study, QUOTE)
    tag_passage(by=coder, passage=passage, values=said, form_token=token)
    passage, said = values(study, quote, document)
    with pytest.raises(InvalidTagError) as refused:
        tag_passage(by=coder, passage=passage, values=said, form_token=token)
    assert refused.value.field == "form_token"
    assert Annotation.objects.count() == 1


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


@pytest.mark.parametrize("name", ["topic", "stance", "source", "reported_by"])
def test_a_retired_entry_takes_no_new_tag(study: Study, coder: User, name: str) -> None:
    retire(study)
    chosen = {"topic": "talks", "stance": "mixed", "source": "putin", "reported_by": "putin"}
    passage, said = values(study, QUOTE, **{name: chosen[name]} | ({} if name == "topic" else OTHER_TOPIC))
    with pytest.raises(InvalidTagError, match="is retired") as refused:
        tag_passage(by=coder, passage=passage, values=said)
    assert refused.value.field == name
    assert not Annotation.objects.exists()


def test_a_tag_keeps_its_retired_entries_and_is_given_no_other(study: Study, coder: User) -> None:
    tag = make_tag(study, coder, stance="mixed", source="putin")
    other = make_tag(study, coder, "Kyiv", topic="guarantees")
    retire(study)
    changed = change_tag(
        by=coder, annotation=tag, version=1, values=say(study, stance="mixed", source="putin", note="kept")
    )
    assert (changed.version, changed.note) == (2, "kept")
    for field, fields in (("topic", {}), ("stance", OTHER_TOPIC | {"stance": "mixed"})):
        with pytest.raises(InvalidTagError) as refused:
            change_tag(by=coder, annotation=other, version=1, values=say(study, "Kyiv", **fields))
        assert refused.value.field == field
    withdraw_tag(by=coder, annotation=tag, version=2)
    assert restore_tag(by=coder, annotation=tag).withdrawn_at is None


def test_a_tag_is_of_the_words_that_were_in_force(study: Study, coder: User) -> None:
    study.topics.filter(slug="talks").update(statement_version=3)
    Study.objects.filter(pk=study.pk).update(guidelines_version=2)
    tag = make_tag(study, coder)
    assert (tag.statement_version, tag.guidelines_version) == (3, 2)
    Study.objects.filter(pk=study.pk).update(guidelines_version=4)
    changed = change_tag(by=coder, annotation=tag, version=1, values=say(study, **OTHER_TOPIC))
    changed.refresh_from_db()
    assert (changed.statement_version, changed.guidelines_version) == (1, 4)


def test_tagging_says_that_there_is_something_here(study: Study, coder: User) -> None:
    passage, said = values(study, QUOTE)
    mark_nothing_here(by=coder, passage=passage)
    tag, _ = tag_passage(by=coder, passage=passage, values=said)
    visit = PassageVisit.objects.get()
    assert visit.nothing_here_at is None
    withdraw_tag(by=coder, annotation=tag, version=1)
    mark_nothing_here(by=coder, passage=passage)
    restore_tag(by=coder, annotation=tag)
    visit.refresh_from_db()
    assert visit.nothing_here_at is None


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


def test_a_withdrawn_tag_can_be_brought_back_with_a_change(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdraw_tag(by=coder, annotation=tag, version=1)
    said = say(study, stance="mixed")
    with pytest.raises(StaleVersionError):
        change_tag(by=coder, annotation=tag, version=1, values=said, bring_back=True)
    back = change_tag(by=coder, annotation=tag, version=2, values=said, bring_back=True)
    assert (back.withdrawn_at, back.stance.slug, back.version) == (None, "mixed", 3)
    withdraw_tag(by=coder, annotation=tag, version=3)
    as_it_was = change_tag(by=coder, annotation=tag, version=4, values=said, bring_back=True)
    assert (as_it_was.withdrawn_at, as_it_was.stance.slug, as_it_was.version) == (None, "mixed", 5)


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


# --- withdraw, restore ---------------------------------------------------------------------------------


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


def test_a_stale_return_is_refused(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdraw_tag(by=coder, annotation=tag, version=1)
    with pytest.raises(StaleVersionError):
        restore_tag(by=coder, annotation=tag, version=1)
    assert restore_tag(by=coder, annotation=tag, version=2).version == 3


def test_a_tag_with_an_equal_by_now_is_not_restored(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    withdraw_tag(by=coder, annotation=tag, version=1)
    equal = make_tag(study, coder, stance="oppose")
    with pytest.raises(DuplicateTagError) as refused:
        restore_tag(by=coder, annotation=tag)
    assert refused.value.existing == equal


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
