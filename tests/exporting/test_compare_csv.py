"""compare.csv of the study that ships with Summit, against figures worked out by hand from ``codings.csv``.

How to check with paper: in ``seeds/biden-putin-2021/codings.csv`` keep the rows of one topic. Both coders
finished both documents, so a row weighs 1/2. A is OSW, B the PIR Center. What all topics share:

- OSW has 149 rows (74 of coder-1, 75 of coder-2), weight 74.5; PIR Center 69 rows (35, 34), weight 34.5.
- supports = 1, mixed = 0, opposes = −1; neutral has no value. The range of the scale is 2.
- passages: OSW raises 47 pairs of a passage and a topic, PIR Center 18; together 65.
- emphasis = weight on the topic / 74.5 or 34.5, and so rows / 149 or rows / 69.
"""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from math import log, sqrt
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from annotations.exporting.compare_csv import COLUMNS
from annotations.importing.folder import load_folder
from annotations.models import User
from tests.importing.folders import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESS = "/studies/biden-putin-2021/compare.csv?layer=coded"
#: What a row is by hand: text as it stands; numbers as fractions; None where it is undefined.
Hand = dict[str, str | Fraction | int | None]


@pytest.fixture
def row_of(db: None) -> Callable[..., dict[str, str]]:
    """The row of a topic, under a grain."""
    load_folder(SHIPPED)
    client = Client()
    client.force_login(User.objects.create_superuser("root"))

    def get(topic: str, grain: str = "source") -> dict[str, str]:
        response = client.get(f"{ADDRESS}&grain={grain}")
        rows = {row["topic"]: row for row in csv.DictReader(io.StringIO(response.content.decode()))}
        return rows[topic]

    return get


def check(row: dict[str, str], by_hand: Hand) -> None:
    """Every column that was worked out: text letter for letter, numbers to the ninth decimal."""
    found = {name: row[name] for name in by_hand}
    expected = {}
    for name, value in by_hand.items():
        if value is None:
            expected[name] = ""
        elif isinstance(value, Fraction):
            expected[name] = f"{float(value):.9f}"
        else:
            expected[name] = str(value)
    assert found == expected


def test_agree_talks_on_the_guarantees(row_of: Callable[..., dict[str, str]]) -> None:
    # OSW: author supports 1 row; Biden supports 4 rows (1739, 3338: both coders).  5 rows, weight 2.5.
    # PIR: author supports 3; Biden supports 4; both presidents support 2.          9 rows, weight 4.5.
    # Common, with a position in both: author and Biden.  Everybody supports: dist = 0 for both, and
    #   distance = (min(.5, 1.5)·0 + min(2, 2)·0) / 2.5 = 0, at most .25: agree.
    # Common weight: OSW .5 + 2 = 2.5 of 2.5; PIR 1.5 + 2 = 3.5 of 4.5. Neither is below 2: not thin.
    # Alone, coder-1 has Biden supporting in both, and so has coder-2: both agree.
    # Attributed voices: Biden in both, out of Biden and both presidents: 1/2.
    check(
        row_of("guarantee-talks"),
        {
            "verdict": "agree",
            "thin": "false",
            "distance": Fraction(0),
            "verdict_by_coder": "2 of 2",
            "coverage_a": "covered",
            "coverage_b": "covered",
            "silence_chance": None,
            "n_a": 5,
            "n_b": 9,
            "weight_a": Fraction(5, 2),
            "weight_b": Fraction(9, 2),
            "emphasis_a": Fraction(5, 149),
            "emphasis_b": Fraction(9, 69),
            "mean_a": Fraction(1),
            "mean_b": Fraction(1),
            "common_sources": "author;biden",
            "common_share_a": Fraction(1),
            "common_share_b": Fraction(7, 9),
            "sources_only_a": "",
            "sources_only_b": "both-presidents",
            "voices_jaccard": Fraction(1, 2),
        },
    )


def test_the_gap_in_emphasis_of_the_same_topic(row_of: Callable[..., dict[str, str]]) -> None:
    # y: 2.5 of 74.5 and 4.5 of 34.5. All 23 topics are raised: α₀ = 23, α = 23 · 7 / 109 = 1.477064.
    #   A: 2.5 + α = 3.977064, the rest 74.5 + 23 − 3.977064 = 93.522936; ln of the ratio −3.157646
    #   B: 4.5 + α = 5.977064, the rest 34.5 + 23 − 5.977064 = 51.522936; ln of the ratio −2.154097
    #   √(1/3.977064 + 1/93.522936 + 1/5.977064 + 1/51.522936) = .669963; z = −1.003549 / .669963
    a, rest_a, b, rest_b = 3.977064220, 93.522935780, 5.977064220, 51.522935780
    z = (log(a / rest_a) - log(b / rest_b)) / sqrt(1 / a + 1 / rest_a + 1 / b + 1 / rest_b)
    assert z == pytest.approx(-1.4979, abs=1e-4)
    assert float(row_of("guarantee-talks")["emphasis_z"]) == pytest.approx(z, abs=1e-8)


