"""Splitting: which annotations move, where to, what becomes one, what is refused."""

from __future__ import annotations

import pytest

from annotations.errors import MergeError, NotAllowedError, StalePreviewError
from annotations.models import Annotation, CodebookAct, Source, Stance, Study, Topic, User
from annotations.services.codebook import InvalidEntryError
from annotations.services.coding import withdraw_tag
from annotations.services.merge_plan import CoderCount
from annotations.services.splitting import annotations_of, next_position, preview_split, split_entry
from tests.factories import make_study, make_tag


@pytest.fixture
def talks(study: Study) -> Topic:
    return study.topics.get(slug="talks")


def summits(study: Study, **fields: object) -> Topic:
    group = study.topics.get(slug="security")
    said = {"slug": "summits", "label": "Summits", "statement": "Summits help.", "parent": group}
    return Topic(study=study, **(said | fields))


def only(*tags: Annotation) -> object:
    return Annotation.objects.filter(pk__in=[tag.pk for tag in tags])


def test_the_chosen_annotations_move_to_a_new_topic_and_the_rest_stays(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic
) -> None:
    moved, stays = make_tag(study, coder), make_tag(study, other_coder)
    elsewhere = make_tag(study, coder, topic="guarantees")
    done = split_entry(by=curator, entry=talks, into=summits(study), chosen=only(moved, elsewhere))
    assert (done.annotations, done.duplicates) == (1, 0)
    assert done.counts == (CoderCount("ada", "coded", 1),)
    new = study.topics.get(slug="summits")
    assert (new.parent, new.statement, new.statement_version) == (talks.parent, "Summits help.", 1)
    assert new.position == 3
    topics = [Annotation.objects.get(pk=tag.pk).topic.slug for tag in (moved, stays, elsewhere)]
    assert topics == ["summits", "talks", "guarantees"]
    line = moved.history.latest()
    assert (line.history_user, line.history_change_reason, line.version) == (
        curator,
        "moved from talks to summits",
        2,
    )
    born = new.history.get()
    assert (born.history_user, born.history_change_reason) == (curator, "split from talks")
    assert stays.history.count() == 1


def test_the_preview_says_the_same_and_writes_nothing(study: Study, coder: User, talks: Topic) -> None:
    tag = make_tag(study, coder)
    withdraw_tag(by=coder, annotation=make_tag(study, coder, "Putin"), version=1)
    preview = preview_split(entry=talks, into=summits(study), chosen=annotations_of(talks))
    assert (preview.annotations, preview.withdrawn, preview.groups) == (1, 0, ())
    assert not study.topics.filter(slug="summits").exists()
    assert not CodebookAct.objects.exists()
    assert Annotation.objects.get(pk=tag.pk).version == 1


def test_into_an_entry_that_is_there_duplicates_are_withdrawn_and_stances_chosen(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    older = make_tag(study, coder, topic="guarantees", stance="oppose")
    younger = make_tag(study, coder)
    guarantees = study.topics.get(slug="guarantees")
    preview = preview_split(entry=talks, into=guarantees, chosen=only(younger))
    assert [[tag.pk for tag in group] for group in preview.groups] == [[older.pk, younger.pk]]
    with pytest.raises(MergeError, match="Choose the stance"):
        split_entry(by=curator, entry=talks, into=guarantees, chosen=only(younger))
    answers = {older.pk: younger.stance}
    split_entry(by=curator, entry=talks, into=guarantees, chosen=only(younger), stances=answers)
    older.refresh_from_db()
    younger.refresh_from_db()
    assert (older.stance.slug, older.withdrawn_at) == ("support", None)
    assert (younger.topic, younger.merged_into, younger.withdrawn_at is None) == (guarantees, older, False)


def test_a_source_is_replaced_as_holder_and_as_messenger(study: Study, coder: User, curator: User) -> None:
    held = make_tag(study, coder, source="putin")
    told = make_tag(study, coder, source="biden", reported_by="putin")
    both = make_tag(study, coder, "Putin asked", source="putin", reported_by="kremlin")
    putin, kremlin = study.sources.get(slug="putin"), study.sources.get(slug="kremlin")
    done = split_entry(by=curator, entry=putin, into=kremlin, chosen=annotations_of(putin))
    assert (done.annotations, done.emptied) == (3, 1)
    voices = []
    for tag in (held, told, both):
        tag.refresh_from_db()
        voices.append((tag.source.slug, tag.reported_by.slug if tag.reported_by else None))
    assert voices == [("kremlin", None), ("biden", "kremlin"), ("kremlin", None)]


def test_a_stance_is_split(study: Study, coder: User, curator: User) -> None:
    tag = make_tag(study, coder)
    half = Stance(study=study, slug="half", label="Half", value=0.5)
    split_entry(by=curator, entry=tag.stance, into=half, chosen=only(tag))
    tag.refresh_from_db()
    assert tag.stance == half


def test_what_moves_to_another_statement_can_be_marked_for_its_coders(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    """Up to date stays up to date unless asked otherwise; what was behind stays behind."""
    first, second, behind = (make_tag(study, coder, quote) for quote in ("Biden", "agreed", "talk"))
    Topic.objects.filter(pk=talks.pk).update(statement_version=4)
    Annotation.objects.filter(pk__in=(first.pk, second.pk)).update(statement_version=4)
    talks.refresh_from_db()
    new = summits(study)
    split_entry(by=curator, entry=talks, into=new, chosen=only(first, behind))
    split_entry(by=curator, entry=talks, into=new, chosen=only(second), ask_review=True)
    versions = [Annotation.objects.get(pk=tag.pk).statement_version for tag in (first, behind, second)]
    assert (new.statement_version, versions) == (1, [1, 0, 0])


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"slug": "talks"}, None), ({"statement": ""}, None), ({"label": ""}, "label")],
)
def test_a_new_entry_that_breaks_a_rule_moves_nothing(
    study: Study, coder: User, curator: User, talks: Topic, fields: dict[str, str], field: str | None
) -> None:
    tag = make_tag(study, coder)
    with pytest.raises((InvalidEntryError, MergeError)) as refused:
        split_entry(by=curator, entry=talks, into=summits(study, **fields), chosen=only(tag))
    assert getattr(refused.value, "field", None) == field
    assert annotations_of(talks).get() == tag
    assert study.topics.count() == 3


