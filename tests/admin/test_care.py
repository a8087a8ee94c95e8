"""Retiring, splitting and undoing from the admin, and versions of what is edited there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations.enums import Role
from annotations.models import Annotation, CodebookAct, Study, Topic, User
from annotations.services.merging import merge_topics
from annotations.services.retiring import retire_entry
from tests.admin.conftest import Secret, logged_in, messages_of, staff
from tests.bodies import words
from tests.factories import make_tag


def page(kind: str, name: str, *args: int) -> str:
    return reverse(f"admin:annotations_{kind}_{name}", args=args)


def act(client: Client, action: str, *pks: int, kind: str = "topic", **more: Any) -> Any:
    sent = {"action": action, "_selected_action": pks, **more}
    return client.post(page(kind, "changelist"), sent, follow=True)


@pytest.fixture
def talks(study: Study) -> Topic:
    return study.topics.get(slug="talks")


class TestRetiring:
    def test_the_page_says_whose_annotations_stay_and_then_it_happens(
        self, study: Study, coder: User, curating: Client, staff_curator: User, talks: Topic
    ) -> None:
        make_tag(study, coder)
        answer = act(curating, "retire_selected", talks.pk)
        assert answer.templates[0].name == "admin/annotations/retire_confirm.html"
        assert "1 annotation stays as it is: ada (coded) 1" in words(answer)
        talks.refresh_from_db()
        assert not talks.is_retired
        answer = act(curating, "retire_selected", talks.pk, confirm="1")
        assert messages_of(answer) == ["Retired: 1."]
        talks.refresh_from_db()
        assert talks.is_retired
        assert CodebookAct.objects.get().by == staff_curator
        answer = act(curating, "revive_selected", talks.pk, confirm="1")
        assert messages_of(answer) == ["Revived: 1."]
        talks.refresh_from_db()
        assert not talks.is_retired

    def test_a_group_goes_with_its_topics(self, study: Study, curating: Client) -> None:
        group = study.topics.get(slug="security").pk
        assert "“Talks” goes with it" in words(act(curating, "retire_selected", group))

    def test_a_refusal_is_shown_and_the_others_are_done(self, study: Study, curating: Client) -> None:
        author, putin = study.sources.get(slug="author"), study.sources.get(slug="putin")
        answer = act(curating, "retire_selected", author.pk, putin.pk, kind="source")
        assert "it is not retired" in words(answer)
        answer = act(curating, "retire_selected", author.pk, putin.pk, kind="source", confirm="1")
        assert len(messages_of(answer)) == 2
        assert [s.slug for s in study.sources.filter(is_retired=True)] == ["putin"]

    def test_it_needs_the_permission_and_the_study(
        self, study: Study, secret: Secret, curating: Client, talks: Topic
    ) -> None:
        theirs = secret.study.topics.get(slug="talks")
        act(curating, "retire_selected", theirs.pk, confirm="1")
        theirs.refresh_from_db()
        assert not theirs.is_retired
        user = staff(study, Role.CURATOR, "no-change")
        user.user_permissions.remove(user.user_permissions.get(codename="change_topic"))
        act(logged_in(user), "retire_selected", talks.pk, confirm="1")
        talks.refresh_from_db()
        assert not talks.is_retired


class TestSplitting:
    def test_one_entry_leads_to_the_apps_page(self, study: Study, curating: Client, talks: Topic) -> None:
        sent = {"action": "split_selected", "_selected_action": [talks.pk]}
        answer = curating.post(page("topic", "changelist"), sent)
        assert answer["Location"] == "/studies/talks/codebook/topics/talks/split/"
        assert curating.get(answer["Location"]).status_code == 200

    def test_two_are_refused(self, study: Study, curating: Client) -> None:
        pks = study.topics.values_list("pk", flat=True)
        answer = act(curating, "split_selected", *pks)
        assert messages_of(answer) == ["Select the one entry that is to be split."]


class TestMerging:
    def test_the_page_lists_those_that_become_one_and_refuses_what_is_stale(
        self, study: Study, coder: User, other_coder: User, curating: Client, talks: Topic
    ) -> None:
        make_tag(study, coder)
        make_tag(study, coder, topic="guarantees")
        into = study.topics.get(slug="guarantees")
        address = page("topic", "merge", talks.pk, into.pk)
        answer = curating.get(address)
        shown = "“Biden agreed to talk” (ada, coded, Support), (ada, coded, Support: withdrawn)"
        assert shown in words(answer)
        digest = answer.context["form"].previews[str(into.pk)].digest
        make_tag(study, other_coder)
        answer = curating.post(address, {"into": into.pk, f"seen_{into.pk}": digest}, follow=True)
        assert messages_of(answer) == [
            "Annotations have changed since this preview was made. Look at what will happen now."
        ]
        assert study.topics.filter(slug="talks").exists()

    def test_the_coders_can_be_asked_to_look_again(
        self, study: Study, coder: User, curating: Client, talks: Topic
    ) -> None:
        tag = make_tag(study, coder)
        into = study.topics.get(slug="guarantees")
        curating.post(page("topic", "merge", talks.pk, into.pk), {"into": into.pk, "ask_review": "on"})
        tag.refresh_from_db()
        assert (tag.topic, tag.statement_version) == (into, 0)


class TestUndoing:
    @pytest.fixture
    def merged(self, study: Study, coder: User, staff_curator: User, talks: Topic) -> CodebookAct:
        make_tag(study, coder)
        into = study.topics.get(slug="guarantees")
        done = merge_topics(by=staff_curator, into=into, merged=talks).act
        assert done is not None
        return done

    def test_the_list_leads_to_a_page_that_says_what_goes_back_and_then_it_does(
        self, study: Study, curating: Client, merged: CodebookAct
    ) -> None:
        assert "“Talks” merged into “Guarantees”" in words(curating.get(page("codebookact", "changelist")))
        answer = act(curating, "undo_selected", merged.pk, kind="codebookact")
        assert answer.redirect_chain == [(page("codebookact", "undo", merged.pk), 302)]
        assert "1 annotation goes back : ada 1" in words(answer)
        assert not study.topics.filter(slug="talks").exists()
        answer = curating.post(page("codebookact", "undo", merged.pk), follow=True)
        assert messages_of(answer) == ["Undone: “Talks” merged into “Guarantees”: 1 annotation."]
        assert Annotation.objects.get().topic.slug == "talks"

    def test_what_stands_in_the_way_is_listed(
        self, study: Study, curating: Client, merged: CodebookAct
    ) -> None:
        Topic.objects.create(study=study, slug="talks", label="New", position=9)
        answer = curating.post(page("codebookact", "undo", merged.pk))
        assert answer.status_code == 409
        assert "Another entry has the slug “talks” by now" in words(answer)

    def test_one_at_a_time(self, study: Study, curating: Client, staff_curator: User) -> None:
        for slug in ("talks", "guarantees"):
            retire_entry(by=staff_curator, entry=study.topics.get(slug=slug))
        pks = CodebookAct.objects.values_list("pk", flat=True)
        answer = act(curating, "undo_selected", *pks, kind="codebookact")
        assert messages_of(answer) == ["Select the one change that is to be undone."]

    def test_it_is_for_looking_at_and_for_ones_own_studies(
        self, study: Study, secret: Secret, curating: Client, merged: CodebookAct, superuser: Client
    ) -> None:
        root = User.objects.get(username="admin")
        theirs = retire_entry(by=root, entry=secret.study.topics.get(slug="talks"))
        assert theirs is not None
        assert "Zanzibar" not in words(curating.get(page("codebookact", "changelist")))
        assert "Zanzibar" in words(superuser.get(page("codebookact", "changelist")))
        for method in (curating.get, curating.post):
            assert method(page("codebookact", "undo", theirs.pk)).status_code == 404
        assert curating.get(page("codebookact", "add")).status_code == 403
        assert curating.post(page("codebookact", "delete", merged.pk), {"post": "yes"}).status_code == 403
        shown = curating.get(page("codebookact", "change", merged.pk))
        assert shown.status_code == 200
        assert 'name="_save"' not in shown.content.decode()

    def test_it_needs_the_permission_to_change_entries(self, study: Study, merged: CodebookAct) -> None:
        user = staff(study, Role.CURATOR, "no-change")
        user.user_permissions.remove(user.user_permissions.get(codename="change_topic"))
        assert logged_in(user).post(page("codebookact", "undo", merged.pk)).status_code == 403


class TestVersions:
    def test_a_statement_edited_here_gets_a_new_version(
        self, study: Study, curating: Client, talks: Topic
    ) -> None:
        sent = {"parent": talks.parent_id, "slug": "talks", "label": "Talks", "statement": "Talks help."}
        assert curating.post(page("topic", "change", talks.pk), sent | {"position": 1}).status_code == 302
        talks.refresh_from_db()
        assert (talks.statement, talks.statement_version) == ("Talks help.", 2)

    def test_guidelines_edited_here_get_a_new_version(self, study: Study, owning: Client) -> None:
        study.guidelines = "First."
        study.save()
        sent = {"title": "Another", "guidelines": "Second.", "agree_max": "0.25", "diverge_above": "0.5"}
        assert owning.post(page("study", "change", study.pk), sent).status_code == 302
        study.refresh_from_db()
        assert (study.title, study.guidelines, study.guidelines_version) == ("Another", "Second.", 2)
        owning.post(page("study", "change", study.pk), sent | {"title": "Once more"})
        study.refresh_from_db()
        assert (study.title, study.guidelines_version) == ("Once more", 2)
