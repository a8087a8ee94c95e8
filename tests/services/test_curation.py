"""Settling an item: what is stored, what is refused, what ends, and what an undo brings back."""

from __future__ import annotations

import uuid

import pytest

from annotations.enums import Layer, Outcome, Reason, Role, Situation
from annotations.errors import DuplicateTagError, InvalidTagError, NotAllowedError, StaleItemError
from annotations.models import Annotation, Decision, Study, Topic, User
from annotations.services.coding import change_tag, withdraw_tag
from annotations.services.curated import CuratedValues, change_curated_tag
from annotations.services.curation import settle_item, undo_decision
from annotations.services.curation_plan import SeenTag, Status
from annotations.services.curation_rules import Ruling
from tests.curating import curated, entry_with, kept_of, queue_of, settle
from tests.factories import make_member, make_study, make_tag, make_user, values


@pytest.fixture
def tags(study: Study, coder: User, other_coder: User) -> list[Annotation]:
    """Ada and Ben tag the same words, and differ over the stance."""
    return [make_tag(study, coder), make_tag(study, other_coder, stance="oppose", reported_by="ushakov")]


def facts(decision: Decision) -> tuple[str, str, str, str, str]:
    return (decision.situation, decision.outcome, decision.reason, decision.remark, decision.curator.username)


