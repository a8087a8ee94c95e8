"""Several requests at once: one tag, no error, nothing lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from annotations.enums import Role
from annotations.errors import StaleVersionError
from annotations.models import Annotation
from annotations.services.coding import TagValues, change_tag, tag_passage
from tests.factories import make_member, make_study, make_tag, values

pytestmark = pytest.mark.django_db(transaction=True)


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Runs acts in threads of their own; an error of ours counts as a result."""

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except StaleVersionError as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_form_sent_many_times_at_once_makes_one_tag() -> None:
    study = make_study()
    ada = make_member(study, Role.CODER)
    passage, said = values(study, "Biden agreed to talk")
    token = uuid.uuid4()

    def send() -> tuple[int, bool]:
        tag, created = tag_passage(by=ada, passage=passage, values=said, form_token=token)
        return tag.pk, created

    results = together([send] * 6)
    made = Annotation.objects.get()
    assert sorted(results) == [(made.pk, False)] * 5 + [(made.pk, True)]


def test_of_two_changes_at_once_one_is_saved_and_the_other_told() -> None:
    study = make_study()
    ada = make_member(study, Role.CODER)
    tag = make_tag(study, ada)

    def change(stance: str) -> Callable[[], object]:
        said: TagValues = values(study, tag.quote, stance=stance)[1]
        return lambda: change_tag(by=ada, annotation=tag, version=1, values=said).stance.slug

    results = together([change("mixed"), change("oppose")])
    assert results.count(StaleVersionError) == 1
    tag.refresh_from_db()
    assert (tag.version, tag.stance.slug) == (2, next(r for r in results if r is not StaleVersionError))


def test_coders_tagging_at_once_lose_nothing() -> None:
    study = make_study()
    coders = [make_member(study, Role.CODER) for _ in range(8)]
    passage, said = values(study, "Biden agreed to talk")
    results = together(
        [lambda coder=coder: tag_passage(by=coder, passage=passage, values=said)[1] for coder in coders]
    )
    assert results == [True] * 8
    assert Annotation.objects.count() == 8
