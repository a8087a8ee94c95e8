"""Rules that span rows, held by the database itself: a CHECK sees one row, and Django has no composite
foreign keys. Each trigger is named after the rule, and its name is in the error it raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from annotations.models.search import SQLITE_INDEX

__all__ = ["INDEXING", "TRIGGERS", "create_triggers", "drop_triggers"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A refusal: writing ``table`` raises ``rule`` where ``broken`` holds of the row ``NEW`` (and ``OLD``).

    ``broken`` is SQL that both databases read. ``events`` is ``INSERT``, ``UPDATE`` or ``UPDATE OF …``.
    """

    rule: str
    table: str
    events: tuple[str, ...]
    broken: str


ANNOTATION = "annotations_annotation"
WRITES = ("INSERT", "UPDATE")

TRIGGERS = (
    Trigger(
        "annotation_is_of_one_study",
        ANNOTATION,
        WRITES,
        """NEW.study_id <> (SELECT study_id FROM annotations_document WHERE id = NEW.document_id)
        OR NEW.study_id <> (SELECT study_id FROM annotations_topic WHERE id = NEW.topic_id)
        OR NEW.study_id <> (SELECT study_id FROM annotations_stance WHERE id = NEW.stance_id)
        OR NEW.study_id <> (SELECT study_id FROM annotations_source WHERE id = NEW.source_id)
        OR NEW.study_id <> COALESCE((SELECT study_id FROM annotations_source WHERE id = NEW.reported_by_id),
                                    NEW.study_id)""",
    ),
    Trigger(
        "annotation_lies_inside_its_passage",
        ANNOTATION,
        WRITES,
        """NOT EXISTS (SELECT 1 FROM annotations_passage p WHERE p.id = NEW.passage_id
        AND p.document_id = NEW.document_id AND p.start <= NEW.start AND NEW."end" <= p."end")""",
    ),
    Trigger(
        "annotation_quote_equals_the_text",
        ANNOTATION,
        WRITES,
        """NEW.quote <> (SELECT substr(p.text, NEW.start - p.start + 1, NEW."end" - NEW.start)
        FROM annotations_passage p WHERE p.id = NEW.passage_id)""",
    ),
    Trigger(
        "annotation_topic_has_a_statement",
        ANNOTATION,
        WRITES,
        "(SELECT statement FROM annotations_topic WHERE id = NEW.topic_id) = ''",
    ),
    Trigger(
        "document_text_never_changes",
        "annotations_document",
        ("UPDATE",),
        "NEW.text <> OLD.text OR NEW.study_id <> OLD.study_id",
    ),
    Trigger(
        "passage_text_never_changes",
        "annotations_passage",
        ("UPDATE",),
        """NEW.text <> OLD.text OR NEW.document_id <> OLD.document_id OR NEW.number <> OLD.number
        OR NEW.start <> OLD.start OR NEW."end" <> OLD."end\"""",
    ),
    Trigger(
        "frozen_reading_never_changes",
        "annotations_frozenreading",
        ("UPDATE",),
        """NEW.content <> OLD.content OR NEW.query <> OLD.query OR NEW.title <> OLD.title
        OR NEW.public_id <> OLD.public_id OR NEW.frozen_at <> OLD.frozen_at
        OR NEW.study_id <> OLD.study_id""",
    ),
    Trigger(
        "tagged_topic_keeps_study_and_statement",
        "annotations_topic",
        ("UPDATE",),
        """(NEW.study_id <> OLD.study_id OR NEW.statement = '')
        AND EXISTS (SELECT 1 FROM annotations_annotation WHERE topic_id = NEW.id)""",
    ),
    Trigger(
        "tagged_stance_keeps_its_study",
        "annotations_stance",
        ("UPDATE",),
        """NEW.study_id <> OLD.study_id
        AND EXISTS (SELECT 1 FROM annotations_annotation WHERE stance_id = NEW.id)""",
    ),
    Trigger(
        "tagged_source_keeps_its_study",
        "annotations_source",
        ("UPDATE",),
        """NEW.study_id <> OLD.study_id AND EXISTS (SELECT 1 FROM annotations_annotation
        WHERE source_id = NEW.id OR reported_by_id = NEW.id)""",
    ),
)

#: What keeps SQLite's full-text index; PostgreSQL keeps its own. An external-content table is told what a
#: row said when the row goes. ``folded`` is the one column that is indexed, and may be computed anew.
PASSAGE = "annotations_passage"
_ADD = f"INSERT INTO {SQLITE_INDEX}(rowid, folded) VALUES (NEW.id, NEW.folded);"  # noqa: S608
_TAKE = f"INSERT INTO {SQLITE_INDEX}({SQLITE_INDEX}, rowid, folded) VALUES ('delete', OLD.id, OLD.folded);"  # noqa: S608
INDEXING = {
    "passage_is_indexed": f"AFTER INSERT ON {PASSAGE} BEGIN {_ADD} END",
    "passage_is_no_longer_indexed": f"AFTER DELETE ON {PASSAGE} BEGIN {_TAKE} END",
    "passage_is_indexed_anew": f"AFTER UPDATE OF id, folded ON {PASSAGE} BEGIN {_TAKE} {_ADD} END",
}


