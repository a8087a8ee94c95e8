"""The workbench: what it shows of a document, and that it shows the document's text unchanged."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import count

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from annotations.enums import Role
from annotations.errors import InvalidTagError
from annotations.models import Annotation, Document, Passage, Study, User
from annotations.pages.shown import Shown
from annotations.services.coding import (
    TagValues,
    finish_document,
    reopen_document,
    tag_passage,
    withdraw_tag,
)
from tests.bodies import runs, words
from tests.factories import FIRST, SECOND, make_document, make_member, make_study, make_tag

EAST = "/studies/talks/code/east/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def queries(client: Client, address: str, **headers: str) -> int:
    """How many queries a GET makes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


class TestThePage:
    def test_it_shows_every_passage_with_its_number_and_language(self, ada: Client, study: Study) -> None:
        Document.objects.filter(slug="east").update(language="uk")
        response = ada.get(EAST)
        page = response.content.decode()
        assert runs(response) == [FIRST, SECOND]
        assert page.count('<p class="run" lang="uk" dir="auto"') == 2
        assert [f'id="p{n}"' in page and f'id="map-{n}"' in page for n in (1, 2, 3)] == [True, True, False]

    def test_a_heading_is_a_heading(self, ada: Client, study: Study) -> None:
        Passage.objects.filter(document__slug="east", number=1).update(kind="heading")
        page = ada.get(EAST).content.decode()
        assert page.count('role="heading" aria-level="2"') == 1

    def test_a_quote_is_marked_where_it_stands(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder, "agreed to talk", stance="oppose")
        page = ada.get(EAST).content.decode()
        mark = (
            f'<mark class="q l0-oppose m-oppose" tabindex="-1" data-tags="{tag.public_id}"'
            f' id="q-{tag.public_id}" data-marks="−">agreed to talk</mark>'
        )
        assert f"Biden {mark}. Putin" in page

    def test_every_tag_has_a_place_to_jump_to(self, ada: Client, study: Study, coder: User) -> None:
        tags = [
            make_tag(study, coder, "Biden agreed"),
            make_tag(study, coder, "Biden agreed", topic="guarantees"),
            make_tag(study, coder, "Biden agreed to talk", source="putin"),
            make_tag(study, coder, "agreed to talk"),
        ]
        page = ada.get(EAST + "?passage=1").content.decode()
        for tag in tags:
            assert page.count(f'id="q-{tag.public_id}"') == 1
            assert page.count(f'href="#q-{tag.public_id}"') == 1

    def test_progress_counts_passages_and_tags_of_ones_own(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder, "Biden agreed")
        make_tag(study, coder, "Putin asked")
        withdraw_tag(by=coder, annotation=make_tag(study, coder, "Kyiv"), version=1)
        make_tag(study, other_coder, "Kyiv")
        make_tag(study, coder, "Kyiv", "west")
        progress = ada.get(EAST).context["progress"]
        assert (progress.passages, progress.tagged, progress.tags) == (2, 1, 2)

    def test_a_tally_counts_the_stances_of_a_passage(self, ada: Client, study: Study, coder: User) -> None:
        make_tag(study, coder, "Biden agreed")
        make_tag(study, coder, "Putin asked")
        make_tag(study, coder, "Putin asked for", stance="oppose")
        page = ada.get(EAST).content.decode()
        assert 'aria-label="Tags in passage 1: 2 Support 1 Oppose"' in page
        assert "Tags in passage 2:" not in page

    def test_withdrawn_and_curated_tags_are_not_underlined(
        self, ada: Client, study: Study, coder: User, curator: User
    ) -> None:
        withdraw_tag(by=coder, annotation=make_tag(study, coder), version=1)
        make_tag(study, curator, "Putin asked", layer="curated")
        assert "<mark" not in ada.get(EAST + "?shown=all").content.decode()

    def test_the_map_gives_every_passage_a_block_and_every_tag_a_tick(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder, "Biden agreed", stance="mixed")
        page = ada.get(EAST).content.decode()
        assert page.count('class="block"') == 2
        assert page.count('class="f-mixed"') == 1
        assert 'aria-label="Passage 1, 1 tag"' in page
        assert 'aria-label="Passage 2, 0 tags"' in page

    def test_documents_after_the_second_have_no_letter(self, ada: Client, study: Study) -> None:
        make_document(study, "north")
        letters = {
            slug: ada.get(f"/studies/talks/code/{slug}/").context["frame"].letter
            for slug in ("east", "west", "north")
        }
        assert letters == {"east": "a", "west": "b", "north": ""}

    def test_an_empty_document_is_a_page(self, ada: Client, study: Study) -> None:
        empty = Document.objects.create(
            study=study, slug="empty", position=9, title="Empty", text="", characters=0
        )
        response = ada.get("/studies/talks/code/empty/")
        assert runs(response) == []
        assert response.context["window"].passages == []
        assert empty.passages.count() == 0


