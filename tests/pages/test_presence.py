"""Agreement on presence, counted by the database, is the one that is measured from the tags."""

from __future__ import annotations

import random

import pytest
from django.http import QueryDict

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Annotation, Study, User
from annotations.pages.presence import load_presence
from annotations.pages.reading import load_compared
from annotations.pages.reliability import load_agreements
from annotations.permissions import role_in
from annotations.reliability.presence import Presence, measure_presence
from annotations.reliability.values import Undefined
from annotations.services.coding import finish_document
from tests.factories import make_document, make_member, make_tag


def test_worked_out_by_hand() -> None:
    """Ten passages, two readers: both found it in three, one alone in two. n = 20, found 8 and not 12;
    D_o = 4 / 1, D_e = 2 · 8 · 12 = 192; α = 1 − 19 · 4 / 192."""
    found = measure_presence("t", [Presence(2, 2, 3), Presence(2, 1, 2), Presence(2, 0, 5)])
    assert found.value == pytest.approx(1 - 19 * 4 / 192)
    assert (found.units, found.reason) == (10, Undefined.NONE)


def test_what_has_no_value_says_why() -> None:
    for cells, reason in (
        ([], Undefined.NO_OVERLAP),
        ([Presence(1, 1, 5)], Undefined.NO_OVERLAP),
        ([Presence(2, 1, 1)], Undefined.ONE_UNIT),
        ([Presence(3, 0, 9)], Undefined.NO_VARIANCE),
    ):
        found = measure_presence("t", cells)
        assert (found.value, found.reason) == (None, reason)


@pytest.mark.parametrize("is_blind", [False, True])
def test_it_is_the_measure_of_the_reliability_page(
    study: Study, coder: User, other_coder: User, curator: User, is_blind: bool
) -> None:
    dice = random.Random(3)
    texts = [f"Biden agreed in passage {n}, and Putin asked." for n in range(12)]
    for slug in ("north", "south"):
        make_document(study, slug, *texts)
    third = make_member(study, Role.CODER, "cleo")
    for user in (coder, other_coder, third):
        for slug in ("north", "south"):
            for n in dice.sample(range(12), 7):
                make_tag(study, user, f"in passage {n}", slug, topic=dice.choice(("talks", "guarantees")))
    for user, slugs in ((coder, ("north", "south")), (other_coder, ("north", "south")), (third, ("north",))):
        for slug in slugs:
            finish_document(by=user, document=study.documents.get(slug=slug))
    Annotation.objects.filter(coder=coder, quote="in passage 3").update(changed_after_reopening=True)
    documents = list(study.documents.filter(slug__in=("north", "south")).order_by("position"))
    study.is_blind = is_blind
    values = set()
    for user in (coder, third, curator):
        visit = Visit(study, user, role_in(user, study))
        whole = load_agreements(visit, documents).topics
        counted = load_presence(load_compared(visit, QueryDict("a=north&b=south")))
        narrowed = load_presence(load_compared(visit, QueryDict("a=south&b=north&lens=own")))
        assert narrowed == counted
        assert counted.keys() == whole.keys()
        for slug, one in whole.items():
            expected, found = one.presence.measure, counted[slug].presence.measure
            assert found.value == pytest.approx(expected.value)
            assert (found.units, found.reason, found.topic) == (expected.units, expected.reason, slug)
            values.add(found.value)
            alone = load_agreements(visit, documents, slug).topics
            assert alone[slug] == one
            assert list(alone) == [slug]
    assert len(values) > 1


def test_readers_learn_nothing(study: Study, reader: User) -> None:
    assert load_presence(load_compared(Visit(study, reader, Role.READER), QueryDict())) == {}
