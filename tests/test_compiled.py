"""Queries that are compiled once find what the queryset they were made from finds."""

from __future__ import annotations

from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.compiled import CompiledInsert, CompiledQuery, compiled, planned_once
from annotations.models import Annotation, Document, Membership, Passage, Study, Topic, User
from tests.factories import make_study, make_tag

pytestmark = pytest.mark.django_db


def passages(study: int, document: str, number: int) -> QuerySet[Passage]:
    beyond = Passage.objects.filter(document=OuterRef("document"), number__gt=1)
    found = Passage.objects.filter(document__study=study, document__slug=document, number=number)
    return found.select_related("document").defer("document__text").annotate(is_long=Exists(beyond))


def test_it_finds_what_the_queryset_finds(study: Study) -> None:
    once: Any = compiled(int, str, int)(passages)
    make_study("other")
    for slug, number in (("east", 1), ("west", 2), ("west", 1), ("north", 1), ("east", 9)):
        expected = list(passages(study.pk, slug, number))
        found = once(study.pk, slug, number)
        assert found == expected
        assert [one.__dict__.keys() for one in found] == [one.__dict__.keys() for one in expected]
        for one, other in zip(found, expected, strict=True):
            assert (one.document, one.document.title) == (other.document, other.document.title)
            assert (one.is_long, one.text) == (other.is_long, other.text)
            # What the queryset leaves out is left out, and looked up when it is asked for.
            assert one.document.get_deferred_fields() == {"text"}
            assert one.document.text == other.document.text


def test_it_is_compiled_once_and_asks_once(study: Study) -> None:
    made = []

    @compiled(int)
    def topics(pk: int) -> QuerySet[Topic]:
        made.append(pk)
        return Topic.objects.filter(study=pk).order_by("-position")

    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            found = topics(study.pk)
        assert [topic.slug for topic in found] == ["guarantees", "talks", "security"]
        assert len(queries) == 1
    assert len(made) == 1


def test_an_argument_may_stand_in_several_places_and_is_never_part_of_the_statement(study: Study) -> None:
    @compiled(str)
    def named(slug: str) -> QuerySet[Topic]:
        return Topic.objects.filter(slug=slug) | Topic.objects.filter(parent__slug=slug)

    assert {topic.slug for topic in named("security")} == {"security", "talks", "guarantees"}
    for evil in ("' OR '1'='1", '"; --', "100 %s %(a)s", "\x01argument 0\x01", "sécurité", ""):
        assert named(evil) == []


