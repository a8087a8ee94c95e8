"""How sure a coefficient is: what is drawn, and when nothing is said."""

import random
from typing import Any

import numpy as np
import pytest

from annotations.reliability.alpha import Ratings, rate
from annotations.reliability.distances import Level
from annotations.reliability.intervals import DRAWS, Estimate, estimate, resample
from annotations.reliability.values import Undefined

from .cases import naive_alpha


def ratings(units: list[tuple[Any, ...]], empty: Any = None) -> Ratings:
    return rate(units, level=Level.NOMINAL, coders=2, empty=empty)


def weights(units: list[tuple[Any, ...]]) -> Any:
    return resample([("d", len(units))], study="study")


def some_units(n: int, agree: float = 0.7) -> list[tuple[str, str]]:
    chooser = random.Random(7)
    first = [chooser.choice("abc") for _ in range(n)]
    return [(a, a if chooser.random() < agree else chooser.choice("abc")) for a in first]


def test_a_draw_takes_as_many_passages_of_each_document_as_it_has() -> None:
    drawn = resample([("d", 3), ("e", 5), ("empty", 0)], study="study")
    assert drawn.shape == (1 + DRAWS, 8)
    assert drawn[0].tolist() == [1.0] * 8
    assert (drawn[:, :3].sum(axis=1) == 3).all()
    assert (drawn[:, 3:].sum(axis=1) == 5).all()
    assert 0.97 < drawn[1:].mean() < 1.03
    assert len(np.unique(drawn, axis=0)) > DRAWS / 2


def test_the_draws_of_a_document_are_the_same_each_time_and_whatever_is_measured_beside_it() -> None:
    alone, beside = resample([("e", 5)], study="study"), resample([("d", 3), ("e", 5)], study="study")
    assert np.array_equal(alone, beside[:, 3:])
    assert not np.array_equal(alone, resample([("e", 5)], study="other"))
    assert not np.array_equal(alone, resample([("f", 5)], study="study"))


def test_nothing_to_draw_from_is_no_error() -> None:
    assert resample([], study="study").shape == (1 + DRAWS, 0)


def test_the_interval_is_the_middle_of_the_resampled_values() -> None:
    units = some_units(40)
    drawn = weights(units)
    naive = [
        naive_alpha(
            [unit for unit, n in zip(units, row, strict=True) for _ in range(int(n))], lambda a, b: a != b
        )
        for row in drawn[1:101]
    ]
    low, high = np.percentile(np.array(naive, dtype=float), [2.5, 97.5])
    found = estimate(ratings(units), drawn[:101])
    assert found == Estimate(
        pytest.approx(naive_alpha(units, lambda a, b: a != b)),
        pytest.approx(low),
        pytest.approx(high),
        Undefined.NONE,
    )
    assert found.low < found.value < found.high


def test_an_interval_contains_its_value() -> None:
    units = some_units(40)
    drawn = weights(units)
    values = ratings(units).of(drawn)
    best = drawn[[0, *np.argsort(values[1:])[-50:] + 1]]
    worst = drawn[[0, *np.argsort(values[1:])[:50] + 1]]
    found = estimate(ratings(units), best)
    assert found.low == found.value
    found = estimate(ratings(units), worst)
    assert found.high == found.value


def test_under_ten_tagged_units_have_no_interval() -> None:
    for n, reason in ((9, Undefined.FEW_TAGGED_UNITS), (10, Undefined.NONE)):
        units = [*some_units(n), *[("", "")] * 30]
        found = estimate(ratings(units, empty=""), weights(units))
        assert (found.reason, found.low is None) == (reason, n == 9)
        assert found.value == pytest.approx(naive_alpha(units, lambda a, b: a != b))


def test_a_unit_is_tagged_where_anybody_tagged_something() -> None:
    assert ratings([("", "a"), ("a", ""), ("", ""), ("b", "b"), ("a", None)], empty="").tagged == 3


def test_more_than_one_in_twenty_draws_without_a_value_leave_no_interval() -> None:
    units = [("a", "b"), *[("b", "b")] * 11]
    # A draw without the first unit has no variance: (11/12) ** 12, about a third of them.
    found = estimate(ratings(units), weights(units))
    assert found == Estimate(pytest.approx(0.0), None, None, Undefined.UNSTABLE)
    drawn = np.ones((101, 12))
    drawn[1:6, 0] = 0
    assert estimate(ratings(units), drawn).reason is Undefined.NONE
    drawn[6, 0] = 0
    assert estimate(ratings(units), drawn).reason is Undefined.UNSTABLE


def test_full_agreement_has_no_interval_however_many_units() -> None:
    for n in (4, 40):
        units = [("a", "a"), ("b", "b")] * n
        found = estimate(ratings(units), weights(units))
        assert found == Estimate(1.0, None, None, Undefined.NO_DISAGREEMENT)


def test_without_draws_there_is_no_interval() -> None:
    units = some_units(40)
    found = estimate(ratings(units), resample([("d", 40)], study="study", draws=0))
    assert (found.low, found.high, found.reason) == (None, None, Undefined.NONE)
    assert found.value == estimate(ratings(units), weights(units)).value
