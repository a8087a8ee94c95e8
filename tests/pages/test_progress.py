"""How far coders are: what counts, what is open, who may know."""

from __future__ import annotations

from random import Random

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from annotations.access import Visit
from annotations.enums import PassageKind, Role
from annotations.models import Assignment, Document, Passage, PassageVisit, Study, User
from annotations.pages.progress import (
    Part,
    Progress,
    documents_to_code,
    load_progress,
    next_document,
    open_passages,
    progress_of,
    visible_work,
    with_marks,
)
from annotations.services.coding import finish_document, reopen_document, withdraw_tag
from annotations.services.progress import mark_nothing_here, visit_passages
from tests.factories import make_document, make_tag


@pytest.fixture
def long(study: Study) -> Document:
    """¶ 1 and ¶ 5 are headings."""
    document = make_document(study, "long", "Head", "First here.", "Second here.", "Third.", "Tail", "Last.")
    document.passages.filter(number__in=[1, 5]).update(kind=PassageKind.HEADING.value)
    return document


def visit(study: Study, user: User, role: Role = Role.CODER) -> Visit:
    return Visit(study, user, role)


def test_a_beginner_has_all_but_the_headings_open(study: Study, coder: User, long: Document) -> None:
    assert progress_of(visit(study, coder), long) == Progress(passages=6, open=4)
    assert [p.number for p in open_passages(coder, long)] == [2, 3, 4, 6]


def test_tagged_marked_and_visited_passages_are_told_apart(
    study: Study, coder: User, other_coder: User, long: Document
) -> None:
    make_tag(study, coder, "First", "long")
    make_tag(study, coder, "here.", "long")
    make_tag(study, coder, "Tail", "long")
    gone = make_tag(study, coder, "Last", "long")
    withdraw_tag(by=coder, annotation=gone, version=1)
    mark_nothing_here(by=coder, passage=long.passages.get(number=3))
    visit_passages(by=coder, document=long, numbers=[1, 2, 3])
    # Nothing of this is Ada's, or of this document.
    make_tag(study, other_coder, "Third", "long")
    make_tag(study, coder, "Third", "long", layer="curated")
    visit_passages(by=other_coder, document=long, numbers=[4])
    visit_passages(by=coder, document=study.documents.get(slug="east"), numbers=[1])
    assert progress_of(visit(study, coder), long) == Progress(
        passages=6, tagged=2, nothing=1, visited=5, open=2, seen=1, tags=3
    )
    assert [p.number for p in open_passages(coder, long)] == [4, 6]
    marks = with_marks(long.passages.order_by("number"), coder)
    assert [(p.number, p.is_tagged, p.is_nothing) for p in marks] == [  # type: ignore[attr-defined]
        (1, False, False),
        (2, True, False),
        (3, False, True),
        (4, False, False),
        (5, True, False),
        (6, False, False),
    ]


def test_an_imported_tag_counts_as_a_visit_and_outweighs_a_mark(
    study: Study, coder: User, long: Document
) -> None:
    for number, quote in ((2, "First"), (3, "Second")):
        mark_nothing_here(by=coder, passage=long.passages.get(number=number))
        make_tag(study, coder, quote, "long")
    # As an import leaves it: tags, and no visit that the service has made or cleared.
    PassageVisit.objects.filter(passage__number=2).delete()
    PassageVisit.objects.filter(passage__number=3).update(nothing_here_at="2026-01-01T00:00Z")
    assert progress_of(visit(study, coder), long) == Progress(
        passages=6, tagged=2, nothing=0, visited=2, open=2, seen=0, tags=2
    )


def test_a_marked_heading_is_counted_and_leaves_nothing_open_less(
    study: Study, coder: User, long: Document
) -> None:
    mark_nothing_here(by=coder, passage=long.passages.get(number=1))
    assert progress_of(visit(study, coder), long) == Progress(passages=6, nothing=1, visited=1, open=4)


@pytest.mark.parametrize("seed", range(6))
def test_the_tables_and_the_workbench_count_alike(
    study: Study, coder: User, other_coder: User, long: Document, seed: int
) -> None:
    chance = Random(seed)
    documents = [long, *study.documents.exclude(pk=long.pk)]
    for person in (coder, other_coder):
        for passage in Passage.objects.filter(document__study=study).select_related("document"):
            word = passage.text.split()[0]
            for act in chance.sample(["tag", "nothing", "visit", "withdrawn"], chance.randint(0, 3)):
                if act == "tag":
                    make_tag(study, person, word, passage.document.slug)
                elif act == "visit":
                    visit_passages(by=person, document=passage.document, numbers=[passage.number])
                elif act == "withdrawn":
                    tag = make_tag(study, person, word, passage.document.slug, topic="guarantees")
                    withdraw_tag(by=person, annotation=tag, version=1)
                elif not passage.annotations.filter(coder=person, withdrawn_at=None).exists():
                    mark_nothing_here(by=person, passage=passage)
            if chance.random() < 0.3:
                PassageVisit.objects.filter(passage=passage, coder=person).delete()
    table = load_progress(documents, of=Q())
    for person in (coder, other_coder):
        for document in documents:
            one = progress_of(visit(study, person), document)
            assert table.of(document.pk, person.pk) == one
            assert open_passages(person, document).count() == one.open
            assert one.visited >= one.tagged + one.nothing + one.seen


