"""Undoing a merge, a split or a retirement as one step: what comes back, what stays, what is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.enums import CodebookChange
from annotations.errors import NotAllowedError, SummitError, UndoError
from annotations.models import (
    Annotation,
    CodebookAct,
    DecidedTag,
    Decision,
    Passage,
    Source,
    Stance,
    Study,
    Topic,
    User,
)
from annotations.services.codebook import save_source
from annotations.services.codebook_acts import preview_undo, undo_act
from annotations.services.coding import TagValues, change_tag, restore_tag, withdraw_tag
from annotations.services.merge_plan import CoderCount
from annotations.services.merging import merge_entries, merge_sources, merge_stances, merge_topics
from annotations.services.retiring import retire_entry, revive_entry
from annotations.services.splitting import annotations_of, split_entry
from tests.factories import make_tag, values

SAID = ("topic_id", "stance_id", "source_id", "reported_by_id", "statement_version", "merged_into_id")


def state(study: Study) -> dict[str, Any]:
    """All that a study says: its annotations but for their versions and times, and its whole codebook."""
    tags = {
        tag.pk: (*(getattr(tag, name) for name in SAID), tag.withdrawn_at is None, tag.note, tag.start)
        for tag in Annotation.objects.filter(study=study)
    }
    entries = {
        f"{model.__name__} {row['id']}": row
        for model in (Topic, Stance, Source)
        for row in model._default_manager.filter(study=study).values()
    }
    return {"tags": tags, **entries}


def act_of(done: Any) -> CodebookAct:
    assert done.act is not None
    return CodebookAct.objects.get(pk=done.act.pk)


@pytest.fixture
def talks(study: Study) -> Topic:
    return study.topics.get(slug="talks")


@pytest.fixture
def guarantees(study: Study) -> Topic:
    return study.topics.get(slug="guarantees")


def source(study: Study, slug: str) -> Source:
    return study.sources.get(slug=slug)


def changed(tag: Annotation, by: User, **fields: Any) -> Annotation:
    """The tag after its coder has changed it."""
    tag = Annotation.objects.get(pk=tag.pk)
    said = {
        name: fields.get(name, getattr(tag, name))
        for name in ("start", "end", "topic", "stance", "source", "reported_by", "uncertain", "note")
    }
    return change_tag(by=by, annotation=tag, version=tag.version, values=TagValues(**said))


# --- merges ---------------------------------------------------------------------------------------------


def test_a_merge_of_topics_is_undone_with_its_duplicates_and_choices(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    kept = make_tag(study, coder, stance="support")
    loser = make_tag(study, coder, stance="oppose", topic="guarantees")
    make_tag(study, other_coder, "Kyiv", "west")
    withdrawn = make_tag(study, coder, "Putin asked")
    withdraw_tag(by=coder, annotation=withdrawn, version=1)
    before = state(study)
    answers = {kept.pk: loser.stance}
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks, stances=answers))
    assert (act.kind, act.what, act.by) == ("merge", "topic", curator)
    assert act.summary == "“Talks” merged into “Guarantees”: 2 annotations"
    assert state(study) != before
    done = undo_act(by=curator, act=act)
    assert state(study) == before
    assert (done.annotations, done.revived, done.changed, done.stays) == (4, 1, 0, ())
    assert done.counts == (CoderCount("ada", "coded", 3), CoderCount("ben", "coded", 1))
    assert done.entries == ("Talks",)
    act.refresh_from_db()
    assert (act.undone_by, act.undone_at is not None) == (curator, True)


def test_the_entry_comes_back_with_its_id_and_its_history_goes_on(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    tag = make_tag(study, coder)
    undo_act(by=curator, act=act_of(merge_topics(by=curator, into=guarantees, merged=talks)))
    lines = Topic.history.filter(id=talks.pk).order_by("history_id")
    assert [line.history_type for line in lines] == ["+", "-", "+"]
    newest = tag.history.latest()
    assert (newest.history_user, newest.version, newest.topic_id) == (curator, 3, talks.pk)
    assert newest.history_change_reason.startswith("undone: “Talks” merged into “Guarantees”")


def test_a_merge_of_groups_is_undone_with_the_topics_under_it(study: Study, curator: User) -> None:
    other = Topic.objects.create(study=study, slug="other", label="Other", position=9)
    before = state(study)
    done = merge_topics(by=curator, into=other, merged=study.topics.get(slug="security"))
    assert undo_act(by=curator, act=act_of(done)).entries == ("Security", "Talks", "Guarantees")
    assert state(study) == before


def test_a_merge_of_sources_is_undone_with_messengers_and_spokespeople(
    study: Study, coder: User, curator: User
) -> None:
    make_tag(study, coder, source="putin", reported_by="kremlin")
    make_tag(study, coder, source="kremlin", reported_by="putin")
    make_tag(study, coder, "Putin asked", source="biden", reported_by="putin")
    before = state(study)
    done = merge_sources(by=curator, into=source(study, "putin"), merged=source(study, "kremlin"))
    assert (done.emptied, done.duplicates) == (2, 1)
    assert source(study, "ushakov").speaks_for == source(study, "putin")
    undo_act(by=curator, act=act_of(done))
    assert state(study) == before


def test_who_spoke_for_the_merged_body_speaks_for_it_again(study: Study, curator: User) -> None:
    before = state(study)
    done = merge_sources(by=curator, into=source(study, "ushakov"), merged=source(study, "kremlin"))
    assert source(study, "ushakov").speaks_for is None
    undo_act(by=curator, act=act_of(done))
    assert state(study) == before


def test_a_merge_of_stances_is_undone(study: Study, coder: User, curator: User) -> None:
    make_tag(study, coder, stance="mixed")
    make_tag(study, coder, "Putin asked", stance="neutral")
    before = state(study)
    stances = study.stances
    done = merge_stances(by=curator, into=stances.get(slug="neutral"), merged=stances.get(slug="mixed"))
    undo_act(by=curator, act=act_of(done))
    assert state(study) == before


# --- what people did since ------------------------------------------------------------------------------


def test_what_a_coder_changed_since_in_something_else_stays(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    tag = make_tag(study, coder)
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    changed(tag, coder, note="a second thought", stance=study.stances.get(slug="oppose"))
    assert (preview_undo(act=act).annotations, preview_undo(act=act).changed) == (1, 1)
    undo_act(by=curator, act=act)
    tag.refresh_from_db()
    assert (tag.topic, tag.note, tag.stance.slug, tag.version) == (talks, "a second thought", "oppose", 4)


def test_where_a_coder_has_chosen_another_topic_since_their_word_stays(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    third = Topic.objects.create(
        study=study, parent=talks.parent, slug="third", label="Third", statement="Third.", position=7
    )
    tag = make_tag(study, coder)
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    changed(tag, coder, topic=third)
    done = undo_act(by=curator, act=act)
    assert (done.annotations, done.stays) == (0, (tag,))
    tag.refresh_from_db()
    assert (tag.topic, tag.version) == (third, 3)
    assert study.topics.filter(slug="talks").exists()


def test_a_voice_that_its_coder_has_changed_since_stays_whole(
    study: Study, coder: User, curator: User
) -> None:
    tag = make_tag(study, coder, source="kremlin", reported_by="putin")
    act = act_of(merge_sources(by=curator, into=source(study, "kremlin"), merged=source(study, "putin")))
    changed(tag, coder, reported_by=source(study, "ushakov"))
    assert undo_act(by=curator, act=act).stays == (tag,)
    tag.refresh_from_db()
    assert (tag.source.slug, tag.reported_by.slug if tag.reported_by else "") == ("kremlin", "ushakov")


def test_a_tag_withdrawn_since_goes_back_and_stays_withdrawn(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    tag = make_tag(study, coder)
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    withdraw_tag(by=coder, annotation=tag, version=2)
    undo_act(by=curator, act=act)
    tag.refresh_from_db()
    assert (tag.topic, tag.withdrawn_at is None) == (talks, False)


def test_a_duplicate_that_its_coder_brought_back_stays_active(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    kept, loser = make_tag(study, coder), make_tag(study, coder, topic="guarantees")
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    withdraw_tag(by=coder, annotation=kept, version=2)
    loser.refresh_from_db()
    restore_tag(by=coder, annotation=loser)
    undo_act(by=curator, act=act)
    loser.refresh_from_db()
    kept.refresh_from_db()
    assert (loser.topic, loser.withdrawn_at) == (guarantees, None)
    assert (kept.topic, kept.withdrawn_at is None) == (talks, False)


# --- refusals --------------------------------------------------------------------------------------------


def refused(act: CodebookAct, by: User) -> tuple[str, ...]:
    """Why an act is not undone; and nothing has changed."""
    before = state(act.study)
    with pytest.raises(UndoError) as caught:
        undo_act(by=by, act=act)
    assert state(act.study) == before
    assert preview_undo(act=act).obstacles == caught.value.reasons
    assert CodebookAct.objects.get(pk=act.pk).undone_at == act.undone_at
    return caught.value.reasons


def test_only_a_curator_undoes(study: Study, coder: User, curator: User, talks: Topic) -> None:
    act = retire_entry(by=curator, entry=talks)
    assert act is not None
    with pytest.raises(NotAllowedError):
        undo_act(by=coder, act=act)


def test_nothing_is_undone_twice(study: Study, curator: User, talks: Topic, guarantees: Topic) -> None:
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    undo_act(by=curator, act=act)
    act.refresh_from_db()
    assert refused(act, curator) == ("This has been undone already.",)


def test_a_slug_that_is_taken_again_stands_in_the_way(
    study: Study, curator: User, talks: Topic, guarantees: Topic
) -> None:
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    Topic.objects.create(
        study=study, parent=guarantees.parent, slug="talks", label="T", statement="T.", position=8
    )
    assert refused(act, curator) == ("Another entry has the slug “talks” by now: rename that one.",)


def test_a_key_that_is_taken_again_stands_in_the_way(study: Study, curator: User) -> None:
    stances = study.stances
    done = merge_stances(by=curator, into=stances.get(slug="neutral"), merged=stances.get(slug="mixed"))
    Stance.objects.create(study=study, slug="maybe", label="Maybe", value=0.0, key="m", position=9)
    assert refused(act_of(done), curator) == ("Another stance has the key “m” by now: change that one.",)


def test_a_group_that_is_gone_or_retired_stands_in_the_way(
    study: Study, curator: User, talks: Topic, guarantees: Topic
) -> None:
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    retire_entry(by=curator, entry=study.topics.get(slug="security"))
    assert refused(act, curator) == ("Talks: This group is retired: revive it, or choose another.",)
    other = Topic.objects.create(study=study, slug="other", label="Other", position=9)
    guarantees.refresh_from_db()
    guarantees.parent = other
    guarantees.is_retired = False
    guarantees.save()
    study.topics.get(slug="security").delete()
    assert refused(act, curator) == ("What “Talks” belonged to is gone.",)


def test_others_that_speak_for_the_one_that_stayed_stand_in_the_way(study: Study, curator: User) -> None:
    done = merge_sources(by=curator, into=source(study, "ushakov"), merged=source(study, "kremlin"))
    putin = source(study, "putin")
    putin.speaks_for = source(study, "ushakov")
    save_source(by=curator, source=putin)
    assert refused(act_of(done), curator) == ("Others speak for “Ushakov” by now.",)


def test_an_equal_tag_made_since_stands_in_the_way_and_is_named(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    """The duplicate that would come back is there once more: its coder has tagged the same again."""
    kept, _loser = make_tag(study, coder), make_tag(study, coder, topic="guarantees")
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    withdraw_tag(by=coder, annotation=kept, version=2)
    make_tag(study, coder, topic="guarantees")
    assert refused(act, curator) == ("ada has an equal annotation of “Biden agreed to talk” by now.",)


def test_two_that_go_back_and_would_be_equal_stand_in_the_way(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    kept = make_tag(study, coder, topic="guarantees")
    make_tag(study, coder)
    other = make_tag(study, coder, "Biden agreed")
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    withdraw_tag(by=coder, annotation=kept, version=1)
    changed(other, coder, end=kept.end)
    assert refused(act, curator) == ("ada has an equal annotation of “Biden agreed to talk” by now.",)


def test_acts_on_the_same_annotations_are_undone_backwards(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    third = Topic.objects.create(
        study=study, parent=talks.parent, slug="third", label="Third", statement="Third.", position=7
    )
    make_tag(study, coder)
    before = state(study)
    first = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    second = act_of(merge_topics(by=curator, into=third, merged=guarantees))
    assert refused(first, curator) == ("Undo this first: “Guarantees” merged into “Third”: 1 annotation.",)
    undo_act(by=curator, act=second)
    undo_act(by=curator, act=first)
    assert state(study) == before


def test_an_act_on_something_else_does_not_stand_in_the_way(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    make_tag(study, coder)
    first = act_of(merge_topics(by=curator, into=guarantees, merged=talks))
    retire_entry(by=curator, entry=guarantees)
    retire_entry(by=curator, entry=source(study, "putin"))
    undo_act(by=curator, act=first)
    assert annotations_of(talks).count() == 1


# --- splits ----------------------------------------------------------------------------------------------


def new_topic(study: Study) -> Topic:
    parent = study.topics.get(slug="security")
    return Topic(study=study, parent=parent, slug="summits", label="Summits", statement="Summits help.")


def test_a_split_is_undone_and_its_new_entry_goes(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic
) -> None:
    tags = [make_tag(study, coder), make_tag(study, other_coder)]
    before = state(study)
    chosen = Annotation.objects.filter(pk__in=[tags[0].pk])
    act = act_of(split_entry(by=curator, entry=talks, into=new_topic(study), chosen=chosen))
    assert act.summary == "“Talks” split: 1 annotation to “Summits”"
    assert undo_act(by=curator, act=act).kept is None
    assert state(study) == before


def test_a_new_entry_that_was_used_since_stays_with_what_was_made_with_it(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    moved = make_tag(study, coder)
    act = act_of(split_entry(by=curator, entry=talks, into=new_topic(study), chosen=annotations_of(talks)))
    fresh = make_tag(study, coder, "Putin asked", topic="summits")
    done = undo_act(by=curator, act=act)
    moved.refresh_from_db()
    fresh.refresh_from_db()
    assert done.kept is not None
    assert (done.kept.slug, moved.topic.slug, fresh.topic.slug) == ("summits", "talks", "summits")


def test_a_split_into_an_entry_that_is_there_is_undone_and_the_entry_stays(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    make_tag(study, coder)
    make_tag(study, coder, topic="guarantees")
    before = state(study)
    done = split_entry(by=curator, entry=talks, into=guarantees, chosen=annotations_of(talks))
    assert done.duplicates == 1
    undo_act(by=curator, act=act_of(done))
    assert state(study) == before


def test_a_tag_made_since_on_the_entry_that_was_split_stands_in_the_way(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    make_tag(study, coder)
    act = act_of(split_entry(by=curator, entry=talks, into=new_topic(study), chosen=annotations_of(talks)))
    make_tag(study, coder)
    assert refused(act, curator) == ("ada has an equal annotation of “Biden agreed to talk” by now.",)


def test_an_entry_that_is_gone_stands_in_the_way(
    study: Study, coder: User, curator: User, talks: Topic
) -> None:
    make_tag(study, coder)
    act = act_of(split_entry(by=curator, entry=talks, into=new_topic(study), chosen=annotations_of(talks)))
    talks.delete()
    assert refused(act, curator) == ("An entry that annotations would go back to is gone by now.",)


def test_a_stance_that_the_study_needs_by_now_stays(study: Study, coder: User, curator: User) -> None:
    support, oppose = study.stances.get(slug="support"), study.stances.get(slug="oppose")
    make_tag(study, coder)
    half = Stance(study=study, slug="half", label="Half", value=0.5)
    act = act_of(split_entry(by=curator, entry=support, into=half, chosen=annotations_of(support)))
    for slug in ("mixed", "neutral"):
        study.stances.get(slug=slug).delete()
    oppose.delete()
    assert undo_act(by=curator, act=act).kept == half


# --- retirements -----------------------------------------------------------------------------------------


def test_retiring_and_reviving_are_undone(study: Study, curator: User, talks: Topic) -> None:
    before = state(study)
    act = retire_entry(by=curator, entry=study.topics.get(slug="security"))
    assert act is not None
    assert undo_act(by=curator, act=act).entries == ("Security", "Talks", "Guarantees")
    assert state(study) == before
    retire_entry(by=curator, entry=talks)
    retired = state(study)
    talks.refresh_from_db()
    act = revive_entry(by=curator, entry=talks)
    assert act is not None
    undo_act(by=curator, act=act)
    assert state(study) == retired


def test_a_retirement_that_was_changed_since_is_not_undone(
    study: Study, curator: User, talks: Topic, guarantees: Topic
) -> None:
    act = retire_entry(by=curator, entry=talks)
    assert act is not None
    talks.refresh_from_db()
    revive_entry(by=curator, entry=talks)
    assert refused(act, curator) == ("Undo this first: “Talks” revived.",)
    merge_topics(by=curator, into=guarantees, merged=talks)
    assert refused(act, curator)[0].startswith("Undo this first: “Talks” merged into “Guarantees”")


def test_a_retirement_whose_entry_is_gone_is_not_undone(study: Study, curator: User, talks: Topic) -> None:
    act = retire_entry(by=curator, entry=talks)
    assert act is not None
    talks.delete()
    assert refused(act, curator) == ("What was changed is gone, or has been changed back.",)


def test_a_topic_is_not_back_in_use_under_a_group_that_is_retired_by_now(
    study: Study, curator: User, talks: Topic
) -> None:
    act = retire_entry(by=curator, entry=talks)
    retire_entry(by=curator, entry=study.topics.get(slug="security"))
    assert act is not None
    assert refused(act, curator) == ("“Security”, the group it is in, is retired by now.",)


def test_a_stance_that_the_study_needs_by_now_is_not_retired_again(study: Study, curator: User) -> None:
    oppose = study.stances.get(slug="oppose")
    retire_entry(by=curator, entry=oppose)
    oppose.refresh_from_db()
    act = revive_entry(by=curator, entry=oppose)
    retire_entry(by=curator, entry=study.stances.get(slug="mixed"))
    assert act is not None
    assert refused(act, curator) == ("A study needs stances of at least two different values.",)


# --- decisions -------------------------------------------------------------------------------------------


def decide(tag: Annotation, curator: User, version: int) -> DecidedTag:
    decision = Decision.objects.create(
        study_id=tag.study_id,
        document_id=tag.document_id,
        passage=Passage.objects.get(pk=tag.passage_id),
        situation="unanimous",
        outcome="accepted",
        curator=curator,
    )
    return DecidedTag.objects.create(decision=decision, annotation=tag, version=version)


def test_decisions_move_along_with_what_they_rested_on(
    study: Study, coder: User, other_coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    """A merge changes no coder's word: no decision comes back as changed. One that was behind stays so."""
    tag, edited = make_tag(study, coder), make_tag(study, other_coder)
    decided, behind = decide(tag, curator, 1), decide(edited, curator, 1)
    edited = changed(edited, other_coder, note="a second thought")
    act = act_of(merge_topics(by=curator, into=guarantees, merged=talks))

    def versions() -> list[tuple[int, int]]:
        rows = DecidedTag.objects.filter(pk__in=(decided.pk, behind.pk)).order_by("pk")
        return [(row.version, row.annotation.version) for row in rows.select_related("annotation")]

    assert versions() == [(2, 2), (1, 3)]
    undo_act(by=curator, act=act)
    assert versions() == [(3, 3), (1, 4)]
    split_entry(by=curator, entry=talks, into=new_topic(study), chosen=annotations_of(talks))
    assert versions() == [(4, 4), (1, 5)]


