"""Every named constraint is broken by raw SQL and seen refused.

On PostgreSQL the error always carries the constraint's name. On SQLite the errors of CHECKs and of unique
indexes over expressions do; a UNIQUE over plain columns names its columns instead, so there the columns
are what is looked for.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from annotations.models import (
    Annotation,
    Assignment,
    CodebookAct,
    CodingAct,
    Comment,
    Completion,
    DecidedTag,
    Decision,
    Membership,
    PassageVisit,
    Study,
    User,
)
from annotations.models.triggers import drop_triggers
from tests.factories import make_tag, make_user

QUOTED = '"{}"'


def execute(sql: str, parameters: list[Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def copy_row(row: models.Model, **changes: Any) -> None:
    """INSERT a second row that says the same as ``row`` but for ``changes``, by raw SQL."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    named = {field.column: getattr(row, field.attname) for field in fields}
    for column, value in changes.items():
        assert column in named
        named[column] = value
    columns = ", ".join(QUOTED.format(column) for column in named)
    holes = ", ".join(["%s"] * len(named))
    prepared = [_prepared(value) for value in named.values()]
    execute(f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({holes})", prepared)


def change_row(row: models.Model, **changes: Any) -> None:
    """UPDATE ``row`` by raw SQL."""
    sets = ", ".join(f"{QUOTED.format(column)} = %s" for column in changes)
    parameters = [_prepared(value) for value in changes.values()]
    execute(f"UPDATE {row._meta.db_table} SET {sets} WHERE id = %s", [*parameters, row.pk])


def _prepared(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value)
    if connection.vendor == "sqlite" and hasattr(value, "hex") and hasattr(value, "int"):
        return value.hex
    return value


@dataclass(frozen=True)
class Rows:
    """One row of each kind, to break rules with."""

    study: Study
    coder: User
    tag: Annotation
    curated: Annotation
    completion: Completion
    assignment: Assignment
    visit: PassageVisit
    act: CodingAct
    comment: Comment
    decision: Decision
    decided: DecidedTag
    codebook_act: CodebookAct


@pytest.fixture
def rows(study: Study, coder: User) -> Rows:
    tag = make_tag(study, coder)
    document, passage = tag.document, tag.passage
    decision = Decision.objects.create(
        study=study,
        document=document,
        passage=passage,
        situation="stance",
        outcome="accepted",
        reason="slip",
        curator=coder,
    )
    return Rows(
        study,
        coder,
        tag,
        make_tag(study, coder, "Putin asked", layer="curated"),
        Completion.objects.create(document=document, coder=make_user("fin")),
        Assignment.objects.create(document=document, coder=coder),
        PassageVisit.objects.get_or_create(document=document, passage=passage, coder=coder)[0],
        CodingAct.objects.create(
            document=document, coder=coder, annotation=tag, kind="create", after=1, top=1
        ),
        Comment.objects.create(
            document=document, passage=passage, author=coder, text="Hm.", form_token=uuid.uuid4()
        ),
        decision,
        DecidedTag.objects.create(decision=decision, annotation=tag, version=1),
        CodebookAct.objects.create(study=study, by=coder, kind="merge", what="topic", summary="Merged."),
    )


def slug_of(name: str) -> Any:
    return lambda r: copy_row(getattr(r.study, name).first())


def tag(**changes: Any) -> Any:
    return lambda r: change_row(r.tag, **changes)


def first_topic(rows: Rows) -> Any:
    return rows.study.topics.get(slug="talks")


def of_passage(**changes: Any) -> Any:
    return lambda r: copy_row(r.tag.passage, number=99, **changes)


#: For each constraint what breaks it.
BREAKS: dict[str, Any] = {
    "user_username_unique_ignoring_case": lambda r: copy_row(r.coder, username=r.coder.username.upper()),
    "study_bounds_in_order": lambda r: change_row(r.study, agree_max=0.9, diverge_above=0.1),
    "membership_one_role_per_study": lambda r: copy_row(Membership.objects.get(user=r.coder), role="owner"),
    "membership_role_known": lambda r: change_row(Membership.objects.get(user=r.coder), role="king"),
    "document_slug_unique_in_study": lambda r: copy_row(r.study.documents.first(), position=77),
    "document_position_unique_in_study": lambda r: copy_row(r.study.documents.first(), slug="other"),
    "passage_number_unique_in_document": lambda r: copy_row(r.tag.passage),
    "passage_end_after_start": of_passage(start=5, end=5, text=""),
    "passage_end_is_start_plus_length": of_passage(start=0, end=3, text="four"),
    "passage_kind_known": of_passage(kind="poem"),
    "topic_slug_unique_in_study": slug_of("topics"),
    "topic_with_parent_has_statement": lambda r: copy_row(first_topic(r), slug="new", statement=""),
    "topic_not_its_own_parent": lambda r: change_row(first_topic(r), parent_id=first_topic(r).pk),
    "stance_slug_unique_in_study": lambda r: copy_row(r.study.stances.first(), key="z"),
    "stance_key_unique_in_study": lambda r: copy_row(r.study.stances.first(), slug="new"),
    "stance_value_on_scale": lambda r: change_row(r.study.stances.first(), value=1.5),
    "source_slug_unique_in_study": slug_of("sources"),
    "source_does_not_speak_for_itself": lambda r: change_row(
        r.study.sources.first(), speaks_for_id=r.study.sources.first().pk
    ),
    "completion_once_per_coder": lambda r: copy_row(r.completion),
    "annotation_end_after_start": tag(start=3, end=3, quote=""),
    "annotation_end_is_start_plus_length": tag(end=19),
    "annotation_reported_by_is_not_source": lambda r: change_row(r.tag, reported_by_id=r.tag.source_id),
    "annotation_layer_known": tag(layer="third"),
    "annotation_version_from_one": tag(version=0),
    "annotation_coded_unique": lambda r: copy_row(r.tag, public_id=uuid.uuid4(), form_token=None),
    "annotation_curated_unique": lambda r: copy_row(
        r.curated, public_id=uuid.uuid4(), form_token=None, coder_id=make_user().pk
    ),
    "assignment_once_per_coder": lambda r: copy_row(r.assignment),
    "visit_once_per_coder": lambda r: copy_row(r.visit),
    "act_kind_known": lambda r: change_row(r.act, kind="dance"),
    "comment_form_token_unique_per_author": lambda r: copy_row(r.comment, public_id=uuid.uuid4()),
    "decision_outcome_known": lambda r: change_row(r.decision, outcome="maybe"),
    "decision_situation_known": lambda r: change_row(r.decision, situation="odd"),
    "decision_reason_known": lambda r: change_row(r.decision, reason="mood"),
    "decision_has_a_reason": lambda r: change_row(r.decision, reason=""),
    "decided_tag_once_per_decision": lambda r: copy_row(r.decided),
    "codebook_act_kind_known": lambda r: change_row(r.codebook_act, kind="burn"),
    "annotation_form_token_unique_per_coder": lambda r: copy_row(
        r.tag, public_id=uuid.uuid4(), start=r.tag.start + 6, quote=r.tag.quote[6:]
    ),
}


def constraints() -> dict[str, models.BaseConstraint]:
    tables = apps.get_app_config("annotations").get_models()
    return {c.name: c for model in tables for c in model._meta.constraints}


def words_of_refusal(name: str) -> list[str]:
    constraint = constraints()[name]
    is_plain = isinstance(constraint, models.UniqueConstraint) and not constraint.expressions
    if connection.vendor == "postgresql" or not is_plain:
        return [name]
    return list(constraint.fields)


def test_every_constraint_is_broken_below() -> None:
    assert set(BREAKS) == set(constraints())


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_the_database_refuses_by_name(name: str, rows: Rows) -> None:
    if name == "annotation_end_is_start_plus_length":
        drop_triggers()  # The quote's trigger says the same first; a transaction brings it back.
    if name == "annotation_form_token_unique_per_coder":
        change_row(rows.tag, form_token=uuid.uuid4())
        rows.tag.refresh_from_db()
    with pytest.raises(IntegrityError) as refused:
        BREAKS[name](rows)
    said = str(refused.value)
    assert all(word in said for word in words_of_refusal(name)), said


def test_a_withdrawn_tag_does_not_stand_in_the_way(rows: Rows) -> None:
    change_row(rows.tag, withdrawn_at=rows.tag.created_at)
    rows.tag.refresh_from_db()
    copy_row(rows.tag, public_id=uuid.uuid4(), form_token=None, withdrawn_at=None)
    assert Annotation.objects.coded().count() == 2


def test_a_key_or_a_token_left_out_is_no_duplicate(rows: Rows) -> None:
    copy_row(rows.study.stances.first(), slug="one", key="")
    copy_row(rows.study.stances.first(), slug="two", key="")


def test_an_unknown_topic_is_refused(rows: Rows) -> None:
    """Foreign keys are on: at the latest when the transaction ends."""
    with transaction.atomic():
        change_row(rows.study.topics.get(slug="talks"), parent_id=999_999)
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)
