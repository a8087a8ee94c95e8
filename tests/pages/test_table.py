"""The table of topics sorted and filtered, its track and its voices: orders and places by hand."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.access import Visit
from annotations.comparison.values import Interval, TopicComparison
from annotations.enums import Role, Verdict
from annotations.models import Source, Study, Topic, User
from annotations.pages.comparison import table_rows, track_of, voices_on_scale
from annotations.pages.drawing import draw_track
from annotations.pages.reading import load_compared
from annotations.services.coding import finish_document
from tests.bodies import words
from tests.factories import make_document, make_study, make_tag

BASE = "/studies/talks/"
COMPARE = BASE + "compare/"
CODEBOOK = ["talks", "guarantees", "trade", "sanctions", "visas", "gas", "tolls"]
QUOTES = ("Biden agreed", "agreed to talk", "Putin asked")
#: By topic: what East and what West voices, each as source and stance.
SAID: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    # Distance 0 on two tags a side: agree, and not thin.
    "talks": (
        [("biden", "support"), ("biden", "support"), ("author", "support")],
        [("biden", "support"), ("biden", "support")],
    ),
    # Opposite poles: diverge.
    "guarantees": ([("biden", "support")], [("biden", "oppose")]),
    # Half the scale: partly.
    "trade": ([("putin", "support")], [("putin", "mixed")]),
    # East alone, on two tags.
    "sanctions": ([("author", "mixed"), ("biden", "support")], []),
    # Nobody.
    "visas": ([], []),
    # Different voices.
    "gas": ([("biden", "neutral")], [("putin", "support")]),
    # Distance 0, on one tag in East.
    "tolls": ([("putin", "oppose")], [("putin", "oppose"), ("putin", "oppose")]),
}


@pytest.fixture
def wide(study: Study, coder: User) -> Study:
    """Seven topics under two parents, coded and finished by ada."""
    economy = Topic.objects.create(study=study, slug="economy", label="Economy", position=3)
    for position, slug in enumerate(CODEBOOK[2:], start=4):
        Topic.objects.create(
            study=study,
            parent=economy,
            slug=slug,
            label=slug.capitalize(),
            statement=f"There should be {slug}.",
            position=position,
        )
    for topic, both in SAID.items():
        for document, said in zip(("east", "west"), both, strict=True):
            for quote, (source, stance) in zip(QUOTES, said, strict=False):
                make_tag(study, coder, quote, document, topic=topic, source=source, stance=stance)
    for slug in ("east", "west"):
        finish_document(by=coder, document=study.documents.get(slug=slug))
    return study


@pytest.fixture
def ada(client: Client, coder: User) -> Client:
    client.force_login(coder)
    return client


def order(response: HttpResponse) -> list[str]:
    """The topics as they stand on the page."""
    return re.findall(r'<tr id="t-([a-z]+)"', response.content.decode())


class TestSorting:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", CODEBOOK),
            ("sort=codebook&order=desc", CODEBOOK),
            # An order alone sorts by nothing.
            ("order=asc", CODEBOOK),
            # 1, 0.5, 0, 0; the three that have none last, whichever way.
            ("sort=distance", ["guarantees", "trade", "talks", "tolls", "sanctions", "visas", "gas"]),
            (
                "sort=distance&order=desc",
                ["guarantees", "trade", "talks", "tolls", "sanctions", "visas", "gas"],
            ),
            (
                "sort=distance&order=asc",
                ["talks", "tolls", "trade", "guarantees", "sanctions", "visas", "gas"],
            ),
            # |z| 0.95, 0.66 (B stresses it), 0.15, and 0.14 three times; nobody raises visas. Nine tags to
            # seven, K = 6, α = 6/16 of a topic's tags: on sanctions
            # (ln(2.75/12.25) - ln(0.75/12.25)) / sqrt(1/2.75 + 1/12.25 + 1/0.75 + 1/12.25) = 0.953.
            ("sort=gap", ["sanctions", "tolls", "talks", "guarantees", "trade", "gas", "visas"]),
            ("sort=gap&order=asc", ["guarantees", "trade", "gas", "talks", "tolls", "sanctions", "visas"]),
            # What can be compared first: agree, agree, partly, diverge, different voices, only A, nobody.
            ("sort=verdict", ["talks", "tolls", "trade", "guarantees", "gas", "sanctions", "visas"]),
            (
                "sort=verdict&order=asc",
                ["talks", "tolls", "trade", "guarantees", "gas", "sanctions", "visas"],
            ),
            (
                "sort=verdict&order=desc",
                ["visas", "sanctions", "gas", "guarantees", "trade", "talks", "tolls"],
            ),
            # 5, 3, 2 four times, 0.
            ("sort=tags", ["talks", "tolls", "guarantees", "trade", "sanctions", "gas", "visas"]),
            ("sort=tags&order=asc", ["visas", "guarantees", "trade", "sanctions", "gas", "tolls", "talks"]),
        ],
    )
    def test_both_ways_by_hand(self, ada: Client, wide: Study, query: str, expected: list[str]) -> None:
        assert order(ada.get(f"{COMPARE}?{query}")) == expected

    def test_by_the_figures_of_the_reading(self, ada: Client, wide: Study) -> None:
        """The documents' own voices alone: one tag each on two topics."""
        found = order(ada.get(COMPARE + "?sort=tags&lens=own"))
        assert found == ["talks", "sanctions", "guarantees", "trade", "visas", "gas", "tolls"]

    def test_a_sorted_table_is_flat_and_names_the_parents(self, ada: Client, wide: Study) -> None:
        response = ada.get(COMPARE + "?sort=tags")
        page = response.content.decode()
        assert page.count('<tbody role="rowgroup">') == 1
        assert 'class="group"' not in page
        named = re.findall(r'<span class="of-group">([^<]*)</span>', page)
        assert named == ["Security", "Economy", "Security", *["Economy"] * 4]
        assert "of-group" not in ada.get(COMPARE).content.decode()

    @pytest.mark.parametrize(
        ("query", "column", "said"),
        [
            ("sort=distance", "Verdict", "descending"),
            ("sort=distance&order=asc", "Verdict", "ascending"),
            ("sort=verdict", "Verdict", "ascending"),
            ("sort=gap", "Emphasis", "descending"),
            ("sort=tags&order=asc", "Emphasis", "ascending"),
        ],
    )
    def test_the_column_says_how_it_is_sorted(
        self, ada: Client, wide: Study, query: str, column: str, said: str
    ) -> None:
        page = ada.get(f"{COMPARE}?{query}").content.decode()
        heads = re.findall(r'<th scope="col"([^>]*)>(.*?)</th>', page, re.DOTALL)
        sorted_by = [(attributes, text) for attributes, text in heads if "aria-sort" in attributes]
        assert len(sorted_by) == 1
        assert f'aria-sort="{said}"' in sorted_by[0][0]
        assert column in sorted_by[0][1]

    def test_as_in_the_codebook_no_column_does(self, ada: Client, wide: Study) -> None:
        assert "aria-sort" not in ada.get(COMPARE).content.decode()