def test_a_new_group_takes_no_annotations(study: Study, coder: User, curator: User, talks: Topic) -> None:
    make_tag(study, coder)
    with pytest.raises(MergeError, match="only groups others"):
        split_entry(
            by=curator,
            entry=talks,
            into=summits(study, parent=None, statement=""),
            chosen=annotations_of(talks),
        )


def test_what_cannot_be_split_and_where_nothing_can_go(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    make_tag(study, coder)
    make_tag(study, coder, source="author")
    group, author = study.topics.get(slug="security"), study.sources.get(slug="author")
    biden, other = study.sources.get(slug="biden"), make_study("other")
    guarantees = study.topics.get(slug="guarantees")
    guarantees.is_retired = True
    guarantees.save()
    cases: list[tuple[Topic | Source, Topic | Source, str]] = [
        (talks, talks, "there already"),
        (talks, group, "only groups others"),
        (talks, guarantees, "is retired and takes no annotations"),
        (talks, other.topics.get(slug="talks"), "same study"),
        (group, talks, "has no annotations"),
        (author, biden, "cannot be split"),
        (biden, author, "nothing is moved to it"),
    ]
    for entry, into, reason in cases:
        with pytest.raises(MergeError, match=reason):
            split_entry(by=curator, entry=entry, into=into, chosen=Annotation.objects.all())


def test_nothing_chosen_is_refused(study: Study, coder: User, curator: User, talks: Topic) -> None:
    make_tag(study, coder)
    with pytest.raises(MergeError, match="at least one"):
        split_entry(by=curator, entry=talks, into=summits(study), chosen=Annotation.objects.none())
    assert study.topics.count() == 3


def test_only_a_curator_splits(study: Study, coder: User, talks: Topic) -> None:
    make_tag(study, coder)
    with pytest.raises(NotAllowedError):
        split_entry(by=coder, entry=talks, into=summits(study), chosen=annotations_of(talks))


def test_a_preview_that_says_something_else_by_now_is_not_carried_out(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic
) -> None:
    make_tag(study, coder)
    seen = preview_split(entry=talks, into=summits(study), chosen=annotations_of(talks)).digest
    make_tag(study, other_coder)
    with pytest.raises(StalePreviewError):
        split_entry(by=curator, entry=talks, into=summits(study), chosen=annotations_of(talks), seen=seen)
    assert annotations_of(talks).count() == 2
    seen = preview_split(entry=talks, into=summits(study), chosen=annotations_of(talks)).digest
    split_entry(by=curator, entry=talks, into=summits(study), chosen=annotations_of(talks), seen=seen)
    assert annotations_of(talks).count() == 0


def test_the_first_entry_of_its_kind_stands_first(db: None) -> None:
    empty = Study.objects.create(slug="empty", title="Empty")
    assert next_position(Topic(study=empty)) == 0
