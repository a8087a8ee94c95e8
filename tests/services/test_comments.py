"""Talk: who may say what about what, and how it is taken back."""

from __future__ import annotations

import uuid

import pytest

from annotations.enums import Role
from annotations.errors import InvalidCommentError, NotAllowedError
from annotations.models import Annotation, Comment, Membership, Passage, Study, User
from annotations.services.coding import finish_document, withdraw_tag
from annotations.services.comments import restore_comment, withdraw_comment, write_comment
from annotations.services.upkeep import delete_study
from tests.factories import make_member, make_study, make_tag, make_user
from tests.services.test_concurrency import together


@pytest.fixture
def passage(study: Study) -> Passage:
    return study.documents.get(slug="east").passages.get(number=1)


def seen_by(user: User, study: Study, role: Role) -> list[str]:
    return [c.text for c in Comment.objects.visible_to(user, study, role).order_by("pk")]


def test_a_comment_is_stored_with_its_place_and_its_author(passage: Passage, coder: User) -> None:
    comment, created = write_comment(by=coder, passage=passage, text="Who says so?")
    assert created
    stored = Comment.objects.get()
    assert (stored, stored.author, stored.passage, stored.document, stored.annotation, stored.text) == (
        comment,
        coder,
        passage,
        passage.document,
        None,
        "Who says so?",
    )
    assert stored.withdrawn_at is None


def test_a_comment_may_be_on_a_tag_and_on_a_withdrawn_one(
    study: Study, coder: User, other_coder: User
) -> None:
    tag = make_tag(study, coder)
    on_tag, _created = write_comment(by=other_coder, passage=tag.passage, annotation=tag, text="Why?")
    withdraw_tag(by=coder, annotation=tag, version=1)
    write_comment(by=coder, passage=tag.passage, annotation=tag, text="You are right.")
    assert [c.text for c in tag.comments.order_by("pk")] == ["Why?", "You are right."]
    assert on_tag.annotation == tag


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("  said \r\n\r\nagain\rand again \n", "said \n\nagain\nand again"),
        ("Zo\u0308e", "Zöe"),
        ("x" * 10_000, "x" * 10_000),
        ("  " + "😀" * 10_000 + "\n", "😀" * 10_000),
    ],
    ids=["line-ends", "composed", "longest", "longest-of-emoji"],
)
def test_a_text_is_stored_normal(passage: Passage, coder: User, sent: str, stored: str) -> None:
    write_comment(by=coder, passage=passage, text=sent)
    assert Comment.objects.get().text == stored


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Write something first."),
        (" \r\n\t\u00a0", "Write something first."),
        ("a\0b", "no text"),
        ("x" * 10_001, "at most 10,000 characters. This one has 10,001."),
    ],
    ids=["empty", "white", "nul", "long"],
)
def test_a_text_that_says_nothing_or_too_much_is_refused(
    passage: Passage, coder: User, text: str, reason: str
) -> None:
    with pytest.raises(InvalidCommentError, match=reason):
        write_comment(by=coder, passage=passage, text=text)
    assert not Comment.objects.exists()


def test_a_form_that_is_sent_twice_makes_one_comment(passage: Passage, coder: User) -> None:
    token = uuid.uuid4()
    first, created = write_comment(by=coder, passage=passage, text="Once.", form_token=token)
    again, created_again = write_comment(by=coder, passage=passage, text=" Once.\n", form_token=token)
    assert (created, created_again) == (True, False)
    assert first == again == Comment.objects.get()


def test_a_form_that_is_sent_again_with_other_words_loses_none(
    study: Study, passage: Passage, coder: User, other_coder: User
) -> None:
    token = uuid.uuid4()
    write_comment(by=coder, passage=passage, text="Once.", form_token=token)
    write_comment(by=coder, passage=passage, text="Once, and more.", form_token=token)
    second = study.documents.get(slug="east").passages.get(number=2)
    write_comment(by=coder, passage=second, text="Once.", form_token=token)
    # Another person's token is their own.
    write_comment(by=other_coder, passage=passage, text="Mine.", form_token=token)
    assert [c.text for c in Comment.objects.order_by("pk")] == ["Once.", "Once, and more.", "Once.", "Mine."]


def test_readers_and_strangers_say_nothing(passage: Passage, reader: User) -> None:
    for person in (reader, make_user("stella")):
        with pytest.raises(NotAllowedError):
            write_comment(by=person, passage=passage, text="May I?")
    assert not Comment.objects.exists()


