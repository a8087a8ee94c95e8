"""Curators at work at once: one decision, the others are told, and nothing is lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from annotations.enums import Role
from annotations.errors import StaleItemError, SummitError
from annotations.models import Annotation, Decision
from annotations.services.curation_batch import accept_unanimous, plan_unanimous
from annotations.services.curation_plan import load_queues
from tests.curating import curated, entry_with, kept_of, settle
from tests.factories import make_member, make_study, make_tag

pytestmark = pytest.mark.django_db(transaction=True)


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Runs acts in threads of their own; a refusal is a result: its class."""

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except SummitError as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_curators_who_differ_one_is_stored_and_the_other_told() -> None:
    study = make_study()
    coders = [make_member(study, Role.CODER) for _ in range(2)]
    tags = [make_tag(study, coders[0]), make_tag(study, coders[1], stance="oppose")]
    curators = [make_member(study, Role.CURATOR) for _ in range(2)]
    entry = entry_with(tags[0])
    kept = [kept_of(tag) for tag in tags]
    results = together(
        [
            lambda curator=curator, keep=keep: settle(curator, entry, keep).pk
            for curator, keep in zip(curators, kept, strict=True)
        ]
    )
    assert results.count(StaleItemError) == 1
    assert [Decision.objects.get().pk] == [result for result in results if result is not StaleItemError]
    assert len(curated(study)) == 1


def test_a_decision_sent_many_times_at_once_is_one() -> None:
    study = make_study()
    tag = make_tag(study, make_member(study, Role.CODER))
    curator = make_member(study, Role.CURATOR)
    entry, kept = entry_with(tag), kept_of(tag)
    results = together([lambda: settle(curator, entry, kept).pk for _ in range(5)])
    assert results == [Decision.objects.get().pk] * 5
    assert Annotation.objects.filter(layer="curated").count() == 1


def test_one_item_and_all_unanimous_at_once_settle_it_once() -> None:
    study = make_study()
    coder, curator = make_member(study, Role.CODER), make_member(study, Role.CURATOR)
    tags = [make_tag(study, coder, quote) for quote in ("Biden agreed", "Kyiv was")]
    documents = list(study.documents.all())
    counted = plan_unanimous(load_queues(documents)).fingerprint
    entry, kept = entry_with(tags[0]), kept_of(tags[0])

    def accept() -> object:
        return accept_unanimous(by=curator, documents=documents, fingerprint=counted, batch=uuid.uuid4())

    together([accept, lambda: settle(curator, entry, kept).pk])
    assert Decision.objects.active().filter(decided_tags__annotation=tags[0]).count() == 1
    assert Annotation.objects.active().filter(layer="curated", start=tags[0].start).count() == 1
