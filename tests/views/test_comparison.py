"""The comparison page, its rows, its CSV, and the topic and source pages behind it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Verdict
from annotations.models import Stance, Study, User
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_document, make_study, make_tag

BASE = "/studies/talks/"
COMPARE = BASE + "compare/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def finish(study: Study, coder: User, *documents: str) -> None:
    for slug in documents:
        finish_document(by=coder, document=study.documents.get(slug=slug))


@pytest.fixture
def coded(study: Study, coder: User) -> Study:
    """Ada: on talks Biden supports in both, Putin in the west only; on guarantees the east alone."""
    make_tag(study, coder, "Biden agreed to talk")
    make_tag(study, coder, "agreed to talk", stance="mixed", source="author")
    make_tag(study, coder, "Putin asked", topic="guarantees", source="putin", reported_by="ushakov")
    make_tag(study, coder, "Biden agreed", "west")
    make_tag(study, coder, "Kyiv was not", "west", stance="oppose", source="putin", note="a doubt")
    finish(study, coder, "east", "west")
    return study


def row(response: HttpResponse, topic: str) -> str:
    """One row of the table, without its quotes, as a person reads it."""
    found = re.search(rf'<tr id="t-{topic}".*?</tr>', response.content.decode(), re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestTheTable:
    def test_each_topic_is_a_row_under_its_parent(self, ada: Client, coded: Study) -> None:
        response = ada.get(COMPARE)
        groups = response.context["table"].groups
        assert [(g.label, [r.topic.slug for r in g.rows], g.total, g.counts) for g in groups] == [
            ("Security", ["talks", "guarantees"], 2, ((Verdict.AGREE, 1), (Verdict.ONLY_A, 1)))
        ]
        talks, guarantees = (row(response, slug) for slug in ("talks", "guarantees"))
        assert "Talks There should be talks. East: 66.7 % 2 West: 100.0 % 2" in talks
        assert "Agree" in talks
        assert "thin · distance 0.00, on 50 % of A, 50 % of B" in talks
        assert "Guarantees There should be guarantees. East: 33.3 % 1 West: silent" in guarantees
        assert "Only in A" in guarantees
        assert "from length alone: 0.50" in guarantees

    def test_voices_say_where_they_are_heard_and_through_whom(self, ada: Client, coded: Study) -> None:
        rows = ada.get(COMPARE).context["table"].groups[0].rows
        chips = {r.topic.slug: [(c.label, c.in_a, c.in_b, c.through) for c in r.chips] for r in rows}
        assert chips == {
            "talks": [
                ("Biden", True, True, ()),
                ("East itself", True, False, ()),
                ("Putin", False, True, ()),
            ],
            "guarantees": [("Putin", True, False, ("Ushakov",))],
        }
        assert [r.shared for r in rows] == [(1, 2), (0, 1)]

    def test_the_headline_counts_out_of_all_topics(self, ada: Client, coded: Study) -> None:
        text = words(ada.get(COMPARE))
        assert "Where the two can be compared: 1 of 2 topics agree ." in text
        assert "East alone raises 1 of the 2 ; its length alone would lead one to expect 0.5." in text
        assert "Provisional" not in text

    def test_documents_that_nobody_finished_are_provisional(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder)
        text = words(ada.get(COMPARE))
        assert "Nothing can yet be said on 2 of the 2 : neither document is finished." in text
        assert "Provisional: a document is not finished" in text
        finish(study, coder, "west")
        text = words(ada.get(COMPARE))
        assert "Nothing can yet be said on 1 of the 2 : East is not finished." in text
        assert "East alone raises 1 of the 2" in text

    def test_an_empty_study_says_that_there_is_nothing_to_compare(self, ada: Client, study: Study) -> None:
        response = ada.get(COMPARE)
        assert "Nothing is tagged under this reading yet" in words(response)
        assert "On no topic" not in words(response)

    def test_on_no_topic_can_they_be_compared(self, ada: Client, study: Study, coder: User) -> None:
        make_tag(study, coder, stance="neutral")
        make_tag(study, coder, document="west")
        make_tag(study, coder, "Putin asked", topic="guarantees", source="putin")
        make_tag(study, coder, "Putin asked", "west", topic="guarantees", source="kremlin")
        finish(study, coder, "east", "west")
        response = ada.get(COMPARE)
        text = words(response)
        assert "On no topic can the two be compared." in text
        assert "On 1 of 2 they let different voices speak." in text
        assert "On 1 of 2 no shared voice takes a position in both." in text
        assert "by body: different voices; by side: agree" in row(response, "guarantees")

    def test_swapping_the_documents_swaps_the_columns(self, ada: Client, coded: Study) -> None:
        response = ada.get(COMPARE + "?a=west&b=east")
        assert (response.context["a"].slug, response.context["b"].slug) == ("west", "east")
        assert "West: silent East: 33.3 % 1" in row(response, "guarantees")
        assert "Only in B" in row(response, "guarantees")
        assert "East alone raises 1 of the 2" in words(response)
        for query in ("?a=west", "?b=east"):
            context = ada.get(COMPARE + query).context
            assert (context["a"].slug, context["b"].slug) == ("west", "east")

    def test_any_two_documents_of_three_can_be_chosen(self, ada: Client, coded: Study) -> None:
        make_document(coded, "north-asia")
        response = ada.get(COMPARE + "?a=east&b=north-asia")
        assert "North Asia: not coded yet" in row(response, "talks")
        page = response.content.decode()
        assert '<select id="choose-a" name="a">' in page
        assert '<option value="north-asia" selected>North Asia</option>' in page
        assert '<select id="choose-a"' not in ada.get(BASE + "topics/security/").content.decode()


class TestSilence:
    def test_silent_and_not_coded_yet_neither_read_nor_look_alike(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder)
        finish(study, coder, "east")
        response = ada.get(COMPARE)
        page = response.content.decode()
        guarantees = page[page.index('<tr id="t-guarantees"') :].split("</tr>")[0]
        assert "East: silent West: not coded yet" in row(response, "guarantees")
        assert guarantees.count('class="em em-a is-silent"') == 1
        assert guarantees.count('class="em em-b is-uncoded"') == 1
        assert guarantees.count('<path class="nought"') == 1
        assert guarantees.count('<rect class="hatched"') == 1
        bars = response.context["table"].groups[0].rows[1].bars
        assert [(bar.is_silent, bar.is_not_coded) for bar in bars] == [(True, False), (False, True)]
        detail = words(ada.get(COMPARE + "?open=guarantees", headers=HTMX))
        assert "Silent: finished, and nothing is said on this topic." in detail
        assert "Not coded yet." in detail


class TestOneRow:
    def test_as_a_fragment_it_is_its_quotes_alone(self, ada: Client, coded: Study) -> None:
        response = ada.get(COMPARE + "?open=talks", headers=HTMX)
        page = response.content.decode().strip()
        assert page.startswith('<tr class="detail" id="d-talks"')
        assert page.count("<tr") == 1
        assert response["Cache-Control"] == "no-store"
        assert "HX-Request" in response["Vary"]
        assert re.findall(r"<q>(.*?)</q>", page) == [
            "Biden agreed to talk",
            "agreed to talk",
            "Biden agreed",
            "Kyiv was not",
        ]
        text = words(response)
        assert "Distance 0.00, over the one voice with a position in both, 50 % of the weight in A" in text
        assert "1 note a doubt ada" in text

    def test_as_a_page_it_is_open_in_the_table(self, ada: Client, coded: Study) -> None:
        for headers in ({}, HTMX | {"HX-History-Restore-Request": "true"}):
            response = ada.get(COMPARE + "?open=guarantees", headers=headers)
            page = response.content.decode()
            assert page.startswith("<!doctype html>")
            assert page.count('aria-expanded="true"') == 1
            assert "<q>Putin asked</q>" in page
            assert "<q>Biden agreed</q>" not in page
            assert page.count('<tr class="detail"') == 2

    def test_equal_tags_of_two_coders_are_one_quote(
        self, ada: Client, study: Study, coder: User, other_coder: User
    ) -> None:
        for user in (coder, other_coder):
            make_tag(study, user, "Biden agreed", note=f"said {user}")
        make_tag(study, other_coder, "Biden agreed", source="putin")
        response = ada.get(COMPARE + "?open=talks", headers=HTMX)
        quotes = [(quote.coders, quote.tags, quote.notes) for quote in response.context["quotes_a"]]
        assert quotes == [
            (("ada", "ben"), 2, (("said ada", "ada"), ("said ben", "ben"))),
            (("ben",), 1, ()),
        ]

    def test_a_quote_stands_between_the_words_around_it(self, ada: Client, study: Study, coder: User) -> None:
        before, after = "one " * 20, " two" * 20
        make_document(study, "long", f"{before}Biden agreed{after}")
        make_document(study, "solid", "x" * 60 + "agreed" + "y" * 60)
        for slug, quote in (("long", "Biden agreed"), ("solid", "agreed")):
            make_tag(study, coder, quote, slug)
        response = ada.get(COMPARE + "?a=long&b=solid&open=talks")
        spaced, solid = response.context["quotes_a"][0], response.context["quotes_b"][0]
        assert (spaced.before, spaced.after) == ("…" + "one " * 11, " two" * 11 + "…")
        assert (solid.before, solid.after) == ("…" + "x" * 48, "y" * 48 + "…")


class TestFilters:
    def test_a_verdict_shows_its_topics_only(self, ada: Client, coded: Study) -> None:
        response = ada.get(COMPARE + "?verdict=only-a")
        assert [[r.topic.slug for r in g.rows] for g in response.context["table"].groups] == [["guarantees"]]
        assert "All verdicts" in words(response)
        assert "All verdicts" not in words(ada.get(COMPARE))
        assert dict(response.context["verdicts"])[Verdict.AGREE] == 1
        assert "No topic is like this under this reading." in words(ada.get(COMPARE + "?verdict=diverge"))

    @pytest.mark.parametrize(
        "query", ["verdict=maybe", "lens=wide", "grain=fine", "layer=raw", "a=east&b=east", "verdict=Agree"]
    )
    def test_a_word_that_is_no_choice_is_a_bad_request(self, ada: Client, coded: Study, query: str) -> None:
        response = ada.get(f"{COMPARE}?{query}")
        assert response.status_code == 400
        assert "This request cannot be read." in words(response)

    @pytest.mark.parametrize("query", ["a=north", "b=north", "coder=nobody", "open=nothing"])
    def test_what_is_not_there_is_not_found(self, ada: Client, coded: Study, query: str) -> None:
        assert ada.get(f"{COMPARE}?{query}").status_code == 404

    def test_an_empty_word_is_no_choice_at_all(self, ada: Client, coded: Study) -> None:
        empty = ada.get(COMPARE + "?lens=&grain=&layer=&coder=&a=&b=&verdict=&open=")
        assert row(empty, "talks") == row(ada.get(COMPARE), "talks")

    def test_a_lens_hears_its_voices_only(self, ada: Client, coded: Study) -> None:
        found = {
            lens: [
                [c.label for c in r.chips]
                for r in ada.get(f"{COMPARE}?lens={lens}").context["table"].groups[0].rows
            ]
            for lens in ("own", "attributed")
        }
        assert found == {"own": [["East itself"], []], "attributed": [["Biden", "Putin"], ["Putin"]]}
        assert "nobody else" in row(ada.get(COMPARE + "?lens=own"), "talks")

    def test_a_grain_puts_voices_together(self, ada: Client, study: Study, coder: User) -> None:
        make_tag(study, coder, source="ushakov")
        make_tag(study, coder, document="west", source="kremlin")
        make_tag(study, coder, "Putin asked", document="west", source="putin")
        chips = {
            grain: [
                (c.label, c.slug)
                for c in ada.get(f"{COMPARE}?grain={grain}").context["table"].groups[0].rows[0].chips
            ]
            for grain in ("source", "body", "side")
        }
        assert chips == {
            "source": [("Kremlin", "kremlin"), ("Putin", "putin"), ("Ushakov", "ushakov")],
            "body": [("Kremlin", "kremlin"), ("Putin", "putin")],
            "side": [("Russia", "")],
        }


class TestNothingToCompare:
    PATHS = ("compare/", "topics/talks/", "sources/biden/")

    def test_fewer_than_two_documents(self, ada: Client, study: Study) -> None:
        study.documents.get(slug="west").delete()
        for path in self.PATHS:
            response = ada.get(BASE + path)
            assert response.status_code == 200
            assert "A comparison needs two documents; this study has fewer." in words(response)
        csv = ada.get(BASE + "compare.csv")
        assert (csv.status_code, csv.content) == (422, b"nothing to compare: documents\n")
        assert ada.get(BASE).context["tags"] is None

    def test_a_scale_with_fewer_than_two_values(self, ada: Client, study: Study) -> None:
        Stance.objects.filter(study=study, value__lt=1).delete()
        for path in self.PATHS:
            assert "The stances need at least two different values" in words(ada.get(BASE + path))
        assert ada.get(BASE + "compare.csv").content == b"nothing to compare: scale\n"
        assert "The comparison in short" not in words(ada.get(BASE))


class TestCertainty:
    def test_an_opened_row_and_a_topic_say_how_sure_the_distance_is(self, ada: Client, coded: Study) -> None:
        for path in ("compare/?open=talks", "topics/talks/"):
            said = words(ada.get(BASE + path))
            assert "95 % of 4,000 draws lie between 0.00 and 0.7" in said
            assert "No p: no shuffling of the claims (1 in A, 1 in B) could reach 0.05." in said

    def test_a_topic_without_a_distance_has_none(self, ada: Client, coded: Study) -> None:
        assert "draws lie between" not in words(ada.get(BASE + "topics/guarantees/"))


CSV_HEAD = (
    "topic,verdict,thin,distance,distance_low,distance_high,verdict_probability,p_value,verdict_by_coder,"
    "coverage_a,coverage_b,silence_chance,n_a,n_b,weight_a,weight_b,emphasis_a,emphasis_b,emphasis_z,"
    "mean_a,mean_b,common_sources,common_share_a,common_share_b,sources_only_a,sources_only_b,"
    "voices_jaccard"
)


class TestCsv:
    def test_it_is_the_table(self, ada: Client, coded: Study) -> None:
        response = ada.get(BASE + "compare.csv")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == 'attachment; filename="talks-compare.csv"'
        lines = response.content.decode().split("\r\n")
        talks = lines[1].split(",")
        # One support against one support of one source: example 1. No two claims can reach p = .05.
        assert talks[4:8] == ["0.000000000", *talks[5:7], ""]
        assert float(talks[5]) == pytest.approx(0.73, abs=0.02)
        assert float(talks[6]) == pytest.approx(0.56, abs=0.02)
        lines[1] = ",".join([*talks[:4], "", "", "", "", *talks[8:]])
        # z on talks: (ln(3.6/1.4) - ln(3.6/0.4)) / sqrt(1/3.6 + 1/1.4 + 1/3.6 + 1/0.4)
        assert lines == [
            CSV_HEAD,
            "talks,agree,true,0.000000000,,,,,1 of 1,covered,covered,,2,2,2.000000000,2.000000000,"
            "0.666666667,1.000000000,-0.645219338,0.500000000,0.000000000,biden,0.500000000,0.500000000,"
            "author,putin,0.500000000",
            "guarantees,only-a,true,,,,,,1 of 1,covered,silent,0.500000000,1,0,1.000000000,0.000000000,"
            "0.333333333,0.000000000,0.645219338,1.000000000,,,0.000000000,,putin,,0.000000000",
            "",
        ]

    def test_it_takes_the_pages_query(self, ada: Client, coded: Study) -> None:
        rows = ada.get(BASE + "compare.csv?a=west&b=east&grain=side&lens=attributed").content.decode()
        talks = dict(zip(CSV_HEAD.split(","), rows.split("\r\n")[1].split(","), strict=True))
        assert (talks["sources_only_a"], talks["sources_only_b"]) == ("Russia", "")
        assert (talks["n_a"], talks["n_b"], talks["common_sources"]) == ("2", "1", "United States")

    def test_an_empty_study_is_a_table_of_empty_cells(self, ada: Client, study: Study) -> None:
        rows = ada.get(BASE + "compare.csv").content.decode().split("\r\n")
        assert rows[1].startswith("talks,pending,,,,,,,,not-coded,not-coded,,0,0,0.000000000,0.000000000,")


class TestOneTopic:
    def test_its_quotes_stand_by_source_and_messenger(self, ada: Client, coded: Study) -> None:
        response = ada.get(BASE + "topics/talks/")
        sections = [
            (s.heading.slug, s.tags_a, s.tags_b, [m.reported_by for m in s.messengers])
            for s in response.context["sections"]
        ]
        # Who is heard in both comes first; the rest in codebook order.
        assert sections == [
            ("biden", 1, 1, [None]),
            ("author", 1, 0, [None]),
            ("putin", 0, 1, [None]),
        ]
        text = words(response)
        assert "Biden United States · heard in both · 1 tag 1 tag" in text
        assert "Two authors: compared, and no shared voice · heard in East only · 1 tag 0 tags" in text
        assert "Putin Russia · heard in West only · 0 tags 1 tag" in text
        assert "in its own voice" in text
        assert "West has nothing of this" in text
        assert "Gap in emphasis z = −0.65. It does not stand out." in text
        assert "Of the tagged passages 100 % in A and 100 % in B" in text
        assert re.findall(r'href="([^"]*)">← |href="([^"]*)">Guarantees →', response.content.decode()) == [
            ("", BASE + "topics/guarantees/")
        ]

    def test_a_messenger_has_a_heading(self, ada: Client, coded: Study) -> None:
        text = words(ada.get(BASE + "topics/guarantees/"))
        assert "← reported by Ushakov" in text
        assert "← Talks" in text

    def test_without_tags_it_says_whether_that_is_known(self, ada: Client, study: Study, coder: User) -> None:
        text = words(ada.get(BASE + "topics/talks/"))
        assert "Not coded yet: nothing is tagged with this topic, and a document is not finished." in text
        finish(study, coder, "east", "west")
        text = words(ada.get(BASE + "topics/talks/"))
        assert "Neither document raises this topic under this reading." in text

    def test_a_reading_is_kept_from_page_to_page(self, ada: Client, coded: Study) -> None:
        page = ada.get(BASE + "topics/talks/?coder=ada&lens=attributed").content.decode()
        assert f'href="{BASE}topics/guarantees/?coder=ada&amp;lens=attributed"' in page
        assert f'href="{BASE}sources/biden/?coder=ada&amp;lens=attributed"' in page
        assert f'href="{COMPARE}?coder=ada&amp;lens=attributed"' in page


class TestOneSource:
    def test_its_quotes_stand_by_topic(self, ada: Client, coded: Study) -> None:
        response = ada.get(BASE + "sources/putin/")
        assert [
            (s.heading.slug, s.tags_a, s.tags_b, [str(m.reported_by) for m in s.messengers], s.scale.mean_b)
            for s in response.context["sections"]
        ] == [("talks", 0, 1, ["None"], -1.0), ("guarantees", 1, 0, ["Ushakov"], None)]
        assert (response.context["tags_a"], response.context["tags_b"]) == (1, 1)
        assert [source.slug for source in response.context["sources"]] == ["kremlin", "putin", "ushakov"]

    def test_a_source_that_says_nothing_has_a_page(self, ada: Client, coded: Study) -> None:
        text = words(ada.get(BASE + "sources/kremlin/"))
        assert "Neither document lets this source say anything under this reading." in text

    def test_the_authors_are_named_as_two(self, ada: Client, coded: Study) -> None:
        assert "The analyses themselves" in words(ada.get(BASE + "sources/author/"))

    def test_a_quote_without_a_position_has_no_place_on_the_scale(
        self, ada: Client, study: Study, coder: User
    ) -> None:
        make_tag(study, coder, stance="neutral")
        make_tag(study, coder, "Biden agreed", stance="support")
        make_tag(study, coder, "Biden", stance="oppose")
        scale = ada.get(BASE + "sources/biden/").context["sections"][0].scale
        assert (scale.mean_a, scale.mean_a_x, scale.mean_b_x, scale.bar) == (0.0, "85.0", None, False)
        assert [(ring.x, ring.y, ring.radius) for ring in scale.rings_a] == [
            ("14.0", "9", "3.7"),
            ("156.0", "9", "3.7"),
        ]
        assert (scale.ticks, scale.low, scale.high) == (("14.0", "85.0", "156.0"), -1.0, 1.0)


class TestQueries:
    @pytest.mark.parametrize(
        "path",
        ["compare/", "compare/?open=talks", "compare.csv", "topics/talks/", "sources/biden/", ""],
    )
    def test_their_number_does_not_depend_on_the_number_of_tags(
        self, ada: Client, study: Study, coder: User, other_coder: User, path: str
    ) -> None:
        make_tag(study, coder)
        make_tag(study, coder, document="west")
        ada.get(BASE + path)
        one = queries(ada, BASE + path)
        make_tag(study, coder, "agreed to talk", reported_by="ushakov")
        make_tag(study, other_coder, "Putin asked", topic="guarantees", source="putin")
        make_tag(study, other_coder, "Kyiv", "west", stance="oppose")
        assert queries(ada, BASE + path) == one
        assert one <= 24


def test_two_stance_values_of_another_study_are_no_scale_of_this_one(ada: Client, study: Study) -> None:
    make_study("other")
    Stance.objects.filter(study=study).exclude(slug="support").delete()
    assert ada.get(COMPARE).context["reason"] == "scale"


class TestMeasures:
    #: By page: what a question mark or a link of it leads to.
    LINKED = {
        "": {"verdict"},
        "compare/": {"emphasis", "position", "voices", "verdict", "uncertainty", "lens", "thin"},
        "compare/?open=talks": {"uncertainty"},
        "topics/talks/": {"emphasis", "position", "uncertainty", "coders"},
        "sources/putin/": {"mediation"},
        "voices/": {"voices"},
        "mediation/": {"mediation"},
        "silence/": {"silence"},
        "pairs/": {"verdict"},
        "networks/": {"networks"},
    }

    @pytest.mark.parametrize("path", LINKED)
    def test_the_page_explains_what_others_link_to(
        self, ada: Client, coded: Study, other_coder: User, path: str
    ) -> None:
        finish(coded, other_coder, "east", "west")
        linked = self.linked(ada, path)
        assert self.LINKED[path] <= linked
        page = ada.get(BASE + "measures/").content.decode()
        assert [anchor for anchor in linked if page.count(f'id="{anchor}"') != 1] == []

    @staticmethod
    def linked(ada: Client, path: str) -> set[str]:
        page = ada.get(BASE + path).content.decode()
        return set(re.findall(rf'href="{BASE}measures/#([^"]+)"', page))

    def test_its_own_list_leads_to_every_measure(self, ada: Client, coded: Study) -> None:
        page = ada.get(BASE + "measures/").content.decode()
        listed = re.findall(r'<li><a href="#([^"]+)"', page)
        assert listed == re.findall(r'<section id="([^"]+)"', page)


class TestQuotesLinks:
    """A quote leads to its passage: in the workbench for those who code, else on the reading page."""

    def test_a_coder_is_led_to_the_workbench(self, ada: Client, coded: Study) -> None:
        page = ada.get(COMPARE + "?open=talks").content.decode()
        assert f'href="{BASE}code/west/?passage=2&amp;shown=all&amp;hand=empty#p2"' in page
        assert (
            f'href="{BASE}read/'
            not in page[page.index('<tr class="detail" id="d-talks"') :].split("</tr>")[0]
        )

    @pytest.mark.parametrize("path", ["compare/?open=talks", "topics/talks/", "sources/biden/"])
    def test_readers_and_the_public_are_led_to_the_reading_page(
        self, client: Client, study: Study, curator: User, reader: User, path: str
    ) -> None:
        Study.objects.update(is_public=True)
        make_tag(study, curator, layer="curated")
        make_tag(study, curator, "Kyiv was not", "west", layer="curated")
        for person in (None, reader):
            if person:
                client.force_login(person)
            page = client.get(BASE + path).content.decode()
            for link in ("?a=east&amp;b=west&amp;from_a=1#a-1", "?a=east&amp;b=west&amp;from_b=2#b-2"):
                assert f'<a href="{BASE}read/{link}"' in page
            assert "/code/" not in page
        there = client.get(BASE + "read/?a=east&b=west&from_b=2").content.decode()
        assert 'id="b-2"' in there

    def test_the_strip_leads_to_the_reading_page(self, ada: Client, coded: Study) -> None:
        page = ada.get(BASE + "topics/talks/?lens=attributed&from_a=9").content.decode()
        strips = page[page.index('<section class="timeline"') :].split("</section>")[0]
        assert re.findall(r'<a href="([^"]*)" aria-label="([^"]*)"', strips) == [
            (f"{BASE}read/?lens=attributed&amp;from_a=1#a-1", "Passage 1: 1 tag"),
            (f"{BASE}read/?lens=attributed&amp;from_b=1#b-1", "Passage 1: 1 tag"),
            (f"{BASE}read/?lens=attributed&amp;from_b=2#b-2", "Passage 2: 1 tag"),
        ]
        rows = re.findall(r"<tr><td>(\w+)</td><td>(\d+)</td><td>(\d+)</td></tr>", strips)
        assert rows == [("East", "1", "1"), ("West", "1", "1"), ("West", "2", "1")]
        assert "East 1 of 2 passages" in " ".join(re.sub(r"<[^>]*>", " ", strips).split())
