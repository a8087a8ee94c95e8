"""What coders read of the decisions on their tags, and when they may."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Reason
from annotations.models import Annotation, Study, User
from annotations.services.coding import change_tag, finish_document, reopen_document, withdraw_tag
from annotations.services.curation import undo_decision
from tests.bodies import steady, words
from tests.curating import accept_all, finish, kept_of, settle
from tests.factories import make_document, make_tag, values

PAGE = "/studies/talks/decisions/"


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


@pytest.fixture
def tags(study: Study, coder: User, other_coder: User, curator: User) -> dict[str, Annotation]:
    """Ada's tags: one kept, two changed (in stance, in words), two dropped (for nothing, for another
    source), one open; Ben's beside them."""
    mine = {
        "kept": make_tag(study, coder, "Biden agreed"),
        "stance": make_tag(study, coder, "Putin asked", source="putin"),
        "words": make_tag(study, coder, "Kyiv was not", source="author"),
        "nothing": make_tag(study, coder, "at the table", source="kremlin"),
        "source": make_tag(study, coder, "Kyiv was", "west"),
        "open": make_tag(study, coder, "Putin asked", "west", source="putin"),
    }
    putin = make_tag(study, other_coder, "Kyiv was", "west", source="putin")
    settle(curator, mine["kept"], kept_of(mine["kept"]), reason=Reason.SLIP, remark="Ben overlooked it.")
    settle(curator, mine["stance"], kept_of(mine["stance"], stance="oppose"), reason=Reason.JUDGEMENT)
    settle(curator, mine["words"], kept_of(mine["words"], end=mine["words"].end - 4), reason=Reason.SLIP)
    settle(curator, mine["nothing"], reason=Reason.GAP, remark="Rule 4 is silent.")
    settle(curator, mine["source"], kept_of(putin), reason=Reason.JUDGEMENT)
    return mine


def fates(client: Client, query: str = "") -> dict[str, list[tuple[str, str]]]:
    """By document: each tag's words and what became of it."""
    shown = client.get(PAGE + query).context["shown"]
    return {part.document.slug: [(row.tag.quote, row.fate) for row in part.rows] for part in shown.documents}


def test_each_tag_stands_beside_what_was_decided_and_why(ada: Client, tags: dict[str, Annotation]) -> None:
    assert fates(ada) == {
        "east": [
            ("Biden agreed", "kept"),
            ("Putin asked", "changed"),
            ("Kyiv was not", "changed"),
            ("at the table", "dropped"),
        ],
        "west": [("Kyiv was", "dropped")],
    }
    page = words(ada.get(PAGE))
    for text in (
        "What the curators decided about 5 of your tags",
        "As you tagged it. Ben overlooked it. cora,",
        "Decided · judgement Putin asked Oppose Putin",
        "Decided · gap in the guidelines Nothing here. Rule 4 is silent.",
        "Kyiv was Support Putin",
    ):
        assert text in page


def test_of_a_source_conflict_where_both_stay_both_are_shown(
    ada: Client, study: Study, coder: User, other_coder: User, curator: User
) -> None:
    biden = make_tag(study, coder)
    putin = make_tag(study, other_coder, source="putin")
    settle(curator, biden, kept_of(biden), kept_of(putin))
    assert fates(ada)["east"] == [("Biden agreed to talk", "kept")]
    assert "Support Biden" in words(ada.get(PAGE))
    assert "Support Putin" in words(ada.get(PAGE))


def test_what_was_undone_is_not_shown_and_what_was_decided_anew_is(
    ada: Client, study: Study, tags: dict[str, Annotation], curator: User
) -> None:
    decision = settle(curator, tags["kept"])
    assert fates(ada)["east"][0] == ("Biden agreed", "dropped")
    undo_decision(by=curator, decision=decision)
    assert fates(ada)["east"][0] == ("Biden agreed", "kept")
    undo_decision(by=curator, decision=study.decisions.active().get(decided_tags__annotation=tags["kept"]))
    assert len(fates(ada)["east"]) == 3


