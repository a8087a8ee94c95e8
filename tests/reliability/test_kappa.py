"""Cohen's κ: worked examples, what is undefined, and NLTK's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask

from annotations.reliability.intervals import estimate
from annotations.reliability.kappa import Tables
from annotations.reliability.values import Undefined

from .cases import ANY


def kappa(table: list[list[int]]) -> float | Undefined:
    found = estimate(Tables(np.array([table]), tagged=0), np.ones((1, 1)))
    return found.reason if found.value is None else found.value


def test_example_20_a_table() -> None:
    assert kappa([[20, 5], [10, 15]]) == pytest.approx(0.4)


def test_example_20_much_in_common_by_chance_alone() -> None:
    # 10,000 characters, each coder tags 9,000, 8,100 in common.
    assert kappa([[8100, 900], [900, 100]]) == 0.0


def test_example_20_undefined_is_said_with_its_reason() -> None:
    assert kappa([[7, 0], [0, 0]]) is Undefined.NO_VARIANCE
    assert kappa([[0, 0], [0, 0]]) is Undefined.NO_OVERLAP
    assert kappa([[0, 1], [0, 0]]) is Undefined.ONE_UNIT


def test_one_coder_who_says_the_same_of_all_agrees_by_chance() -> None:
    assert kappa([[3, 2], [0, 0]]) == 0.0


def test_full_agreement_is_exactly_one() -> None:
    assert kappa([[3, 0, 0], [0, 7, 0], [0, 0, 1]]) == 1.0


tables = st.integers(2, 4).flatmap(
    lambda kinds: st.lists(
        st.lists(st.integers(0, 6), min_size=kinds, max_size=kinds), min_size=kinds, max_size=kinds
    )
)


@ANY
@given(tables)
def test_kappa_is_that_of_nltk(table: list[list[int]]) -> None:
    found = kappa(table)
    pairs = [(a, b) for a, row in enumerate(table) for b, n in enumerate(row) for _ in range(n)]
    if isinstance(found, float):
        rows = [
            (coder, unit, pair[place])
            for unit, pair in enumerate(pairs)
            for place, coder in ((0, "a"), (1, "b"))
        ]
        assert found == pytest.approx(AnnotationTask(rows).kappa(), abs=1e-12)
    else:
        assert len(pairs) < 2 or len({value for pair in pairs for value in pair}) == 1


@ANY
@given(tables)
def test_kappa_is_the_same_whoever_comes_first(table: list[list[int]]) -> None:
    other = [list(column) for column in zip(*table, strict=True)]
    assert kappa(other) == kappa(table)


def test_a_draw_is_the_sum_of_its_passages() -> None:
    tables = Tables(np.array([[[2, 1], [0, 1]], [[0, 1], [3, 0]]]), tagged=8)
    drawn = tables.of(np.array([[1.0, 1.0], [2.0, 0.0], [1.0, 3.0], [0.0, 0.0]]))
    expected = [kappa([[2, 2], [3, 1]]), kappa([[4, 2], [0, 2]]), kappa([[2, 4], [9, 1]]), np.nan]
    assert drawn.tolist() == pytest.approx(expected, nan_ok=True)


def test_a_draw_of_one_unit_has_no_kappa() -> None:
    tables = Tables(np.array([[[0, 1], [0, 0]], [[0, 0], [0, 1]]]), tagged=2)
    assert np.isnan(tables.of(np.array([[1.0, 0.0]]))).all()