def test_every_object_is_new(study: Study) -> None:
    once: Any = compiled(int)(lambda pk: Topic.objects.filter(pk=pk))
    pk = study.topics.get(slug="talks").pk
    first = once(pk)[0]
    first.label = "Changed"
    assert once(pk)[0].label == "Talks"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [((), {}), ((1, 2), {}), ((None,), {}), (("1",), {}), ((), {"pk": 1})],
)
def test_another_argument_than_declared_is_refused(arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    def topics(pk: int) -> QuerySet[Topic]:
        return Topic.objects.filter(pk=pk)

    once: CompiledQuery[Any, Topic] = CompiledQuery(topics, (int,))
    with pytest.raises(TypeError, match=r"^topics takes \(int\)\.$"):
        once(*arguments, **named)


def test_an_argument_that_is_no_value_is_refused() -> None:
    def topics(pk: int, slug: str) -> QuerySet[Topic]:
        return Topic.objects.filter(pk=pk, slug__icontains=slug)

    once: Any = compiled(int, str)(topics)
    with pytest.raises(TypeError, match=r"^topics does not compare with each of its arguments"):
        once(1, "talks")


def test_what_cannot_be_stored_is_not_found(study: Study) -> None:
    once: Any = compiled(int, str)(lambda pk, slug: Topic.objects.filter(study=pk, slug=slug))
    assert [topic.slug for topic in once(study.pk, "talks")] == ["talks"]
    for number in (2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40):
        assert once(number, "talks") == []
    assert once(study.pk, "talks\0") == []


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only() -> None:
    study = make_study()
    once: Any = compiled(int)(lambda pk: Topic.objects.filter(study=pk).select_for_update())
    with transaction.atomic():
        assert len(once(study.pk)) == 3
    with pytest.raises(TransactionManagementError, match="select_for_update"):
        once(study.pk)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans by text already")
def test_postgresql_plans_them_once_and_everything_else_each_time(study: Study) -> None:
    def planned() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            return {row[0] for row in cursor.fetchall()}

    once: Any = compiled(int)(lambda pk: Topic.objects.filter(study=pk).order_by("slug"))
    before = planned()
    for _ in range(9):
        found = once(study.pk)
        assert list(Topic.objects.filter(study=study).order_by("slug")) == found
    (statement,) = planned() - before
    assert "annotations_topic" in statement
    assert "$1" in statement
    # More values than a statement may have that is bound by the server.
    assert Topic.objects.filter(pk__in=range(100_000)).count() == len(found)


def test_the_log_has_them_with_their_values(study: Study) -> None:
    once: Any = compiled(str)(lambda slug: Topic.objects.filter(slug=slug))
    for _ in range(9):
        with CaptureQueriesContext(connection) as queries:
            once("talks")
        assert "'talks'" in queries[0]["sql"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans by text already")
def test_behind_a_pooler_nothing_is_planned_once(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    usual = connection.connection.cursor_factory
    with planned_once(connection):
        assert connection.connection.cursor_factory is usual


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_by_its_own_connection() -> None:
    study = make_study()
    once: Any = compiled(int)(lambda pk: Document.objects.filter(study=pk).order_by("slug"))
    assert [document.slug for document in once(study.pk)] == ["east", "west"]
    found = []

    def ask() -> None:
        with CaptureQueriesContext(connection) as queries:
            found.extend(document.slug for document in once(study.pk))
        found.append(str(len(queries)))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert found == ["east", "west", "1"]


def test_an_insert_stores_what_save_stores(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    line = Annotation.history.get(id=tag.pk)
    stored = {}
    for way in ("save", "insert"):
        # A public id is told to be of this tag alone; the rest is the same twice.
        one = Annotation.objects.get(pk=tag.pk)
        one.pk, one.note, one.start, one.quote = None, way, one.start + 6, one.quote[6:]
        one._state.adding = True
        one.public_id = UUID(int=1)
        if way == "save":
            one.skip_history_when_saving = True  # type: ignore[attr-defined]
            one.save()
        else:
            with CaptureQueriesContext(connection) as queries:
                CompiledInsert(Annotation)(one)
            assert len(queries) == 1
        assert one.pk > tag.pk
        assert not one._state.adding
        assert one._state.db == "default"
        stored[way] = Annotation.objects.filter(pk=one.pk).values().get() | {"id": 0, "note": ""}
        Annotation.objects.filter(pk=one.pk).delete()
    assert stored["insert"] == stored["save"]
    # It sends no signal: the history has the first line of neither.
    assert list(Annotation.history.filter(history_type="+")) == [line]


def test_an_insert_is_refused_by_the_database_as_any_other(study: Study, coder: User) -> None:
    tag = make_tag(study, coder)
    again = Annotation.objects.get(pk=tag.pk)
    again.pk, again._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        CompiledInsert(Annotation)(again)
    assert Annotation.objects.count() == 1


def test_the_first_line_of_a_tag_is_what_the_history_itself_would_store(study: Study, coder: User) -> None:
    tag = make_tag(study, coder, note="a note", reported_by="ushakov")
    line = Annotation.history.get(id=tag.pk)
    tag.pk, tag._state.adding = None, True
    tag.public_id, tag.form_token, tag.layer = UUID(int=2), None, "curated"
    tag._history_user = coder  # type: ignore[attr-defined]
    tag.save()
    saved = Annotation.history.get(id=tag.pk)
    told_apart = {"id", "history_id", "history_date", "public_id", "layer"}
    columns = {field.attname for field in Annotation.history.model._meta.concrete_fields}
    assert columns > told_apart
    for column in columns - told_apart:
        assert getattr(line, column) == getattr(saved, column), column


def every_compiled_query() -> list[CompiledQuery[Any, models.Model]]:
    """Those of the application, wherever they are."""
    import gc

    import annotations.sessions
    import annotations.urls  # noqa: F401 - everything that answers a request is imported by it

    return [
        one
        for one in gc.get_objects()
        if type(one) is CompiledQuery and one.__module__.startswith("annotations.")
    ]


def test_every_one_of_the_application_finds_what_its_queryset_finds(study: Study, coder: User) -> None:
    tag: Annotation = make_tag(study, coder)
    given: dict[str, tuple[Any, ...]] = {
        "_user": (coder.pk,),
        "_session": ("a-key",),
        "_locked": (coder.pk,),
        "_membership": (coder.pk, study.slug),
        "_completion": (tag.document_id, coder.pk),
        "_passage_of": (study.pk, "east", 1),
        "_own_tags_in": (tag.passage_id, coder.pk),
        "_held": (tag.pk,),
        "_documents": (study.pk,),
    }
    Session.objects.create(session_key="a-key", session_data="", expire_date=timezone.now())
    queries = {one.__wrapped__.__name__: one for one in every_compiled_query()}  # type: ignore[attr-defined]
    assert queries.keys() == given.keys()
    assert Membership.objects.filter(user=coder).exists()
    for name, arguments in given.items():
        expected = list(queries[name].__wrapped__(*arguments))  # type: ignore[attr-defined]
        assert queries[name](*arguments) == expected, name
        assert expected or name == "_completion", name
