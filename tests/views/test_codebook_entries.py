"""Editing the codebook's words: entries and guidelines, versions, refusals, and two who edit at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotations.models import Study, Topic, User
from annotations.services.codebook import last_line, save_topic
from annotations.services.guidelines import save_guidelines
from annotations.services.retiring import retire_entry
from tests.bodies import words
from tests.factories import make_tag

BASE = "/studies/talks/codebook/"


@pytest.fixture
def cora(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


def form_of(study: Study, **changes: Any) -> dict[str, Any]:
    talks = study.topics.get(slug="talks")
    said = {"label": talks.label, "slug": talks.slug, "parent": talks.parent_id, "statement": talks.statement}
    return {**said, "seen": last_line(talks), **changes}


def test_a_topic_is_edited_and_its_statement_gets_a_new_version(
    cora: Client, study: Study, coder: User, curator: User
) -> None:
    tag = make_tag(study, coder)
    answer = cora.post(f"{BASE}topics/talks/edit/", form_of(study, statement="Talks help."), follow=True)
    assert answer.redirect_chain == [(BASE, 302)]
    assert "Saved: Talks." in words(answer)
    topic = study.topics.get(slug="talks")
    assert (topic.statement, topic.statement_version, topic.history.latest().history_user) == (
        "Talks help.",
        2,
        curator,
    )
    tag.refresh_from_db()
    assert tag.statement_version == 1


def test_a_slip_of_the_pen_keeps_the_version(cora: Client, study: Study) -> None:
    sent = form_of(study, statement="There should be talks!", keeps_meaning="on")
    assert cora.post(f"{BASE}topics/talks/edit/", sent).status_code == 302
    topic = study.topics.get(slug="talks")
    assert (topic.statement, topic.statement_version) == ("There should be talks!", 1)


def test_stances_and_sources_are_edited(cora: Client, study: Study) -> None:
    stance = {"label": "Backs", "slug": "support", "value": "0.8", "key": "b", "color": ""}
    assert cora.post(f"{BASE}stances/support/edit/", stance).status_code == 302
    assert study.stances.get(slug="support").value == 0.8
    kremlin = study.sources.get(slug="kremlin").pk
    source = {"label": "V. Putin", "slug": "putin", "side": "Russia", "speaks_for": kremlin}
    assert cora.post(f"{BASE}sources/putin/edit/", source).status_code == 302
    assert study.sources.get(slug="putin").speaks_for_id == kremlin


def test_entries_are_added_at_the_end(cora: Client, study: Study) -> None:
    group = study.topics.get(slug="security").pk
    topic = {"label": "Arms", "slug": "arms", "parent": group, "statement": "Fewer arms."}
    assert cora.post(f"{BASE}topics/new/", topic).status_code == 302
    assert study.topics.get(slug="arms").position == 3
    assert cora.post(f"{BASE}topics/new/", {"label": "Other", "slug": "other"}).status_code == 302
    stance = {"label": "Warm", "slug": "warm", "value": "0.5"}
    assert cora.post(f"{BASE}stances/new/", stance).status_code == 302
    source = {"label": "Lavrov", "slug": "lavrov", "side": "Russia"}
    assert cora.post(f"{BASE}sources/new/", source).status_code == 302
    assert study.sources.get(slug="lavrov").position == 5


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("topics/talks/edit/", {"label": ""}, "label"),
        ("topics/talks/edit/", {"slug": "guarantees"}, None),
        ("topics/talks/edit/", {"statement": ""}, None),
        ("topics/talks/edit/", {"statement": "x" * 1001}, "statement"),
        ("topics/new/", {"slug": "arms", "parent": "", "statement": "Alone."}, "statement"),
        ("topics/new/", {"slug": "arms", "parent": "999999"}, "parent"),
    ],
)
def test_what_breaks_a_rule_is_shown_beside_its_field_and_nothing_is_lost(
    cora: Client, study: Study, path: str, sent: dict[str, str], field: str | None
) -> None:
    before = list(study.topics.order_by("pk").values())
    answer = cora.post(BASE + path, form_of(study, **{"label": "A new label", **sent}))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field or "__all__"]
    assert 'value="A new label"' in answer.content.decode() or sent.get("label") == ""
    assert list(study.topics.order_by("pk").values()) == before


def test_parents_offered_are_groups_in_use_or_not_of_this_study_only(cora: Client, study: Study) -> None:
    form = cora.get(f"{BASE}topics/talks/edit/").context["form"]
    assert [topic.slug for topic in form.fields["parent"].queryset] == ["security"]
    form = cora.get(f"{BASE}sources/putin/edit/").context["form"]
    bodies = [source.slug for source in form.fields["speaks_for"].queryset]
    assert bodies == ["author", "biden", "kremlin"]


def test_author_keeps_its_slug_and_side(cora: Client, study: Study) -> None:
    sent = {"label": "The analysts", "slug": "voice", "side": "Russia"}
    assert cora.post(f"{BASE}sources/author/edit/", sent).status_code == 302
    author = study.sources.get(slug="author")
    assert (author.label, author.side) == ("The analysts", "Author")


def test_a_stale_form_is_shown_with_both_values_and_saving_again_is_a_choice(
    cora: Client, study: Study, owner: User
) -> None:
    sent = form_of(study, statement="Mine.", label="My label")
    theirs = study.topics.get(slug="talks")
    theirs.statement = "Theirs."
    save_topic(by=owner, topic=theirs)
    answer = cora.post(f"{BASE}topics/talks/edit/", sent)
    assert answer.status_code == 409
    assert answer.context["differences"] == [
        ("Label", "Talks", "My label"),
        ("Statement", "Theirs.", "Mine."),
    ]
    page = answer.content.decode()
    assert 'value="My label"' in page
    assert ">\nMine.</textarea>" in page
    assert study.topics.get(slug="talks").statement == "Theirs."
    assert cora.post(f"{BASE}topics/talks/edit/", sent | {"seen": answer.context["seen"]}).status_code == 302
    topic = study.topics.get(slug="talks")
    assert (topic.statement, topic.statement_version) == ("Mine.", 3)


def test_a_choice_is_shown_by_its_words_in_a_conflict(cora: Client, study: Study, owner: User) -> None:
    other = Topic.objects.create(study=study, slug="other", label="Other group", position=9)
    sent = form_of(study, label="My label")
    theirs = study.topics.get(slug="talks")
    theirs.parent = other
    save_topic(by=owner, topic=theirs)
    answer = cora.post(f"{BASE}topics/talks/edit/", sent)
    assert answer.context["differences"] == [
        ("Label", "Talks", "My label"),
        ("Group", "Other group", "Security"),
    ]


def test_a_retired_entry_can_be_edited_and_stays_retired(cora: Client, study: Study, curator: User) -> None:
    retire_entry(by=curator, entry=study.topics.get(slug="talks"))
    assert cora.post(f"{BASE}topics/talks/edit/", form_of(study, label="Old talks")).status_code == 302
    topic = study.topics.get(slug="talks")
    assert (topic.label, topic.is_retired) == ("Old talks", True)


# --- guidelines ------------------------------------------------------------------------------------------


@pytest.fixture
def written(study: Study) -> Study:
    study.guidelines = "1. Tag what is claimed.\n2. Not what is meant."
    study.save()
    return study


def test_the_guidelines_are_edited_in_versions(cora: Client, written: Study, curator: User) -> None:
    page = cora.get(f"{BASE}guidelines/")
    assert "2. Not what is meant." in page.content.decode()
    sent = {"text": "1. Tag it all.", "seen": page.context["seen"]}
    answer = cora.post(f"{BASE}guidelines/", sent, follow=True)
    assert "The guidelines are saved." in words(answer)
    written.refresh_from_db()
    assert (written.guidelines, written.guidelines_version) == ("1. Tag it all.", 2)
    sent = {"text": "1. Tag it all!", "keeps_meaning": "on", "seen": last_line(written)}
    cora.post(f"{BASE}guidelines/", sent)
    written.refresh_from_db()
    assert (written.guidelines, written.guidelines_version) == ("1. Tag it all!", 2)


def test_guidelines_that_cannot_be_stored_come_back_with_the_reason(cora: Client, written: Study) -> None:
    answer = cora.post(f"{BASE}guidelines/", {"text": "a" * 100_001, "seen": last_line(written)})
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"] == ["At most 100,000 characters."]
    written.refresh_from_db()
    assert written.guidelines_version == 1


def test_stale_guidelines_are_shown_side_by_side_and_nothing_is_lost(
    cora: Client, written: Study, owner: User
) -> None:
    seen = last_line(written)
    save_guidelines(by=owner, study=written, text="1. Tag what is said.\n2. Not what is meant.")
    sent = {"text": "1. Tag what is claimed.\n2. Never what is meant.", "seen": seen}
    answer = cora.post(f"{BASE}guidelines/", sent)
    assert answer.status_code == 409
    assert answer.context["stored_text"] == "1. Tag what is said.\n2. Not what is meant."
    pieces = [(piece.kind, piece.text) for piece in answer.context["pieces"] if piece.kind != "same"]
    assert pieces == [("out", "said"), ("in", "claimed"), ("out", "Not"), ("in", "Never")]
    assert ">\n1. Tag what is claimed.\n2. Never what is meant.</textarea>" in answer.content.decode()
    assert cora.post(f"{BASE}guidelines/", sent | {"seen": answer.context["seen"]}).status_code == 302
    written.refresh_from_db()
    assert written.guidelines == sent["text"]
