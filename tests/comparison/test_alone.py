"""The verdicts of coders alone, all at once, are those that each pair of documents is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.comparison.alone import verdicts_of_coders
from annotations.comparison.measures import group_tags, judge, weigh
from annotations.comparison.values import Settings, Tag
from annotations.comparison.weights import CountedTags, own_tags
from annotations.enums import Grain, Lens, Verdict
from tests.comparison.cases import a_says, b_says
from tests.comparison.test_properties import CODERS, SCALE, TOPICS, many_tags

SETTINGS = Settings(SCALE)
NOTHING = CountedTags(finished=True, coders=1, by_topic={})


def own(tags: list[Tag], *coders: str) -> list[tuple[CountedTags, CountedTags]]:
    groups = group_tags(tags, documents={"a", "b"}, lens=Lens.ALL)
    return [(own_tags(groups["a"], coder=coder), own_tags(groups["b"], coder=coder)) for coder in coders]


@given(
    many_tags,
    st.sampled_from(Grain),
    # Stances beyond the values that occur widen the range; equal bounds leave no room for "partly".
    st.sampled_from([SETTINGS, Settings((-2.0, 0.0, 3.0)), Settings(SCALE, 0.5, 0.5)]),
)
def test_each_is_the_verdict_that_judging_the_two_gives(
    tags: list[Tag], grain: Grain, settings: Settings
) -> None:
    pairs = own(tags, *CODERS)
    assert verdicts_of_coders(pairs, TOPICS, grain=grain, settings=settings) == {
        topic: [
            judge(weigh(a, topic, grain=grain), weigh(b, topic, grain=grain), settings=settings).verdict
            for a, b in pairs
        ]
        for topic in TOPICS
    }


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ("ss", "ss", Verdict.AGREE),
        ("s", "m", Verdict.PARTLY),
        ("ss", "oo", Verdict.DIVERGE),
        ("x", "s", Verdict.NO_POSITION),
        ("xx", "x", Verdict.NO_POSITION),
        ("s", "", Verdict.ONLY_A),
        ("", "x", Verdict.ONLY_B),
        ("", "", Verdict.NOT_RAISED),
    ],
)
def test_worked_by_hand(a: str, b: str, verdict: Verdict) -> None:
    tags = [*a_says(a), *b_says(b)]
    found = verdicts_of_coders(own(tags, "c1"), ["t"], grain=Grain.SOURCE, settings=SETTINGS)
    assert found == {"t": [verdict]}


def test_a_bound_is_met_when_a_third_misses_it_by_a_digit() -> None:
    """7 s, 4 m, 1 o against s: exactly a quarter."""
    tags = [*a_says("sssssssmmmmo"), *b_says("s")]
    found = verdicts_of_coders(own(tags, "c1"), ["t"], grain=Grain.SOURCE, settings=SETTINGS)
    assert found == {"t": [Verdict.AGREE]}


def test_nobody_and_nothing() -> None:
    assert verdicts_of_coders([], ["t"], grain=Grain.SOURCE, settings=SETTINGS) == {"t": []}
    assert verdicts_of_coders([(NOTHING, NOTHING)], [], grain=Grain.SOURCE, settings=SETTINGS) == {}