class TestFiltering:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("verdict=agree", ["talks", "tolls"]),
            ("verdict=not-raised", ["visas"]),
            ("group=security", ["talks", "guarantees"]),
            ("group=economy", ["trade", "sanctions", "visas", "gas", "tolls"]),
            # In A, in B, or in both.
            ("stance=mixed", ["trade", "sanctions"]),
            ("stance=oppose", ["guarantees", "tolls"]),
            ("stance=neutral", ["gas"]),
            # What nobody raises rests neither on little nor on enough.
            ("thin=yes", ["guarantees", "trade", "gas", "tolls"]),
            ("thin=no", ["talks", "sanctions"]),
            ("group=economy&thin=yes", ["trade", "gas", "tolls"]),
            ("group=economy&thin=yes&stance=oppose", ["tolls"]),
            ("group=economy&thin=yes&stance=oppose&verdict=agree", ["tolls"]),
            ("verdict=partly&stance=oppose", []),
            ("sort=distance&group=economy&thin=yes", ["trade", "tolls", "gas"]),
            # Of those who are heard: the author's own words, and Russians.
            ("stance=mixed&lens=own", ["sanctions"]),
            ("stance=oppose&side=Russia", ["tolls"]),
        ],
    )
    def test_alone_and_together(self, ada: Client, wide: Study, query: str, expected: list[str]) -> None:
        response = ada.get(f"{COMPARE}?{query}")
        assert order(response) == expected
        assert f"Showing {len(expected)} of 7 topics." in words(response)

    def test_without_a_filter_nothing_is_counted(self, ada: Client, wide: Study) -> None:
        for query in ("", "?sort=gap", "?side=Russia"):
            assert "Showing" not in words(ada.get(COMPARE + query))

    def test_a_group_is_counted_whole(self, ada: Client, wide: Study) -> None:
        response = ada.get(COMPARE + "?verdict=agree")
        groups = response.context["table"].groups
        assert [(g.label, [r.topic.slug for r in g.rows], g.total, g.counts) for g in groups] == [
            ("Security", ["talks"], 2, ((Verdict.AGREE, 1), (Verdict.DIVERGE, 1))),
            (
                "Economy",
                ["tolls"],
                5,
                (
                    (Verdict.AGREE, 1),
                    (Verdict.PARTLY, 1),
                    (Verdict.DIFFERENT_VOICES, 1),
                    (Verdict.ONLY_A, 1),
                    (Verdict.NOT_RAISED, 1),
                ),
            ),
        ]
        assert "Security 2 topics: 1 agree, 1 diverge" in words(response)

    def test_a_group_without_a_row_is_not_shown(self, ada: Client, wide: Study) -> None:
        groups = ada.get(COMPARE + "?verdict=not-raised").context["table"].groups
        assert [group.label for group in groups] == ["Economy"]

    def test_a_bar_is_drawn_against_the_largest_of_all(self, ada: Client, wide: Study) -> None:
        """Talks has most of East: 3 of 9. On trade, 1 of 9, a third of that: 92 / 3."""
        (row,) = ada.get(COMPARE + "?verdict=partly").context["table"].groups[0].rows
        assert (row.bars[0].width, row.bars[0].x) == ("30.7", "61.3")

    @pytest.mark.parametrize(
        "query", ["sort=size", "sort=Distance", "order=up", "thin=maybe", "thin=true", "verdict=maybe"]
    )
    def test_a_word_that_is_no_choice_is_a_bad_request(self, ada: Client, wide: Study, query: str) -> None:
        response = ada.get(f"{COMPARE}?{query}")
        assert response.status_code == 400
        assert "This request cannot be read." in words(response)

    @pytest.mark.parametrize(
        "query", ["group=nothing", "group=talks", "group=elsewhere", "stance=nothing", "side=Nowhere"]
    )
    def test_what_is_not_there_is_not_found(self, ada: Client, wide: Study, query: str) -> None:
        """Nor a topic that is no parent, nor a parent of another study."""
        other = make_study("other")
        Topic.objects.filter(study=other, slug="security").update(slug="elsewhere")
        assert ada.get(f"{COMPARE}?{query}").status_code == 404

    def test_an_empty_word_is_no_choice(self, ada: Client, wide: Study) -> None:
        response = ada.get(COMPARE + "?sort=&order=&group=&stance=&thin=&side=&verdict=")
        assert order(response) == CODEBOOK
        assert "Showing" not in words(response)


