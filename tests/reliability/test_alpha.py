"""Krippendorff's α: published and worked examples, what is undefined, and three other ways to compute it."""

import random
from collections.abc import Hashable
from fractions import Fraction
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import masi_distance

from annotations.reliability import distances
from annotations.reliability.alpha import rate
from annotations.reliability.distances import Level
from annotations.reliability.values import Undefined

from .cases import ANY, Units, alpha, masi, naive_alpha, naive_distance, naive_masi, units_of

NUMERIC = (Level.NOMINAL, Level.ORDINAL, Level.INTERVAL, Level.RATIO)


def sets(*units: tuple[str, ...]) -> list[tuple[frozenset[str] | None, ...]]:
    """Units of sets, one word a coder, one letter an element; a dot is missing."""
    return [tuple(None if word == "." else frozenset(word) for word in unit) for unit in units]


# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), examples A to C.
A = units_of("0100000010", "1110010000")
B = units_of("aabbdcccedda", "babbbccceddd")
C = units_of("123321412···", "1233224125·3", "·3332342251·", "12332441251·")


@pytest.mark.parametrize(
    ("units", "level", "published"),
    [
        (A, Level.NOMINAL, 0.095238),
        (B, Level.NOMINAL, 0.691964),
        (units_of("aabbdcccedda", "babbbcccedd·"), Level.NOMINAL, 0.775401),  # the last unit unpaired
        (C, Level.NOMINAL, 0.743421),
        (C, Level.ORDINAL, 0.815388),
        (C, Level.INTERVAL, 0.849107),
        (C, Level.RATIO, 0.797403),
    ],
)
def test_example_13_published_values(units: Units, level: Level, published: float) -> None:
    if level.is_numeric:
        units = [tuple(None if value is None else float(value) for value in unit) for unit in units]
    assert alpha(units, level) == pytest.approx(published, abs=5e-7)


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("1", "12", Fraction(2, 3)),
        ("12", "23", Fraction(8, 9)),
        ("12", "123", Fraction(5, 9)),
        ("123", "234", Fraction(5, 6)),
        ("12", "34", 1),
        ("", "1", 1),
    ],
)
def test_example_14_masi_distances(a: str, b: str, distance: Fraction) -> None:
    table = masi([frozenset(a), frozenset(b)])
    assert table == pytest.approx(np.array([[0, float(distance)], [float(distance), 0]]), abs=1e-15)
    assert masi_distance(frozenset(a), frozenset(b)) == pytest.approx(float(distance))


def test_example_14_equal_sets_are_exactly_alike() -> None:
    assert masi([frozenset()]).tolist() == [[0.0]]
    assert masi([frozenset("abcdefg")]).tolist() == [[0.0]]
    assert masi([]).shape == (0, 0)


def test_masi_of_more_sets_than_are_compared_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "ROWS", 7)
    chooser = random.Random(14)
    kinds = sorted({frozenset(chooser.sample("abcdef", chooser.randrange(5))) for _ in range(60)}, key=sorted)
    assert len(kinds) > 3 * distances.ROWS
    assert masi(kinds).tolist() == [[pytest.approx(naive_masi(a, b)) for b in kinds] for a in kinds]


def test_example_15_sets_per_passage() -> None:
    units = sets(("a", "a"), ("ab", "a"), ("", ""), ("c", ""))
    assert alpha(units, Level.SETS) == pytest.approx(4 / 9)
    del units[2]
    assert alpha(units, Level.SETS) == pytest.approx(0.242424, abs=5e-7)


def test_example_17_stance_pairs() -> None:
    units = [("s", "s"), ("s", "s"), ("o", "o"), ("m", "x")]
    assert alpha(units, Level.NOMINAL) == pytest.approx(2 / 3)


def test_example_18_who_did_not_finish_is_missing_and_not_absent() -> None:
    assert alpha(units_of("1010", "1010", "00··"), Level.NOMINAL) == pytest.approx(0.625)
    assert alpha(units_of("1010", "1010", "0000"), Level.NOMINAL) == pytest.approx(0.3125)


@pytest.mark.parametrize("level", Level)
def test_undefined_is_said_with_its_reason(level: Level) -> None:
    a: Any = frozenset("a") if level is Level.SETS else 1.0
    b: Any = frozenset("b") if level is Level.SETS else 2.0
    assert alpha([(a,), (b,)], level) is Undefined.ONE_CODER
    assert alpha([], level, coders=0) is Undefined.ONE_CODER
    assert alpha([], level, coders=2) is Undefined.NO_OVERLAP
    assert alpha([(a, None), (None, b), (None, None)], level) is Undefined.NO_OVERLAP
    assert alpha([(a, b), (a, None)], level) is Undefined.ONE_UNIT
    assert alpha([(a, a)], level) is Undefined.ONE_UNIT
    assert alpha([(a, a), (a, a), (None, b)], level) is Undefined.NO_VARIANCE


