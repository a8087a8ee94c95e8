"""Splitting in the app: choose, see what will happen, then it happens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, CodebookAct, Study, Topic, User
from annotations.pages import splitting
from annotations.services.retiring import retire_entry
from tests.bodies import words
from tests.factories import make_study, make_tag

BASE = "/studies/talks/codebook/"
SPLIT = f"{BASE}topics/talks/split/"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def cora(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


def sent(study: Study, *tags: Annotation, **more: Any) -> dict[str, Any]:
    """What the page sends to move these tags to a new topic."""
    return {
        "which": "ticked",
        "into": "",
        "tag": [str(tag.public_id) for tag in tags],
        "new-label": "Summits",
        "new-slug": "summits",
        "new-parent": study.topics.get(slug="security").pk,
        "new-statement": "Summits help.",
        **more,
    }


def confirmation(answer: Any, **more: Any) -> dict[str, Any]:
    """What the second page sends once more: all that it carries, and what was answered."""
    said: dict[str, Any] = {}
    for name, value in HIDDEN.findall(answer.content.decode()):
        said.setdefault(name, []).append(value)
    return said | {"confirm": "1"} | more


def topics(*tags: Annotation) -> list[str]:
    return [Annotation.objects.get(pk=tag.pk).topic.slug for tag in tags]


def test_the_page_lists_its_annotations_and_filters_them(
    cora: Client, study: Study, coder: User, other_coder: User
) -> None:
    mine, theirs = make_tag(study, coder), make_tag(study, other_coder, "Putin asked", source="putin")
    west = make_tag(study, coder, "Kyiv", "west", note="a drill")
    make_tag(study, coder, topic="guarantees")
    response = cora.get(SPLIT)
    assert response.context["shown"].rows == (mine, theirs, west)
    assert list(response.context["shown"].filters.fields) == ["document", "coder", "source", "q"]
    for query, found in (
        ({"only-coder": "ben"}, (theirs,)),
        ({"only-document": "west"}, (west,)),
        ({"only-source": "biden"}, (mine, west)),
        ({"only-source": "biden", "only-document": "east"}, (mine,)),
        ({"only-q": "DRILL"}, (west,)),
    ):
        shown = cora.get(SPLIT, query).context["shown"]
        assert (shown.rows, shown.found, shown.uses) == (found, len(found), 3)


def test_the_ticked_ones_move_to_a_new_topic(
    cora: Client, study: Study, coder: User, other_coder: User
) -> None:
    moved, stays = make_tag(study, coder), make_tag(study, other_coder)
    answer = cora.post(SPLIT, sent(study, moved))
    assert answer.status_code == 200
    assert "1 annotation moves : ada 1" in words(answer)
    assert "No duplicates arise." in words(answer)
    assert not study.topics.filter(slug="summits").exists()
    answer = cora.post(SPLIT, confirmation(answer, ask_review="on"), follow=True)
    assert answer.redirect_chain == [(f"{BASE}acts/", 302)]
    assert "1 annotation moved to “Summits”." in words(answer)
    assert topics(moved, stays) == ["summits", "talks"]
    assert Annotation.objects.get(pk=moved.pk).statement_version == 0


def test_all_that_the_filters_find_move_though_they_are_not_on_the_page(
    cora: Client, study: Study, coder: User, other_coder: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "TAGS_SHOWN", 1)
    tags = [make_tag(study, coder, quote) for quote in ("Biden", "agreed", "talk")]
    other = make_tag(study, other_coder)
    page = cora.get(SPLIT, {"only-coder": "ada"})
    assert len(page.context["shown"].rows) == 1
    answer = cora.post(SPLIT, sent(study, which="all", **{"only-coder": "ada"}))
    assert "3 annotations move : ada 3" in words(answer)
    assert cora.post(SPLIT, confirmation(answer)).status_code == 302
    assert topics(*tags, other) == ["summits"] * 3 + ["talks"]


def test_into_an_entry_that_is_there_duplicates_and_stances_are_shown_and_asked(
    cora: Client, study: Study, coder: User
) -> None:
    older = make_tag(study, coder, topic="guarantees", stance="oppose")
    younger = make_tag(study, coder)
    answer = cora.post(SPLIT, sent(study, younger, into="guarantees"))
    assert "1 duplicate arises and is withdrawn" in words(answer)
    refused = cora.post(SPLIT, confirmation(answer))
    assert refused.status_code == 422
    assert "Please answer every question below." in words(refused)
    sure = confirmation(refused, **{f"stance_{older.pk}": younger.stance_id})
    assert cora.post(SPLIT, sure).status_code == 302
    older.refresh_from_db()
    younger.refresh_from_db()
    assert (older.stance.slug, younger.merged_into) == ("support", older)


def test_sources_and_stances_are_split(cora: Client, study: Study, coder: User) -> None:
    tag = make_tag(study, coder, reported_by="putin")
    source = {"new-label": "Spokesman", "new-slug": "spokesman", "new-side": "Russia"}
    answer = cora.post(f"{BASE}sources/putin/split/", {**sent(study, tag), **source})
    assert cora.post(f"{BASE}sources/putin/split/", confirmation(answer)).status_code == 302
    stance = {"new-label": "Warm", "new-slug": "warm", "new-value": "0.5"}
    answer = cora.post(f"{BASE}stances/support/split/", {**sent(study, tag), **stance})
    assert cora.post(f"{BASE}stances/support/split/", confirmation(answer)).status_code == 302
    tag.refresh_from_db()
    assert (tag.reported_by.slug if tag.reported_by else "", tag.stance.value) == ("spokesman", 0.5)


def test_a_new_entry_takes_over_its_group_or_side(cora: Client, study: Study) -> None:
    assert cora.get(SPLIT).context["new"].initial["parent"] == study.topics.get(slug="security")
    initial = cora.get(f"{BASE}sources/ushakov/split/").context["new"].initial
    assert (initial["side"], initial["speaks_for"].slug) == ("Russia", "kremlin")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"new-label": ""}, "This field is required."),
        ({"new-slug": "talks"}, "Another entry has the slug “talks”."),
        ({"new-parent": "", "new-statement": ""}, "Choose a topic with a statement"),
        ({"tag": []}, "Choose at least one annotation."),
        ({"tag": ["no-id"]}, "Choose at least one annotation."),
        ({"into": "nothing"}, "Select a valid choice."),
        ({"which": "some"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_done_comes_back_with_the_reason_and_what_was_ticked(
    cora: Client, study: Study, coder: User, more: dict[str, Any], reason: str
) -> None:
    tag = make_tag(study, coder)
    answer = cora.post(SPLIT, sent(study, tag) | more)
    assert answer.status_code == 422
    assert reason in words(answer)
    ticked = f'value="{tag.public_id}" checked' in answer.content.decode()
    assert ticked is ("tag" not in more)
    assert topics(tag) == ["talks"]
    assert not CodebookAct.objects.exists()


def test_the_choice_can_be_changed_after_the_preview(cora: Client, study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    answer = cora.post(SPLIT, sent(study, tag))
    again = confirmation(answer, change="1")
    del again["confirm"]
    answer = cora.post(SPLIT, again)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'value="{tag.public_id}" checked' in page
    assert 'value="Summits"' in page
    assert topics(tag) == ["talks"]


def test_what_would_happen_by_now_is_shown_before_it_happens(
    cora: Client, study: Study, coder: User, other_coder: User
) -> None:
    tag = make_tag(study, coder)
    answer = cora.post(SPLIT, sent(study, which="all"))
    other = make_tag(study, other_coder)
    answer = cora.post(SPLIT, confirmation(answer))
    assert answer.status_code == 409
    assert "Annotations have changed since this preview was made." in words(answer)
    assert "2 annotations move : ada 1, ben 1" in words(answer)
    assert topics(tag, other) == ["talks", "talks"]
    assert cora.post(SPLIT, confirmation(answer)).status_code == 302
    assert topics(tag, other) == ["summits", "summits"]


def test_author_and_groups_are_not_split(cora: Client, study: Study) -> None:
    for path, reason in (
        ("sources/author", "own voice: it cannot be split"),
        ("topics/security", "has no annotations"),
    ):
        answer = cora.get(f"{BASE}{path}/split/")
        assert (answer.status_code, reason in words(answer)) == (200, True)
        assert cora.post(f"{BASE}{path}/split/", sent(study)).status_code == 422


def test_a_retired_entry_is_not_offered(cora: Client, study: Study, curator: User) -> None:
    assert list(cora.get(SPLIT).context["form"].entries) == ["guarantees"]
    retire_entry(by=curator, entry=study.topics.get(slug="guarantees"))
    assert list(cora.get(SPLIT).context["form"].entries) == []


def test_the_queries_do_not_depend_on_the_number_of_annotations(
    cora: Client, study: Study, coder: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert cora.get(SPLIT).status_code == 200
        return len(captured)

    make_tag(study, coder)
    queries()
    one = queries()
    make_tag(study, coder, "Putin asked", source="putin")
    make_tag(study, coder, "Kyiv", "west", stance="oppose")
    assert queries() == one


def test_another_studys_annotations_do_not_move(
    cora: Client, study: Study, coder: User, curator: User
) -> None:
    theirs = make_tag(make_study("other"), coder)
    make_tag(study, coder)
    answer = cora.post(SPLIT, sent(study, theirs))
    assert answer.status_code == 422
    assert topics(theirs) == ["talks"]
    assert Topic.objects.filter(slug="summits").count() == 0