def links(response: HttpResponse, within: str) -> dict[str, str]:
    """The links of a part of the page: their words, and the query string they lead to."""
    page = response.content.decode()
    part = page[page.index(within) :].split("</nav>")[0]
    found = re.findall(r'<a href="(\?[^"]*|\.)"[^>]*>(.*?)</a>', part, re.DOTALL)
    named = ((" ".join(re.sub(r"<[^>]*>", " ", text).split()), href) for href, text in found)
    return {text: href.replace("&amp;", "&") for text, href in named}


class TestLinks:
    def test_a_choice_keeps_all_others_and_closes_the_open_row(self, ada: Client, wide: Study) -> None:
        query = "?lens=attributed&sort=gap&group=economy&verdict=agree&open=trade"
        found = links(ada.get(COMPARE + query), '<nav class="table-tools"')
        kept = {key: QueryDict(href[1:]).dict() for key, href in found.items()}
        base = {"lens": "attributed", "sort": "gap", "group": "economy", "verdict": "agree"}
        without = {key: value for key, value in base.items() if key != "sort"}
        assert kept["as in the codebook"] == without
        assert kept["by distance"] == base | {"sort": "distance"}
        assert kept["Economy"] == base
        assert kept["Security"] == base | {"group": "security"}
        assert kept["all"] == {key: value for key, value in base.items() if key != "group"}
        assert kept["Russia"] == base | {"side": "Russia"}
        assert kept["enough"] == base | {"thin": "no"}
        assert kept["little: thin"] == base | {"thin": "yes"}
        assert kept["Show all"] == {"lens": "attributed", "sort": "gap"}
        (oppose,) = (said for words_of, said in kept.items() if words_of.endswith("Oppose"))
        assert oppose == base | {"stance": "oppose"}

    def test_the_choice_that_holds_turns_round_and_another_begins_its_own_way(
        self, ada: Client, wide: Study
    ) -> None:
        found = links(ada.get(COMPARE + "?sort=gap"), '<nav class="table-tools"')
        assert found["by gap in emphasis ↓ largest first: turn it round"] == "?sort=gap&order=asc"
        found = links(ada.get(COMPARE + "?sort=gap&order=asc"), '<nav class="table-tools"')
        assert found["by gap in emphasis ↑ smallest first: turn it round"] == "?sort=gap&order=desc"
        assert found["by verdict"] == "?sort=verdict"

    def test_a_verdict_keeps_the_sorting(self, ada: Client, wide: Study) -> None:
        response = ada.get(COMPARE + "?sort=tags&verdict=agree&open=talks")
        found = links(response, '<nav class="vnav"')
        assert found["All verdicts"] == "?sort=tags"
        (diverge,) = (href for text, href in found.items() if text.startswith("Diverge"))
        assert QueryDict(diverge[1:]).dict() == {"sort": "tags", "verdict": "diverge"}

    def test_the_choices_that_hold_are_marked(self, ada: Client, wide: Study) -> None:
        query = "?sort=tags&group=economy&stance=oppose&thin=yes&side=Russia&distance=firm&gap=a"
        page = ada.get(COMPARE + query).content.decode()
        part = page[page.index('<nav class="table-tools"') :].split("</nav>")[0]
        current = re.findall(r'<a href="[^"]*" aria-current="true">(.*?)</a>', part, re.DOTALL)
        said = [" ".join(re.sub(r"<[^>]*>", " ", text).split()) for text in current]
        assert said[0].startswith("by number of tags")
        assert [text.split()[-1] for text in said[1:]] == [
            "Economy",
            "Oppose",
            "Russia",
            "thin",
            "verdict",
            "East",
        ]

    def test_another_reading_carries_them_along(self, ada: Client, wide: Study) -> None:
        asked = {"sort": "tags", "order": "asc", "verdict": "agree", "group": "economy", "thin": "yes"}
        asked |= {"stance": "oppose", "side": "Russia", "open": "tolls", "lens": "attributed"}
        page = ada.get(COMPARE, asked).content.decode()
        choices = page[page.index('<div class="filters"') :].split("</p>")[0]
        addresses = [parse_qs(unescape(href)[1:]) for href in re.findall(r'<a href="([^"]*)"', choices)]
        assert len(addresses) > 8
        for address in addresses:
            told = {name: values[0] for name, values in address.items()}
            changed = {name for name in {*told, *asked} if told.get(name) != asked.get(name)}
            assert len(changed) <= 1, address
            assert changed <= {"lens", "grain", "layer", "coder"}
        assert ">Attributed</a>" in choices
        assert choices.count('aria-current="true"') == 4

    def test_a_form_that_chooses_documents_carries_the_rest(self, ada: Client, wide: Study) -> None:
        make_document(wide, "north", "Nothing is said.", position=5)
        page = ada.get(COMPARE, {"a": "west", "b": "north", "lens": "own", "sort": "tags"}).content.decode()
        form = page[page.index('<form class="choose"') :].split("</form>")[0]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
        assert hidden == {"lens": "own", "sort": "tags"}
        assert '<option value="north" selected>' in form

    @pytest.mark.parametrize(
        ("query", "is_wanted"),
        [
            ("gap=out", lambda found: abs(found.emphasis_z or 0) >= 1.96),
            ("gap=a", lambda found: (found.emphasis_z or 0) > 0),
            ("gap=b", lambda found: (found.emphasis_z or 0) < 0),
            ("distance=measured", lambda found: found.distance is not None),
        ],
    )
    def test_by_gap_and_by_distance(
        self, ada: Client, wide: Study, query: str, is_wanted: Callable[[TopicComparison], bool]
    ) -> None:
        every = ada.get(COMPARE).context["compared"].comparison.topics
        table = ada.get(f"{COMPARE}?{query}").context["table"]
        shown = [row.topic.slug for group in table.groups for row in group.rows]
        assert shown == [found.topic for found in every if is_wanted(found)]
        assert table.total == len(every)

    def test_a_firm_distance_has_its_interval_within_its_verdict(self, ada: Client, wide: Study) -> None:
        firm = {
            row.topic.slug
            for group in ada.get(f"{COMPARE}?distance=firm").context["table"].groups
            for row in group.rows
        }
        expected = set()
        for found in ada.get(COMPARE).context["compared"].comparison.topics:
            if found.certainty:
                low, high = found.certainty.interval.low, found.certainty.interval.high
                if high <= 0.25 or (low > 0.25 and high <= 0.5) or low > 0.5:
                    expected.add(found.topic)
        assert firm == expected
        Study.objects.update(agree_max=0.98, diverge_above=0.99)
        all_agree = ada.get(f"{COMPARE}?distance=firm").context["table"]
        assert all_agree.shown > len(firm)