class TestWhoseTags:
    def test_it_shows_ones_own_and_on_asking_everybodys(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        make_tag(study, coder, "Biden agreed")
        make_tag(study, other_coder, "Putin asked", note="Ben's note")
        mine, everybodys = (ada.get(EAST + "?passage=1" + query) for query in ("", "&shown=all"))
        assert [page.content.decode().count("<mark") for page in (mine, everybodys)] == [1, 2]
        assert "Ben's note" not in words(mine)
        fragment = ada.get(EAST + "?passage=1&shown=all", headers=HTMX)
        assert "ben" in words(fragment)
        assert "Ben's note" in words(fragment)
        # Only one's own tags offer to be changed.
        assert fragment.content.decode().count("Withdraw the tag") == 1

    def test_an_unknown_word_for_whose_tags_shows_ones_own(self, ada: Client, study: Study) -> None:
        assert ada.get(EAST + "?shown=everything").context["bench"].shown == Shown()

    def test_blind_coders_are_told_so_and_offered_nothing(self, ada: Client, study: Study) -> None:
        Study.objects.update(is_blind=True)
        page = ada.get(EAST + "?shown=all")
        assert page.context["bench"].shown == Shown()
        assert "Blind coding is on." in words(page)
        assert "?shown=all" not in page.content.decode()


class TestThePanel:
    def test_without_a_passage_it_invites(self, ada: Client, study: Study) -> None:
        page = words(ada.get(EAST))
        assert "Select words in the text to tag them." in page
        assert "Choose a passage by its number to list its tags." in page

    def test_a_passage_number_takes_the_whole_passage_in_hand(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder, "not at the table", note="a note", uncertain=True, reported_by="ushakov")
        response = ada.get(EAST + "?passage=2")
        start = len(FIRST) + 2
        assert response.context["form"].values == {"start": start, "end": start + len(SECOND)}
        assert response.context["form"].quote == SECOND
        assert "Tags in passage 2 1" in words(response)
        for word in ("Talks", "Biden", "reported by Ushakov", "uncertain", "a note", "not at the table"):
            assert word in words(response)

    def test_a_passages_tags_can_be_listed_with_nothing_in_hand(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder, "not at the table")
        response = ada.get(EAST + "?passage=2&hand=empty")
        assert response.context["form"].is_empty
        assert "Tags in passage 2 1" in words(response)

    @pytest.mark.parametrize("number", ["0", "3", "-1", "two", "²", "9" * 40])
    def test_a_number_that_no_passage_has_invites(self, ada: Client, study: Study, number: str) -> None:
        response = ada.get(EAST, {"passage": number})
        assert response.status_code == 200
        assert response.context["form"].is_empty

    def test_a_stored_tag_is_put_into_the_form(self, ada: Client, study: Study, coder: User) -> None:
        tag = make_tag(study, coder, "Putin asked", reported_by="ushakov", uncertain=True, note='<"&">')
        response = ada.get(EAST + f"?edit={tag.public_id}", headers=HTMX)
        assert response.context["form"].values == {
            "start": tag.start,
            "end": tag.end,
            "topic": "talks",
            "stance": "support",
            "source": "biden",
            "reported_by": "ushakov",
            "uncertain": True,
            "note": '<"&">',
        }
        form = response.content.decode()
        assert f'action="/studies/talks/code/east/tags/{tag.public_id}/"' in form
        assert '<input type="hidden" name="version" value="1">' in form
        chosen = re.findall(r'<option value="([^"]*)"[^>]* selected>', form)
        assert chosen == ["talks", "biden", "ushakov"]
        assert 'value="support" required data-key="s" checked' in form
        assert "&lt;&quot;&amp;&quot;&gt;</textarea>" in form

    @pytest.mark.parametrize("key", ["not-an-id", "5f1c9a52-1c62-4b7c-8b1e-0f6f4b9f3c11"])
    def test_a_tag_that_is_not_there_is_not_found(self, ada: Client, study: Study, key: str) -> None:
        assert ada.get(EAST, {"edit": key}).status_code == 404

    def test_another_coders_tag_is_refused(self, ada: Client, study: Study, other_coder: User) -> None:
        tag = make_tag(study, other_coder)
        assert ada.get(EAST, {"edit": str(tag.public_id)}).status_code == 403

    def test_a_curated_tag_is_refused_even_to_who_settled_it(
        self, client: Client, study: Study, curator: User
    ) -> None:
        tag = make_tag(study, curator, layer="curated")
        client.force_login(curator)
        assert client.get(EAST, {"edit": str(tag.public_id)}).status_code == 403

    def test_a_tag_of_another_document_or_study_is_not_found(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        other = make_study("other")
        tags = [make_tag(study, coder, "Kyiv", "west"), make_tag(other, coder, "Kyiv")]
        assert [ada.get(EAST, {"edit": str(tag.public_id)}).status_code for tag in tags] == [404, 404]

    def test_a_codebook_in_use_is_grouped_by_parent_and_side(self, ada: Client, study: Study) -> None:
        study.topics.create(slug="peace", label="Peace", statement="There should be peace.", position=7)
        codebook = ada.get(EAST).context["bench"].codebook
        topics = [(group, [topic.slug for topic in topics]) for group, topics in codebook.topics_by_group()]
        sides = [(side, [source.slug for source in sources]) for side, sources in codebook.sources_by_side()]
        assert topics == [("Security", ["talks", "guarantees"]), ("", ["peace"])]
        assert sides == [
            ("Author", ["author"]),
            ("United States", ["biden"]),
            ("Russia", ["kremlin", "putin", "ushakov"]),
        ]


class TestFinished:
    def test_a_finished_document_offers_to_be_reopened_and_nothing_else(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder)
        finish_document(by=coder, document=study.documents.get(slug="east"))
        response = ada.get(EAST + "?passage=1")
        page = response.content.decode()
        assert "This document is finished." in words(response)
        assert 'action="/studies/talks/code/east/reopen/"' in page
        for gone in ('id="tagform"', "/finish/", "Withdraw the tag", "Edit the tag"):
            assert gone not in page

    def test_a_reopened_document_says_so(self, ada: Client, study: Study, coder: User) -> None:
        east = study.documents.get(slug="east")
        finish_document(by=coder, document=east)
        reopen_document(by=coder, document=east)
        make_tag(study, coder)
        response = ada.get(EAST + "?passage=1")
        assert "Reopened." in words(response)
        assert "changed after reopening" in words(response)
        assert 'id="tagform"' in response.content.decode()


class TestWhereToCode:
    def test_it_leads_to_the_first_document_that_is_not_finished(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        east, west = study.documents.order_by("position")
        places = [ada.get("/studies/talks/code/")["Location"]]
        finish_document(by=coder, document=east)
        places.append(ada.get("/studies/talks/code/")["Location"])
        finish_document(by=coder, document=west)
        places.append(ada.get("/studies/talks/code/")["Location"])
        reopen_document(by=coder, document=west)
        places.append(ada.get("/studies/talks/code/")["Location"])
        assert [place.split("/")[-2] for place in places] == ["east", "west", "east", "west"]

    def test_what_another_coder_finished_is_still_to_be_coded(
        self, ada: Client, study: Study, other_coder: User
    ) -> None:
        finish_document(by=other_coder, document=study.documents.get(slug="east"))
        assert ada.get("/studies/talks/code/")["Location"] == EAST

    def test_a_study_without_documents_has_nothing_to_code(self, ada: Client, study: Study) -> None:
        study.documents.all().delete()
        assert ada.get("/studies/talks/code/").status_code == 404


class TestFragments:
    def test_one_address_serves_page_and_fragment_and_says_so_to_caches(
        self, ada: Client, study: Study
    ) -> None:
        page, fragment = ada.get(EAST + "?passage=1"), ada.get(EAST + "?passage=1", headers=HTMX)
        assert page.content.startswith(b"<!doctype html>")
        assert fragment.content.decode().strip().startswith("<aside")
        assert 'id="panel"' in fragment.content.decode()
        assert 'class="run"' not in fragment.content.decode()
        for response in (page, fragment):
            assert "HX-Request" in response["Vary"]
            assert "no-store" in response["Cache-Control"]

    def test_going_back_in_history_gets_the_whole_page(self, ada: Client, study: Study) -> None:
        headers = HTMX | {"HX-History-Restore-Request": "true"}
        response = ada.get(EAST + "?passage=1", headers=headers)
        assert response.content.startswith(b"<!doctype html>")
        assert runs(response) == [FIRST, SECOND]


class TestQueries:
    def test_the_number_of_queries_does_not_depend_on_the_number_of_tags(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder)
        ada.get(EAST)
        addresses = (EAST, EAST + "?passage=1", EAST + "?shown=all")
        one = [queries(ada, address) for address in addresses]
        make_tag(study, coder, "Putin asked", source="putin", reported_by="ushakov", topic="guarantees")
        make_tag(study, coder, "Kyiv was", source="kremlin", stance="mixed")
        assert [queries(ada, address) for address in addresses] == one
        assert max(one) <= 24

    def test_the_number_of_queries_does_not_depend_on_the_number_of_passages(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_document(study, "long", *(f"Passage {n} says Biden agreed." for n in range(30)))
        make_tag(study, coder)
        make_tag(study, coder, "Passage 7 says", "long")
        ada.get(EAST)
        assert queries(ada, "/studies/talks/code/long/") == queries(ada, EAST)
        long = queries(ada, "/studies/talks/code/long/?passage=8", **HTMX)
        assert long == queries(ada, EAST + "?passage=1", **HTMX)

    def test_no_documents_text_is_read(self, ada: Client, study: Study) -> None:
        with CaptureQueriesContext(connection) as captured:
            ada.get(EAST)
        selects = " ".join(query["sql"] for query in captured)
        assert '"annotations_document"."title"' in selects
        assert '"annotations_document"."text"' not in selects


# --- the text of the page is the text of the document ------------------------------------------------------

ODD = "e\u0301a\u0308\u00a0\u202f\u200d\u200fא\u202eбв\U0001f600\U0001f468\u200d\U0001f469<&>\"'`{}%\t\u2028 "
letters = st.one_of(
    st.sampled_from(ODD),
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
)
passage_texts = st.text(letters, min_size=1, max_size=40).filter(lambda text: text.strip() != "")
_names = count(1)


@given(data=st.data(), texts=st.lists(passage_texts, min_size=1, max_size=3))
@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_text_on_the_page_is_the_documents_code_point_for_code_point(
    data: st.DataObject, texts: list[str], study: Study, ada: Client, coder: User
) -> None:
    with transaction.atomic():
        document = make_document(study, f"doc-{next(_names)}", *texts)
        for passage in document.passages.all():
            for _ in range(data.draw(st.integers(0, 4))):
                tag_at_random(data, study, coder, passage)
        response = ada.get(f"/studies/talks/code/{document.slug}/")
        fragments = [
            ada.get(f"/studies/talks/code/{document.slug}/?passage={n}", headers=HTMX)
            for n in range(1, len(texts) + 1)
        ]
        transaction.set_rollback(True)
    assert runs(response) == texts
    assert [fragment.context["form"].quote for fragment in fragments] == texts


def tag_at_random(data: st.DataObject, study: Study, coder: User, passage: Passage) -> None:
    """A tag somewhere in the passage; every quote differs from the others in a voice, so none is double."""
    start = data.draw(st.integers(passage.start, passage.end - 1))
    end = data.draw(st.integers(start + 1, passage.end))
    taken = Counter(Annotation.objects.filter(passage=passage).values_list("source__slug", flat=True))
    source = next(source for source in study.sources.all() if source.slug not in taken)
    said = TagValues(
        start=start,
        end=end,
        topic=study.topics.get(slug="talks"),
        stance=data.draw(st.sampled_from(list(study.stances.order_by("position")))),
        source=source,
    )
    words_of_it = passage.text[start - passage.start : end - passage.start]
    if words_of_it.strip():
        tag, _created = tag_passage(by=coder, passage=passage, values=said)
        assert tag.quote == words_of_it
    else:
        with pytest.raises(InvalidTagError):
            tag_passage(by=coder, passage=passage, values=said)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Za\u0142o\u0301\u017c ge\u0328s\u0301la\u0328", "ge\u0328s\u0301la\u0328"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 said \U0001f1fa\U0001f1e6 yes",
            "said \U0001f1fa\U0001f1e6",
        ),
        ("שלום עליכם said Putin", "עליכם"),
        ('10\u00a0000 km\u202fand <b>more</b> &amp; "less"', "km\u202fand <b>more</b> &amp;"),
    ],
    ids=["combining marks", "emoji", "right to left", "no-break and markup"],
)
def test_a_quote_of_any_script_is_found_and_marked(
    study: Study, ada: Client, coder: User, text: str, quote: str
) -> None:
    text, quote = (unicodedata.normalize("NFC", words_of_it) for words_of_it in (text, quote))
    make_document(study, "odd", text)
    response: HttpResponse = ada.post(
        "/studies/talks/code/odd/tags/",
        {"passage": 1, "quote": quote, "topic": "talks", "stance": "support", "source": "putin"},
        headers=HTMX,
    )
    assert response.status_code == 201
    tag = Annotation.objects.get()
    assert (tag.quote, tag.start, tag.end) == (quote, text.index(quote), text.index(quote) + len(quote))
    assert runs(response) == [text]


def test_members_of_every_coding_role_have_a_workbench_of_their_own(client: Client, study: Study) -> None:
    for role in (Role.CODER, Role.CURATOR, Role.OWNER):
        member = make_member(study, role)
        client.force_login(member)
        make_tag(study, member)
        assert client.get(EAST).content.decode().count("<mark") == 1