# --- in general ------------------------------------------------------------------------------------------


QUOTES = ("Biden agreed", "Biden agreed to talk", "Putin asked", "Putin asked for guarantees")


def random_tags(study: Study, people: list[User], chance: random.Random) -> None:
    """Tags of which many become equal under any merge."""
    sources = [s.slug for s in study.sources.all()]
    for _number in range(24):
        holder, messenger = chance.sample(sources, 2)
        said = {
            "topic": chance.choice(("talks", "guarantees")),
            "stance": chance.choice(("support", "mixed", "neutral", "oppose")),
            "source": holder,
            "reported_by": chance.choice((messenger, None)),
        }
        coder = chance.choice(people)
        passage, wanted = values(study, chance.choice(QUOTES), **said)
        exists = Annotation.objects.filter(
            coder=coder,
            passage=passage,
            start=wanted.start,
            end=wanted.end,
            topic=wanted.topic,
            source=wanted.source,
            reported_by=wanted.reported_by,
        )
        if not exists.exists():
            tag = make_tag(
                study, coder, passage.text[wanted.start - passage.start : wanted.end - passage.start], **said
            )
            if chance.random() < 0.2:
                withdraw_tag(by=coder, annotation=tag, version=1)


def random_act(study: Study, curator: User, chance: random.Random) -> CodebookAct | None:
    """Some merge, split or retirement, where the rules let it."""
    model = chance.choice((Topic, Stance, Source))
    entries = list(model._default_manager.filter(study=study).order_by("pk"))
    one, other = chance.sample(entries, 2)
    kind = chance.choice(list(CodebookChange))
    if kind is CodebookChange.RETIRE:
        return retire_entry(by=curator, entry=one)
    if kind is CodebookChange.REVIVE:
        return revive_entry(by=curator, entry=one)
    tags = Annotation.objects.filter(study=study)
    answers = {tag.pk: tag.stance for tag in tags.select_related("stance")}
    asked = {} if model is Stance and kind is CodebookChange.MERGE else {"stances": answers}
    if kind is CodebookChange.MERGE:
        return act_of(merge_entries(by=curator, into=one, merged=other, **asked))
    chosen = tags.filter(pk__in=[pk for pk in tags.values_list("pk", flat=True) if chance.random() < 0.5])
    return act_of(split_entry(by=curator, entry=one, into=other, chosen=chosen, **asked))