class TestTheTrack:
    def test_its_places_by_hand(self) -> None:
        """From 4 to 146: a half is 4 + 71, a quarter 4 + 35.5."""
        track = draw_track(Interval(0.25, 0.75, 0.9), 0.5, (0.25, 0.5))
        assert (track.x, track.low_x, track.width) == ("75.0", "39.5", "71.0")
        assert (track.agree_x, track.diverge_x) == ("39.5", "75.0")
        figures = (track.distance, track.low, track.high, track.agree_max, track.diverge_above)
        assert (figures, track.probability) == ((0.5, 0.25, 0.75, 0.25, 0.5), 0.9)

    def test_from_pole_to_pole_and_of_no_width_it_is_still_seen(self) -> None:
        whole = draw_track(Interval(0.0, 1.0, 1.0), 1.0, (0.1, 0.9))
        assert (whole.x, whole.low_x, whole.width) == ("146.0", "4.0", "142.0")
        assert (whole.agree_x, whole.diverge_x) == ("18.2", "131.8")
        none = draw_track(Interval(0.0, 0.0, 1.0), 0.0, (0.25, 0.5))
        assert (none.x, none.low_x, none.width) == ("4.0", "4.0", "1.0")

    def test_the_page_has_the_intervals_of_the_file(self, ada: Client, wide: Study) -> None:
        for query in ("", "?sort=distance&thin=yes", "?open=trade", "?a=west&b=east&lens=attributed"):
            response = ada.get(COMPARE + query)
            rows = csv.DictReader(ada.get(BASE + "compare.csv" + query).content.decode().splitlines())
            stored = {
                row["topic"]: tuple(
                    row[name] for name in ("distance", "distance_low", "distance_high", "verdict_probability")
                )
                for row in rows
            }
            table = response.context["table"]
            shown = [*table.flat, *(row for group in table.groups for row in group.rows)]
            assert shown
            for row in shown:
                on = row.track
                figures = (on.distance, on.low, on.high, on.probability) if on else ()
                assert tuple(f"{figure:.9f}" for figure in figures) == tuple(
                    filter(None, stored[row.topic.slug])
                )
            with_track = [row.topic.slug for row in shown if row.track]
            assert set(with_track) <= {"talks", "guarantees", "trade", "tolls"}
            page = response.content.decode()
            assert page.count('<svg class="track"') == len(with_track)

    def test_it_is_told_in_words(self, ada: Client, wide: Study) -> None:
        Study.objects.filter(pk=wide.pk).update(agree_max=0.1, diverge_above=0.6)
        response = ada.get(COMPARE + "?verdict=partly")
        (row,) = response.context["table"].groups[0].rows
        low, high = row.track.low, row.track.high
        assert 0.0 <= low < 0.5 < high <= 1.0
        assert (
            f'aria-label="Distance 0.50 on the way from 0 to 1; 95 % of the draws lie between {low:.2f} and '
            f'{high:.2f}. Up to 0.10 the two agree, above 0.60 they diverge."'
        ) in response.content.decode()
        # 4 + 14.2 and 4 + 85.2.
        assert 'class="bound" d="M18.2 3v10M89.2 3v10"' in response.content.decode()
        assert f"this verdict in {row.track.probability * 100:.0f} % of draws" in words(response)

    def test_without_a_distance_or_without_draws_there_is_none(self, wide: Study, coder: User) -> None:
        visit = Visit(wide, coder, Role.CODER)
        drawn = load_compared(visit, QueryDict(), with_intervals=True)
        assert track_of(drawn, drawn.comparison.topic("trade")) is not None
        for topic in ("sanctions", "visas", "gas"):
            assert track_of(drawn, drawn.comparison.topic(topic)) is None
        plain = load_compared(visit, QueryDict())
        assert [row.track for row in table_rows(plain)] == [None] * 7


