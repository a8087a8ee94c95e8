"""Stored data is damaged in each way that a check knows, past every rule, and seen reported."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from annotations.auditing.study import CHECKS, check_study
from annotations.enums import Reason, Role
from annotations.importing.folder import load_folder
from annotations.models import Annotation, Decision, Membership, Source, Stance, Study, User
from annotations.models.triggers import create_triggers, drop_triggers
from annotations.services.coding import change_tag, finish_document, withdraw_tag
from annotations.services.curation import undo_decision
from tests.curating import kept_of, settle
from tests.factories import make_study, make_tag, values

AUDITING = Path(settings.BASE_DIR) / "annotations" / "auditing"


@pytest.fixture
def worked(study: Study, coder: User, other_coder: User, curator: User, owner: User) -> Study:
    """A study in which everything has happened once, by the services."""
    tags = [make_tag(study, coder), make_tag(study, other_coder, stance="oppose", reported_by="ushakov")]
    settle(curator, tags[0], kept_of(tags[1]), reason=Reason.SLIP)
    changed = make_tag(study, coder, "Putin asked", source="putin")
    change_tag(by=coder, annotation=changed, version=1, values=values(study, "Putin asked for")[1])
    gone = make_tag(study, coder, "Kyiv")
    withdraw_tag(by=coder, annotation=gone, version=1)
    undone = settle(curator, changed, reason=Reason.GAP)
    undo_decision(by=curator, decision=undone)
    finish_document(by=coder, document=study.documents.get(slug="west"))
    return study


@pytest.fixture
def unguarded(worked: Study) -> Iterator[Study]:
    """The study without triggers and CHECKs, so that it can be damaged."""
    drop_triggers()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint c JOIN pg_class t "
                "ON t.oid = c.conrelid WHERE contype = 'c' AND relname LIKE 'annotations_%'"
            )
            for table, name in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield worked
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        create_triggers()


def update(table: str, pk: int, **columns: Any) -> None:
    sets = ", ".join(f'"{column}" = %s' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE annotations_{table} SET {sets} WHERE id = %s", [*columns.values(), pk])


def tag_of(study: Study) -> Annotation:
    return study.annotations.filter(layer="coded").earliest("pk")


def damage_tag(**columns: Any) -> Callable[[Study], None]:
    return lambda study: update("annotation", tag_of(study).pk, **columns)


def damage_document(**columns: Any) -> Callable[[Study], None]:
    return lambda study: update("document", study.documents.get(slug="east").pk, **columns)


def damage_passage(**columns: Any) -> Callable[[Study], None]:
    def damage(study: Study) -> None:
        update("passage", study.documents.get(slug="east").passages.get(number=2).pk, **columns)

    return damage


def text_with(change: Callable[[str], str]) -> Callable[[Study], None]:
    def damage(study: Study) -> None:
        document = study.documents.get(slug="east")
        text = change(document.text)
        update("document", document.pk, text=text, characters=len(text))

    return damage


def elsewhere(name: str) -> Callable[[Study], None]:
    def damage(study: Study) -> None:
        other = make_study("elsewhere")
        pk = {
            "topic_id": other.topics.get(slug="talks").pk,
            "stance_id": other.stances.get(slug="support").pk,
            "source_id": other.sources.get(slug="biden").pk,
        }[name]
        update("annotation", tag_of(study).pk, **{name: pk})

    return damage


def double(study: Study) -> None:
    """Two active annotations that say the same: the unique index has to go first."""
    tag = tag_of(study)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX annotation_coded_unique")
    tag.pk, tag.public_id = None, uuid.uuid4()
    tag.form_token = None
    tag.save()


def no_history(study: Study) -> None:
    Annotation.history.filter(id=tag_of(study).pk).delete()


def gap_in_history(study: Study) -> None:
    changed = study.annotations.get(version=2, withdrawn_at=None, layer="coded")
    update("annotation", changed.pk, version=4)
    line = changed.history.latest("history_id")
    Annotation.history.filter(pk=line.pk).update(version=4)


def decision_of(study: Study, *, holds: bool) -> Decision:
    return study.decisions.get(undone_at__isnull=holds)


def second_decision(study: Study) -> None:
    undone = decision_of(study, holds=False)
    tag = decision_of(study, holds=True).decided_tags.earliest("pk").annotation
    update("decision", undone.pk, undone_at=None)
    undone.decided_tags.create(annotation=tag, version=1)


def slug_damage(study: Study) -> None:
    update("topic", study.topics.get(slug="talks").pk, slug="Talks!")


def third_level(study: Study) -> None:
    update("topic", study.topics.get(slug="guarantees").pk, parent_id=study.topics.get(slug="talks").pk)


def foreign_parent(study: Study) -> None:
    other = make_study("elsewhere").topics.get(slug="security")
    update("topic", study.topics.get(slug="talks").pk, parent_id=other.pk)


def second_level_of_bodies(study: Study) -> None:
    kremlin, biden = (study.sources.get(slug=slug).pk for slug in ("kremlin", "biden"))
    update("source", kremlin, speaks_for_id=biden)


def foreign_body(study: Study) -> None:
    other = make_study("elsewhere").sources.get(slug="kremlin")
    update("source", study.sources.get(slug="ushakov").pk, speaks_for_id=other.pk)


def merged_elsewhere(study: Study) -> None:
    other = make_study("elsewhere")
    coder = tag_of(study).coder
    Membership.objects.create(study=other, user=coder, role=Role.CODER.value)
    update("annotation", tag_of(study).pk, merged_into_id=make_tag(other, coder).pk)


def act_of_another(study: Study) -> None:
    act = tag_of(study).acts.earliest("pk")
    update("codingact", act.pk, coder_id=study.memberships.get(role="owner").user_id)


def settled_withdrawn(study: Study) -> None:
    settled = decision_of(study, holds=True).settled.get()
    update("annotation", settled.pk, withdrawn_at=timezone.now())


def settled_coded(study: Study) -> None:
    update("annotation", decision_of(study, holds=True).settled.get().pk, layer="coded")


def ended_with_tag(study: Study) -> None:
    update("decision", decision_of(study, holds=True).pk, undone_at=timezone.now())


def decided_of_elsewhere(study: Study) -> None:
    decided = decision_of(study, holds=True).decided_tags.earliest("pk")
    update("decidedtag", decided.pk, annotation_id=study.annotations.get(quote="Kyiv").pk)


def decided_ahead(study: Study) -> None:
    update("decidedtag", decision_of(study, holds=True).decided_tags.earliest("pk").pk, version=9)


def other_passage(study: Study) -> None:
    passage = study.documents.get(slug="east").passages.get(number=2)
    update("annotation", tag_of(study).pk, passage_id=passage.pk)


#: For each rule, what breaks it.
DAMAGES: dict[str, Callable[[Study], object]] = {
    "text-is-nfc": text_with(lambda text: text.replace("agreed", "agre\u0301ed")),
    "text-has-lf-line-ends": text_with(lambda text: text.replace("\n", "\r\n", 1)),
    "text-has-no-bom-and-no-nul": text_with(lambda text: "\ufeff" + text[1:]),
    "document-length-is-right": damage_document(characters=3),
    "passages-are-numbered-from-one": damage_passage(number=7),
    "passage-lies-inside-its-document": damage_passage(start=900, end=926),
    "passage-text-is-the-documents": damage_passage(text="Kyiv was not at THE table.", folded=""),
    "passages-lie-apart": damage_passage(start=10, end=36),
    "folded-text-is-right": damage_passage(folded="other words"),
    "quote-equals-the-text": damage_tag(quote="Putin agreed to talk"),
    "end-is-start-plus-length": damage_tag(end=12),
    "annotation-lies-inside-its-passage": other_passage,
    "layer-is-known": damage_tag(layer="third"),
    "version-from-one": damage_tag(version=0),
    "merged-within-the-study": merged_elsewhere,
    "annotation-is-of-one-study": elsewhere("stance_id"),
    "messenger-is-not-the-source": lambda study: update(
        "annotation", tag_of(study).pk, reported_by_id=tag_of(study).source_id
    ),
    "topic-has-a-statement": lambda study: update("topic", tag_of(study).topic_id, statement=""),
    "statement-version-exists": damage_tag(statement_version=5),
    "no-equal-annotations": double,
    "history-is-complete": no_history,
    "versions-have-no-gaps": gap_in_history,
    "step-is-of-its-coder": act_of_another,
    "finished-before-reopened": lambda study: update(
        "completion",
        study.documents.get(slug="west").completions.get().pk,
        reopened_at=timezone.now() - timedelta(days=9),
    ),
    "slugs-are-plain": slug_damage,
    "topics-have-two-levels": third_level,
    "topic-parent-is-of-the-study": foreign_parent,
    "topic-with-parent-has-statement": lambda study: update(
        "topic", study.topics.get(slug="guarantees").pk, statement=""
    ),
    "author-is-there": lambda study: Source.objects.filter(study=study, slug="author").update(
        is_retired=True
    ),
    "speaks-for-has-one-level": second_level_of_bodies,
    "body-is-of-the-study": foreign_body,
    "scale-has-two-values": lambda study: Stance.objects.filter(study=study, value__lt=1).update(
        is_retired=True
    ),
    "stance-value-on-the-scale": lambda study: update(
        "stance", study.stances.get(slug="mixed").pk, value=1.5
    ),
    "bounds-are-in-order": lambda study: update("study", study.pk, agree_max=0.9),
    "decision-is-about-its-passage": decided_of_elsewhere,
    "one-decision-for-a-tag": second_decision,
    "decided-version-exists": decided_ahead,
    "settled-is-curated": settled_coded,
    "decision-has-its-tag": settled_withdrawn,
    "ended-decision-has-no-tag": ended_with_tag,
}


def test_a_study_that_only_the_services_wrote_keeps_every_rule(worked: Study) -> None:
    assert [str(violation) for violation in check_study(worked)] == []


def test_the_shipped_study_keeps_every_rule(db: None) -> None:
    study = load_folder(Path(settings.BASE_DIR) / "seeds" / "biden-putin-2021").study
    assert [str(violation) for violation in check_study(study)] == []


def test_every_rule_is_broken_below() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in AUDITING.glob("*.py"))
    assert set(DAMAGES) == set(re.findall(r'Violation\(\s*"([a-z-]+)"', source))
    assert len(CHECKS) == len(set(CHECKS)) == source.count("\ndef check_") - 1


@pytest.mark.parametrize("rule", sorted(DAMAGES))
def test_damage_is_reported_with_its_row_and_what_to_do(rule: str, unguarded: Study) -> None:
    DAMAGES[rule](unguarded)
    unguarded.refresh_from_db()
    found = [violation for violation in check_study(unguarded) if violation.rule == rule]
    assert found != []
    assert all(violation.row and violation.wrong and violation.remedy for violation in found)


def test_the_command_prints_what_is_wrong_and_exits_with_one(
    unguarded: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    DAMAGES["document-length-is-right"](unguarded)
    with pytest.raises(CommandError, match="1 violations in talks") as refused:
        call_command("check_study", "talks")
    assert refused.value.returncode == 1
    assert "document-length-is-right: document east: characters is 3" in capsys.readouterr().out


def test_the_command_says_that_nothing_is_wrong(worked: Study, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_study", "talks")
    assert capsys.readouterr().out == (
        "Nothing wrong in talks: 2 documents and 5 annotations keep every rule.\n"
    )
    with pytest.raises(CommandError, match="There is no study 'none'"):
        call_command("check_study", "none")
