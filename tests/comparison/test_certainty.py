"""Intervals, probabilities and p: the worked examples, brute force, and what must always hold."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from annotations.comparison.certainty import Draws
from annotations.comparison.measures import compare
from annotations.comparison.permutation import ARRANGEMENTS, shuffle_claims
from annotations.comparison.uncertainty import distances
from annotations.comparison.values import Certainty, Comparison, DocumentFrame, Reading, Tag, TopicComparison
from annotations.enums import Grain, Layer, Lens, Verdict

from .cases import SETTINGS, VALUES, a_says, b_says, said

ONE = (("c1",), ("c1",))
TWO = (("c1", "c2"), ("c1", "c2"))


def drawn(tags: list[Tag], coders: tuple[tuple[str, ...], ...] = ONE, **how: object) -> Comparison:
    reading = Reading(how.pop("layer", Layer.CODED), None, Lens.ALL, how.pop("grain", Grain.SOURCE))  # type: ignore[arg-type]
    return compare(
        a=DocumentFrame("a", True, coders[0]),
        b=DocumentFrame("b", True, coders[1]),
        tags=tags,
        topics=("t",),
        reading=reading,
        settings=SETTINGS,
        draws=Draws(study="s", voices=("p", "q")),
    )


def on_t(compared: Comparison) -> tuple[TopicComparison, Certainty]:
    topic = compared.topic("t")
    assert topic.certainty is not None
    return topic, topic.certainty


# 1
@pytest.mark.parametrize(
    ("stances", "high", "probability"), [("ss", 0.59, 0.73), ("s", 0.73, 0.56), ("sssss", 0.35, 0.92)]
)
def test_agreement_on_few_quotes_is_less_sure(stances: str, high: float, probability: float) -> None:
    _, found = on_t(drawn(a_says(stances) + b_says(stances)))
    assert found.interval.low == 0
    assert found.interval.high == pytest.approx(high, abs=0.02)
    assert found.interval.verdict_probability == pytest.approx(probability, abs=0.02)


def test_where_no_arrangement_could_reach_a_twentieth_there_is_no_p() -> None:
    _, found = on_t(drawn(a_says("ss") + b_says("ss")))
    assert (found.shuffled.p, found.shuffled.least, found.shuffled.arrangements) == (None, 1.0, 6)


# 2
def test_p_is_over_claims_and_never_over_annotations() -> None:
    tags = [tag for coder in ("c1", "c2") for tag in a_says("ss", coder=coder) + b_says("oo", coder=coder)]
    topic, found = on_t(drawn(tags, TWO))
    assert (topic.a.n, found.shuffled.claims_a, found.shuffled.claims_b) == (4, 2, 2)
    assert (found.shuffled.p, found.shuffled.least) == (None, pytest.approx(1 / 3))
    assert (found.interval.low, found.interval.high) == (pytest.approx(0.16, abs=0.02), 1.0)
    assert found.interval.verdict_probability == pytest.approx(0.78, abs=0.02)


def test_in_the_curated_layer_each_annotation_is_a_claim() -> None:
    tags = [tag for coder in ("c1", "c2") for tag in a_says("ss", coder=coder) + b_says("oo", coder=coder)]
    _, found = on_t(drawn(tags, TWO, layer=Layer.CURATED))
    assert (found.shuffled.claims_a, found.shuffled.p) == (4, pytest.approx(1 / 35))


@pytest.mark.parametrize(
    ("a", "b", "least", "p"),
    [
        ("ssss", "oooo", 1 / 35, 1 / 35),
        ("sss", "oooo", 1 / 35, 1 / 35),
        ("sss", "ooo", 1 / 10, None),
    ],
)
def test_opposite_claims(a: str, b: str, least: float, p: float | None) -> None:
    _, found = on_t(drawn(a_says(a) + b_says(b)))
    assert found.shuffled.least == pytest.approx(least)
    assert found.shuffled.p == (p if p is None else pytest.approx(p))


def test_labels_are_shuffled_within_each_source() -> None:
    tags = a_says("ss") + b_says("oo") + a_says("ss", source="q") + b_says("oo", source="q")
    _, found = on_t(drawn(tags))
    assert (found.shuffled.arrangements, found.shuffled.p) == (36, None)
    assert found.shuffled.least == pytest.approx(1 / 9)


def test_a_source_without_a_position_in_both_takes_no_part() -> None:
    tags = a_says("ssss") + b_says("oooo") + a_says("sss", source="q") + b_says("x", source="q")
    _, found = on_t(drawn(tags))
    assert (found.shuffled.claims_a, found.shuffled.claims_b) == (4, 4)


def test_no_distance_no_certainty() -> None:
    assert drawn(a_says("x") + b_says("s")).topic("t").certainty is None


def test_certainty_is_only_there_when_asked_for() -> None:
    from .cases import read

    assert read(a_says("s") + b_says("s")).topic("t").certainty is None


stances = st.text("smo", min_size=1, max_size=4)


@given(stances, stances, stances, stances)
@settings(deadline=None, max_examples=60)
def test_all_arrangements_against_brute_force(a_p: str, b_p: str, a_q: str, b_q: str) -> None:
    """Every relabelling, one by one, in fractions."""
    expected_hits = expected_total = 0

    def apart(a: list[str], b: list[str]) -> Fraction:
        areas = [
            abs(
                Fraction(sum(VALUES[s] <= cut for s in a), len(a))
                - Fraction(sum(VALUES[s] <= cut for s in b), len(b))
            )  # type: ignore[operator]
            for cut in (-1.0, 0.0)
        ]
        return sum(areas, Fraction(0)) / 2

    def relabelled(a: str, b: str) -> list[tuple[int, Fraction]]:
        pool, weight = a + b, min(len(a), len(b))
        rows = []
        for chosen in combinations(range(len(pool)), len(a)):
            left = [pool[i] for i in range(len(pool)) if i not in chosen]
            rows.append((weight, apart([pool[i] for i in chosen], left)))
        return rows

    observed = min(len(a_p), len(b_p)) * apart(list(a_p), list(b_p)) + min(len(a_q), len(b_q)) * apart(
        list(a_q), list(b_q)
    )
    for weight_p, apart_p in relabelled(a_p, b_p):
        for weight_q, apart_q in relabelled(a_q, b_q):
            expected_total += 1
            expected_hits += weight_p * apart_p + weight_q * apart_q >= observed
    claims = [
        {source: [((VALUES[s], 1.0),) for s in said] for source, said in pair.items()}
        for pair in ({"p": a_p, "q": a_q}, {"p": b_p, "q": b_q})
    ]
    found = shuffle_claims(*claims, settings=SETTINGS, seed=1)  # type: ignore[arg-type]
    assert found.arrangements == expected_total
    if found.p is not None:
        assert found.p == pytest.approx(expected_hits / expected_total)
    else:
        assert found.least is not None
        assert found.least > 0.05


def test_drawn_arrangements_come_near_all_of_them() -> None:
    a, b = "s" * 7 + "oo", "o" * 6 + "ss"
    claims = [{"p": [((VALUES[s], 1.0),) for s in said]} for said in (a, b)]
    found = shuffle_claims(*claims, settings=SETTINGS, seed=3)  # type: ignore[arg-type]
    assert found.arrangements > ARRANGEMENTS
    # 9 s and 8 o in all, 9 of them in A: as far apart or farther with 7, 8, 9 or 1 (one-sided counts) s in A.
    from math import comb

    total = comb(17, 9)
    observed = abs(7 / 9 - 2 / 8)
    hits = sum(
        comb(9, x) * comb(8, 9 - x) for x in range(1, 10) if abs(x / 9 - (9 - x) / 8) >= observed - 1e-12
    )
    assert found.p == pytest.approx(hits / total, abs=0.01)


@given(
    st.lists(st.integers(0, 5), min_size=3, max_size=3), st.lists(st.integers(0, 5), min_size=3, max_size=3)
)
def test_distances_are_scipys(a: list[int], b: list[int]) -> None:
    import numpy as np

    if not sum(a) or not sum(b):
        return
    scale = np.array([-1.0, 0.25, 1.0])
    shares = [np.array([counts]) / sum(counts) for counts in (a, b)]
    assert distances(*shares, scale)[0] == pytest.approx(wasserstein_distance(scale, scale, a, b) / 2)


@given(stances, stances)
@settings(deadline=None, max_examples=30)
def test_swapping_the_documents_changes_nothing_but_the_columns(a: str, b: str) -> None:
    tags = a_says(a) + b_says(b)
    straight, swapped = (
        drawn(tags),
        compare(
            a=DocumentFrame("b", True, ("c1",)),
            b=DocumentFrame("a", True, ("c1",)),
            tags=list(reversed(tags)),
            topics=("t",),
            reading=Reading(Layer.CODED, None, Lens.ALL, Grain.SOURCE),
            settings=SETTINGS,
            draws=Draws(study="s", voices=("p", "q")),
        ),
    )
    one, other = on_t(straight)[1], on_t(swapped)[1]
    assert one.interval == other.interval
    assert one.shuffled == replace(
        other.shuffled, claims_a=other.shuffled.claims_b, claims_b=other.shuffled.claims_a
    )


@given(stances, stances)
@settings(deadline=None, max_examples=30)
def test_the_interval_contains_the_distance(a: str, b: str) -> None:
    topic, found = on_t(drawn(a_says(a) + b_says(b)))
    assert topic.distance is not None
    assert 0 <= found.interval.low <= topic.distance <= found.interval.high <= 1
    assert 0 <= found.interval.verdict_probability <= 1


def test_every_verdict_has_its_band() -> None:
    """The three bands share out the draws of one distribution."""
    from annotations.comparison.uncertainty import interval_of

    voices = drawn(a_says("so") + b_says("sm")).topic("t").voices
    shares = [
        interval_of(voices, distance=0.25, verdict=verdict, settings=SETTINGS, seed=5).verdict_probability
        for verdict in (Verdict.AGREE, Verdict.PARTLY, Verdict.DIVERGE)
    ]
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) > 0


def test_sources_of_one_side_are_one_voice_by_side() -> None:
    tags = said("a", "ssss", source="p") + said("b", "oooo", source="q")
    _, found = on_t(drawn(tags, grain=Grain.SIDE))
    assert found.shuffled.p == pytest.approx(1 / 35)
