"""Merging: what moves, what is withdrawn, what is asked, what is refused, and what the history says."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import MergeError, NotAllowedError, StalePreviewError
from annotations.models import Annotation, Source, Stance, Study, Topic, User
from annotations.services.codebook import InvalidEntryError
from annotations.services.coding import withdraw_tag
from annotations.services.merge_plan import CoderCount
from annotations.services.merging import (
    merge_sources,
    merge_stances,
    merge_topics,
    preview_source_merge,
    preview_stance_merge,
    preview_topic_merge,
)
from tests.factories import make_study, make_tag


@pytest.fixture
def talks(study: Study) -> Topic:
    return study.topics.get(slug="talks")


@pytest.fixture
def guarantees(study: Study) -> Topic:
    return study.topics.get(slug="guarantees")


def source(study: Study, slug: str) -> Source:
    return study.sources.get(slug=slug)


def said(tag: Annotation) -> tuple[Any, ...]:
    tag = Annotation.objects.get(pk=tag.pk)
    messenger = tag.reported_by.slug if tag.reported_by else None
    return (
        tag.topic.slug,
        tag.stance.slug,
        tag.source.slug,
        messenger,
        tag.withdrawn_at is None,
        tag.version,
    )


def last_line(entry: Any) -> tuple[Any, ...]:
    line = entry.history.order_by("-history_id").first()
    return (line.history_user, line.history_type, line.history_change_reason)


def test_a_topics_annotations_move_and_history_says_so(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    moved, stays = make_tag(study, coder), make_tag(study, coder, topic="guarantees", source="putin")
    withdrawn = make_tag(study, coder, source="kremlin")
    withdraw_tag(by=coder, annotation=withdrawn, version=1)
    gone = talks.pk
    merge_topics(by=curator, into=guarantees, merged=talks)
    assert said(moved) == ("guarantees", "support", "biden", None, True, 2)
    assert said(withdrawn) == ("guarantees", "support", "kremlin", None, False, 3)
    assert said(stays) == ("guarantees", "support", "putin", None, True, 1)
    assert last_line(moved) == (curator, "~", "merged talks into guarantees")
    assert moved.history.order_by("history_id").first().topic_id == gone
    assert not Topic.objects.filter(pk=gone).exists()
    line = Topic.history.filter(id=gone).order_by("-history_id").first()
    assert (line.history_user, line.history_type, line.slug) == (curator, "-", "talks")


def test_of_duplicates_the_older_stays_and_the_other_points_to_it(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    older, younger = make_tag(study, coder), make_tag(study, coder, topic="guarantees", note="mine")
    others = make_tag(study, other_coder)
    done = merge_topics(by=curator, into=guarantees, merged=talks)
    assert done.duplicates == 1
    assert said(older) == ("guarantees", "support", "biden", None, True, 2)
    assert said(younger) == ("guarantees", "support", "biden", None, False, 2)
    younger.refresh_from_db()
    assert (younger.merged_into, younger.note, younger.coder) == (older, "mine", coder)
    assert last_line(younger) == (curator, "~", "merged talks into guarantees")
    assert said(others)[4] is True


def test_an_older_annotation_of_the_entry_that_stays_is_left_alone(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    older, younger = make_tag(study, coder, topic="guarantees"), make_tag(study, coder)
    merge_topics(by=curator, into=guarantees, merged=talks)
    assert said(older)[4:] == (True, 1)
    assert said(younger)[4:] == (False, 2)


def test_layers_do_not_mix_and_curated_counts_over_all_curators(
    study: Study, coder: User, curator: User, owner: User, talks: Topic, guarantees: Topic
) -> None:
    coded = make_tag(study, coder)
    first = make_tag(study, curator, layer="curated", topic="guarantees")
    second = make_tag(study, owner, layer="curated")
    done = merge_topics(by=curator, into=guarantees, merged=talks)
    assert done.duplicates == 1
    assert (said(coded)[4], said(first)[4], said(second)[4]) == (True, True, False)


def test_where_stances_differ_somebody_chooses(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    kept = make_tag(study, coder, stance="support")
    other = make_tag(study, coder, stance="oppose", topic="guarantees")
    (conflict,) = preview_topic_merge(into=guarantees, merged=talks).conflicts
    assert (conflict.kept, conflict.others) == (kept, (other,))
    assert [stance.slug for stance in conflict.stances] == ["support", "oppose"]
    with pytest.raises(MergeError, match="Biden agreed to talk"):
        merge_topics(by=curator, into=guarantees, merged=talks)
    mixed = study.stances.get(slug="mixed")
    with pytest.raises(MergeError):
        merge_topics(by=curator, into=guarantees, merged=talks, stances={kept.pk: mixed})
    assert said(kept)[5] == 1
    merge_topics(by=curator, into=guarantees, merged=talks, stances={kept.pk: other.stance})
    assert said(kept) == ("guarantees", "oppose", "biden", None, True, 2)
    assert said(other) == ("guarantees", "oppose", "biden", None, False, 2)


def test_the_older_ones_stance_can_be_chosen(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    kept = make_tag(study, coder, stance="support", topic="guarantees")
    make_tag(study, coder, stance="oppose")
    merge_topics(by=curator, into=guarantees, merged=talks, stances={kept.pk: kept.stance})
    assert said(kept) == ("guarantees", "support", "biden", None, True, 1)


def test_the_stance_of_one_that_stays_put_can_change(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    kept = make_tag(study, coder, stance="support", topic="guarantees")
    other = make_tag(study, coder, stance="oppose")
    merge_topics(by=curator, into=guarantees, merged=talks, stances={kept.pk: other.stance})
    assert said(kept) == ("guarantees", "oppose", "biden", None, True, 2)


def test_the_preview_says_what_will_happen_and_writes_nothing(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    make_tag(study, coder)
    make_tag(study, coder, topic="guarantees")
    make_tag(study, coder, source="putin")
    make_tag(study, other_coder)
    make_tag(study, curator, layer="curated")
    withdraw_tag(by=coder, annotation=make_tag(study, coder, "Putin asked"), version=1)
    preview = preview_topic_merge(into=guarantees, merged=talks)
    assert (preview.annotations, preview.withdrawn, preview.duplicates, preview.emptied) == (4, 1, 1, 0)
    assert preview.counts == (
        CoderCount("ada", "coded", 2),
        CoderCount("ben", "coded", 1),
        CoderCount("cora", "curated", 1),
    )
    assert (preview.conflicts, preview.entries) == ((), ())
    assert Annotation.objects.filter(version=1).count() == 5
    assert merge_topics(by=curator, into=guarantees, merged=talks).counts == preview.counts


def test_a_groups_topics_move(study: Study, curator: User) -> None:
    other = Topic.objects.create(study=study, slug="other", label="Other", position=9)
    group = study.topics.get(slug="security")
    assert [t.slug for t in preview_topic_merge(into=other, merged=group).entries] == ["talks", "guarantees"]
    merge_topics(by=curator, into=other, merged=group)
    child = study.topics.get(slug="talks")
    assert child.parent == other
    assert last_line(child) == (curator, "~", "merged security into other")


def test_unlike_topics_are_refused(study: Study, curator: User, talks: Topic) -> None:
    group = study.topics.get(slug="security")
    for into, merged in ((group, talks), (talks, group), (talks, talks)):
        with pytest.raises(MergeError):
            merge_topics(by=curator, into=into, merged=merged)


def test_a_third_level_is_refused(study: Study, curator: User, talks: Topic, guarantees: Topic) -> None:
    """A topic with both a statement and topics under it comes from no service; the database lets it in."""
    Topic.objects.filter(pk=guarantees.pk).update(parent=None)
    Topic.objects.create(study=study, parent=guarantees, slug="x", label="X", statement="X.", position=8)
    with pytest.raises(MergeError):
        merge_topics(by=curator, into=talks, merged=guarantees)


def test_entries_of_another_study_and_deleted_ones_are_refused(
    study: Study, owner: User, talks: Topic, guarantees: Topic
) -> None:
    other = make_study("other").topics.get(slug="talks")
    with pytest.raises(MergeError, match="one study"):
        merge_topics(by=owner, into=talks, merged=other)
    Topic.objects.filter(pk=guarantees.pk).delete()
    with pytest.raises(MergeError, match="gone"):
        merge_topics(by=owner, into=talks, merged=guarantees)


def test_only_a_curator_merges(study: Study, coder: User, talks: Topic, guarantees: Topic) -> None:
    kremlin, putin = source(study, "kremlin"), source(study, "putin")
    support, mixed = study.stances.get(slug="support"), study.stances.get(slug="mixed")
    with pytest.raises(NotAllowedError):
        merge_topics(by=coder, into=talks, merged=guarantees)
    with pytest.raises(NotAllowedError):
        merge_sources(by=coder, into=kremlin, merged=putin)
    with pytest.raises(NotAllowedError):
        merge_stances(by=coder, into=support, merged=mixed)


def test_a_sources_annotations_and_messengers_move(study: Study, coder: User, curator: User) -> None:
    held = make_tag(study, coder, source="putin")
    told = make_tag(study, coder, source="biden", reported_by="putin")
    merge_sources(by=curator, into=source(study, "kremlin"), merged=source(study, "putin"))
    assert said(held) == ("talks", "support", "kremlin", None, True, 2)
    assert said(told) == ("talks", "support", "biden", "kremlin", True, 2)
    assert not study.sources.filter(slug="putin").exists()


def test_a_messenger_that_became_the_source_is_emptied(study: Study, coder: User, curator: User) -> None:
    by_merged = make_tag(study, coder, source="kremlin", reported_by="putin")
    of_merged = make_tag(study, coder, "Putin asked", source="putin", reported_by="kremlin")
    withdrawn = make_tag(study, coder, "guarantees", source="putin", reported_by="kremlin")
    withdraw_tag(by=coder, annotation=withdrawn, version=1)
    preview = preview_source_merge(into=source(study, "kremlin"), merged=source(study, "putin"))
    assert (preview.emptied, preview.duplicates) == (3, 0)
    merge_sources(by=curator, into=source(study, "kremlin"), merged=source(study, "putin"))
    for tag in (by_merged, of_merged, withdrawn):
        assert said(tag)[2:4] == ("kremlin", None)


def test_duplicates_made_by_emptying_are_found_in_the_same_pass(
    study: Study, coder: User, curator: User
) -> None:
    oldest = make_tag(study, coder, source="kremlin", reported_by="putin")
    others = [
        make_tag(study, coder, source="kremlin"),
        make_tag(study, coder, source="putin"),
        make_tag(study, coder, source="putin", reported_by="kremlin", stance="oppose"),
    ]
    preview = preview_source_merge(into=source(study, "kremlin"), merged=source(study, "putin"))
    assert (preview.duplicates, len(preview.conflicts)) == (3, 1)
    merge_sources(
        by=curator,
        into=source(study, "kremlin"),
        merged=source(study, "putin"),
        stances={oldest.pk: study.stances.get(slug="oppose")},
    )
    assert said(oldest) == ("talks", "oppose", "kremlin", None, True, 2)
    assert Annotation.objects.active().count() == 1
    assert set(oldest.merged.all()) == set(others)


def test_who_spoke_for_it_speaks_for_the_one_that_stays(study: Study, curator: User) -> None:
    putin, kremlin = source(study, "putin"), source(study, "kremlin")
    assert [s.slug for s in preview_source_merge(into=putin, merged=kremlin).entries] == ["ushakov"]
    merge_sources(by=curator, into=putin, merged=kremlin)
    ushakov = source(study, "ushakov")
    assert ushakov.speaks_for == putin
    assert last_line(ushakov) == (curator, "~", "merged kremlin into putin")


def test_a_body_can_be_merged_into_its_only_spokesperson(study: Study, curator: User) -> None:
    merge_sources(by=curator, into=source(study, "ushakov"), merged=source(study, "kremlin"))
    assert source(study, "ushakov").speaks_for is None


def test_a_body_with_others_is_not_merged_into_one_who_speaks_for_another(
    study: Study, curator: User
) -> None:
    usa = Source.objects.create(study=study, slug="usa", label="USA", side="US", position=9)
    Source.objects.filter(study=study, slug="biden").update(speaks_for=usa)
    with pytest.raises(MergeError, match="keep the body"):
        merge_sources(by=curator, into=source(study, "biden"), merged=source(study, "kremlin"))


def test_author_is_merged_neither_way(study: Study, curator: User) -> None:
    author, putin = source(study, "author"), source(study, "putin")
    for into, merged in ((author, putin), (putin, author)):
        with pytest.raises(MergeError, match="own voice"):
            merge_sources(by=curator, into=into, merged=merged)


def test_a_stances_annotations_get_the_other(study: Study, coder: User, curator: User) -> None:
    tag = make_tag(study, coder, stance="mixed")
    neutral, mixed = study.stances.get(slug="neutral"), study.stances.get(slug="mixed")
    assert preview_stance_merge(into=neutral, merged=mixed).annotations == 1
    merge_stances(by=curator, into=neutral, merged=mixed)
    assert said(tag) == ("talks", "neutral", "biden", None, True, 2)
    assert not Stance.objects.filter(pk=mixed.pk).exists()


def test_two_different_values_remain(study: Study, curator: User) -> None:
    by_slug = {stance.slug: stance for stance in study.stances.all()}
    merge_stances(by=curator, into=by_slug["neutral"], merged=by_slug["mixed"])
    with pytest.raises(InvalidEntryError):
        merge_stances(by=curator, into=by_slug["neutral"], merged=by_slug["oppose"])


def test_a_refused_merge_changes_nothing(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    make_tag(study, coder, "Putin asked")
    make_tag(study, coder, stance="support")
    make_tag(study, coder, stance="oppose", topic="guarantees")
    before = list(Annotation.objects.order_by("pk").values())
    with pytest.raises(MergeError):
        merge_topics(by=curator, into=guarantees, merged=talks)
    assert list(Annotation.objects.order_by("pk").values()) == before


def test_a_merge_takes_the_same_queries_for_many_annotations(
    study: Study, coder: User, curator: User, django_assert_max_num_queries: Any
) -> None:
    words = ["Biden", "agreed", "talk", "Putin", "asked", "for"]
    for word in words:
        make_tag(study, coder, word)
    into, merged = study.topics.get(slug="guarantees"), study.topics.get(slug="talks")
    with django_assert_max_num_queries(25):
        merge_topics(by=curator, into=into, merged=merged)


# --- what a person has seen of it -------------------------------------------------------------------------


def test_the_preview_names_those_that_become_one(
    study: Study, coder: User, talks: Topic, guarantees: Topic
) -> None:
    older, younger = make_tag(study, coder), make_tag(study, coder, topic="guarantees")
    preview = preview_topic_merge(into=guarantees, merged=talks)
    assert preview.groups == ((older, younger),)


def test_a_preview_that_says_something_else_by_now_is_not_carried_out(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    tag = make_tag(study, coder)
    seen = preview_topic_merge(into=guarantees, merged=talks).digest
    Annotation.objects.filter(pk=tag.pk).update(note="no part of what the preview says", version=2)
    assert preview_topic_merge(into=guarantees, merged=talks).digest == seen
    make_tag(study, other_coder)
    with pytest.raises(StalePreviewError):
        merge_topics(by=curator, into=guarantees, merged=talks, seen=seen)
    assert study.topics.filter(slug="talks").exists()
    seen = preview_topic_merge(into=guarantees, merged=talks).digest
    merge_topics(by=curator, into=guarantees, merged=talks, seen=seen)
    assert not study.topics.filter(slug="talks").exists()


def test_what_is_up_to_date_stays_so_unless_the_coders_are_asked_to_look_again(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    Topic.objects.filter(pk=talks.pk).update(statement_version=3)
    Topic.objects.filter(pk=guarantees.pk).update(statement_version=2)
    tag, behind = make_tag(study, coder), make_tag(study, coder, "Putin asked")
    Annotation.objects.filter(pk=behind.pk).update(statement_version=1)
    merge_topics(by=curator, into=guarantees, merged=talks)

    def versions() -> list[int]:
        return [Annotation.objects.get(pk=one.pk).statement_version for one in (tag, behind)]

    assert versions() == [2, 1]
    third = Topic.objects.create(
        study=study, parent=guarantees.parent, slug="third", label="T", statement="T.", position=8
    )
    guarantees.refresh_from_db()
    merge_topics(by=curator, into=third, merged=guarantees, ask_review=True)
    assert versions() == [0, 0]
