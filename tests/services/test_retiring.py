"""Retiring: an entry keeps its annotations and takes no new ones."""

from __future__ import annotations

import pytest

from annotations.errors import InvalidTagError, MergeError, NotAllowedError
from annotations.models import Annotation, CodebookAct, Source, Stance, Study, Topic, User
from annotations.services.codebook import InvalidEntryError, delete_stance, save_stance, save_topic
from annotations.services.coding import TagValues, change_tag
from annotations.services.curated import CuratedValues, change_curated_tag
from annotations.services.merge_plan import CoderCount
from annotations.services.merging import merge_sources, merge_stances, merge_topics
from annotations.services.retiring import preview_retirement, retire_entry, retired_since, revive_entry
from tests.factories import make_tag


def retired(study: Study) -> set[str]:
    return {
        entry.slug
        for model in (Topic, Stance, Source)
        for entry in model._default_manager.filter(study=study, is_retired=True)
    }


@pytest.mark.parametrize(("kind", "slug"), [("topics", "talks"), ("stances", "mixed"), ("sources", "biden")])
def test_it_keeps_its_annotations_and_takes_no_new_ones(
    study: Study, coder: User, curator: User, kind: str, slug: str
) -> None:
    tag = make_tag(study, coder, stance="mixed", reported_by="putin")
    entry = getattr(study, kind).get(slug=slug)
    act = retire_entry(by=curator, entry=entry)
    assert act is not None
    assert (act.kind, act.what, retired(study)) == ("retire", kind[:-1], {slug})
    assert Annotation.objects.active().get() == tag
    assert tag.version == 1
    with pytest.raises(InvalidTagError):
        make_tag(study, coder, "Putin asked", stance="mixed", source="biden")
    line = entry.history.latest()
    assert (line.history_user, line.is_retired, line.history_change_reason) == (
        curator,
        True,
        f"retired {slug}",
    )


def test_its_annotations_can_be_changed_in_all_else(study: Study, coder: User, curator: User) -> None:
    tag = make_tag(study, coder)
    retire_entry(by=curator, entry=tag.topic)
    tag = Annotation.objects.get(pk=tag.pk)
    said = TagValues(tag.start, tag.end, tag.topic, tag.stance, tag.source, note="still here")
    assert change_tag(by=coder, annotation=tag, version=1, values=said).note == "still here"


def test_a_settled_tag_is_given_no_retired_entry_and_keeps_what_it_has(study: Study, curator: User) -> None:
    tag = make_tag(study, curator, layer="curated")
    for slug in ("talks", "guarantees"):
        retire_entry(by=curator, entry=study.topics.get(slug=slug))
    tag = Annotation.objects.get(pk=tag.pk)
    other = CuratedValues(study.topics.get(slug="guarantees"), tag.stance, tag.source)
    with pytest.raises(InvalidTagError) as refused:
        change_curated_tag(by=curator, annotation=tag, version=1, values=other)
    assert refused.value.field == "topic"
    same = CuratedValues(tag.topic, tag.stance, tag.source, note="still here")
    assert change_curated_tag(by=curator, annotation=tag, version=1, values=same).note == "still here"


def test_a_revived_entry_takes_annotations_again(study: Study, coder: User, curator: User) -> None:
    talks = study.topics.get(slug="talks")
    retire_entry(by=curator, entry=talks)
    act = revive_entry(by=curator, entry=talks)
    assert act is not None
    assert (act.kind, act.summary, retired(study)) == ("revive", "“Talks” revived", set())
    assert make_tag(study, coder).topic == talks


def test_setting_what_is_set_does_nothing(study: Study, curator: User) -> None:
    talks = study.topics.get(slug="talks")
    assert revive_entry(by=curator, entry=talks) is None
    retire_entry(by=curator, entry=talks)
    assert retire_entry(by=curator, entry=talks) is None
    assert CodebookAct.objects.count() == 1


def test_a_group_goes_with_its_topics_and_comes_back_with_those_it_took(study: Study, curator: User) -> None:
    group, talks = study.topics.get(slug="security"), study.topics.get(slug="talks")
    retire_entry(by=curator, entry=talks)
    retire_entry(by=curator, entry=group)
    assert retired(study) == {"security", "talks", "guarantees"}
    group.refresh_from_db()
    revive_entry(by=curator, entry=group)
    assert retired(study) == {"talks"}


def test_a_topic_of_a_retired_group_brings_its_group_back(study: Study, curator: User) -> None:
    group = study.topics.get(slug="security")
    retire_entry(by=curator, entry=group)
    revive_entry(by=curator, entry=study.topics.get(slug="talks"))
    assert retired(study) == {"guarantees"}


