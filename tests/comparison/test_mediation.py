"""Through whom a side's positions are told."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact as scipy_fisher

from annotations.comparison.mediation import Told, fisher_exact, mediation, messenger_of
from annotations.comparison.values import Tag

from .cases import said

SIDES = {"p": "East", "q": "East", "r": "West", "author": "Author"}


def told_by(tags: list[Tag], messenger: str | None) -> list[Tag]:
    return [replace(tag, reported_by=messenger) for tag in tags]


def test_positions_are_told_in_own_words_through_the_own_side_or_through_another() -> None:
    a = told_by(said("a", "ss"), None) + told_by(said("a", "s"), "q") + told_by(said("a", "o"), "r")
    b = told_by(said("b", "s"), "r")
    found = mediation(
        "East",
        tags=(a, b),
        coders=(2, 1),
        claims=([(tag,) for tag in a], [(tag,) for tag in b]),
        side_of=SIDES,
    )
    assert found.a == Told(1.0, 0.5, 0.5, (("East", 0.5), ("West", 0.5)), 1, 1)
    assert found.b == Told(0.0, 0.0, 1.0, (("West", 1.0),), 0, 1)
    assert found.p == 1.0


def test_other_sides_positions_are_not_counted() -> None:
    a = told_by(said("a", "ss", side="West", source="r"), "q")
    found = mediation("East", tags=(a, a), coders=(1, 1), claims=([(t,) for t in a],) * 2, side_of=SIDES)
    assert found.a == Told(0.0, 0.0, 0.0, (), 0, 0)
    assert found.p is None


def test_a_claims_messenger_is_the_one_that_most_coders_name() -> None:
    tag = said("a", "s")[0]
    named = [replace(tag, reported_by=name) for name in ("q", None, "q")]
    assert messenger_of(named) == "q"
    assert messenger_of(named[:2]) == "q"
    assert messenger_of([replace(tag, reported_by=name) for name in ("r", "q")]) == "q"
    assert messenger_of(named[1:2]) is None


def test_the_published_tea_tasting() -> None:
    """Fisher (1935), The Design of Experiments: four of four right is one of seventy, two-sided 34/70."""
    assert fisher_exact(3, 1, 1, 3) == pytest.approx(34 / 70)


@given(*[st.integers(0, 15)] * 4)
def test_fisher_is_scipys(a: int, b: int, c: int, d: int) -> None:
    assert fisher_exact(a, b, c, d) == pytest.approx(scipy_fisher([[a, b], [c, d]]).pvalue)
