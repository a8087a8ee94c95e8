"""Annotations made under older words, and the word of their coder that they still hold."""

from __future__ import annotations

import pytest

from annotations.errors import NotAllowedError, StaleVersionError
from annotations.models import Annotation, DecidedTag, Decision, Study, Topic, User
from annotations.services.codebook import save_topic
from annotations.services.coding import TagValues, change_tag, finish_document, reopen_document, withdraw_tag
from annotations.services.curated import CuratedValues, change_curated_tag
from annotations.services.guidelines import save_guidelines
from annotations.services.reviewing import confirm_tag, confirm_tags, outdated, to_review
from annotations.services.undoing import undo_last
from tests.factories import make_study, make_tag


@pytest.fixture
def talks(study: Study) -> Topic:
    return study.topics.get(slug="talks")


def rewrite(topic: Topic, by: User, *, keeps_meaning: bool = False) -> None:
    """The topic's statement, with another word at its end."""
    topic.refresh_from_db()
    topic.statement += " Really."
    save_topic(by=by, topic=topic, keeps_meaning=keeps_meaning)


def marked(study: Study) -> list[Annotation]:
    return list(outdated(Annotation.objects.filter(study=study)).order_by("pk"))


def now(tag: Annotation) -> Annotation:
    return Annotation.objects.select_related("topic", "study").get(pk=tag.pk)


def test_a_new_statement_marks_what_was_made_under_the_old_one(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    old, other = make_tag(study, coder), make_tag(study, coder, topic="guarantees")
    assert marked(study) == []
    rewrite(talks, curator, keeps_meaning=True)
    assert marked(study) == []
    rewrite(talks, curator)
    make_tag(study, coder, "Putin asked")
    assert marked(study) == [old]
    save_guidelines(by=curator, study=study, text="First.")
    save_guidelines(by=curator, study=study, text="Second.")
    assert other in marked(study)


def test_what_its_coder_changes_is_up_to_date(study: Study, coder: User, curator: User, talks: Topic) -> None:
    tag = make_tag(study, coder)
    rewrite(talks, curator)
    current = now(tag)
    said = TagValues(
        current.start, current.end, current.topic, current.stance, current.source, note="looked again"
    )
    change_tag(by=coder, annotation=current, version=1, values=said)
    assert marked(study) == []


def test_what_a_curator_changes_of_a_settled_tag_is_up_to_date(
    study: Study, curator: User, talks: Topic
) -> None:
    tag = make_tag(study, curator, layer="curated")
    rewrite(talks, curator)
    current = now(tag)
    values = CuratedValues(current.topic, current.stance, current.source, note="looked again")
    change_curated_tag(by=curator, annotation=current, version=1, values=values)
    assert marked(study) == []


def test_what_still_holds_is_up_to_date_and_the_history_says_so(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    tag = make_tag(study, coder)
    study.guidelines = "First."
    study.save()
    save_guidelines(by=curator, study=study, text="Second.")
    rewrite(talks, curator)
    confirmed = confirm_tag(by=coder, annotation=tag, version=1)
    assert (confirmed.statement_version, confirmed.guidelines_version, confirmed.version) == (2, 2, 2)
    assert marked(study) == []
    line = tag.history.latest()
    assert (line.history_user, line.history_change_reason, line.version) == (coder, "still holds", 2)
    # Once more changes nothing.
    assert confirm_tag(by=coder, annotation=tag, version=2).version == 2


def test_a_finished_document_stays_finished_and_nothing_is_marked_as_changed(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    tag = make_tag(study, coder)
    finish_document(by=coder, document=tag.document)
    reopen_document(by=coder, document=tag.document)
    finish_document(by=coder, document=tag.document)
    rewrite(talks, curator)
    confirm_tag(by=coder, annotation=tag, version=1)
    assert now(tag).changed_after_reopening is False
    assert marked(study) == []


def test_an_undo_still_brings_back_what_was_before(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    tag = make_tag(study, coder)
    current = now(tag)
    said = TagValues(current.start, current.end, current.topic, current.stance, current.source, note="new")
    change_tag(by=coder, annotation=current, version=1, values=said)
    rewrite(talks, curator)
    confirm_tag(by=coder, annotation=tag, version=2)
    undo_last(by=coder, document=tag.document)
    assert now(tag).note == ""


def test_a_decision_is_not_reopened(study: Study, coder: User, curator: User, talks: Topic) -> None:
    tag = make_tag(study, coder)
    decision = Decision.objects.create(
        study=study,
        document=tag.document,
        passage=tag.passage,
        situation="unanimous",
        outcome="accepted",
        curator=curator,
    )
    decided = DecidedTag.objects.create(decision=decision, annotation=tag, version=1)
    rewrite(talks, curator)
    confirm_tag(by=coder, annotation=tag, version=1)
    decided.refresh_from_db()
    assert (decided.version, now(tag).version) == (2, 2)


def test_only_its_coder_says_that_a_tag_holds_and_any_curator_that_a_settled_one_does(
    study: Study, coder: User, other_coder: User, curator: User, owner: User, talks: Topic
) -> None:
    tag, settled = make_tag(study, coder), make_tag(study, curator, layer="curated")
    rewrite(talks, curator)
    for person in (other_coder, curator, owner):
        with pytest.raises(NotAllowedError):
            confirm_tag(by=person, annotation=tag, version=1)
    with pytest.raises(NotAllowedError):
        confirm_tag(by=coder, annotation=settled, version=1)
    assert (list(to_review(study, coder)), list(to_review(study, owner))) == ([tag], [settled])
    confirm_tag(by=owner, annotation=settled, version=1)
    assert marked(study) == [tag]


def test_what_has_changed_since_is_not_confirmed(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    tag = make_tag(study, coder)
    rewrite(talks, curator)
    for version in (0, 2):
        with pytest.raises(StaleVersionError):
            confirm_tag(by=coder, annotation=tag, version=version)
    withdraw_tag(by=coder, annotation=tag, version=1)
    with pytest.raises(StaleVersionError):
        confirm_tag(by=coder, annotation=tag, version=2)
    assert list(to_review(study, coder)) == []


def test_many_are_confirmed_at_once_and_what_has_changed_is_named(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    first, second, third = (make_tag(study, coder, quote) for quote in ("Biden", "agreed", "talk"))
    elsewhere = make_tag(make_study("other"), coder)
    rewrite(talks, curator)
    seen = {first.public_id: 1, second.public_id: 7, third.public_id: 1, elsewhere.public_id: 1}
    done = confirm_tags(by=coder, study=study, seen=seen)
    assert (done.confirmed, done.stale) == (2, (second,))
    assert marked(study) == [second]


def test_one_of_anothers_among_many_confirms_none(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic
) -> None:
    mine, theirs = make_tag(study, coder), make_tag(study, other_coder)
    rewrite(talks, curator)
    with pytest.raises(NotAllowedError):
        confirm_tags(by=coder, study=study, seen={mine.public_id: 1, theirs.public_id: 1})
    assert marked(study) == [mine, theirs]
