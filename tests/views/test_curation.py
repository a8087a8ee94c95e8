"""The curator's queue: what it lists, what it shows of an item, and deciding about one."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Reason
from annotations.models import Annotation, Decision, Passage, Study, User
from annotations.services.coding import change_tag, withdraw_tag
from annotations.services.curation import undo_decision
from tests.bodies import runs, words
from tests.curating import accept_all, curated, entry_with, finish, kept_of, queue_of, settle
from tests.factories import FIRST, make_document, make_tag, values

CURATE = "/studies/talks/curate/"
SETTLE = CURATE + "east/settle/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cora(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


@pytest.fixture
def tags(study: Study, coder: User, other_coder: User) -> dict[str, Annotation]:
    """In the east a conflict over stance, one over messenger, one claim of Ada's and one they agree on; in
    the west one they agree on. Both finished both."""
    found = {
        "stance": make_tag(study, coder, "Biden agreed to talk", note="Ada's note"),
        "stance of ben": make_tag(study, other_coder, "agreed to talk", stance="oppose"),
        "messenger": make_tag(study, coder, "Putin asked", source="putin", topic="guarantees"),
        "messenger of ben": make_tag(
            study, other_coder, "Putin asked", source="putin", topic="guarantees", reported_by="ushakov"
        ),
        "some": make_tag(study, coder, "Kyiv was not", source="author"),
        "agreed": make_tag(study, coder, "at the table", topic="guarantees"),
        "agreed by ben": make_tag(study, other_coder, "at the table", topic="guarantees"),
        "west": make_tag(study, coder, "Biden agreed", "west"),
        "west of ben": make_tag(study, other_coder, "Biden agreed", "west"),
    }
    finish(study, coder, other_coder)
    return found


def listed(response: HttpResponse) -> list[tuple[int, str, list[str], str]]:
    """The rows of the list: passage, topic, situations, status."""
    return [
        (row.entry.passage, row.topic, [s.value for s in row.entry.situations], row.entry.status.value)
        for row in response.context["curation"].rows
    ]


def form_of(response: HttpResponse, **said: str) -> dict[str, str]:
    """What the page's form sends, with what is chosen in it."""
    page = response.content.decode()
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.split('id="itemform"')[1])
    )
    hidden.pop("csrfmiddlewaretoken")
    return hidden | said


def open_item(client: Client, tag: Annotation, query: str = "") -> HttpResponse:
    response = client.get(f"{CURATE}?document={tag.document.slug}&item={tag.public_id}{query}")
    assert response.status_code == 200
    return response


def decide(
    client: Client, tag: Annotation, *, query: str = "", htmx: bool = False, **said: str
) -> HttpResponse:
    """Opens an item and sends its form."""
    data = form_of(open_item(client, tag), **said)
    address = f"{CURATE}{tag.document.slug}/settle/{query}"
    return client.post(address, data, headers=HTMX if htmx else {})


