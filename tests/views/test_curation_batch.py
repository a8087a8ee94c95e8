"""Accepting all unanimous: the count first, then the deed, then the undo."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Decision, Study, User
from annotations.services.coding import change_tag
from tests.bodies import words
from tests.curating import accept_all, curated, finish, kept_of, settle
from tests.factories import make_tag, values

ALL = "/studies/talks/curate/unanimous/"
CURATE = "/studies/talks/curate/"


@pytest.fixture
def cora(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


@pytest.fixture
def tags(study: Study, coder: User, other_coder: User) -> list[Annotation]:
    """Two items in the east and one in the west that Ada and Ben agree on; one in other words."""
    return [
        make_tag(study, user, quote, slug)
        for user, quotes in (
            (coder, (("Biden agreed", "east"), ("Kyiv was not", "east"), ("Kyiv", "west"))),
            (other_coder, (("Biden agreed", "east"), ("Kyiv was", "east"), ("Kyiv", "west"))),
        )
        for quote, slug in quotes
    ]


def form(client: Client, address: str = ALL) -> dict[str, str]:
    context = client.get(address).context
    return {"fingerprint": context["agreement"].plan.fingerprint, "batch": str(context["batch"])}


def test_the_count_comes_first_and_changes_nothing(
    cora: Client, study: Study, tags: list[Annotation]
) -> None:
    page = words(cora.get(ALL))
    for text in (
        "3 items are unanimous and can be accepted at once.",
        "East: 2",
        "West: 1",
        "In 1 the coders chose other words for the same",
        "the coders’ words differ",
        "Accept these 3",
    ):
        assert text in page
    assert words(cora.get(ALL + "?document=west")).count("1 item is unanimous and can be accepted.") == 1
    assert curated(study) == []


def test_what_was_counted_is_accepted_and_can_be_undone_at_once(
    cora: Client, study: Study, tags: list[Annotation]
) -> None:
    sent = form(cora)
    response = cora.post(ALL, sent)
    assert (response.status_code, response["Location"]) == (302, f"{CURATE}?batch={sent['batch']}")
    assert len(curated(study)) == 3
    page = cora.get(response["Location"])
    assert "3 items accepted. Undo" in words(page)
    address = page.context["said"].undo
    assert address.startswith(f"{CURATE}batches/{sent['batch']}/undo/?")
    response = cora.post(address)
    assert response["Location"] == f"{CURATE}?document=east"
    assert "3 decisions are undone." in words(cora.get(response["Location"]))
    assert curated(study) == []


def test_one_documents_are_accepted_alone(cora: Client, study: Study, tags: list[Annotation]) -> None:
    address = ALL + "?document=west"
    sent = form(cora, address)
    response = cora.post(address, sent)
    assert response["Location"] == f"{CURATE}?document=west&batch={sent['batch']}"
    assert [row[0] for row in curated(study)] == ["west"]
    assert cora.get(ALL + "?document=north").status_code == 404


def test_what_changed_since_the_count_is_counted_again(
    cora: Client, study: Study, tags: list[Annotation], coder: User, other_coder: User
) -> None:
    sent = form(cora)
    for user in (coder, other_coder):
        make_tag(study, user, "Putin asked", source="putin")
    response = cora.post(ALL, sent)
    assert response.status_code == 409
    page = words(response)
    assert "What the coders agree on has changed since it was counted." in page
    assert "Accept these 4" in page
    assert curated(study) == []


def test_sent_twice_it_is_done_once(cora: Client, study: Study, tags: list[Annotation]) -> None:
    sent = form(cora)
    assert [cora.post(ALL, sent).status_code for _ in "12"] == [302, 302]
    assert Decision.objects.count() == 3


@pytest.mark.parametrize("sent", [{}, {"fingerprint": "x", "batch": "y"}])
def test_a_form_that_was_not_ours_is_refused(
    cora: Client, study: Study, tags: list[Annotation], sent: dict[str, str]
) -> None:
    assert cora.post(ALL, sent).status_code == 422
    assert curated(study) == []


def test_it_says_what_it_leaves_and_why(
    cora: Client, study: Study, tags: list[Annotation], curator: User, coder: User
) -> None:
    settle(curator, tags[0], kept_of(tags[0]))
    said = values(study, "Biden agreed", note="Sure.")[1]
    change_tag(by=coder, annotation=tags[0], version=1, values=said)
    make_tag(study, curator, "Kyiv", "west", stance="mixed", layer="curated")
    page = words(cora.get(ALL))
    assert "1 item is unanimous" in page
    assert "1 more was decided before, and changed since" in page
    assert "1 more is left open: its words have another curated tag already." in page


def test_a_single_coder_is_said_to_be_one(
    cora: Client, study: Study, tags: list[Annotation], coder: User
) -> None:
    finish(study, coder, slugs=["east"])
    assert "East has one coder who counts: all that they found is unanimous." in words(cora.get(ALL))


def test_what_was_accepted_before_can_still_be_undone(
    cora: Client, study: Study, tags: list[Annotation], owner: User
) -> None:
    batch = uuid.uuid4()
    accept_all(owner, study, batch)
    page = cora.get(ALL)
    assert "Nothing unanimous is open." in words(page)
    assert "Accepted at once before 3 items · olga" in words(page)
    assert f"{CURATE}batches/{batch}/undo/" in page.content.decode()
    cora.post(f"{CURATE}batches/{batch}/undo/")
    assert curated(study) == []
    assert "Accepted at once before" not in words(cora.get(ALL))


def test_the_number_of_queries_does_not_depend_on_how_much_there_is(
    cora: Client, study: Study, tags: list[Annotation], coder: User, other_coder: User
) -> None:
    cora.get(ALL)
    with CaptureQueriesContext(connection) as few:
        cora.get(ALL)
    for user in (coder, other_coder):
        for quote in ("Putin asked", "for guarantees", "at the table"):
            for slug in ("east", "west"):
                make_tag(study, user, quote, slug, source="putin", reported_by="ushakov")
    with CaptureQueriesContext(connection) as many:
        assert cora.get(ALL).context["agreement"].plan.count == 9
    assert len(few) == len(many) <= 16
