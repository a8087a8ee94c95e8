"""The codebook's rules: what is saved, what is refused and where the refusal belongs, what may be deleted."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import InUseError, NotAllowedError, StaleEntryError
from annotations.models import Source, Stance, Study, Topic, User
from annotations.services.codebook import (
    InvalidEntryError,
    delete_source,
    delete_stance,
    delete_topic,
    last_line,
    save_entry,
    save_source,
    save_stance,
    save_topic,
)
from annotations.services.coding import withdraw_tag
from tests.factories import make_study, make_tag


def topic(study: Study, slug: str = "talks", /, **changes: Any) -> Topic:
    return changed(study.topics.get(slug=slug), changes)


def stance(study: Study, slug: str = "support", /, **changes: Any) -> Stance:
    return changed(study.stances.get(slug=slug), changes)


def source(study: Study, slug: str = "putin", /, **changes: Any) -> Source:
    return changed(study.sources.get(slug=slug), changes)


def changed(entry: Any, changes: dict[str, Any]) -> Any:
    for name, value in changes.items():
        setattr(entry, name, value)
    return entry


def refused(save: Any, field: str | None, **entry: Any) -> None:
    with pytest.raises(InvalidEntryError) as refusal:
        save(**entry)
    assert refusal.value.field == field


def test_saved_text_is_normal_and_history_knows_who(study: Study, curator: User) -> None:
    saved = save_topic(by=curator, topic=topic(study, label="  Cafe\u0301 ", statement="One.\r\nTwo."))
    saved.refresh_from_db()
    assert (saved.label, saved.statement) == ("Café", "One.\nTwo.")
    line = saved.history.latest()
    assert (line.history_user, line.history_type) == (curator, "~")


def test_new_entries_are_saved(study: Study, curator: User) -> None:
    group = study.topics.get(slug="security")
    save_topic(
        by=curator,
        topic=Topic(
            study=study, parent=group, slug="arms", label="Arms", statement="Fewer arms.", position=3
        ),
    )
    save_stance(by=curator, stance=Stance(study=study, slug="warm", label="Warm", value=0.5, position=9))
    save_source(
        by=curator, source=Source(study=study, slug="lavrov", label="Lavrov", side="Russia", position=9)
    )
    assert [study.topics.count(), study.stances.count(), study.sources.count()] == [4, 5, 6]


def test_only_a_curator_or_owner_edits_the_codebook(study: Study, coder: User, owner: User) -> None:
    for save in (
        lambda by: save_topic(by=by, topic=topic(study)),
        lambda by: save_stance(by=by, stance=stance(study)),
        lambda by: save_source(by=by, source=source(study)),
        lambda by: delete_topic(by=by, topic=topic(study)),
        lambda by: delete_stance(by=by, stance=stance(study, "mixed")),
        lambda by: delete_source(by=by, source=source(study)),
    ):
        with pytest.raises(NotAllowedError):
            save(coder)
        save(owner)


def test_fields_are_checked(study: Study, curator: User) -> None:
    refused(save_topic, "slug", by=curator, topic=topic(study, "talks", slug="Not A Slug"))
    refused(save_topic, "label", by=curator, topic=topic(study, label=" "))
    refused(save_topic, "label", by=curator, topic=topic(study, label="a\x00b"))
    refused(save_stance, "color", by=curator, stance=stance(study, color="red"))
    refused(save_stance, "value", by=curator, stance=stance(study, value=1.01))
    refused(save_stance, "value", by=curator, stance=stance(study, value=float("nan")))
    refused(save_stance, None, by=curator, stance=stance(study, key="o"))
    refused(save_topic, None, by=curator, topic=topic(study, "talks", slug="guarantees"))


def test_topics_have_two_levels(study: Study, curator: User) -> None:
    talks = study.topics.get(slug="talks")
    refused(save_topic, "parent", by=curator, topic=topic(study, "guarantees", parent=talks))
    other = Topic.objects.create(study=study, slug="other", label="Other", position=9)
    group = topic(study, "security", parent=other, statement="Now with one.")
    refused(save_topic, "parent", by=curator, topic=group)
    refused(save_topic, None, by=curator, topic=topic(study, "other", parent=other, statement="Itself."))


def test_a_topic_has_a_statement_where_and_only_where_it_has_a_parent(study: Study, curator: User) -> None:
    refused(save_topic, None, by=curator, topic=topic(study, statement=" "))
    refused(save_topic, "statement", by=curator, topic=topic(study, "security", statement="A claim."))


def test_a_tagged_topic_keeps_a_statement(study: Study, coder: User, curator: User) -> None:
    make_tag(study, coder)
    refused(save_topic, "statement", by=curator, topic=topic(study, parent=None, statement=""))
    save_topic(by=curator, topic=topic(study, "guarantees", parent=None, statement=""))


def test_an_entry_stays_in_its_study_and_refers_to_its_own(study: Study, admin_user: User) -> None:
    other = make_study("other")
    refused(
        save_topic,
        "study",
        by=admin_user,
        topic=topic(study, study=other, slug="new", parent=None, statement=""),
    )
    refused(save_topic, "parent", by=admin_user, topic=topic(study, parent=other.topics.get(slug="security")))
    kremlin = other.sources.get(slug="kremlin")
    refused(save_source, "speaks_for", by=admin_user, source=source(study, speaks_for=kremlin))


def test_one_level_of_speaking_for(study: Study, curator: User) -> None:
    ushakov, putin = source(study, "ushakov"), source(study)
    refused(save_source, "speaks_for", by=curator, source=source(study, speaks_for=ushakov))
    refused(save_source, "speaks_for", by=curator, source=source(study, "kremlin", speaks_for=putin))
    refused(save_source, None, by=curator, source=source(study, speaks_for=putin))
    save_source(by=curator, source=source(study, speaks_for=source(study, "kremlin")))


def test_author_keeps_its_slug_and_side_and_stands_alone(study: Study, curator: User) -> None:
    author = source(study, "author")
    refused(save_source, "slug", by=curator, source=source(study, "author", slug="voice"))
    refused(save_source, "side", by=curator, source=source(study, "author", side="Russia"))
    refused(save_source, "speaks_for", by=curator, source=source(study, "author", speaks_for=source(study)))
    refused(save_source, "speaks_for", by=curator, source=source(study, speaks_for=author))
    save_source(by=curator, source=source(study, "author", label="The analysts"))
    with pytest.raises(InvalidEntryError):
        delete_source(by=curator, source=author)


def test_no_other_source_takes_the_authors_name(study: Study, curator: User) -> None:
    Source.objects.filter(study=study, slug="author").delete()
    refused(save_source, "slug", by=curator, source=source(study, "putin", slug="author"))
    save_source(by=curator, source=Source(study=study, slug="author", label="A", side="A", position=0))


def test_at_least_two_different_values_remain(study: Study, curator: User) -> None:
    save_stance(by=curator, stance=stance(study, "mixed", value=None))
    refused(save_stance, "value", by=curator, stance=stance(study, "oppose", value=1.0))
    refused(save_stance, "value", by=curator, stance=stance(study, "oppose", value=None))
    refused(delete_stance, "value", by=curator, stance=stance(study, "oppose"))
    delete_stance(by=curator, stance=stance(study, "mixed"))


def test_a_codebook_can_be_built_up_from_nothing(study: Study, curator: User) -> None:
    Stance.objects.filter(study=study).delete()
    for slug, value in (("unsure", None), ("yes", 1.0), ("no", -1.0)):
        save_stance(by=curator, stance=Stance(study=study, slug=slug, label=slug, value=value, position=1))
    refused(delete_stance, "value", by=curator, stance=stance(study, "no"))


def test_what_is_used_is_not_deleted_and_a_merge_is_named(study: Study, coder: User, curator: User) -> None:
    tag = make_tag(study, coder, reported_by="putin")
    with pytest.raises(InUseError, match=r"1 annotation .*merge"):
        delete_topic(by=curator, topic=topic(study))
    withdraw_tag(by=coder, annotation=tag, version=1)
    make_tag(study, coder, reported_by="putin")
    with pytest.raises(InUseError, match=r"2 annotations .*merge"):
        delete_stance(by=curator, stance=stance(study))
    for slug in ("biden", "putin"):
        with pytest.raises(InUseError, match=r"2 annotations .*merge"):
            delete_source(by=curator, source=source(study, slug))


def test_what_others_refer_to_is_not_deleted(study: Study, curator: User) -> None:
    with pytest.raises(InUseError, match="2 topics under it: merge"):
        delete_topic(by=curator, topic=topic(study, "security"))
    with pytest.raises(InUseError, match="1 source speaks for it: merge"):
        delete_source(by=curator, source=source(study, "kremlin"))


def test_what_is_unused_is_deleted_and_its_history_stays(study: Study, curator: User) -> None:
    talks, ushakov = topic(study), source(study, "ushakov")
    keys = {talks.pk, ushakov.pk}
    delete_topic(by=curator, topic=talks)
    delete_source(by=curator, source=ushakov)
    assert not study.topics.filter(slug="talks").exists()
    assert not study.sources.filter(slug="ushakov").exists()
    lines = [Topic.history.latest(), Source.history.latest()]
    assert [(h.history_user, h.history_type) for h in lines] == [(curator, "-")] * 2
    assert {h.id for h in lines} == keys


# --- versions of a statement ----------------------------------------------------------------------------


def test_a_changed_statement_is_a_new_version_and_the_history_has_both(study: Study, curator: User) -> None:
    before = study.topics.get(slug="talks").statement
    save_topic(by=curator, topic=topic(study, statement="There should be more talks."))
    save_topic(by=curator, topic=topic(study, label="Talking"))
    stored = study.topics.get(slug="talks")
    assert (stored.statement_version, stored.label) == (2, "Talking")
    lines = stored.history.order_by("history_id").values_list("statement", "statement_version")
    after = "There should be more talks."
    assert list(lines) == [(before, 1), (after, 2), (after, 2)]


def test_a_slip_of_the_pen_is_no_new_version(study: Study, curator: User) -> None:
    save_topic(by=curator, topic=topic(study, statement="There should be talks!"), keeps_meaning=True)
    stored = study.topics.get(slug="talks")
    assert (stored.statement, stored.statement_version) == ("There should be talks!", 1)


def test_the_version_counts_from_what_is_stored(study: Study, curator: User) -> None:
    """Not from what somebody opened before others had changed it."""
    opened = topic(study, statement="Opened first.")
    save_topic(by=curator, topic=topic(study, statement="Second."))
    save_topic(by=curator, topic=topic(study, statement="Third."))
    save_topic(by=curator, topic=opened)
    assert study.topics.get(slug="talks").statement_version == 4


def test_a_first_statement_has_none_that_it_could_be_newer_than(study: Study, curator: User) -> None:
    group = Topic.objects.create(study=study, slug="other", label="Other", position=9)
    group.parent, group.statement = study.topics.get(slug="security"), "A statement."
    save_topic(by=curator, topic=group)
    assert Topic.objects.get(pk=group.pk).statement_version == 1


# --- two who edit at once -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["topic", "stance", "source"])
def test_of_two_who_edit_at_once_the_second_hears_of_the_first(
    study: Study, curator: User, owner: User, kind: str
) -> None:
    find = {"topic": topic, "stance": stance, "source": source}[kind]
    first, second = find(study), find(study)
    seen = last_line(first)
    save_entry(by=owner, entry=changed(first, {"label": "Theirs"}), seen=seen)
    with pytest.raises(StaleEntryError) as refused:
        save_entry(by=curator, entry=changed(second, {"label": "Mine"}), seen=seen)
    assert getattr(refused.value.current, "label", "") == "Theirs"
    assert find(study).label == "Theirs"
    # Whoever asks for what is stored already has nothing to choose; and who has seen it may go on.
    save_entry(by=curator, entry=changed(second, {"label": "Theirs"}), seen=seen)
    save_entry(by=curator, entry=changed(second, {"label": "Mine"}), seen=last_line(first))
    assert find(study).label == "Mine"


def test_what_is_no_part_of_the_form_is_no_conflict(study: Study, curator: User) -> None:
    opened = topic(study, label="Mine")
    seen = last_line(opened)
    moved = topic(study)
    moved.position = 7
    moved.save()
    save_topic(by=curator, topic=opened, seen=seen)
    assert study.topics.get(slug="talks").label == "Mine"