@pytest.mark.parametrize("seed", range(12))
def test_whatever_was_done_undoing_it_backwards_brings_everything_back(
    study: Study, coder: User, other_coder: User, curator: User, seed: int
) -> None:
    chance = random.Random(seed)
    random_tags(study, [coder, other_coder], chance)
    states, acts = [state(study)], []
    for _number in range(40):
        try:
            act = random_act(study, curator, chance)
        except SummitError:
            continue
        if act is not None:
            acts.append(act)
            states.append(state(study))
        if len(acts) == 5:
            break
    assert len(acts) >= 3
    assert states[0] != states[-1]
    for act, before in zip(reversed(acts), reversed(states[:-1]), strict=True):
        undo_act(by=curator, act=act)
        assert state(study) == before


def test_the_number_of_queries_does_not_grow_with_the_annotations(
    study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
) -> None:
    def queries(of: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            of()
        return len(captured)

    make_tag(study, coder, "Biden")
    one = queries(lambda: merge_topics(by=curator, into=guarantees, merged=talks))
    undo_one = queries(lambda: undo_act(by=curator, act=CodebookAct.objects.latest("pk")))
    for quote in ("agreed", "to talk", "Putin", "asked"):
        make_tag(study, coder, quote)
        make_tag(study, coder, quote, topic="guarantees")
    first = Topic.objects.get(pk=talks.pk)
    # Four become duplicates: withdrawing them, and pointing them to the one that stays, is two more.
    assert queries(lambda: merge_topics(by=curator, into=guarantees, merged=first)) <= one + 8
    assert queries(lambda: undo_act(by=curator, act=CodebookAct.objects.latest("pk"))) <= undo_one + 6