class TestDeciding:
    def test_a_coders_version_is_accepted(self, study: Study, curator: User, tags: list[Annotation]) -> None:
        decision = settle(curator, tags[0], kept_of(tags[1]), reason=Reason.SLIP, remark=" Misread.\r\n")
        assert facts(decision) == ("stance", "accepted", "slip", "Misread.", "cora")
        assert curated(study) == [
            ("east", "Biden agreed to talk", "talks", "oppose", "biden", "ushakov", "cora")
        ]
        made = decision.settled.get()
        assert (made.layer, made.version, made.note, made.uncertain) == ("curated", 1, "", False)
        assert list(decision.decided_tags.order_by("pk").values_list("annotation", "version")) == [
            (tag.pk, 1) for tag in tags
        ]
        line = made.history.get()
        assert (line.history_type, line.history_user, line.decision) == ("+", curator, decision)

    def test_span_stance_and_messenger_can_be_changed(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        kept = kept_of(tags[0], start=tags[0].start + 6, stance="mixed", reported_by="kremlin")
        decision = settle(curator, tags[0], kept, reason=Reason.GAP)
        assert facts(decision)[:3] == ("stance", "changed", "gap")
        assert curated(study) == [("east", "agreed to talk", "talks", "mixed", "biden", "kremlin", "cora")]

    @pytest.mark.parametrize(
        "changes", [{"start": 6}, {"end": 12}, {"stance": "mixed"}, {"reported_by": "kremlin"}]
    )
    def test_any_one_change_is_a_change(
        self, curator: User, tags: list[Annotation], changes: dict[str, object]
    ) -> None:
        assert settle(curator, tags[0], kept_of(tags[0], **changes)).outcome == Outcome.CHANGED.value

    def test_ones_stance_with_the_others_messenger_is_a_change(
        self, curator: User, tags: list[Annotation]
    ) -> None:
        decision = settle(curator, tags[0], kept_of(tags[0], reported_by="ushakov"))
        assert decision.outcome == Outcome.CHANGED.value

    def test_nothing_here_leaves_nothing(self, study: Study, curator: User, tags: list[Annotation]) -> None:
        decision = settle(curator, tags[0], reason=Reason.JUDGEMENT)
        assert facts(decision)[:3] == ("stance", "nothing", "judgement")
        assert curated(study) == []
        assert queue_of(study).is_settled

    def test_of_a_conflict_over_source_one_or_both_are_accepted(
        self, study: Study, curator: User, coder: User, other_coder: User
    ) -> None:
        biden, putin = make_tag(study, coder), make_tag(study, other_coder, source="putin")
        one = settle(curator, biden, kept_of(putin))
        assert facts(one)[:2] == ("source", "accepted")
        assert [row[4] for row in curated(study)] == ["putin"]
        both = settle(curator, biden, kept_of(biden), kept_of(putin))
        assert facts(both)[:2] == ("source", "accepted")
        assert [row[4] for row in curated(study)] == ["biden", "putin"]

    def test_dropping_a_claim_that_all_found_is_a_change_and_needs_a_reason(
        self, study: Study, curator: User, coder: User, other_coder: User
    ) -> None:
        tags = [
            make_tag(study, user, source=source)
            for user in (coder, other_coder)
            for source in ("biden", "putin")
        ]
        with pytest.raises(InvalidTagError):
            settle(curator, tags[0], kept_of(tags[0]), reason=Reason.NONE)
        assert settle(curator, tags[0], kept_of(tags[0])).outcome == Outcome.CHANGED.value

    def test_what_is_unanimous_needs_no_reason_and_all_else_does(
        self, study: Study, curator: User, coder: User, tags: list[Annotation]
    ) -> None:
        agreed = make_tag(study, coder, "Kyiv was not", "west")
        decision = settle(curator, agreed, kept_of(agreed), reason=Reason.NONE)
        assert facts(decision)[:3] == ("unanimous", "accepted", "")
        for kept in ((), (kept_of(agreed, stance="mixed"),)):
            with pytest.raises(InvalidTagError) as refused:
                settle(curator, agreed, *kept, reason=Reason.NONE)
            assert refused.value.field == "reason"
        with pytest.raises(InvalidTagError):
            settle(curator, tags[0], kept_of(tags[0]), reason=Reason.NONE)

    def test_a_curated_tag_keeps_the_words_of_the_codebook_it_was_settled_under(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        Topic.objects.filter(pk=tags[0].topic_id).update(statement_version=3)
        Study.objects.filter(pk=study.pk).update(guidelines_version=5)
        tag = Annotation.objects.get(pk=tags[0].pk)
        made = settle(curator, tag, kept_of(tag)).settled.get()
        assert (made.statement_version, made.guidelines_version) == (3, 5)


class TestRules:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"end": 900}, "quote"),
            ({"start": 12, "end": 12}, "quote"),
            ({"start": 12, "end": 13}, "quote"),
            ({"reported_by": "biden"}, "reported_by"),
        ],
        ids=["outside the passage", "empty", "no words", "its own messenger"],
    )
    def test_a_position_that_breaks_a_rule_is_refused(
        self, study: Study, curator: User, tags: list[Annotation], changes: dict[str, object], field: str
    ) -> None:
        with pytest.raises(InvalidTagError) as refused:
            settle(curator, tags[0], kept_of(tags[0], **changes))
        assert refused.value.field == field
        assert (curated(study), Decision.objects.count()) == ([], 0)

    @pytest.mark.parametrize("name", ["topic", "source"])
    def test_topic_and_source_must_be_a_coders(
        self, study: Study, curator: User, tags: list[Annotation], name: str
    ) -> None:
        other = {
            "topic": study.topics.get(slug="guarantees"),
            "source": study.sources.get(slug="kremlin"),
        }[name]
        with pytest.raises(InvalidTagError):
            settle(curator, tags[0], kept_of(tags[0], **{name: other}))

    def test_entries_of_another_study_are_refused(self, curator: User, tags: list[Annotation]) -> None:
        other = make_study("other")
        kept = kept_of(tags[0])
        for changed in (
            type(kept)(kept.start, kept.end, kept.topic, other.stances.get(slug="mixed"), kept.source),
            type(kept)(
                kept.start, kept.end, kept.topic, kept.stance, kept.source, other.sources.get(slug="putin")
            ),
        ):
            with pytest.raises(InvalidTagError):
                settle(curator, tags[0], changed)

    def test_a_retired_entry_stays_where_a_coder_used_it_and_is_given_to_nothing_new(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        study.stances.filter(slug__in=["oppose", "mixed"]).update(is_retired=True)
        with pytest.raises(InvalidTagError) as refused:
            settle(curator, tags[0], kept_of(tags[0], stance="mixed"))
        assert refused.value.field == "stance"
        assert settle(curator, tags[0], kept_of(tags[0], stance="oppose")).outcome == "changed"

    def test_the_same_position_is_kept_once(self, curator: User, tags: list[Annotation]) -> None:
        with pytest.raises(InvalidTagError):
            settle(curator, tags[0], kept_of(tags[0]), kept_of(tags[0], stance="mixed"))

    def test_only_curators_settle(
        self, study: Study, coder: User, reader: User, curator: User, tags: list[Annotation]
    ) -> None:
        for person in (coder, reader, make_user()):
            with pytest.raises(NotAllowedError):
                settle(person, tags[0], kept_of(tags[0]))
        decision = settle(curator, tags[0], kept_of(tags[0]))
        for person in (coder, reader, make_user()):
            with pytest.raises(NotAllowedError):
                undo_decision(by=person, decision=decision)
        assert Decision.objects.active().count() == 1

    def test_an_equal_curated_tag_of_another_decision_is_in_the_way(
        self, study: Study, curator: User, coder: User, tags: list[Annotation]
    ) -> None:
        other = make_tag(study, coder, "Putin asked", reported_by="kremlin")
        first = settle(curator, tags[0], kept_of(tags[0]))
        with pytest.raises(DuplicateTagError) as refused:
            settle(curator, other, kept_of(other, start=tags[0].start, end=tags[0].end, reported_by=None))
        assert refused.value.existing == first.settled.get()
        assert entry_with(other).status is Status.OPEN


class TestTwoCurators:
    def test_the_second_of_two_who_differ_is_told_and_overwrites_nothing(
        self, study: Study, curator: User, owner: User, tags: list[Annotation]
    ) -> None:
        entry = entry_with(tags[0])
        first = settle(curator, entry, kept_of(tags[0]))
        with pytest.raises(StaleItemError) as stale:
            settle(owner, entry, kept_of(tags[1]))
        assert stale.value.decision == first
        assert [row[3] for row in curated(study)] == ["support"]

    def test_the_same_decision_twice_is_one(
        self, study: Study, curator: User, owner: User, tags: list[Annotation]
    ) -> None:
        entry = entry_with(tags[0])
        first = settle(curator, entry, kept_of(tags[0]), remark="Quite clear.")
        assert settle(owner, entry, kept_of(tags[0]), remark="Quite clear.") == first
        again = [settle(curator, tags[0], kept_of(tags[1]), replaces=[first.public_id]) for _ in "12"]
        assert again[0] == again[1]
        assert Decision.objects.count() == 2

    @pytest.mark.parametrize(("reason", "remark"), [(Reason.SLIP, ""), (Reason.JUDGEMENT, "Otherwise.")])
    def test_another_reason_or_remark_is_another_decision(
        self, curator: User, owner: User, tags: list[Annotation], reason: Reason, remark: str
    ) -> None:
        entry = entry_with(tags[0])
        settle(curator, entry, kept_of(tags[0]))
        with pytest.raises(StaleItemError):
            settle(owner, entry, kept_of(tags[0]), reason=reason, remark=remark)

    def test_who_did_not_see_that_a_decision_was_undone_is_told(
        self, curator: User, owner: User, tags: list[Annotation]
    ) -> None:
        first = settle(curator, tags[0], kept_of(tags[0]))
        entry = entry_with(tags[0])
        undo_decision(by=owner, decision=first)
        with pytest.raises(StaleItemError) as stale:
            settle(curator, entry, kept_of(tags[1]))
        assert stale.value.decision is None

    def test_tags_that_changed_meanwhile_are_shown_first(
        self, study: Study, curator: User, owner: User, tags: list[Annotation]
    ) -> None:
        entry = entry_with(tags[0])
        said = values(study, tags[0].quote, note="a second thought")[1]
        change_tag(by=tags[0].coder, annotation=tags[0], version=1, values=said)
        with pytest.raises(StaleItemError) as stale:
            settle(curator, entry, kept_of(tags[0]))
        assert stale.value.decision is None
        decided = settle(owner, tags[0], kept_of(tags[1]))
        with pytest.raises(StaleItemError) as stale:
            settle(curator, entry, kept_of(tags[0]))
        assert stale.value.decision == decided

    def test_so_is_a_tag_that_came_or_went(
        self, study: Study, curator: User, owner: User, tags: list[Annotation]
    ) -> None:
        entry = entry_with(tags[0])
        third = make_tag(study, owner)
        with pytest.raises(StaleItemError):
            settle(curator, entry, kept_of(tags[0]))
        entry = entry_with(tags[0])
        withdraw_tag(by=owner, annotation=third, version=1)
        with pytest.raises(StaleItemError):
            settle(curator, entry, kept_of(tags[0]))

    def test_tags_that_never_were_an_item_are_refused(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        for seen in ([], [SeenTag(uuid.uuid4(), 1)], [SeenTag(tags[0].public_id, 1)]):
            with pytest.raises(StaleItemError):
                settle_item(
                    by=curator,
                    document=tags[0].document,
                    seen=seen,
                    replaces=[],
                    ruling=Ruling((kept_of(tags[0]),), Reason.SLIP),
                )


class TestDecidingAnew:
    def test_a_later_decision_ends_the_earlier_and_its_tags(
        self, study: Study, curator: User, owner: User, tags: list[Annotation]
    ) -> None:
        first = settle(curator, tags[0], kept_of(tags[0]))
        second = settle(owner, tags[0], kept_of(tags[1]), reason=Reason.GAP)
        first.refresh_from_db()
        assert (first.undone_by, first.undone_at) == (owner, second.created_at)
        assert [(row[3], row[6]) for row in curated(study)] == [("oppose", "olga")]
        ended = first.settled.get()
        assert (ended.withdrawn_at, ended.version) == (second.created_at, 2)
        assert [line.history_user for line in ended.history.order_by("history_id")] == [curator, owner]

    def test_what_changed_since_is_settled_by_deciding_it_anew(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        settle(curator, tags[0], kept_of(tags[0]))
        withdraw_tag(by=tags[1].coder, annotation=tags[1], version=1)
        assert entry_with(tags[0]).status is Status.CHANGED
        assert len(curated(study)) == 1
        decision = settle(curator, tags[0], kept_of(tags[0]), reason=Reason.SLIP)
        assert (decision.situation, queue_of(study).is_settled) == (Situation.UNANIMOUS.value, True)
        assert len(curated(study)) == 1

    def test_a_decision_without_tags_can_be_let_stand_or_ended(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        first = settle(curator, tags[0], kept_of(tags[0]))
        for tag in tags:
            withdraw_tag(by=tag.coder, annotation=tag, version=1)
        stands = settle(curator, queue_of(study).entries[0], kept_of(first.settled.get()))
        assert (facts(stands)[:2], queue_of(study).is_settled) == (("stance", "changed"), True)
        assert len(curated(study)) == 1
        settle(curator, queue_of(study).entries[0])
        assert (curated(study), queue_of(study).is_settled) == ([], True)


class TestUndo:
    def test_it_ends_the_decision_and_withdraws_its_tags(
        self, study: Study, curator: User, owner: User, tags: list[Annotation]
    ) -> None:
        decision = settle(curator, tags[0], kept_of(tags[0]))
        undone = undo_decision(by=owner, decision=decision)
        assert (undone.undone_by, undone.undone_at is not None) == (owner, True)
        assert curated(study) == []
        made = decision.settled.get()
        assert (made.version, made.history.first().history_user) == (2, owner)
        assert entry_with(tags[0]).status is Status.OPEN

    def test_it_brings_the_decision_before_it_back(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        first = settle(curator, tags[0], kept_of(tags[0]))
        second = settle(curator, tags[0], kept_of(tags[1]))
        undo_decision(by=curator, decision=second)
        first.refresh_from_db()
        assert (first.undone_at, first.undone_by) == (None, None)
        assert [row[3] for row in curated(study)] == ["support"]
        assert entry_with(tags[0]).status is Status.SETTLED
        undo_decision(by=curator, decision=first)
        assert (curated(study), Decision.objects.active().count()) == ([], 0)

    def test_twice_is_once(self, study: Study, curator: User, owner: User, tags: list[Annotation]) -> None:
        decision = settle(curator, tags[0], kept_of(tags[0]))
        once = undo_decision(by=curator, decision=decision)
        twice = undo_decision(by=owner, decision=decision)
        assert (once.undone_at, once.undone_by) == (twice.undone_at, twice.undone_by)

    def test_deciding_again_is_the_redo(self, study: Study, curator: User, tags: list[Annotation]) -> None:
        undo_decision(by=curator, decision=settle(curator, tags[0], kept_of(tags[0])))
        settle(curator, tags[0], kept_of(tags[0]))
        assert ([row[3] for row in curated(study)], queue_of(study).is_settled) == (["support"], True)

    def test_of_an_earlier_decision_it_changes_nothing_of_the_later(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        first = settle(curator, tags[0], kept_of(tags[0]))
        settle(curator, tags[0], kept_of(tags[1]))
        undo_decision(by=curator, decision=first)
        assert [row[3] for row in curated(study)] == ["oppose"]

    def test_a_tag_that_has_an_equal_one_by_now_stays_gone(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        settle(curator, tags[0], kept_of(tags[0]))
        second = settle(curator, tags[0])
        make_tag(study, curator, layer="curated", stance="mixed")
        with pytest.raises(DuplicateTagError):
            undo_decision(by=curator, decision=second)
        second.refresh_from_db()
        assert (second.undone_at, [row[3] for row in curated(study)]) == (None, ["mixed"])


class TestImportedTags:
    def test_one_that_says_the_same_is_taken_over_with_its_note_and_comes_back_on_undo(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        imported = make_tag(study, curator, layer="curated", note="From the first round.", uncertain=True)
        decision = settle(curator, tags[0], kept_of(tags[0]))
        made = Annotation.objects.active().get(layer=Layer.CURATED.value)
        assert (made.decision, made.note, made.uncertain) == (decision, "From the first round.", True)
        undo_decision(by=curator, decision=decision)
        back = Annotation.objects.active().get(layer=Layer.CURATED.value)
        assert (back.pk, back.version, back.decision) == (imported.pk, 3, None)

    def test_one_that_says_otherwise_is_in_the_way(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        imported = make_tag(study, curator, layer="curated", stance="mixed")
        with pytest.raises(DuplicateTagError) as refused:
            settle(curator, tags[0], kept_of(tags[0]))
        assert refused.value.existing == imported
        assert Decision.objects.count() == 0

    def test_a_curators_change_of_a_settled_tag_ends_with_its_decision(
        self, study: Study, curator: User, tags: list[Annotation]
    ) -> None:
        decision = settle(curator, tags[0], kept_of(tags[0]))
        made = decision.settled.get()
        said = CuratedValues(made.topic, study.stances.get(slug="mixed"), made.source)
        change_curated_tag(by=curator, annotation=made, version=1, values=said)
        assert [row[3] for row in curated(study)] == ["mixed"]
        assert entry_with(tags[0]).status is Status.SETTLED
        undo_decision(by=curator, decision=decision)
        assert curated(study) == []


def test_coders_tags_are_never_touched(
    study: Study, curator: User, coder: User, tags: list[Annotation]
) -> None:
    before = list(Annotation.objects.filter(layer="coded").order_by("pk").values())
    decision = settle(curator, tags[0], kept_of(tags[0], stance="mixed"))
    settle(curator, tags[0])
    undo_decision(by=curator, decision=decision)
    assert list(Annotation.objects.filter(layer="coded").order_by("pk").values()) == before


def test_a_curator_of_another_study_is_a_stranger(study: Study, tags: list[Annotation]) -> None:
    stranger = make_member(make_study("other"), Role.CURATOR)
    with pytest.raises(NotAllowedError):
        settle(stranger, tags[0], kept_of(tags[0]))