def test_only_a_nord_stream_2(row_of: Callable[..., dict[str, str]]) -> None:
    # OSW: supports: Congress 2, Nuland 2, Sullivan 2, White House 4 = 10 rows, weight 5;
    #      opposes:  Congress 2, White House 5 (2409, 2487, 7251 twice, 7374) = 7 rows, weight 3.5.
    #      17 rows, weight 8.5, at least 2: not thin. Mean (5 − 3.5) / 8.5 = 3/17.
    # PIR: no row, and finished by both: silent.  Only A; the same for each coder alone.
    # Raised in the fifth and the twelfth passage of OSW: k = 2.
    #   chance C(47, 2) / C(65, 2) = (47 · 46) / (65 · 64) = 2162 / 4160
    # No common source: 0 of OSW's 8.5, undefined in PIR. None of four attributed voices is shared.
    check(
        row_of("nord-stream-2"),
        {
            "verdict": "only-a",
            "thin": "false",
            "distance": None,
            "distance_low": None,
            "distance_high": None,
            "verdict_probability": None,
            "p_value": None,
            "verdict_by_coder": "2 of 2",
            "coverage_a": "covered",
            "coverage_b": "silent",
            "silence_chance": Fraction(2162, 4160),
            "n_a": 17,
            "n_b": 0,
            "weight_a": Fraction(17, 2),
            "weight_b": Fraction(0),
            "emphasis_a": Fraction(17, 149),
            "emphasis_b": Fraction(0),
            "mean_a": Fraction(3, 17),
            "mean_b": None,
            "common_sources": "",
            "common_share_a": Fraction(0),
            "common_share_b": None,
            "sources_only_a": "congress;nuland;sullivan;white-house",
            "sources_only_b": "",
            "voices_jaccard": Fraction(0),
        },
    )


def test_only_a_and_thin_blame_on_kyiv(row_of: Callable[..., dict[str, str]]) -> None:
    # OSW: Putin supports, one row of each coder: weight 1, below 2: thin. One passage: chance 47 / 65.
    check(
        row_of("kyiv-blame"),
        {
            "verdict": "only-a",
            "thin": "true",
            "silence_chance": Fraction(47, 65),
            "n_a": 2,
            "weight_a": Fraction(1),
            "emphasis_a": Fraction(2, 149),
            "mean_a": Fraction(1),
            "sources_only_a": "putin",
        },
    )


def test_different_voices_sanctions(row_of: Callable[..., dict[str, str]]) -> None:
    # OSW: author opposes 2, mixed 1, neutral 1; Biden supports 4; European states oppose 2; Putin opposes 2.
    #      12 rows, weight 6. With a value: supports 2, mixed .5, opposes 1 + 1 + 1 = 3, together 5.5:
    #      mean (2 − 3) / 5.5 = −2/11. The neutral row counts in n and weight, not in the mean.
    # PIR: the American side supports 2. Weight 1, below 2: thin.
    # Nobody speaks in both: different voices. None of Biden, European states, Putin, American side is shared.
    check(
        row_of("sanctions"),
        {
            "verdict": "different-voices",
            "thin": "true",
            "distance": None,
            "p_value": None,
            "verdict_by_coder": "2 of 2",
            "coverage_a": "covered",
            "coverage_b": "covered",
            "silence_chance": None,
            "n_a": 12,
            "n_b": 2,
            "weight_a": Fraction(6),
            "weight_b": Fraction(1),
            "emphasis_a": Fraction(12, 149),
            "emphasis_b": Fraction(2, 69),
            "mean_a": Fraction(-2, 11),
            "mean_b": Fraction(1),
            "common_sources": "",
            "common_share_a": Fraction(0),
            "common_share_b": Fraction(0),
            "sources_only_a": "author;biden;european-states;putin",
            "sources_only_b": "us-side",
            "voices_jaccard": Fraction(0),
        },
    )


def test_by_side_the_two_agree_on_sanctions(row_of: Callable[..., dict[str, str]]) -> None:
    # The same rows by side. OSW: United States (Biden) supports, weight 2; PIR: United States (the American
    # side) supports, weight 1. Common: the United States; both support: distance 0, agree.
    #   common weight: 2 of OSW's 6, 1 of PIR's 1. In PIR it is below 2: thin.
    #   shared: the United States, out of Europe, Russia, United States: 1/3. The author is a side of its own.
    check(
        row_of("sanctions", "side"),
        {
            "verdict": "agree",
            "thin": "true",
            "distance": Fraction(0),
            "verdict_by_coder": "2 of 2",
            "n_a": 12,
            "n_b": 2,
            "mean_a": Fraction(-2, 11),
            "mean_b": Fraction(1),
            "common_sources": "United States",
            "common_share_a": Fraction(1, 3),
            "common_share_b": Fraction(1),
            "sources_only_a": "Europe;Russia;author",
            "sources_only_b": "",
            "voices_jaccard": Fraction(1, 3),
        },
    )