def test_nobody_comments_on_a_tag_that_they_do_not_see(
    study: Study, coder: User, other_coder: User, curator: User
) -> None:
    Study.objects.filter(pk=study.pk).update(is_blind=True)
    tag = make_tag(study, coder)
    passage = Passage.objects.get(pk=tag.passage_id)
    with pytest.raises(NotAllowedError):
        write_comment(by=other_coder, passage=passage, annotation=tag, text="I guess there is one.")
    write_comment(by=curator, passage=passage, annotation=tag, text="I see it.")
    finish_document(by=other_coder, document=tag.document)
    write_comment(by=other_coder, passage=passage, annotation=tag, text="Now I see it, too.")
    assert [c.text for c in tag.comments.order_by("pk")] == ["I see it.", "Now I see it, too."]


def test_a_tag_is_commented_on_in_its_own_passage_only(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    other = study.documents.get(slug="east").passages.get(number=2)
    foreign = make_study("other").documents.get(slug="east").passages.get(number=1)
    Membership.objects.create(study=foreign.document.study, user=coder, role=Role.OWNER.value)
    for passage in (other, foreign):
        with pytest.raises(NotAllowedError):
            write_comment(by=coder, passage=passage, annotation=tag, text="Where am I?")


def test_a_finished_document_is_talked_about_like_any_other(passage: Passage, coder: User) -> None:
    finish_document(by=coder, document=passage.document)
    comment, _created = write_comment(by=coder, passage=passage, text="Looking back …")
    assert withdraw_comment(by=coder, comment=comment).withdrawn_at is not None


def test_what_is_taken_back_stays_stored_and_comes_back(passage: Passage, coder: User) -> None:
    comment, _created = write_comment(by=coder, passage=passage, text="Said.")
    first = withdraw_comment(by=coder, comment=comment).withdrawn_at
    assert first is not None
    assert withdraw_comment(by=coder, comment=comment).withdrawn_at == first
    assert not Comment.objects.active().exists()
    assert restore_comment(by=coder, comment=comment).withdrawn_at is None
    assert restore_comment(by=coder, comment=comment).withdrawn_at is None
    assert Comment.objects.active().get().text == "Said."


def test_only_its_author_takes_a_comment_back(
    study: Study, passage: Passage, coder: User, curator: User, owner: User
) -> None:
    comment, _created = write_comment(by=coder, passage=passage, text="Mine.")
    for person in (curator, owner):
        with pytest.raises(NotAllowedError):
            withdraw_comment(by=person, comment=comment)
    Membership.objects.filter(user=coder).update(role=Role.READER.value)
    with pytest.raises(NotAllowedError):
        withdraw_comment(by=coder, comment=comment)
    assert Comment.objects.active().exists()


def test_blind_coders_see_their_own_comments_until_they_finish(
    study: Study, passage: Passage, coder: User, other_coder: User, curator: User, reader: User
) -> None:
    write_comment(by=coder, passage=passage, text="hers")
    write_comment(by=other_coder, passage=passage, text="his")
    tag = make_tag(study, coder)
    assert isinstance(tag, Annotation)
    write_comment(by=curator, passage=passage, annotation=tag, text="the curator's")
    everything = ["hers", "his", "the curator's"]
    assert seen_by(coder, study, Role.CODER) == everything
    study.is_blind = True
    assert seen_by(coder, study, Role.CODER) == ["hers"]
    assert seen_by(other_coder, study, Role.CODER) == ["his"]
    assert seen_by(curator, study, Role.CURATOR) == everything
    assert seen_by(reader, study, Role.READER) == []
    finish_document(by=coder, document=study.documents.get(slug="west"))
    assert seen_by(coder, study, Role.CODER) == ["hers"]
    finish_document(by=coder, document=passage.document)
    assert seen_by(coder, study, Role.CODER) == everything


def test_a_deleted_study_takes_its_talk_with_it(study: Study, passage: Passage, coder: User) -> None:
    tag = make_tag(study, coder)
    write_comment(by=coder, passage=passage, text="here")
    write_comment(by=coder, passage=passage, annotation=tag, text="there")
    elsewhere = make_study("other").documents.get(slug="east").passages.get(number=1)
    Membership.objects.create(study=elsewhere.document.study, user=coder, role=Role.CODER.value)
    write_comment(by=coder, passage=elsewhere, text="stays")
    delete_study(study=study)
    assert [comment.text for comment in Comment.objects.all()] == ["stays"]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_many_times_at_once_makes_one_comment() -> None:
    ada = make_member(make_study(), Role.CODER, "ada")
    passage = Passage.objects.get(document__slug="east", number=1)
    token = uuid.uuid4()

    def send() -> tuple[int, bool]:
        comment, created = write_comment(by=ada, passage=passage, text="Once.", form_token=token)
        return comment.pk, created

    results = together([send] * 6)
    made = Comment.objects.get()
    assert sorted(results) == [(made.pk, False)] * 5 + [(made.pk, True)]