def test_the_bar_holds_every_passage_that_needs_a_word_once() -> None:
    progress = Progress(passages=8, tagged=2, nothing=1, visited=5, open=4, seen=1, tags=9)
    # Of seven passages, since nobody is further for the heading.
    parts = (Part("tagged", 0.0, 28.57), Part("plain", 28.57, 14.29), Part("seen", 42.86, 14.29))
    assert progress.bar == parts
    assert Progress(passages=4, open=2).bar == ()
    assert Progress(passages=3, open=3).bar == ()
    assert Progress(passages=0).bar == ()
    assert Progress(passages=3, tagged=3).bar == (Part("tagged", 0.0, 100.0),)


class TestWhoMayKnow:
    @pytest.fixture
    def work(self, study: Study, coder: User, other_coder: User) -> list[Document]:
        """Both coders have work in both documents; Ada has finished the first, and reopened the second."""
        documents = list(study.documents.order_by("position"))
        for document in documents:
            for person in (coder, other_coder):
                make_tag(study, person, document=document.slug)
                visit_passages(by=person, document=document, numbers=[2])
            finish_document(by=coder, document=document)
        reopen_document(by=coder, document=documents[1])
        return documents

    def known(self, documents: list[Document], of: Q) -> set[tuple[str, str]]:
        slugs = {document.pk: document.slug for document in documents}
        names = dict(User.objects.values_list("pk", "username"))
        return {(slugs[document], names[coder]) for document, coder in load_progress(documents, of).found}

    def test_coders_know_of_each_other(self, study: Study, coder: User, work: list[Document]) -> None:
        everybody = {("east", "ada"), ("east", "ben"), ("west", "ada"), ("west", "ben")}
        for role in (Role.CODER, Role.CURATOR, Role.OWNER):
            assert self.known(work, visible_work(visit(study, coder, role))) == everybody

    def test_where_coding_is_blind_only_of_documents_they_have_finished(
        self, study: Study, coder: User, other_coder: User, curator: User, work: list[Document]
    ) -> None:
        study.is_blind = True
        own = {("east", "ada"), ("west", "ada")}
        assert self.known(work, visible_work(visit(study, coder))) == own | {("east", "ben")}
        assert self.known(work, visible_work(visit(study, other_coder))) == {("east", "ben"), ("west", "ben")}
        assert len(self.known(work, visible_work(visit(study, curator, Role.CURATOR)))) == 4

    def test_readers_know_of_none(self, study: Study, reader: User, work: list[Document]) -> None:
        assert self.known(work, visible_work(visit(study, reader, Role.READER))) == set()
        assert self.known(work, visible_work(Visit(study, reader, None))) == set()


class TestWhatToCode:
    def slugs(self, study: Study, user: User) -> list[str]:
        return [document.slug for document in documents_to_code(visit(study, user))]

    def test_without_an_assignment_it_is_all(self, study: Study, coder: User, other_coder: User) -> None:
        Assignment.objects.create(document=study.documents.get(slug="west"), coder=other_coder)
        assert self.slugs(study, coder) == ["east", "west"]
        assert self.slugs(study, other_coder) == ["west"]

    def test_the_next_is_the_first_assigned_and_unfinished_one(self, study: Study, coder: User) -> None:
        def following() -> str:
            document = next_document(visit(study, coder))
            assert document is not None
            return document.slug

        make_document(study, "north")
        east, west, north = study.documents.order_by("position")
        assert following() == "east"
        for document in (north, west):
            Assignment.objects.create(document=document, coder=coder)
        assert following() == "west"
        finish_document(by=coder, document=west)
        assert following() == "north"
        finish_document(by=coder, document=north)
        # All of theirs are finished: not one that is somebody else's.
        assert following() == "west"
        reopen_document(by=coder, document=north)
        assert following() == "north"
        finish_document(by=coder, document=east)
        assert following() == "north"

    def test_a_study_without_documents_has_none(self, study: Study, coder: User) -> None:
        study.documents.all().delete()
        assert next_document(visit(study, coder)) is None


def test_the_number_of_queries_depends_on_nothing(
    study: Study, coder: User, other_coder: User, long: Document
) -> None:
    def counted() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as one:
            progress_of(visit(study, coder), long)
        with CaptureQueriesContext(connection) as all_of_them:
            load_progress(list(study.documents.all()), of=Q()).of(long.pk, coder.pk)
        return len(one), len(all_of_them) - 1

    assert counted() == (2, 3)
    for person in (coder, other_coder):
        make_tag(study, person, "First", "long")
        make_tag(study, person, "Kyiv")
        visit_passages(by=person, document=long, numbers=range(9))
    assert counted() == (2, 3)