def test_by_body_sullivan_speaks_for_the_white_house(row_of: Callable[..., dict[str, str]]) -> None:
    # Coordination with allies. OSW, all supporting: author 3, Biden 4, American side 4, Sullivan 2,
    # White House 2: 15 rows, weight 7.5. PIR: Biden 2, White House 2: weight 2.
    #   By source: common Biden 2 + White House 1 = 3 of 7.5 = .4; PIR 2 of 2.
    #     Attributed: Biden, White House out of Biden, American side, Sullivan, White House: 1/2.
    #   By body Sullivan's weight is the White House's: 2 + 2 = 4 of 7.5 = 8/15.
    #     Attributed: Biden, White House out of Biden, American side, White House: 2/3.
    both: Hand = {"verdict": "agree", "thin": "false", "distance": Fraction(0), "n_a": 15, "n_b": 4}
    both |= {"weight_a": Fraction(15, 2), "weight_b": Fraction(2), "common_sources": "biden;white-house"}
    both |= {"common_share_b": Fraction(1), "mean_a": Fraction(1), "mean_b": Fraction(1)}
    check(
        row_of("allied-coordination"),
        both
        | {
            "common_share_a": Fraction(2, 5),
            "sources_only_a": "author;sullivan;us-side",
            "voices_jaccard": Fraction(1, 2),
        },
    )
    check(
        row_of("allied-coordination", "body"),
        both
        | {
            "common_share_a": Fraction(8, 15),
            "sources_only_a": "author;us-side",
            "voices_jaccard": Fraction(2, 3),
        },
    )


def test_no_position_iran(row_of: Callable[..., dict[str, str]]) -> None:
    # OSW: both presidents neutral 2; Putin supports 2.  4 rows, weight 2; mean of what has a value: 1.
    # PIR: both presidents neutral 1, mixed 2.           3 rows, weight 1.5; mean 0.
    # Both presidents speak in both, and take no position in OSW: no position. PIR's 1.5 is below 2: thin.
    # Shared: both presidents, out of both presidents and Putin: 1/2.
    check(
        row_of("iran"),
        {
            "verdict": "no-position",
            "thin": "true",
            "distance": None,
            "distance_low": None,
            "p_value": None,
            "verdict_by_coder": "2 of 2",
            "coverage_a": "covered",
            "coverage_b": "covered",
            "silence_chance": None,
            "n_a": 4,
            "n_b": 3,
            "weight_a": Fraction(2),
            "weight_b": Fraction(3, 2),
            "emphasis_a": Fraction(4, 149),
            "emphasis_b": Fraction(3, 69),
            "mean_a": Fraction(1),
            "mean_b": Fraction(0),
            "common_sources": "",
            "common_share_a": Fraction(0),
            "common_share_b": Fraction(0),
            "sources_only_a": "putin",
            "sources_only_b": "",
            "voices_jaccard": Fraction(1, 2),
        },
    )


def test_agree_and_thin_cyber_security(row_of: Callable[..., dict[str, str]]) -> None:
    # OSW: both presidents support 2. Weight 1.
    # PIR: author supports 2, mixed 2; both presidents support 2, neutral 2. 8 rows, weight 4.
    # Common: both presidents, valued weight 1 and 1: distance 0, and thin. Of OSW's weight 1 of 1, of PIR's
    # 1 of 4. Mean in PIR: (1 + 0 + 1) / 3 = 2/3: the neutral rows are left out.
    check(
        row_of("cyber"),
        {
            "verdict": "agree",
            "thin": "true",
            "distance": Fraction(0),
            "n_a": 2,
            "n_b": 8,
            "weight_b": Fraction(4),
            "emphasis_a": Fraction(2, 149),
            "emphasis_b": Fraction(8, 69),
            "mean_a": Fraction(1),
            "mean_b": Fraction(2, 3),
            "common_sources": "both-presidents",
            "common_share_a": Fraction(1),
            "common_share_b": Fraction(1, 4),
            "sources_only_b": "author",
            "voices_jaccard": Fraction(1),
        },
    )


def test_the_file_has_its_columns_in_their_order_and_a_row_a_topic(
    row_of: Callable[..., dict[str, str]],
) -> None:
    assert tuple(row_of("cyber")) == COLUMNS
    agreed = row_of("guarantee-talks")
    # Everybody supports in both: the draws reach up from 0, and the test cannot reach .05.
    assert float(agreed["distance_low"]) == 0.0 < float(agreed["distance_high"]) < 1.0
    assert 0.5 < float(agreed["verdict_probability"]) <= 1.0