class TestCommonVoices:
    @pytest.fixture
    def voiced(self, study: Study, coder: User) -> Study:
        """In both: the Kremlin twice, Biden and Putin at least once; the author has no position in West."""
        tags = [
            ("east", "putin", "support", "Putin asked"),
            ("east", "biden", "support", "Biden agreed"),
            ("east", "biden", "oppose", "agreed to talk"),
            ("east", "kremlin", "mixed", "asked for"),
            ("east", "kremlin", "mixed", "for guarantees"),
            ("east", "author", "support", "Kyiv was not"),
            ("west", "putin", "oppose", "Putin asked"),
            ("west", "putin", "oppose", "asked for"),
            ("west", "biden", "support", "Biden agreed"),
            ("west", "kremlin", "mixed", "asked for"),
            ("west", "kremlin", "mixed", "for guarantees"),
            ("west", "author", "neutral", "Kyiv was not"),
            ("west", "ushakov", "support", "Kyiv"),
        ]
        for document, source, stance, quote in tags:
            make_tag(study, coder, quote, document, source=source, stance=stance)
        return study

    def shown(self, study: Study, coder: User, query: str = "") -> list[tuple[str, float | None]]:
        compared = load_compared(Visit(study, coder, Role.CODER), QueryDict(query))
        found = voices_on_scale(compared, compared.comparison.topic("talks"))
        return [(voice.label, voice.distance) for voice in found]

    def test_the_heaviest_first_then_as_in_the_codebook(self, voiced: Study, coder: User) -> None:
        """Biden: half of East's positions would have to move the whole way. Putin: all of them."""
        alone = [("The analyses themselves", None), ("Ushakov", None)]
        assert self.shown(voiced, coder) == [("Kremlin", 0.0), ("Biden", 0.5), ("Putin", 1.0), *alone]
        Source.objects.filter(study=voiced, slug="biden").update(position=9)
        assert self.shown(voiced, coder)[:3] == [("Kremlin", 0.0), ("Putin", 1.0), ("Biden", 0.5)]

    def test_of_one_document_a_voice_has_no_distance_and_no_bar(self, voiced: Study, coder: User) -> None:
        """Ushakov is heard in West alone; what takes no position has no place on the scale."""
        compared = load_compared(Visit(voiced, coder, Role.CODER), QueryDict())
        *_others, ushakov = voices_on_scale(compared, compared.comparison.topic("talks"))
        assert (ushakov.label, ushakov.distance, ushakov.scale.bar) == ("Ushakov", None, False)
        assert (ushakov.scale.mean_a, ushakov.scale.mean_b) == (None, 1.0)

    def test_sides_stand_where_their_first_source_does(self, voiced: Study, coder: User) -> None:
        """Biden is the first of the codebook, though Russia comes before the United States in the alphabet.
        One tag a side of each."""
        voiced.annotations.exclude(source__slug__in=("biden", "putin")).delete()
        voiced.annotations.filter(source__slug="biden", stance__slug="oppose").delete()
        voiced.annotations.filter(document__slug="west", quote="asked for").delete()
        assert self.shown(voiced, coder, "grain=side") == [("United States", 0.0), ("Russia", 1.0)]

    def test_so_do_the_voices_of_a_row(self, voiced: Study, coder: User) -> None:
        compared = load_compared(Visit(voiced, coder, Role.CODER), QueryDict("grain=side"))
        assert [chip.label for chip in table_rows(compared)[0].chips] == [
            "East itself",
            "West itself",
            "United States",
            "Russia",
        ]

    def test_each_stands_on_the_scale_with_both_documents(self, voiced: Study, coder: User) -> None:
        compared = load_compared(Visit(voiced, coder, Role.CODER), QueryDict())
        biden = voices_on_scale(compared, compared.comparison.topic("talks"))[1]
        assert (biden.scale.mean_a, biden.scale.mean_b, biden.scale.bar) == (0.0, 1.0, True)
        assert (biden.scale.mean_a_x, biden.scale.mean_b_x) == ("85.0", "156.0")

    def test_an_opened_row_shows_them(self, ada: Client, voiced: Study) -> None:
        text = words(ada.get(COMPARE + "?open=talks", headers={"HX-Request": "true"}))
        told = text[text.index("Voices that take a position") :]
        places = [told.index(name) for name in ("Kremlin", "Biden", "Putin")]
        assert places == sorted(places)
        assert "distance 0.50" in told
        assert told.count("only in West") == 1
        other = words(ada.get(COMPARE + "?open=guarantees", headers={"HX-Request": "true"}))
        assert "Voices that take a position" not in other