class TestTheList:
    def test_it_lists_what_is_to_do_in_the_order_of_the_text(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        response = cora.get(CURATE)
        assert listed(response) == [
            (1, "Talks", ["stance"], "open"),
            (1, "Guarantees", ["messenger"], "open"),
            (2, "Talks", ["some"], "open"),
            (2, "Guarantees", ["unanimous"], "open"),
        ]
        page = words(response)
        for text in ("East 0 of 4 settled", "West 0 of 1 settled", "1 of 4", "Finished by ada, ben."):
            assert text in page

    def test_counts_are_shown_for_every_situation_and_status(
        self, cora: Client, tags: dict[str, Annotation], curator: User
    ) -> None:
        settle(curator, tags["some"], kept_of(tags["some"]))
        curation = cora.get(CURATE).context["curation"]
        assert [(link.word, link.count) for link in curation.situations] == [
            ("", 3),
            ("unanimous", 1),
            ("stance", 1),
            ("messenger", 1),
            ("source", 0),
            ("some", 0),
        ]
        assert [(link.word, link.count) for link in curation.statuses] == [
            ("todo", 3),
            ("changed", 0),
            ("settled", 1),
            ("all", 4),
        ]
        assert [(tab.settled, tab.total) for tab in curation.tabs] == [(1, 4), (0, 1)]

    @pytest.mark.parametrize(
        ("query", "topics"),
        [
            ("?document=west", ["Talks"]),
            ("?situation=messenger", ["Guarantees"]),
            ("?topic=talks", ["Talks", "Talks"]),
            ("?topic=talks&situation=some", ["Talks"]),
            ("?status=settled", []),
            ("?status=all&topic=guarantees", ["Guarantees", "Guarantees"]),
        ],
    )
    def test_every_filter_is_in_the_address(
        self, cora: Client, tags: dict[str, Annotation], query: str, topics: list[str]
    ) -> None:
        assert [row[1] for row in listed(cora.get(CURATE + query))] == topics

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("?situation=boredom", 400),
            ("?status=closed", 400),
            ("?names=maybe", 400),
            ("?document=north", 404),
            ("?item=nonsense", 404),
            ("?item=5f1c9a52-1c62-4b7c-8b1e-0f6f4b9f3c11", 404),
            ("?page=99", 200),
            ("?page=x", 200),
        ],
    )
    def test_what_is_not_there_is_said(
        self, cora: Client, tags: dict[str, Annotation], query: str, status: int
    ) -> None:
        assert cora.get(CURATE + query).status_code == status

    def test_the_first_document_with_something_to_do_comes_first(
        self, cora: Client, study: Study, curator: User, tags: dict[str, Annotation]
    ) -> None:
        for entry in queue_of(study).entries:
            settle(curator, entry)
        assert cora.get(CURATE).context["curation"].asked.document == "west"
        accept_all(curator, study)
        response = cora.get(CURATE)
        assert response.context["curation"].asked.document == "east"
        assert "Every claim of this document is settled." in words(response)

    def test_it_says_who_counts_and_whose_tags_are_left_out(
        self, cora: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        assert "Nobody has tagged or finished this document." in words(cora.get(CURATE))
        make_tag(study, coder)
        assert "Nobody has finished this document." in words(cora.get(CURATE))
        make_tag(study, other_coder)
        finish(study, coder)
        page = words(cora.get(CURATE))
        assert "Finished by ada. One coder: what they found counts as unanimous." in page
        assert "Not here, because others finished the document and they did not: 1 tag by ben." in page

    def test_a_study_without_documents_has_nothing_to_curate(self, cora: Client, study: Study) -> None:
        study.documents.all().delete()
        assert "This study has no documents." in words(cora.get(CURATE))

    def test_a_long_queue_is_turned_by_pages_and_opens_where_the_item_is(
        self, cora: Client, study: Study, coder: User
    ) -> None:
        make_document(study, "long", *(f"Sentence {n} of many." for n in range(120)))
        made = [make_tag(study, coder, f"Sentence {n} ", "long") for n in range(120)]
        first = cora.get(CURATE + "?document=long")
        assert [len(listed(first)), first.context["curation"].found] == [50, 120]
        assert [row[0] for row in listed(cora.get(CURATE + "?document=long&page=3"))] == list(range(101, 121))
        there = open_item(cora, made[70]).context["curation"]
        assert (there.pages.number, there.place, there.rows[20].is_current) == (2, 71, True)


class TestTheItem:
    def test_every_coders_quote_is_drawn_in_its_place(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        response = open_item(cora, tags["stance"])
        page = response.content.decode()
        assert runs(response) == [FIRST]
        assert '<mark class="q cq l0-support" data-marks="1">Biden </mark>' in page
        assert '<mark class="q cq l0-support l1-oppose" data-marks="2">agreed to talk</mark>. Putin' in page

    def test_the_values_stand_side_by_side_and_what_differs_is_said(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        response = open_item(cora, tags["stance"])
        focus = response.context["curation"].focus
        assert [(v.number, v.coder, v.tag.quote, v.tag.stance.slug) for v in focus.versions] == [
            (1, "ada", "Biden agreed to talk", "support"),
            (2, "ben", "agreed to talk", "oppose"),
        ]
        assert focus.differs == {"words", "stance"}
        page = words(response)
        assert "Words differ Biden agreed to talk agreed to talk" in page
        assert "Stance differs Support Oppose Source Biden Biden" in page
        assert "Ada's note" in page

    def test_a_coder_who_found_nothing_has_a_column_that_says_so(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        response = open_item(cora, tags["some"])
        assert response.context["curation"].focus.absent == ("ben",)
        assert "found nothing here" in words(response)

    def test_of_several_sources_all_are_shown(
        self, cora: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        tag = make_tag(study, coder)
        make_tag(study, other_coder, "agreed to talk", source="putin")
        response = open_item(cora, tag)
        focus = response.context["curation"].focus
        assert [claim.source.slug for claim in focus.claims] == ["biden", "putin"]
        assert "source" in focus.differs
        assert "Not Biden" in words(response)

    def test_previous_and_next_follow_the_filters(self, cora: Client, tags: dict[str, Annotation]) -> None:
        curation = open_item(cora, tags["some"], "&topic=talks").context["curation"]
        assert str(tags["stance"].public_id) in curation.before
        assert (curation.after, curation.place) == ("", 2)
        # An item that the filters do not list can still be opened, between those they do list.
        aside = open_item(cora, tags["messenger"], "&topic=talks").context["curation"]
        assert aside.place == 0
        assert str(tags["some"].public_id) in aside.after

    def test_a_key_that_the_queue_has_taken_chooses_no_stance(
        self, cora: Client, study: Study, tags: dict[str, Annotation]
    ) -> None:
        study.stances.filter(slug="mixed").update(key="j")
        focus = open_item(cora, tags["stance"]).context["curation"].focus
        assert [(stance.slug, key) for stance, key in focus.stances] == [
            ("support", "s"),
            ("mixed", ""),
            ("neutral", "n"),
            ("oppose", "o"),
        ]

    def test_retired_entries_are_not_offered_unless_a_tag_has_them(
        self, cora: Client, study: Study, tags: dict[str, Annotation]
    ) -> None:
        study.stances.filter(slug__in=["mixed", "oppose"]).update(is_retired=True)
        study.sources.filter(slug__in=["kremlin", "ushakov"]).update(is_retired=True)
        focus = open_item(cora, tags["stance"]).context["curation"].focus
        assert [stance.slug for stance, _key in focus.stances] == ["support", "neutral", "oppose"]
        offered = open_item(cora, tags["messenger"]).context["curation"].focus.sources
        assert [s.slug for _side, sources in offered for s in sources] == [
            "author",
            "biden",
            "putin",
            "ushakov",
        ]

    def test_one_address_serves_page_and_fragment(self, cora: Client, tags: dict[str, Annotation]) -> None:
        page, fragment = cora.get(CURATE), cora.get(CURATE, headers=HTMX)
        assert page.content.startswith(b"<!doctype html>")
        assert fragment.content.decode().strip().startswith('<div id="curation"')
        for response in (page, fragment):
            assert "HX-Request" in response["Vary"]
            assert "no-store" in response["Cache-Control"]
        restored = cora.get(CURATE, headers=HTMX | {"HX-History-Restore-Request": "true"})
        assert restored.content.startswith(b"<!doctype html>")


class TestNames:
    def test_they_are_hidden_on_demand_everywhere_on_the_page(
        self, cora: Client, study: Study, tags: dict[str, Annotation], curator: User, owner: User
    ) -> None:
        Annotation.objects.update(note="")
        make_tag(study, owner)
        settle(curator, tags["stance"], kept_of(tags["stance"]))
        Annotation.objects.filter(pk=tags["stance"].pk).update(version=2)
        named = open_item(cora, tags["stance"], "&status=all")
        hidden = open_item(cora, tags["stance"], "&status=all&names=hidden")
        for name in ("ada", "ben", "olga"):
            assert re.search(rf"\b{name}\b", words(named))
            assert not re.search(rf"\b{name}\b", words(hidden)), name
        assert "Coder 1" in words(hidden)
        assert "names=hidden" in hidden.context["curation"].before + hidden.context["curation"].after

    def test_a_coder_has_the_same_number_on_every_item_of_a_document(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        numbers: dict[str, set[str]] = {"ada": set(), "ben": set()}
        for name in ("stance", "messenger", "some", "agreed"):
            focus = open_item(cora, tags[name], "&names=hidden").context["curation"].focus
            for version in focus.versions:
                numbers[version.tag.coder.username].add(version.coder)
        assert [len(found) for found in numbers.values()] == [1, 1]
        assert numbers["ada"] != numbers["ben"]


class TestDeciding:
    def test_a_version_is_accepted_and_leads_on_to_the_next_item(
        self, cora: Client, study: Study, tags: dict[str, Annotation]
    ) -> None:
        ben = tags["stance of ben"]
        response = decide(
            cora, tags["stance"], keep_0=str(ben.public_id), reason="slip", remark="Read on, Ada."
        )
        decision = Decision.objects.get()
        assert response.status_code == 302
        assert response["Location"].startswith(CURATE + "?document=east&item=")
        assert str(tags["messenger"].public_id) in response["Location"]
        assert curated(study) == [("east", "agreed to talk", "talks", "oppose", "biden", None, "cora")]
        assert (decision.outcome, decision.reason, decision.remark) == ("accepted", "slip", "Read on, Ada.")
        page = cora.get(response["Location"])
        assert "Accepted. Undo" in words(page)
        assert f"/decisions/{decision.public_id}/undo/" in page.content.decode()

    def test_by_htmx_the_next_item_comes_in_its_place(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        response = decide(
            cora,
            tags["stance"],
            query="?topic=talks&names=hidden",
            htmx=True,
            keep_0=str(tags["stance"].public_id),
            reason="judgement",
        )
        assert response.status_code == 200
        curation = response.context["curation"]
        assert curation.focus.entry.key == str(tags["some"].public_id)
        assert response["HX-Push-Url"] == curation.address
        assert all(part in curation.address for part in ("topic=talks", "names=hidden", "item="))
        body = response.content.decode()
        assert 'id="said"' in body
        assert 'hx-swap-oob="true"' in body

    def test_from_the_last_item_it_leads_to_the_first_that_is_left(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        response = decide(cora, tags["agreed"], htmx=True, keep_0=str(tags["agreed"].public_id))
        assert response.context["curation"].focus.entry.key == str(tags["stance"].public_id)

    def test_when_nothing_is_left_it_says_so(self, cora: Client, tags: dict[str, Annotation]) -> None:
        response = decide(cora, tags["west"], htmx=True, keep_0=str(tags["west"].public_id))
        assert "Every claim of this document is settled. On to East" in words(response)

    def test_span_stance_and_messenger_are_changed(
        self, cora: Client, study: Study, tags: dict[str, Annotation]
    ) -> None:
        start = tags["stance"].start
        decide(
            cora,
            tags["stance"],
            keep_0="changed",
            start_0=str(start),
            end_0=str(start + 12),
            stance_0="mixed",
            reported_by_0="kremlin",
            reason="gap",
        )
        assert curated(study) == [("east", "Biden agreed", "talks", "mixed", "biden", "kremlin", "cora")]
        assert Decision.objects.get().outcome == "changed"

    def test_without_javascript_other_words_are_typed(
        self, cora: Client, study: Study, tags: dict[str, Annotation]
    ) -> None:
        said = {"keep_0": "changed", "stance_0": "support", "reason": "slip"}
        decide(cora, tags["stance"], quote_0="to talk", **said)
        assert curated(study)[0][1] == "to talk"
        for quote in ("to walk", "a"):
            refused = decide(cora, tags["messenger"], quote_0=quote, **said)
            assert refused.status_code == 422
            assert "Not saved yet." in words(refused)

    def test_nothing_here(self, cora: Client, study: Study, tags: dict[str, Annotation]) -> None:
        decide(cora, tags["some"], keep_0="none", reason="judgement")
        assert curated(study) == []
        assert Decision.objects.get().outcome == "nothing"

    def test_of_two_sources_one_or_both_are_accepted(
        self, cora: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        biden = make_tag(study, coder)
        putin = make_tag(study, other_coder, source="putin")
        decide(cora, biden, keep_0="none", keep_1=str(putin.public_id), reason="slip")
        assert [row[4] for row in curated(study)] == ["putin"]
        both = {"keep_0": str(biden.public_id), "keep_1": str(putin.public_id)}
        decide(cora, biden, **both, reason="judgement")
        assert [row[4] for row in curated(study)] == ["biden", "putin"]

    def test_what_is_unanimous_needs_no_reason(self, cora: Client, tags: dict[str, Annotation]) -> None:
        response = decide(cora, tags["agreed"], keep_0=str(tags["agreed"].public_id))
        assert response.status_code == 302
        assert Decision.objects.get().reason == Reason.NONE.value


class TestRefusals:
    @pytest.mark.parametrize(
        ("said", "message"),
        [
            ({"reason": "slip"}, "Choose what stays, or “nothing here”."),
            ({"keep_0": "none"}, "Say why: a slip, a judgement, or a gap in the guidelines."),
            ({"keep_0": "none", "reason": "mood"}, "Select a valid choice."),
            ({"keep_0": "changed", "stance_0": "", "reason": "slip"}, "Choose a stance."),
            (
                {"keep_0": "changed", "stance_0": "loud", "reason": "slip"},
                "This is not in the codebook of the study.",
            ),
            (
                {"keep_0": "changed", "stance_0": "mixed", "reported_by_0": "biden", "reason": "slip"},
                "The messenger is the source itself",
            ),
            (
                {"keep_0": "changed", "stance_0": "mixed", "end_0": "999", "reason": "slip"},
                "The quote must lie inside the passage.",
            ),
            ({"keep_0": "5f1c9a52-1c62-4b7c-8b1e-0f6f4b9f3c11", "reason": "slip"}, "out of date"),
            ({"keep_0": "changed", "like_0": "", "stance_0": "mixed", "reason": "slip"}, "out of date"),
        ],
    )
    def test_what_is_wrong_is_said_beside_what_was_chosen(
        self, cora: Client, tags: dict[str, Annotation], said: dict[str, str], message: str
    ) -> None:
        response = decide(cora, tags["stance"], htmx=True, remark="half a thought", **said)
        assert response.status_code == 422
        page = words(response)
        assert message in page
        assert "half a thought" in page
        assert response.context["curation"].focus.entry.key == str(tags["stance"].public_id)
        assert Decision.objects.count() == 0

    def test_what_was_chosen_is_still_chosen(self, cora: Client, tags: dict[str, Annotation]) -> None:
        response = decide(cora, tags["stance"], keep_0=str(tags["stance of ben"].public_id))
        page = response.content.decode()
        assert response.status_code == 422
        assert re.search(r'id="pick-2"[^>]* checked', page)
        assert not re.search(r'id="pick-1"[^>]* checked', page)
        said = {"keep_0": "changed", "stance_0": "mixed", "reported_by_0": "kremlin", "end_0": "12"}
        page = decide(cora, tags["stance"], **said).content.decode()
        for checked in (
            r'value="changed"[^>]* checked',
            r'value="mixed"[^>]* checked',
            r'value="kremlin" selected',
            r'name="end_0" value="12"',
            "<q data-words[^>]*>agreed</q>",
        ):
            assert re.search(checked, page), checked

    def test_a_form_that_names_nothing_leads_to_what_is_to_do(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        for data in ({}, {"seen": "x", "claims": "many"}, {"seen": "x", "claims": "1", "keep_0": "none"}):
            response = cora.post(SETTLE, data)
            assert response.status_code in (409, 422)
            assert response.context["curation"].focus.entry.key == str(tags["stance"].public_id)


class TestTwoCurators:
    def test_the_second_sees_the_first_ones_decision_and_keeps_their_own_choice(
        self, cora: Client, study: Study, owner: User, tags: dict[str, Annotation]
    ) -> None:
        data = form_of(open_item(cora, tags["stance"]), keep_0=str(tags["stance"].public_id), reason="slip")
        settle(owner, tags["stance"], kept_of(tags["stance of ben"]), remark="Ben is right.")
        response = cora.post(SETTLE, data | {"remark": "Ada is right."}, headers=HTMX)
        assert response.status_code == 409
        page = words(response)
        for text in ("This has been decided since you opened it.", "Ben is right.", "olga", "Ada is right."):
            assert text in page
        assert re.search(r'id="pick-1"[^>]* checked', response.content.decode())
        assert [row[3] for row in curated(study)] == ["oppose"]

        again = cora.post(SETTLE, form_of(response) | {"keep_0": data["keep_0"], "reason": "slip"})
        assert again.status_code == 302
        assert [(row[3], row[6]) for row in curated(study)] == [("support", "cora")]
        assert Decision.objects.count() == 2

    def test_tags_that_changed_meanwhile_are_shown_as_they_are_now(
        self, cora: Client, study: Study, tags: dict[str, Annotation], coder: User
    ) -> None:
        data = form_of(open_item(cora, tags["some"]), keep_0=str(tags["some"].public_id), reason="slip")
        Annotation.objects.filter(pk=tags["some"].pk).update(version=2, note="Changed meanwhile.")
        response = cora.post(SETTLE, data)
        assert response.status_code == 409
        page = words(response)
        assert "The coders’ tags have changed since you opened this." in page
        assert "Changed meanwhile." in page
        assert Decision.objects.count() == 0

    def test_a_claim_that_is_gone_leads_to_what_is_to_do(
        self, cora: Client, tags: dict[str, Annotation]
    ) -> None:
        data = form_of(open_item(cora, tags["some"]), keep_0=str(tags["some"].public_id), reason="slip")
        Annotation.objects.filter(pk=tags["some"].pk).update(withdrawn_at="2026-01-01T00:00Z")
        response = cora.post(SETTLE, data)
        assert response.status_code == 409
        assert response.context["curation"].focus.entry.key == str(tags["stance"].public_id)

    def test_the_same_form_sent_twice_decides_once(self, cora: Client, tags: dict[str, Annotation]) -> None:
        data = form_of(open_item(cora, tags["some"]), keep_0=str(tags["some"].public_id), reason="slip")
        assert [cora.post(SETTLE, data).status_code for _ in "12"] == [302, 302]
        assert Decision.objects.count() == 1

    def test_an_equal_curated_tag_is_shown(
        self, cora: Client, study: Study, tags: dict[str, Annotation], curator: User
    ) -> None:
        make_tag(study, curator, "Kyiv was not", source="author", stance="mixed", layer="curated")
        response = decide(cora, tags["some"], keep_0=str(tags["some"].public_id), reason="slip")
        assert response.status_code == 409
        assert "These words have a curated tag" in words(response)
        assert "Mixed" in words(response)


class TestWhatChangedSince:
    @pytest.fixture
    def decided(self, study: Study, coder: User, other_coder: User, curator: User) -> list[Annotation]:
        """An item on which two coders agreed, settled; nobody has finished."""
        tags = [make_tag(study, user) for user in (coder, other_coder)]
        settle(curator, tags[0], kept_of(tags[0]), remark="Both say so.")
        return tags

    def changes(self, client: Client, tag: Annotation) -> list[tuple[Any, ...]]:
        focus = open_item(client, tag).context["curation"].focus
        return [(change.coder, change.what, *change.differences) for change in focus.changes]

    def test_it_comes_back_marked_with_its_old_decision(
        self, cora: Client, study: Study, decided: list[Annotation]
    ) -> None:
        assert listed(cora.get(CURATE)) == []
        said = values(study, "agreed to talk", stance="mixed", reported_by="ushakov", note="Hm.")[1]
        change_tag(by=decided[1].coder, annotation=decided[1], version=1, values=said)
        response = cora.get(CURATE)
        assert listed(response) == [(1, "Talks", ["stance", "messenger"], "changed")]
        page = words(response)
        assert "changed since" in page
        assert "Both say so." in page
        assert self.changes(cora, decided[0]) == [
            (
                "ben",
                "changed",
                ("Words", "Biden agreed to talk", "agreed to talk"),
                ("Stance", "Support", "Mixed"),
                ("Reported by", "nobody: the source speaks", "Ushakov"),
                ("Note", "no note", "Hm."),
            )
        ]
        assert curated(study)[0][1] == "Biden agreed to talk"

    def test_each_kind_of_change_is_named(
        self, cora: Client, study: Study, decided: list[Annotation], owner: User
    ) -> None:
        make_tag(study, owner, "agreed to talk")
        assert self.changes(cora, decided[0]) == [("olga", "new")]
        withdraw_tag(by=decided[1].coder, annotation=decided[1], version=1)
        assert self.changes(cora, decided[0]) == [("ben", "withdrawn"), ("olga", "new")]
        said = values(study, decided[0].quote, topic="guarantees")[1]
        change_tag(by=decided[0].coder, annotation=decided[0], version=1, values=said)
        assert self.changes(cora, decided[0])[0] == ("ada", "changed", ("Topic", "Talks", "Guarantees"))
        assert "withdrew their tag" in words(open_item(cora, decided[0]))

    def test_tags_that_no_longer_meet_are_said_to_be_apart(
        self, cora: Client, study: Study, decided: list[Annotation]
    ) -> None:
        said = values(study, "asked for guarantees")[1]
        change_tag(by=decided[0].coder, annotation=decided[0], version=1, values=said)
        words_of_ada = ("Words", "Biden agreed to talk", "asked for guarantees")
        assert self.changes(cora, decided[0]) == [("ada", "changed", words_of_ada), ("ben", "apart")]
        assert "has a tag that is in another item now" in words(open_item(cora, decided[0]))

    def test_an_entry_that_left_the_codebook_is_said_to_be_gone(
        self, cora: Client, study: Study, coder: User, curator: User
    ) -> None:
        tag = make_tag(study, coder, reported_by="putin")
        settle(curator, tag, kept_of(tag, reported_by=None))
        change_tag(by=coder, annotation=tag, version=1, values=values(study, tag.quote)[1])
        study.sources.get(slug="putin").delete()
        gone = ("Reported by", "an entry that is gone", "nobody: the source speaks")
        assert self.changes(cora, tag) == [("ada", "changed", gone)]

    def test_a_tag_saved_again_with_the_same_words_is_said_to_be_the_same(
        self, cora: Client, study: Study, decided: list[Annotation]
    ) -> None:
        for version, stance in ((1, "mixed"), (2, "support")):
            said = values(study, decided[0].quote, stance=stance)[1]
            change_tag(by=decided[0].coder, annotation=decided[0], version=version, values=said)
        assert self.changes(cora, decided[0]) == [("ada", "changed")]
        assert "saved their tag again; it says the same" in words(open_item(cora, decided[0]))

    def test_deciding_anew_settles_it_again(
        self, cora: Client, study: Study, decided: list[Annotation]
    ) -> None:
        withdraw_tag(by=decided[1].coder, annotation=decided[1], version=1)
        response = decide(cora, decided[0], keep_0=str(decided[0].public_id), reason="slip")
        assert response.status_code == 302
        assert queue_of(study).is_settled
        assert [decision.undone_at is None for decision in Decision.objects.order_by("pk")] == [False, True]

    def test_a_decision_whose_tags_are_all_gone_can_be_let_stand_or_dropped(
        self, cora: Client, study: Study, decided: list[Annotation]
    ) -> None:
        for tag in decided:
            withdraw_tag(by=tag.coder, annotation=tag, version=1)
        response = cora.get(CURATE)
        assert "None of the tags it was about counts any more" in words(response)
        settled = Annotation.objects.active().get(layer="curated")
        data = form_of(response, keep_0=str(settled.public_id), reason="judgement")
        assert cora.post(SETTLE, data).status_code == 302
        assert [row[1] for row in curated(study)] == ["Biden agreed to talk"]
        response = cora.get(CURATE + "?status=settled")
        cora.post(SETTLE, form_of(response, keep_0="none", reason="judgement"))
        assert curated(study) == []
        # Nothing stands, and nothing was tagged: there is no question left, and the page still opens.
        response = cora.get(CURATE + "?status=settled")
        assert "Nothing stands in the curated layer." in words(response)
        assert cora.post(SETTLE, form_of(response, reason="slip")).status_code == 302


class TestUndo:
    def test_it_ends_the_decision_and_leads_back_to_its_item(
        self, cora: Client, study: Study, tags: dict[str, Annotation], curator: User
    ) -> None:
        decision = settle(curator, tags["some"], kept_of(tags["some"]))
        address = f"{CURATE}east/decisions/{decision.public_id}/undo/"
        response = cora.post(address + "?names=hidden")
        assert response.status_code == 302
        assert "names=hidden" in response["Location"]
        assert str(tags["some"].public_id) in response["Location"]
        assert curated(study) == []
        assert "The decision is undone." in words(cora.get(response["Location"]))
        again = cora.post(address, headers=HTMX)
        assert again.status_code == 200
        assert "This decision had ended already." in words(again)
        assert again.context["curation"].focus.entry.key == str(tags["some"].public_id)

    def test_a_settled_item_shows_its_decision_and_offers_the_undo(
        self, cora: Client, tags: dict[str, Annotation], curator: User
    ) -> None:
        settle(curator, tags["some"], kept_of(tags["some"]), reason=Reason.GAP, remark="Rule 4 is silent.")
        page = words(open_item(cora, tags["some"]))
        for text in ("accepted · gap in the guidelines", "Rule 4 is silent.", "Undo this decision"):
            assert text in page
        assert "Decide it differently" in page

    def test_what_cannot_come_back_is_said(
        self, cora: Client, study: Study, tags: dict[str, Annotation], curator: User
    ) -> None:
        settle(curator, tags["some"], kept_of(tags["some"]))
        later = settle(curator, tags["some"])
        make_tag(study, curator, "Kyiv was not", source="author", stance="mixed", layer="curated")
        response = cora.post(f"{CURATE}east/decisions/{later.public_id}/undo/", headers=HTMX)
        assert response.status_code == 409
        assert "These words have a curated tag" in words(response)

    @pytest.mark.parametrize("where", ["west", "north"])
    def test_a_decision_of_another_document_is_not_found(
        self, cora: Client, tags: dict[str, Annotation], curator: User, where: str
    ) -> None:
        decision = settle(curator, tags["some"], kept_of(tags["some"]))
        address = f"{CURATE}{where}/decisions/{decision.public_id}/undo/"
        assert cora.post(address).status_code == 404
        assert cora.post(f"{CURATE}east/decisions/{uuid.uuid4()}/undo/").status_code == 404

    def test_a_link_to_an_undo_that_is_over_offers_nothing(
        self, cora: Client, tags: dict[str, Annotation], curator: User
    ) -> None:
        decision = settle(curator, tags["some"], kept_of(tags["some"]))
        undo_decision(by=curator, decision=decision)
        for query in (f"?decided={decision.public_id}", "?decided=x", f"?batch={uuid.uuid4()}"):
            assert cora.get(CURATE + query).context["said"] is None


class TestQueries:
    def test_their_number_does_not_depend_on_items_tags_or_decisions(
        self, cora: Client, study: Study, coder: User, other_coder: User, owner: User, curator: User
    ) -> None:
        first = [make_tag(study, user) for user in (coder, other_coder)]
        settle(curator, first[0], kept_of(first[0]))
        said = values(study, first[0].quote, stance="mixed")[1]
        change_tag(by=coder, annotation=first[0], version=1, values=said)

        def count(query: str) -> int:
            cora.get(CURATE + query)
            with CaptureQueriesContext(connection) as captured:
                assert cora.get(CURATE + query).status_code == 200
            selects = " ".join(query["sql"] for query in captured)
            assert '"annotations_document"."text"' not in selects
            return len(captured)

        queries = (f"?item={first[0].public_id}", "?status=all")
        one = [count(query) for query in queries]
        for user in (coder, other_coder, owner):
            for quote in ("Putin asked", "for guarantees", "Kyiv was", "at the table"):
                for slug in ("east", "west"):
                    make_tag(study, user, quote, slug, source="putin", reported_by="ushakov")
        make_tag(study, owner)
        accept_all(curator, study)
        assert [count(query) for query in queries] == one
        assert max(one) <= 22


def test_a_passage_of_any_script_is_shown_as_it_is(
    cora: Client, study: Study, coder: User, other_coder: User
) -> None:
    text = "שלום \U0001f468\u200d\U0001f469 said <b>Putin</b> & Łódź"
    make_document(study, "odd", text)
    tag = make_tag(study, coder, "\U0001f468\u200d\U0001f469 said", "odd")
    make_tag(study, other_coder, "said <b>Putin</b>", "odd")
    response = open_item(cora, tag)
    assert runs(response) == [Passage.objects.get(document__slug="odd").text]
    assert entry_with(tag).item is not None