def test_no_topic_in_use_stands_under_a_retired_group(study: Study, curator: User) -> None:
    group = study.topics.get(slug="security")
    retire_entry(by=curator, entry=group)
    group.refresh_from_db()
    with pytest.raises(InvalidEntryError) as refused:
        save_topic(
            by=curator,
            topic=Topic(study=study, parent=group, slug="new", label="New", statement="New.", position=9),
        )
    assert refused.value.field == "parent"


def test_saving_never_revives(study: Study, curator: User) -> None:
    """Somebody's form was opened before the entry was retired."""
    opened = study.topics.get(slug="talks")
    retire_entry(by=curator, entry=study.topics.get(slug="talks"))
    opened.label = "Talks between the two"
    save_topic(by=curator, topic=opened)
    assert retired(study) == {"talks"}


def test_author_is_not_retired(study: Study, curator: User) -> None:
    author = study.sources.get(slug="author")
    with pytest.raises(InvalidEntryError, match="own voice"):
        retire_entry(by=curator, entry=author)
    assert retired(study) == set()


def test_stances_in_use_keep_two_different_values(study: Study, curator: User) -> None:
    stances = {stance.slug: stance for stance in study.stances.all()}
    retire_entry(by=curator, entry=stances["neutral"])
    retire_entry(by=curator, entry=stances["mixed"])
    for refused in (
        lambda: retire_entry(by=curator, entry=stances["oppose"]),
        lambda: delete_stance(by=curator, stance=stances["oppose"]),
        lambda: merge_stances(by=curator, into=stances["support"], merged=stances["oppose"]),
    ):
        with pytest.raises(InvalidEntryError, match="two different values"):
            refused()
    stances["oppose"].value = 1.0
    with pytest.raises(InvalidEntryError, match="two different values"):
        save_stance(by=curator, stance=stances["oppose"])
    # A retired stance's value may change: it counts for nothing.
    stances["mixed"].refresh_from_db()
    stances["mixed"].value = 1.0
    save_stance(by=curator, stance=stances["mixed"])
    assert retired(study) == {"neutral", "mixed"}


def test_nothing_is_merged_into_a_retired_entry(study: Study, coder: User, curator: User) -> None:
    make_tag(study, coder)
    pairs = (
        (merge_topics, study.topics, "guarantees", "talks"),
        (merge_stances, study.stances, "mixed", "support"),
        (merge_sources, study.sources, "putin", "biden"),
    )
    for merge, entries, into, merged in pairs:
        retire_entry(by=curator, entry=entries.get(slug=into))
        with pytest.raises(MergeError, match="is retired and takes no annotations"):
            merge(by=curator, into=entries.get(slug=into), merged=entries.get(slug=merged))
        # The other way round it goes.
        merge(by=curator, into=entries.get(slug=merged), merged=entries.get(slug=into))


def test_only_a_curator_retires(study: Study, coder: User) -> None:
    for change in (retire_entry, revive_entry):
        with pytest.raises(NotAllowedError):
            change(by=coder, entry=study.topics.get(slug="talks"))


def test_an_entry_that_is_gone_is_not_retired(study: Study, curator: User) -> None:
    talks = study.topics.get(slug="talks")
    Topic.objects.filter(pk=talks.pk).delete()
    with pytest.raises(InvalidEntryError, match="gone"):
        retire_entry(by=curator, entry=talks)


def test_the_preview_says_whose_annotations_stay(
    study: Study, coder: User, other_coder: User, curator: User
) -> None:
    make_tag(study, coder)
    make_tag(study, other_coder, topic="guarantees")
    make_tag(study, curator, layer="curated")
    make_tag(study, coder, "Kyiv", "west", source="author", reported_by="biden")
    preview = preview_retirement(entry=study.topics.get(slug="security"), retired=True)
    assert [entry.slug for entry in preview.entries] == ["security", "talks", "guarantees"]
    assert (preview.annotations, preview.counts) == (
        4,
        (CoderCount("ada", "coded", 2), CoderCount("ben", "coded", 1), CoderCount("cora", "curated", 1)),
    )
    assert preview_retirement(entry=study.sources.get(slug="biden"), retired=True).annotations == 4
    assert preview_retirement(entry=study.stances.get(slug="support"), retired=True).annotations == 4
    assert preview_retirement(entry=study.topics.get(slug="talks"), retired=False).entries == ()
    assert retired(study) == set()


def test_since_when_an_entry_is_retired_is_the_last_time_it_was(study: Study, curator: User) -> None:
    talks = study.topics.get(slug="talks")
    retire_entry(by=curator, entry=talks)
    revive_entry(by=curator, entry=talks)
    retire_entry(by=curator, entry=talks)
    last = talks.history.latest().history_date
    talks.refresh_from_db()
    talks.label = "Talking"
    save_topic(by=curator, topic=talks)
    assert retired_since(study) == {talks: last}
