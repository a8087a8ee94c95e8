"""One side alone is listened to; many pairs are counted with by logarithms."""

from __future__ import annotations

from math import comb

import pytest

from annotations.comparison import silence
from annotations.comparison.measures import compare, lets_speak
from annotations.comparison.silence import silence_chance
from annotations.comparison.uncertainty import seed_of
from annotations.comparison.values import Comparison, DocumentFrame, Reading
from annotations.enums import Grain, Layer, Lens

from .cases import SETTINGS, a_says, b_says

TAGS = (
    a_says("ss", source="p", side="East")
    + a_says("o", source="q", side="West")
    + a_says("m", source="author", side="East")
    + b_says("o", source="p", side="East")
    + b_says("oo", source="q", side="West")
)


def on_side(side: str | None, lens: Lens = Lens.ALL) -> Comparison:
    return compare(
        a=DocumentFrame("a", True, ("c1",)),
        b=DocumentFrame("b", True, ("c1",)),
        tags=TAGS,
        topics=["t"],
        reading=Reading(Layer.CODED, None, lens, Grain.SOURCE, side),
        settings=SETTINGS,
    )


def test_only_voices_of_the_side_are_let_speak() -> None:
    """East: Putin's two for against one against; West: one against and two; the author is neither's."""
    found = {side: on_side(side).topic("t") for side in (None, "East", "West", "author")}
    assert {side: (topic.a.voices, topic.b.voices) for side, topic in found.items()} == {
        None: (("author", "p", "q"), ("p", "q")),
        "East": (("p",), ("p",)),
        "West": (("q",), ("q",)),
        "author": (("author",), ()),
    }
    assert [found[side].distance for side in ("East", "West", "author")] == [1.0, 0.0, None]
    assert [found[side].a.n for side in (None, "East", "West", "author")] == [4, 2, 1, 1]


def test_a_side_and_a_lens_hold_both() -> None:
    assert on_side("author", Lens.ATTRIBUTED).topic("t").a.n == 0
    assert on_side("East", Lens.OWN).topic("t").a.n == 0
    assert lets_speak("author", "East", lens=Lens.OWN, only="author")
    assert not lets_speak("author", "East", lens=Lens.ALL, only="East")


def test_a_reading_of_all_sides_keeps_the_seed_it_always_had() -> None:
    reading = Reading(Layer.CODED, None, Lens.ALL, Grain.SOURCE)
    seeds = {
        seed_of(study="s", topic="t", documents=("a", "b"), reading=one)
        for one in (reading, Reading(Layer.CODED, None, Lens.ALL, Grain.SOURCE, "East"))
    }
    assert len(seeds) == 2
    # SHA-256 of s, t, a, b, coded, nobody, all and source, as it was before there were sides.
    assert 187609363790410657547269435290523688042 in seeds


@pytest.mark.parametrize(("k", "m", "other"), [(201, 400, 300), (900, 1000, 20), (5000, 40_000, 9)])
def test_many_pairs_by_logarithms_are_the_exact_chance(k: int, m: int, other: int) -> None:
    assert k > silence.EXACT_UP_TO
    exact = comb(m, k) / comb(m + other, k)
    assert silence_chance(k=k, m_raising=m, m_other=other) == pytest.approx(exact, rel=1e-8)


def test_more_mentions_than_pairs_cannot_be() -> None:
    assert silence_chance(k=300, m_raising=299, m_other=5) == 0.0
