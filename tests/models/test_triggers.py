"""Every trigger is broken by raw SQL and seen refused by its name, on both databases."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from annotations.models import Annotation, Document, FrozenReading, Passage, Study, User
from annotations.models.triggers import (
    INDEXING,
    TRIGGERS,
    create_triggers,
    drop_triggers,
    marking_triggers,
)
from tests.factories import make_document, make_study, make_tag, make_user, values
from tests.models.test_constraints import change_row, copy_row

HARD_TEXTS = (
    "Zo\u0308e said: e\u0301te\u0301, a\u0323\u0307.",
    "👩‍👩‍👧‍👦 met 🇺🇦 and 👍🏽.",
    "12\u00a0km from\u202fhere, no\u2060break.",
    "قال بوتين إن القمة كانت مثمرة.",
    "שלום \u200fעולם, abc.",
    "𝒜stral and \U0001f9ff together",
)


def existing_triggers() -> set[str]:
    if connection.vendor == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {name for (name,) in cursor.fetchall()}


def expected_triggers() -> set[str]:
    if connection.vendor == "sqlite":
        return {f"{t.rule}_{event.lower()}" for t in TRIGGERS for event in t.events} | {
            *INDEXING,
            *marking_triggers("sqlite"),
        }
    return {t.rule for t in TRIGGERS} | set(marking_triggers("postgresql"))


@pytest.fixture
def tag(study: Study, coder: User) -> Annotation:
    return make_tag(study, coder)


@pytest.fixture
def elsewhere(db: None) -> Study:
    return make_study("elsewhere")


def drop_one(rule: str) -> None:
    """Take one rule away until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {rule}_insert")
            cursor.execute(f"DROP TRIGGER {rule}_update")
        else:
            cursor.execute(f"DROP FUNCTION {rule}() CASCADE")


def refuse(rule: str, act: Any) -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        act()
    assert rule in str(refused.value)


@pytest.mark.parametrize(
    ("column", "kind", "slug"),
    [
        ("topic_id", "topics", "talks"),
        ("stance_id", "stances", "support"),
        ("source_id", "sources", "biden"),
        ("reported_by_id", "sources", "ushakov"),
    ],
)
def test_an_annotation_is_of_one_study(
    tag: Annotation, elsewhere: Study, column: str, kind: str, slug: str
) -> None:
    other = getattr(elsewhere, kind).get(slug=slug).pk
    refuse("annotation_is_of_one_study", lambda: change_row(tag, **{column: other}))
    refuse(
        "annotation_is_of_one_study",
        lambda: copy_row(tag, public_id=uuid.uuid4(), form_token=None, **{column: other}),
    )


def test_an_annotation_and_its_document_are_of_one_study(tag: Annotation, elsewhere: Study) -> None:
    refuse("annotation_is_of_one_study", lambda: change_row(tag, study_id=elsewhere.pk))
    passage = Passage.objects.get(document__study=elsewhere, document__slug="east", number=1)
    refuse(
        "annotation_is_of_one_study",
        lambda: change_row(tag, document_id=passage.document_id, passage_id=passage.pk),
    )


def test_an_annotation_lies_inside_its_passage(study: Study, tag: Annotation) -> None:
    """What lies outside differs from the text as well, so the other rule is taken away here."""
    rule = "annotation_lies_inside_its_passage"
    west = Passage.objects.get(document__study=study, document__slug="west", number=1)
    refuse(rule, lambda: change_row(tag, passage_id=west.pk))
    drop_one("annotation_quote_equals_the_text")
    second = tag.document.passages.get(number=2)
    refuse(rule, lambda: change_row(tag, passage_id=second.pk))
    end = tag.passage.end
    refuse(rule, lambda: change_row(tag, start=end - 1, end=end + 1, quote=".\n"))
    beyond = {"start": end - 1, "end": end + 1, "quote": ".\n"}
    refuse(rule, lambda: copy_row(tag, public_id=uuid.uuid4(), form_token=None, **beyond))


def test_a_quote_equals_the_text(tag: Annotation) -> None:
    rule = "annotation_quote_equals_the_text"
    refuse(rule, lambda: change_row(tag, quote="Biden refused a talk"))
    refuse(rule, lambda: change_row(tag, quote=tag.quote.upper()))
    refuse(rule, lambda: change_row(tag, start=tag.start + 1, end=tag.end + 1))
    refuse(rule, lambda: copy_row(tag, public_id=uuid.uuid4(), start=tag.start + 6, quote="x" * 14))


def test_a_tagged_topic_has_a_statement(study: Study, tag: Annotation) -> None:
    group = study.topics.get(slug="security")
    rule = "annotation_topic_has_a_statement"
    refuse(rule, lambda: change_row(tag, topic_id=group.pk))
    refuse(rule, lambda: copy_row(tag, public_id=uuid.uuid4(), form_token=None, topic_id=group.pk))


def test_a_documents_text_and_study_never_change(study: Study, elsewhere: Study) -> None:
    document = study.documents.get(slug="east")
    refuse("document_text_never_changes", lambda: change_row(document, text="Another text."))
    make_document(study, "third")
    third = study.documents.get(slug="third")
    refuse("document_text_never_changes", lambda: change_row(third, study_id=elsewhere.pk))
    change_row(document, title="Another title")
    assert Document.objects.get(pk=document.pk).title == "Another title"