@pytest.mark.parametrize(
    "path",
    [
        "compare/?sort=distance",
        "compare/?sort=gap&order=asc&thin=yes&group=security&stance=support&open=talks",
        "topics/talks/",
        "sources/biden/",
    ],
)
def test_rows_and_tags_cost_no_query(
    ada: Client, study: Study, coder: User, other_coder: User, path: str
) -> None:
    """One row with tags and three; one coder who has finished and two who differ."""

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(BASE + path).status_code == 200
        return len(captured)

    security = study.topics.get(slug="security")
    Topic.objects.create(study=study, parent=security, slug="gas", label="Gas", statement="So.", position=5)
    both = ("east", "west")
    for slug in both:
        make_tag(study, coder, document=slug)
        make_tag(study, other_coder, document=slug, stance="oppose")
        for by in (coder, other_coder):
            finish_document(by=by, document=study.documents.get(slug=slug))
    queries()
    one = queries()
    for by, stance in ((coder, "support"), (other_coder, "mixed")):
        for slug in both:
            study.documents.get(slug=slug).completions.filter(coder=by).delete()
            for topic in ("guarantees", "gas", "talks"):
                make_tag(study, by, "Putin asked", slug, topic=topic, stance=stance, reported_by="ushakov")
            finish_document(by=by, document=study.documents.get(slug=slug))
    assert queries() == one
