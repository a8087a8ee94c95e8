"""Merging, retiring and undoing in the app: first what will happen, then it happens or says why not."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Annotation, CodebookAct, Study, Topic, User
from annotations.services.coding import withdraw_tag
from annotations.services.merging import merge_topics
from annotations.services.retiring import retire_entry
from tests.bodies import words
from tests.factories import make_tag

BASE = "/studies/talks/codebook/"
MERGE = f"{BASE}topics/talks/merge/"


@pytest.fixture
def cora(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


@pytest.fixture
def talks(study: Study) -> Topic:
    return study.topics.get(slug="talks")


@pytest.fixture
def guarantees(study: Study) -> Topic:
    return study.topics.get(slug="guarantees")


class TestMerging:
    def test_the_others_of_its_kind_are_offered(self, cora: Client, study: Study, curator: User) -> None:
        retire_entry(by=curator, entry=study.topics.get(slug="guarantees"))
        others = cora.get(MERGE).context["others"]
        assert [one.slug for one in others] == ["guarantees"]
        others = cora.get(f"{BASE}sources/putin/merge/").context["others"]
        assert [one.slug for one in others] == ["biden", "kremlin", "ushakov"]

    def test_the_preview_says_how_many_by_whom_and_which_duplicates(
        self, cora: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, other_coder)
        make_tag(study, coder, topic="guarantees", stance="oppose")
        withdraw_tag(by=coder, annotation=make_tag(study, coder, "Kyiv", "west"), version=1)
        text = words(cora.get(MERGE, {"with": "guarantees"}))
        goes = text.split("If “Guarantees” stays, “Talks” goes")[1].split("If “Talks” stays")[0]
        for shown in (
            "What was said on “There should be talks.” counts as said on “There should be guarantees.”.",
            "2 annotations move : ada 1, ben 1",
            "1 withdrawn annotation moves, too",
            "1 duplicate arises and is withdrawn; the older annotation stays",
            "Biden agreed to talk East: stays: ada, Coded, Support; withdrawn: ada, Coded, Oppose",
        ):
            assert shown in goes
        assert Annotation.objects.filter(version=1).count() == 3
        assert not CodebookAct.objects.exists()

    def test_a_merge_asks_for_each_stance_and_then_happens(
        self, cora: Client, study: Study, coder: User, talks: Topic, guarantees: Topic
    ) -> None:
        kept = make_tag(study, coder)
        other = make_tag(study, coder, topic="guarantees", stance="oppose")
        page = cora.get(MERGE, {"with": "guarantees"})
        digest = page.context["form"].previews[str(guarantees.pk)].digest
        sent = {"with": "guarantees", "into": guarantees.pk, f"seen_{guarantees.pk}": digest}
        answer = cora.post(MERGE, sent)
        assert answer.status_code == 422
        assert "Please answer every question below." in words(answer)
        answer = cora.post(MERGE, sent | {f"stance_{kept.pk}": other.stance_id}, follow=True)
        assert answer.redirect_chain == [(f"{BASE}acts/", 302)]
        said = "“Talks” is now “Guarantees”. Annotations moved: 1, duplicates withdrawn: 1."
        assert said in words(answer)
        kept.refresh_from_db()
        assert (kept.topic, kept.stance.slug, kept.statement_version) == (guarantees, "oppose", 1)
        assert not study.topics.filter(slug="talks").exists()

    def test_the_other_one_can_stay_and_the_coders_be_asked(
        self, cora: Client, study: Study, coder: User, talks: Topic
    ) -> None:
        tag = make_tag(study, coder, topic="guarantees")
        cora.post(MERGE, {"with": "guarantees", "into": talks.pk, "ask_review": "on"})
        tag.refresh_from_db()
        assert (tag.topic, tag.statement_version) == (talks, 0)

    def test_what_would_happen_by_now_is_shown_before_it_happens(
        self, cora: Client, study: Study, coder: User, other_coder: User, guarantees: Topic
    ) -> None:
        make_tag(study, coder)
        page = cora.get(MERGE, {"with": "guarantees"})
        digest = page.context["form"].previews[str(guarantees.pk)].digest
        make_tag(study, other_coder)
        sent = {"with": "guarantees", "into": guarantees.pk, f"seen_{guarantees.pk}": digest}
        answer = cora.post(MERGE, sent)
        assert answer.status_code == 409
        assert "Annotations have changed since this preview was made." in words(answer)
        assert "2 annotations move : ada 1, ben 1" in words(answer)
        sent[f"seen_{guarantees.pk}"] = answer.context["form"].previews[str(guarantees.pk)].digest
        assert cora.post(MERGE, sent).status_code == 302

    @pytest.mark.parametrize(
        ("path", "other", "reason"),
        [
            ("topics/talks", "security", "one with a statement with its like"),
            ("sources/putin", "author", "own voice: it cannot be merged"),
            ("topics/talks", "nothing", ""),
            ("topics/talks", "talks", ""),
        ],
    )
    def test_an_impossible_merge_says_why(
        self, cora: Client, study: Study, path: str, other: str, reason: str
    ) -> None:
        address = f"{BASE}{path}/merge/"
        answer = cora.get(address, {"with": other})
        assert answer.status_code == 200
        assert reason in words(answer)
        assert cora.post(address, {"with": other, "into": "1"}).status_code == 422
        assert (study.topics.count(), study.sources.count()) == (3, 5)

    def test_only_the_possible_direction_is_offered(self, cora: Client, study: Study, curator: User) -> None:
        retire_entry(by=curator, entry=study.topics.get(slug="guarantees"))
        response = cora.get(MERGE, {"with": "guarantees"})
        assert [p.into.slug for p in response.context["form"].previews.values()] == ["talks"]
        assert "“Guarantees” is retired and takes no annotations" in words(response)

    def test_stances_that_the_study_needs_are_not_merged_away(self, cora: Client, study: Study) -> None:
        study.stances.filter(slug__in=("mixed", "neutral")).delete()
        response = cora.get(f"{BASE}stances/support/merge/", {"with": "oppose"})
        assert "A study needs stances of at least two different values." in words(response)
        into = study.stances.get(slug="support").pk
        sent = {"with": "oppose", "into": into}
        assert cora.post(f"{BASE}stances/support/merge/", sent).status_code == 422
        assert study.stances.count() == 2

    def test_stances_have_no_statement_to_look_at_again(self, cora: Client, study: Study) -> None:
        form = cora.get(f"{BASE}stances/support/merge/", {"with": "mixed"}).context["form"]
        assert set(form.fields) == {"into"}


class TestRetiring:
    def test_the_page_says_what_goes_with_it_and_whose_annotations_stay(
        self, cora: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder)
        text = words(cora.get(f"{BASE}topics/security/retire/"))
        assert "Retire “Security”?" in text
        assert "Security Talks Guarantees 1 annotation stays as it is : ada 1" in text
        assert not study.topics.filter(is_retired=True).exists()

    def test_it_is_retired_and_revived(self, cora: Client, study: Study, talks: Topic) -> None:
        answer = cora.post(f"{BASE}topics/talks/retire/", follow=True)
        assert "“Talks” is retired." in words(answer)
        talks.refresh_from_db()
        assert talks.is_retired
        assert "It is retired already." in words(cora.get(f"{BASE}topics/talks/retire/"))
        assert cora.post(f"{BASE}topics/talks/retire/").status_code == 302
        answer = cora.post(f"{BASE}topics/talks/revive/", follow=True)
        assert "“Talks” is in use again." in words(answer)
        talks.refresh_from_db()
        assert not talks.is_retired
        assert CodebookAct.objects.count() == 2

    def test_author_is_refused_with_the_reason(self, cora: Client, study: Study) -> None:
        answer = cora.get(f"{BASE}sources/author/retire/")
        assert answer.status_code == 200
        assert "it is not retired" in words(answer)
        assert cora.post(f"{BASE}sources/author/retire/").status_code == 422
        assert not study.sources.get(slug="author").is_retired


class TestUndoing:
    def test_the_page_says_what_comes_back_and_then_it_does(
        self, cora: Client, study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
    ) -> None:
        make_tag(study, coder)
        make_tag(study, coder, topic="guarantees")
        act = merge_topics(by=curator, into=guarantees, merged=talks).act
        assert act is not None
        address = f"{BASE}acts/{act.pk}/undo/"
        text = words(cora.get(address))
        for shown in (
            "“Talks” is again as it was",
            "2 annotations go back : ada 2",
            "1 of them had been withdrawn as a duplicate, and is active again",
        ):
            assert shown in text
        assert not study.topics.filter(slug="talks").exists()
        answer = cora.post(address, follow=True)
        assert answer.redirect_chain == [(f"{BASE}acts/", 302)]
        assert "Annotations that went back: 2." in words(answer)
        assert study.topics.filter(slug="talks").exists()

    def test_what_stands_in_the_way_is_listed(
        self, cora: Client, study: Study, coder: User, curator: User, talks: Topic, guarantees: Topic
    ) -> None:
        act = merge_topics(by=curator, into=guarantees, merged=talks).act
        assert act is not None
        Topic.objects.create(study=study, slug="talks", label="New", position=9)
        address = f"{BASE}acts/{act.pk}/undo/"
        reason = "Another entry has the slug “talks” by now: rename that one."
        page = cora.get(address)
        assert (page.status_code, reason in words(page)) == (200, True)
        answer = cora.post(address)
        assert (answer.status_code, reason in words(answer)) == (409, True)
        assert CodebookAct.objects.get(pk=act.pk).undone_at is None

    def test_an_act_of_another_study_is_not_found(self, cora: Client, study: Study, curator: User) -> None:
        other = Study.objects.create(slug="other", title="Other")
        act = CodebookAct.objects.create(study=other, kind="retire", what="topic", summary="x", undo={})
        for method in (cora.get, cora.post):
            assert method(f"{BASE}acts/{act.pk}/undo/").status_code == 404
