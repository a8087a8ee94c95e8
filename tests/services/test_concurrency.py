"""Several requests at once: one tag, no error, nothing lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from annotations.enums import Role
from annotations.errors import DuplicateTagError, InvalidTagError, StaleVersionError
from annotations.models import Annotation, CodingAct, User
from annotations.services.coding import TagValues, change_tag, tag_passage
from annotations.services.merging import merge_topics
from annotations.services.undoing import undo_last
from tests.factories import make_document, make_member, make_study, make_tag, values

pytestmark = pytest.mark.django_db(transaction=True)


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Runs acts in threads of their own; an error of ours counts as a result."""

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except (StaleVersionError, DuplicateTagError) as error:
            return type(error)
        finally:
            connection.close()

    # This thread's own connection goes back to the pool, which has one for each of eight.
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


def test_of_two_equal_tags_at_once_one_is_made_and_the_other_shown() -> None:
    study = make_study()
    ada = make_member(study, Role.CODER)
    passage, said = values(study, "Biden agreed to talk")

    def send() -> bool:
        return tag_passage(by=ada, passage=passage, values=said, form_token=uuid.uuid4())[1]

    results = together([send] * 4)
    assert sorted(results, key=str) == [DuplicateTagError] * 3 + [True]
    assert Annotation.objects.count() == 1


def test_an_undo_sent_many_times_at_once_takes_one_step_back() -> None:
    study = make_study()
    ada = make_member(study, Role.CODER)
    tags = [make_tag(study, ada, quote) for quote in ("Biden agreed", "Putin asked", "Kyiv was")]
    document, seen = tags[0].document, (tags[-1].public_id, 1)
    together([lambda: undo_last(by=ada, document=document, seen=seen)] * 5)
    assert list(Annotation.objects.active().order_by("pk")) == tags[:2]


def test_an_entry_that_is_merged_away_while_the_form_is_open_is_refused() -> None:
    study = make_study()
    ada, cora = make_member(study, Role.CODER), make_member(study, Role.CURATOR)
    passage, said = values(study, "Biden agreed to talk")
    merge_topics(by=cora, into=study.topics.get(slug="guarantees"), merged=said.topic)
    with pytest.raises(InvalidTagError, match="no longer in the codebook") as refused:
        tag_passage(by=ada, passage=passage, values=said)
    assert refused.value.field == "topic"
    assert not Annotation.objects.exists()


CODERS, SAVES = 8, 25


def test_eight_coders_saving_at_once_lose_nothing_and_see_no_error() -> None:
    """Each through the server, on a connection of their own."""
    study = make_study()
    words = " ".join(f"word{number}" for number in range(SAVES))
    make_document(study, "long", words)
    coders = [make_member(study, Role.CODER, f"coder-{number}") for number in range(CODERS)]
    barrier = Barrier(CODERS)

    def code(coder: User) -> list[int]:
        client = Client()
        client.force_login(coder)
        barrier.wait(timeout=30)
        return [save(client, word) for word in words.split()]

    def save(client: Client, word: str) -> int:
        start = words.index(word + " ") if word + " " in words else words.index(word)
        fields = {"passage": 1, "start": start, "end": start + len(word), "topic": "talks"}
        fields |= {"stance": "support", "source": "biden", "form_token": str(uuid.uuid4())}
        return client.post(
            "/studies/talks/code/long/tags/", fields, headers={"HX-Request": "true"}
        ).status_code

    results = together([lambda coder=coder: code(coder) for coder in coders])
    assert results == [[201] * SAVES] * CODERS
    stored = Annotation.objects.values_list("coder__username", "quote", "version")
    assert sorted(stored) == sorted((coder.username, word, 1) for coder in coders for word in words.split())
    assert CodingAct.objects.count() == CODERS * SAVES
    assert Annotation.history.count() == CODERS * SAVES