@pytest.mark.parametrize("level", Level)
def test_full_agreement_is_exactly_one(level: Level) -> None:
    values: list[Any] = [1.0, 2.0, 4.0, 7.0]
    if level is Level.SETS:
        values = sets(("a", "abc", "", "bcdefgh"))[0]  # type: ignore[assignment]
    assert alpha([(value, value, value) for value in values], level) == 1.0


def some_units(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[Any]]]:
    """Two to four coders, up to twelve units, with missing values."""
    rows = st.integers(2, 4).map(lambda n: st.lists(values | st.none(), min_size=n, max_size=n))
    return rows.flatmap(lambda row: st.lists(row, min_size=1, max_size=12))


numbers = some_units(st.integers(0, 4).map(float))
some_sets = some_units(st.frozensets(st.sampled_from("abcd"), max_size=3))
leveled = st.one_of(st.tuples(st.sampled_from(NUMERIC), numbers), st.tuples(st.just(Level.SETS), some_sets))


@ANY
@given(leveled)
def test_alpha_is_that_of_all_pairs(case: tuple[Level, Units]) -> None:
    level, units = case
    found, naive = alpha(units, level), naive_alpha(units, naive_distance(level, units))
    if naive is None:
        assert isinstance(found, Undefined)
    else:
        assert found == pytest.approx(naive, abs=1e-12)


@ANY
@given(st.sampled_from(NUMERIC), numbers)
def test_alpha_is_that_of_the_krippendorff_package(level: Level, units: Units) -> None:
    found = alpha(units, level)
    if isinstance(found, float):
        table = [
            [np.nan if value is None else value for value in coder] for coder in zip(*units, strict=True)
        ]
        published = krippendorff.alpha(reliability_data=table, level_of_measurement=level.value)
        assert found == pytest.approx(published, abs=1e-12)


def oracle_masi(a: frozenset[Hashable], b: frozenset[Hashable]) -> float:
    # NLTK's own divides by nothing for two empty sets.
    return float(masi_distance(a, b)) if a | b else 0.0


@ANY
@given(some_sets)
def test_alpha_of_sets_is_that_of_nltk(units: Units) -> None:
    found = alpha(units, Level.SETS)
    if isinstance(found, float):
        rows = [
            (f"c{coder}", f"u{unit}", value)
            for unit, row in enumerate(units)
            for coder, value in enumerate(row)
            if value is not None
        ]
        assert found == pytest.approx(AnnotationTask(rows, distance=oracle_masi).alpha(), abs=1e-12)


@ANY
@given(leveled, st.randoms(use_true_random=False))
def test_the_order_of_units_and_coders_does_not_matter(
    case: tuple[Level, Units], shuffler: random.Random
) -> None:
    level, units = case
    rows = [list(unit) for unit in units]
    shuffler.shuffle(rows)
    coders = list(range(len(rows[0])))
    shuffler.shuffle(coders)
    shuffled = [[row[coder] for coder in coders] for row in rows]
    found = alpha(units, level)
    expected = found if isinstance(found, Undefined) else pytest.approx(found, abs=1e-12)
    assert alpha(shuffled, level) == expected


@ANY
@given(leveled)
def test_units_with_one_value_change_nothing(case: tuple[Level, Units]) -> None:
    level, units = case
    lonely = [value for row in units for value in row if value is not None][:1]
    more = [*units, *([value, *[None] * (len(units[0]) - 1)] for value in lonely)]
    found = alpha(units, level)
    expected = found if isinstance(found, Undefined) else pytest.approx(found, abs=1e-12)
    assert alpha(more, level) == expected


@ANY
@given(leveled, st.data())
def test_a_draw_is_as_if_its_units_were_written_out(case: tuple[Level, Units], data: st.DataObject) -> None:
    level, units = case
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(units), max_size=len(units)))
    written = [unit for unit, n in zip(units, times, strict=True) for _ in range(n)]
    drawn = rate(units, level=level, coders=len(units[0])).of(np.array([times, [1] * len(units)], float))
    naive = naive_alpha(written, naive_distance(level, written)) if written else None
    assert drawn[0] == pytest.approx(np.nan if naive is None else naive, abs=1e-9, nan_ok=True)
    whole = naive_alpha(units, naive_distance(level, units))
    assert drawn[1] == pytest.approx(np.nan if whole is None else whole, abs=1e-9, nan_ok=True)


@ANY
@given(leveled, st.data())
def test_the_units_of_a_passage_come_along(case: tuple[Level, Units], data: st.DataObject) -> None:
    level, units = case
    lying = data.draw(st.lists(st.integers(0, 2), min_size=len(units), max_size=len(units)))
    times = data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))
    ratings = rate(units, level=level, coders=len(units[0]), passage=lying, passages=3)
    alone = rate(units, level=level, coders=len(units[0]))
    assert ratings.of(np.array([times], float)) == pytest.approx(
        alone.of(np.array([[times[place] for place in lying]], float)), abs=1e-12, nan_ok=True
    )
