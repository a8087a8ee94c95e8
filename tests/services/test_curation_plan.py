"""The curator's queue: whose tags count in it, how its items stand, what is settled and what comes back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.enums import Role, Situation
from annotations.models import Annotation, Study, User
from annotations.services.coding import change_tag, finish_document, reopen_document, withdraw_tag
from annotations.services.curation import undo_decision
from annotations.services.curation_plan import Status, load_queues, proposed
from tests.curating import accept_all, entry_with, finish, kept_of, queue_of, settle
from tests.factories import make_document, make_member, make_tag, values


def situations(study: Study, slug: str = "east") -> list[tuple[Situation, ...]]:
    return [entry.situations for entry in queue_of(study, slug).entries]


def change(tag: Annotation, **said: object) -> Annotation:
    return change_tag(
        by=tag.coder,
        annotation=tag,
        version=tag.version,
        values=values(tag.study, str(said.pop("quote", tag.quote)), tag.document.slug, **said)[1],
    )


class TestWhoseTagsCount:
    def test_where_nobody_finished_all_who_tagged_count(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, other_coder)
        queue = queue_of(study)
        assert (queue.finished, queue.coders, queue.left_out) == (False, ("ada", "ben"), ())
        assert [len(entry.tags) for entry in queue.entries] == [2]

    def test_where_somebody_finished_the_others_are_left_out_and_counted(
        self, study: Study, coder: User, other_coder: User, owner: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, other_coder)
        make_tag(study, other_coder, "Putin asked", source="putin")
        finish(study, coder, owner)
        queue = queue_of(study)
        assert (queue.finished, queue.coders, queue.left_out) == (True, ("ada", "olga"), (("ben", 2),))
        assert [(len(entry.tags), entry.situation) for entry in queue.entries] == [(1, Situation.SOME)]

    def test_curated_and_withdrawn_tags_are_no_claims(self, study: Study, coder: User, curator: User) -> None:
        withdraw_tag(by=coder, annotation=make_tag(study, coder), version=1)
        make_tag(study, curator, layer="curated")
        assert queue_of(study).entries == ()
        assert queue_of(study).is_settled

    def test_each_document_has_a_queue_of_its_own_in_the_order_of_its_text(
        self, study: Study, coder: User
    ) -> None:
        make_tag(study, coder, "Kyiv was not", "west")
        make_tag(study, coder, "Kyiv was not")
        make_tag(study, coder, "Putin asked", source="putin")
        queues = load_queues(study.documents.order_by("-position"))
        found = {
            queue.document.slug: [(e.passage, e.item.claims[0].source) for e in queue.entries if e.item]
            for queue in queues
        }
        assert found == {"west": [(2, "biden")], "east": [(1, "putin"), (2, "biden")]}


class TestSituations:
    def test_coders_who_say_the_same_of_other_words_are_unanimous(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder, "Biden agreed to talk")
        make_tag(study, other_coder, "agreed to talk")
        assert situations(study) == [(Situation.UNANIMOUS,)]

    @pytest.mark.parametrize(
        ("said", "holds"),
        [
            ({"stance": "oppose"}, (Situation.STANCE,)),
            ({"reported_by": "ushakov"}, (Situation.MESSENGER,)),
            ({"source": "putin"}, (Situation.SOURCE,)),
            ({"stance": "mixed", "reported_by": "kremlin"}, (Situation.STANCE, Situation.MESSENGER)),
        ],
    )
    def test_coders_who_differ_are_in_conflict(
        self,
        study: Study,
        coder: User,
        other_coder: User,
        said: dict[str, str],
        holds: tuple[Situation, ...],
    ) -> None:
        make_tag(study, coder)
        make_tag(study, other_coder, **said)
        assert situations(study) == [holds]

    def test_what_one_of_three_did_not_find_is_found_by_some_whatever_else_it_is(
        self, study: Study, coder: User, other_coder: User, owner: User
    ) -> None:
        make_tag(study, coder)
        make_tag(study, other_coder, stance="oppose")
        finish(study, coder, other_coder, owner)
        assert situations(study) == [(Situation.STANCE, Situation.SOME)]

    def test_another_topic_is_another_item(self, study: Study, coder: User, other_coder: User) -> None:
        make_tag(study, coder)
        make_tag(study, other_coder, topic="guarantees")
        assert situations(study) == [(Situation.SOME,), (Situation.SOME,)]

    def test_coders_who_all_heard_both_sources_are_in_no_conflict_over_source(
        self, study: Study, coder: User, other_coder: User
    ) -> None:
        for user in (coder, other_coder):
            for source in ("biden", "putin"):
                make_tag(study, user, source=source)
        (entry,) = queue_of(study).entries
        assert entry.item is not None
        assert (len(entry.item.claims), entry.situations) == (2, (Situation.UNANIMOUS,))
        withdraw_tag(by=coder, annotation=Annotation.objects.filter(coder=coder)[0], version=1)
        assert situations(study) == [(Situation.SOURCE,)]

    def test_a_single_coder_is_unanimous_with_themselves(self, study: Study, coder: User) -> None:
        make_tag(study, coder)
        assert situations(study) == [(Situation.UNANIMOUS,)]

    def test_the_words_most_coders_chose_speak_for_a_claim_else_the_shortest(
        self, study: Study, coder: User, other_coder: User, owner: User
    ) -> None:
        make_tag(study, coder, "agreed to talk")
        make_tag(study, other_coder, "Biden agreed to talk")

        def chosen() -> str:
            item = queue_of(study).entries[0].item
            assert item is not None
            tag = proposed(item.claims[0])
            return Annotation.objects.get(pk=tag.key).quote

        assert chosen() == "agreed to talk"
        make_tag(study, owner, "Biden agreed to talk")
        assert chosen() == "Biden agreed to talk"


class TestWhatComesBack:
    @pytest.fixture
    def tags(self, study: Study, coder: User, other_coder: User, curator: User) -> list[Annotation]:
        """Ada and Ben agree; Cora has settled it, and all else is untouched."""
        tags = [make_tag(study, user) for user in (coder, other_coder)]
        settle(curator, tags[0], kept_of(tags[0]))
        return tags

    def test_a_decided_item_is_settled(self, study: Study, tags: list[Annotation]) -> None:
        queue = queue_of(study)
        assert [entry.status for entry in queue.entries] == [Status.SETTLED]
        assert (queue.settled, queue.is_settled) == (1, True)

    def test_a_changed_tag_brings_it_back_with_its_decision(
        self, study: Study, tags: list[Annotation]
    ) -> None:
        change(tags[1], note="a second thought")
        (entry,) = queue_of(study).entries
        decision = study.decisions.get()
        assert (entry.status, [d.pk for d in entry.decisions]) == (Status.CHANGED, [decision.pk])
        assert not queue_of(study).is_settled
        assert decision.undone_at is None

    def test_so_does_a_tag_that_was_withdrawn(self, study: Study, tags: list[Annotation]) -> None:
        withdraw_tag(by=tags[1].coder, annotation=tags[1], version=1)
        (entry,) = queue_of(study).entries
        assert (entry.status, list(entry.tags)) == (Status.CHANGED, [tags[0].pk])

    def test_so_does_a_coder_who_found_it_since(
        self, study: Study, tags: list[Annotation], owner: User
    ) -> None:
        make_tag(study, owner, "agreed to talk")
        (entry,) = queue_of(study).entries
        assert (entry.status, len(entry.tags), len(entry.decisions)) == (Status.CHANGED, 3, 1)

    def test_a_coder_who_finished_and_found_nothing_leaves_it_settled(
        self, study: Study, tags: list[Annotation], owner: User
    ) -> None:
        finish(study, *(tag.coder for tag in tags), owner)
        (entry,) = queue_of(study).entries
        assert (entry.status, entry.situations) == (Status.SETTLED, (Situation.SOME,))

    def test_a_decision_whose_tags_are_all_withdrawn_is_still_listed(
        self, study: Study, tags: list[Annotation]
    ) -> None:
        for tag in tags:
            withdraw_tag(by=tag.coder, annotation=tag, version=1)
        (entry,) = queue_of(study).entries
        assert (entry.item, entry.status, entry.passage) == (None, Status.CHANGED, 1)
        assert {seen.version for seen in entry.seen} == {2}
        assert entry.situations == (Situation.UNANIMOUS,)

    def test_coders_who_take_back_what_was_dropped_leave_no_question(
        self, study: Study, tags: list[Annotation], curator: User
    ) -> None:
        settle(curator, tags[0])
        withdraw_tag(by=tags[1].coder, annotation=tags[1], version=1)
        assert [entry.status for entry in queue_of(study).entries] == [Status.CHANGED]
        withdraw_tag(by=tags[0].coder, annotation=tags[0], version=1)
        (entry,) = queue_of(study).entries
        assert (entry.item, entry.status) == (None, Status.SETTLED)

    def test_reopening_alone_brings_nothing_back(
        self, study: Study, tags: list[Annotation], other_coder: User, coder: User
    ) -> None:
        finish(study, coder, other_coder)
        reopen_document(by=other_coder, document=tags[0].document)
        queue = queue_of(study)
        assert (queue.coders, [entry.status for entry in queue.entries]) == (("ada",), [Status.SETTLED])
        change(tags[1], stance="oppose")
        assert [entry.status for entry in queue_of(study).entries] == [Status.CHANGED]

    def test_when_nobody_counts_any_more_the_decision_is_a_settled_entry_of_its_own(
        self, study: Study, tags: list[Annotation], owner: User
    ) -> None:
        finish(study, owner)
        (entry,) = queue_of(study).entries
        assert (entry.item, entry.status) == (None, Status.SETTLED)

    def test_an_item_that_grew_out_of_two_shows_both_decisions(
        self, study: Study, coder: User, other_coder: User, owner: User, curator: User
    ) -> None:
        first = make_tag(study, coder, "Biden agreed", source="putin")
        second = make_tag(study, other_coder, "to talk")
        for tag in (first, second):
            settle(curator, tag, kept_of(tag))
        make_tag(study, owner, "agreed to talk")
        entry = entry_with(first)
        assert (entry.status, len(entry.decisions)) == (Status.CHANGED, 2)
        settle(curator, entry, kept_of(first))
        assert [e.status for e in queue_of(study).entries] == [Status.SETTLED]
        assert study.decisions.active().count() == 1

    def test_an_item_that_fell_apart_comes_back_in_parts(self, study: Study, tags: list[Annotation]) -> None:
        change(tags[1], topic="guarantees")
        found = {(entry.status, len(entry.decisions)) for entry in queue_of(study).entries}
        assert (found, len(queue_of(study).entries)) == ({(Status.CHANGED, 1)}, 2)

    def test_an_undone_decision_leaves_it_open(
        self, study: Study, tags: list[Annotation], curator: User
    ) -> None:
        undo_decision(by=curator, decision=study.decisions.get())
        (entry,) = queue_of(study).entries
        assert (entry.status, entry.decisions) == (Status.OPEN, ())


def test_the_number_of_queries_does_not_depend_on_documents_tags_or_decisions(
    study: Study, coder: User, curator: User
) -> None:
    make_tag(study, coder)
    accept_all(curator, study)
    with CaptureQueriesContext(connection) as one:
        load_queues(study.documents.filter(slug="east"))
    make_document(study, "north")
    for slug in ("east", "west", "north"):
        for quote in ("Putin asked", "Kyiv was", "at the table"):
            make_tag(study, coder, quote, slug, source="putin")
        finish_document(by=coder, document=study.documents.get(slug=slug))
    accept_all(curator, study)
    with CaptureQueriesContext(connection) as many:
        queues = load_queues(study.documents.all())
    assert sum(queue.settled for queue in queues) == 10
    assert len(one) == len(many) == 5
    assert all('"annotations_document"."text"' not in query["sql"] for query in one.captured_queries[1:])


def test_a_coders_name_decides_nothing(study: Study, coder: User) -> None:
    """A third coder of any role counts as the others do."""
    owner = make_member(study, Role.OWNER)
    make_tag(study, coder)
    make_tag(study, owner, stance="oppose")
    assert situations(study) == [(Situation.STANCE,)]
