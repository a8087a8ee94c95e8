"""When a document is finished in the curated layer, and who may know it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.access import Visit
from annotations.enums import Coverage, Verdict
from annotations.models import Annotation, Study, User
from annotations.pages.claims import settled_documents
from annotations.permissions import role_in
from annotations.services.coding import reopen_document, withdraw_tag
from annotations.services.curation import undo_decision
from tests.curating import accept_all, finish, kept_of, settle
from tests.factories import make_tag

CURATED = "/studies/talks/compare/?layer=curated"


def settled(study: Study, user: User | AnonymousUser) -> set[str]:
    study.refresh_from_db()
    return set(settled_documents(Visit(study, user, role_in(user, study)), list(study.documents.all())))


@pytest.fixture
def tag(study: Study, coder: User, other_coder: User) -> Annotation:
    """Ada tags the east, which Ben finishes too; nobody tags the west."""
    tag = make_tag(study, coder)
    finish(study, coder, other_coder)
    return tag


class TestWhenItIsFinished:
    def test_a_finished_document_without_claims_is(self, study: Study, tag: Annotation, reader: User) -> None:
        assert settled(study, reader) == {"west"}

    def test_one_with_claims_is_once_all_are_settled(
        self, study: Study, tag: Annotation, curator: User, coder: User, other_coder: User
    ) -> None:
        decision = settle(curator, tag, kept_of(tag))
        assert settled(study, curator) == {"east", "west"}
        undo_decision(by=curator, decision=decision)
        assert settled(study, curator) == {"west"}
        settle(curator, tag)
        assert settled(study, curator) == {"east", "west"}

    def test_it_is_no_longer_when_a_decided_tag_changes(
        self, study: Study, tag: Annotation, curator: User, coder: User
    ) -> None:
        settle(curator, tag, kept_of(tag))
        reopen_document(by=coder, document=tag.document)
        assert settled(study, curator) == {"east", "west"}
        withdraw_tag(by=coder, annotation=tag, version=1)
        assert settled(study, curator) == {"west"}

    def test_what_nobody_finished_is_not_whatever_is_settled(
        self, study: Study, coder: User, curator: User
    ) -> None:
        make_tag(study, coder)
        accept_all(curator, study)
        assert settled(study, curator) == set()


class TestWhoMayKnow:
    def test_everybody_may_where_coding_is_not_blind(
        self, study: Study, tag: Annotation, reader: User, owner: User
    ) -> None:
        for user in (reader, owner, AnonymousUser()):
            assert settled(study, user) == {"west"}

    def test_blind_coders_learn_it_by_finishing(
        self, study: Study, tag: Annotation, coder: User, other_coder: User, reader: User, curator: User
    ) -> None:
        Study.objects.update(is_blind=True)
        accept_all(curator, study)
        settle(curator, tag, kept_of(tag))
        reopen_document(by=other_coder, document=tag.document)
        known = {user.username: settled(study, user) for user in (coder, other_coder, reader, curator)}
        both = {"east", "west"}
        assert known == {"ada": both, "ben": {"west"}, "rosa": both, "cora": both}


def test_the_comparison_tells_silence_by_it(
    study: Study, tag: Annotation, reader: User, curator: User, client: Client
) -> None:
    client.force_login(reader)

    def guarantees() -> tuple[Verdict, Coverage, Coverage, bool, bool]:
        comparison = client.get(CURATED).context["compared"].comparison
        found = comparison.topic("guarantees")
        frames = (comparison.a.finished, comparison.b.finished)
        return (found.verdict, found.a.coverage, found.b.coverage, *frames)

    assert guarantees() == (Verdict.PENDING, Coverage.NOT_CODED, Coverage.SILENT, False, True)
    settle(curator, tag, kept_of(tag))
    assert guarantees() == (Verdict.NOT_RAISED, Coverage.SILENT, Coverage.SILENT, True, True)
    talks = client.get(CURATED).context["compared"].comparison.topic("talks")
    assert (talks.verdict, talks.provisional, talks.a.n) == (Verdict.ONLY_A, False, 1)


def test_the_comparisons_queries_do_not_depend_on_claims_or_decisions(
    study: Study, tag: Annotation, coder: User, curator: User, client: Client
) -> None:
    client.force_login(curator)
    settle(curator, tag, kept_of(tag))
    client.get(CURATED)
    with CaptureQueriesContext(connection) as one:
        client.get(CURATED)
    one_count = len(one)
    made = []
    for slug in ("east", "west"):
        reopen_document(by=coder, document=study.documents.get(slug=slug))
        for quote in ("Putin asked", "Kyiv was not"):
            made.append(make_tag(study, coder, quote, slug, source="putin"))
    finish(study, coder)
    for each in made:
        settle(curator, each, kept_of(each))
    with CaptureQueriesContext(connection) as three:
        client.get(CURATED)
    assert len(three) == one_count