#: What draws a new word for the state of a study's codebook with each change of one of its entries. Only a
#: new entry makes the row: while a study is deleted, it may be gone before the entries are.
STATE = "annotations_codebookstate"
ENTRY_TABLES = ("annotations_topic", "annotations_stance", "annotations_source")
DRAWN = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}


def _marking(vendor: str) -> dict[str, str]:
    """The acts by which entries mark the codebook, by event; ``NEW`` and ``OLD`` are rows of entries."""
    drawn = DRAWN[vendor]
    add = (
        f"INSERT INTO {STATE} (study_id, token) VALUES (NEW.study_id, {drawn}) "  # noqa: S608
        f"ON CONFLICT (study_id) DO UPDATE SET token = excluded.token;"
    )
    change = f"UPDATE {STATE} SET token = {drawn} WHERE study_id IN (OLD.study_id, NEW.study_id);"  # noqa: S608
    take = f"UPDATE {STATE} SET token = {drawn} WHERE study_id = OLD.study_id;"  # noqa: S608
    return {"INSERT": add, "UPDATE": change, "DELETE": take}


def marking_triggers(vendor: str) -> dict[str, tuple[str, ...]]:
    """By name: the statements that make each trigger which marks a codebook's state."""
    made: dict[str, tuple[str, ...]] = {}
    for table in ENTRY_TABLES:
        for event, act in _marking(vendor).items():
            name = f"{table.removeprefix('annotations_')}_{event.lower()}_marks_the_codebook"
            head = f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW"
            if vendor == "sqlite":
                made[name] = (f"{head} BEGIN {act} END",)
            else:
                body = f"BEGIN {act} RETURN NULL; END"
                function = (
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
                )
                made[name] = (function, f"{head} EXECUTE FUNCTION {name}()")
    return made


def _sqlite_statements(trigger: Trigger) -> list[str]:
    return [
        f"CREATE TRIGGER {trigger.rule}_{event.lower()} BEFORE {event} ON {trigger.table} FOR EACH ROW "
        f"WHEN {trigger.broken} BEGIN SELECT RAISE(ABORT, '{trigger.rule}'); END"
        for event in trigger.events
    ]


def _postgresql_statements(trigger: Trigger) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {trigger.rule}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {trigger.broken} THEN RAISE EXCEPTION '{trigger.rule}' "
        f"USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{trigger.rule}'; END IF; "
        f"RETURN NEW; END $$",
        f"CREATE TRIGGER {trigger.rule} BEFORE {' OR '.join(trigger.events)} ON {trigger.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {trigger.rule}()",
    ]


def _drop_statements(connection: BaseDatabaseWrapper, trigger: Trigger) -> list[str]:
    if connection.vendor == "sqlite":
        return [_drop("sqlite", f"{trigger.rule}_{event.lower()}") for event in trigger.events]
    return [_drop(connection.vendor, trigger.rule)]


def _drop(vendor: str, name: str) -> str:
    if vendor == "sqlite":
        return f"DROP TRIGGER IF EXISTS {name}"
    return f"DROP FUNCTION IF EXISTS {name}() CASCADE"


def drop_triggers(using: str = "default", **kwargs: Any) -> None:
    """Take the triggers away, so that a migration may rebuild their tables."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            for statement in _drop_statements(connection, trigger):
                cursor.execute(statement)
        for name in marking_triggers(connection.vendor):
            cursor.execute(_drop(connection.vendor, name))
        if connection.vendor == "sqlite":
            for name in INDEXING:
                cursor.execute(_drop("sqlite", name))


def create_triggers(using: str = "default", **kwargs: Any) -> None:
    """Make every trigger whose table exists; a migration backwards may have taken some.

    After migrations (``plan``) SQLite's full-text index is made anew from the passages: while they ran,
    no trigger told it of changes.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    drop_triggers(using)
    build = _sqlite_statements if connection.vendor == "sqlite" else _postgresql_statements
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            for statement in build(trigger) if trigger.table in tables else ():
                cursor.execute(statement)
        if STATE in tables:
            for statements in marking_triggers(connection.vendor).values():
                for statement in statements:
                    cursor.execute(statement)
            # While migrations ran, no trigger told of changes.
            cursor.execute(f"UPDATE {STATE} SET token = {DRAWN[connection.vendor]}")  # noqa: S608
        if connection.vendor == "sqlite" and SQLITE_INDEX in tables:
            for name, act in INDEXING.items():
                cursor.execute(f"CREATE TRIGGER {name} {act}")
            if kwargs.get("plan"):
                cursor.execute(f"INSERT INTO {SQLITE_INDEX}({SQLITE_INDEX}) VALUES ('rebuild')")  # noqa: S608