def test_a_passage_never_changes(study: Study) -> None:
    rule = "passage_text_never_changes"
    passage = Passage.objects.get(document__study=study, document__slug="east", number=1)
    west = study.documents.get(slug="west")
    refuse(rule, lambda: change_row(passage, text=passage.text.replace("Biden", "Trump")))
    refuse(rule, lambda: change_row(passage, number=7))
    refuse(rule, lambda: change_row(passage, start=passage.start + 1, end=passage.end + 1))
    refuse(rule, lambda: change_row(passage, document_id=west.pk))
    change_row(passage, kind="heading")


def test_a_frozen_reading_never_changes(study: Study, elsewhere: Study) -> None:
    frozen = FrozenReading.objects.create(study=study, title="As it was", content={"rows": []})
    for change in ({"title": "Other"}, {"query": "a=b"}, {"study_id": elsewhere.pk}, {"content": "{}"}):
        refuse("frozen_reading_never_changes", lambda change=change: change_row(frozen, **change))
    change_row(frozen, frozen_by_id=None)


def test_a_tagged_topic_keeps_study_and_statement(tag: Annotation, elsewhere: Study) -> None:
    rule = "tagged_topic_keeps_study_and_statement"
    refuse(rule, lambda: change_row(tag.topic, study_id=elsewhere.pk, slug="moved"))
    refuse(rule, lambda: change_row(tag.topic, statement="", parent_id=None))
    change_row(tag.topic, statement="Said otherwise.")


def test_a_tagged_stance_keeps_its_study(tag: Annotation, elsewhere: Study) -> None:
    refuse(
        "tagged_stance_keeps_its_study",
        lambda: change_row(tag.stance, study_id=elsewhere.pk, slug="moved", key=""),
    )


def test_a_tagged_source_or_messenger_keeps_its_study(study: Study, coder: User, elsewhere: Study) -> None:
    tag = make_tag(study, coder, reported_by="ushakov")
    for source in (tag.source, tag.reported_by):
        assert source is not None
        refuse(
            "tagged_source_keeps_its_study",
            lambda source=source: change_row(source, study_id=elsewhere.pk, slug="moved"),
        )


def test_every_trigger_is_tested_here() -> None:
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    assert [t.rule for t in TRIGGERS if f'"{t.rule}"' not in text] == []


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_every_quote_of_a_hard_text_passes(study: Study, text: str) -> None:
    """Combining marks, emoji, no-break spaces, right-to-left: databases count code points as we do."""
    document = make_document(study, "hard", f"A {text}", text)
    author, said = make_user(), values(study, "Biden")[1]
    passage = document.passages.get(number=2)
    for offset in range(len(text)):
        for length in (1, 2, len(text) - offset):
            start, end = passage.start + offset, passage.start + offset + length
            if end > passage.end:
                continue
            Annotation.objects.bulk_create(
                [
                    Annotation(
                        study=study,
                        document=document,
                        passage=passage,
                        start=start,
                        end=end,
                        quote=text[offset : offset + length],
                        topic=said.topic,
                        stance=said.stance,
                        source=said.source,
                        coder=author,
                        withdrawn_at=document.study.created_at,
                    )
                ]
            )
    stored = Annotation.objects.filter(document=document)
    assert stored.count() > len(text)
    assert all(a.quote == document.text[a.start : a.end] for a in stored)


def test_all_triggers_exist_after_migrating(db: None) -> None:
    assert existing_triggers() == expected_triggers()


@pytest.mark.django_db
def test_triggers_can_be_dropped_and_made_again() -> None:
    drop_triggers()
    assert existing_triggers() == set()
    create_triggers()
    create_triggers()
    assert existing_triggers() == expected_triggers()


@pytest.mark.django_db(transaction=True)
def test_triggers_survive_a_migration_that_rebuilds_their_table() -> None:
    """``migrate`` drops them first and makes them again, also where a step rebuilds the table."""
    drop_triggers()
    rebuilt = Annotation._meta.get_field("note")
    other = rebuilt.clone()
    other.max_length, other.default = 9_999, "x"
    other.set_attributes_from_name("note")
    other.model = Annotation
    with connection.schema_editor() as editor:
        editor.alter_field(Annotation, rebuilt, other, strict=False)
        editor.alter_field(Annotation, other, rebuilt, strict=False)
    assert existing_triggers() == set()
    call_command("migrate", "annotations", verbosity=0)
    assert existing_triggers() == expected_triggers()


@pytest.mark.django_db
def test_the_triggers_of_a_missing_table_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration backwards may have taken a table."""
    whole = existing_triggers()
    tables = [name for name in connection.introspection.table_names() if "frozenreading" not in name]
    monkeypatch.setattr(connection.introspection, "table_names", lambda: tables)
    create_triggers()
    monkeypatch.undo()
    missing = whole - existing_triggers()
    assert missing != set()
    assert all("frozen_reading_never_changes" in name for name in missing)
    create_triggers()
    assert existing_triggers() == whole


@pytest.mark.django_db
def test_foreign_keys_are_on() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no switch for them.")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone() == (1,)