def test_a_tag_that_its_coder_changed_since_says_so(
    ada: Client, study: Study, tags: dict[str, Annotation], coder: User
) -> None:
    said = values(study, "Biden agreed", stance="mixed")[1]
    change_tag(by=coder, annotation=tags["kept"], version=1, values=said)
    withdraw_tag(by=coder, annotation=tags["nothing"], version=1)
    page = words(ada.get(PAGE))
    assert "Your tag · changed since it was decided" in page
    assert "Your tag · withdrawn since" in page
    assert fates(ada)["east"][0] == ("Biden agreed", "changed")


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "quotes"),
        [
            ("?document=west", {"west": ["Kyiv was"]}),
            ("?reason=slip", {"east": ["Biden agreed", "Kyiv was not"], "west": []}),
            ("?reason=gap", {"east": ["at the table"], "west": []}),
            ("?document=west&reason=gap", {"west": []}),
        ],
    )
    def test_by_document_and_reason(
        self, ada: Client, tags: dict[str, Annotation], query: str, quotes: dict[str, list[str]]
    ) -> None:
        assert {slug: [quote for quote, _fate in rows] for slug, rows in fates(ada, query).items()} == quotes

    @pytest.mark.parametrize(
        ("query", "status"), [("?document=north", 404), ("?reason=mood", 400), ("?page=x", 200)]
    )
    def test_what_is_not_there_is_said(
        self, ada: Client, tags: dict[str, Annotation], query: str, status: int
    ) -> None:
        assert ada.get(PAGE + query).status_code == status


class TestWhosePage:
    def test_coders_see_their_own_and_no_other(
        self, ada: Client, tags: dict[str, Annotation], other_coder: User
    ) -> None:
        assert ada.get(PAGE + "?coder=ADA").status_code == 200
        for name in ("ben", "cora", "nobody"):
            assert ada.get(f"{PAGE}?coder={name}").status_code == 403
        ada.force_login(other_coder)
        assert fates(ada) == {"east": [], "west": [("Kyiv was", "kept")]}
        assert "Rule 4 is silent." not in words(ada.get(PAGE))

    def test_curators_see_every_coders(
        self, client: Client, tags: dict[str, Annotation], curator: User
    ) -> None:
        client.force_login(curator)
        assert fates(client) == {"east": [], "west": []}
        assert fates(client, "?coder=ben")["west"] == [("Kyiv was", "kept")]
        response = client.get(PAGE + "?coder=ada")
        assert response.context["shown"].coders == ("ada", "ben")
        assert "What the curators decided about 5 tags by ada" in words(response)
        assert client.get(PAGE + "?coder=nobody").status_code == 404


class TestBlind:
    @pytest.fixture(autouse=True)
    def blind(self, study: Study) -> None:
        Study.objects.filter(pk=study.pk).update(is_blind=True)

    def test_nothing_is_told_of_a_document_before_it_is_finished(
        self, ada: Client, study: Study, coder: User, other_coder: User, curator: User
    ) -> None:
        tag = make_tag(study, coder)
        make_tag(study, other_coder, stance="oppose")
        before = steady(ada.get(PAGE))
        settle(curator, tag, reason=Reason.GAP, remark="A secret remark.")
        after = ada.get(PAGE)
        assert steady(after) == before
        assert "you see what was decided here after you finish this document" in words(after)
        for query in ("?document=east", "?reason=gap", "?coder=ada"):
            assert "secret" not in words(ada.get(PAGE + query))

    def test_finishing_opens_that_document_and_no_other(
        self, ada: Client, study: Study, coder: User, tags: dict[str, Annotation]
    ) -> None:
        assert fates(ada) == {"east": [], "west": []}
        east = study.documents.get(slug="east")
        finish_document(by=coder, document=east)
        assert [len(rows) for rows in fates(ada).values()] == [4, 0]
        reopen_document(by=coder, document=east)
        assert fates(ada) == {"east": [], "west": []}

    def test_curators_are_not_blind(self, client: Client, tags: dict[str, Annotation], curator: User) -> None:
        client.force_login(curator)
        assert len(fates(client, "?coder=ada")["east"]) == 4


def test_many_decisions_take_no_more_queries_than_one(
    ada: Client, study: Study, coder: User, curator: User
) -> None:
    make_tag(study, coder)
    accept_all(curator, study)
    ada.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        ada.get(PAGE)
    for slug in ("east", "west"):
        for quote in ("Putin asked", "Kyiv was", "at the table"):
            make_tag(study, coder, quote, slug, source="putin", reported_by="ushakov")
    finish(study, coder)
    accept_all(curator, study)
    with CaptureQueriesContext(connection) as many:
        assert [len(rows) for rows in fates(ada).values()] == [4, 3]
    assert len(one) == len(many) <= 12
    assert all('"annotations_document"."text"' not in query["sql"] for query in many)


def test_a_long_list_is_turned_by_pages(ada: Client, study: Study, coder: User, curator: User) -> None:
    make_document(study, "long", *(f"Sentence {n} of many." for n in range(60)))
    for n in range(60):
        make_tag(study, coder, f"Sentence {n} ", "long")
    accept_all(curator, study)
    counts = [len(fates(ada, f"?page={page}")["long"]) for page in (1, 2)]
    assert counts == [50, 10]
    shown = ada.get(PAGE + "?page=2&reason=").context["shown"]
    assert (shown.found, shown.page_before, shown.page_after) == (60, PAGE + "?coder=ada&page=1", "")
