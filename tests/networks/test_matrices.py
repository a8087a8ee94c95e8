"""Discourse networks on cases small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.networks.enums import ONE_MODE, Agreement, Normalisation
from annotations.networks.matrices import one_mode, said, two_mode

SCALE = (-1.0, 0.0, 1.0)
ACTORS = ("ann", "bob", "cyd", "dan")
TOPICS = ("t1", "t2", "t3")

#: ann and bob agree on t1 and are opposed on t2; cyd is half way from ann on t1 and alone on t3; dan raises
#: t1 without a position.
STATEMENTS = [
    ("ann", "t1", 1.0),
    ("ann", "t2", 1.0),
    ("bob", "t1", 1.0),
    ("bob", "t2", -1.0),
    ("cyd", "t1", 0.0),
    ("cyd", "t3", -1.0),
    ("dan", "t1", None),
]


def matrix(agreement: Agreement, normalisation: Normalisation = Normalisation.NONE) -> list[list[float]]:
    array = said(STATEMENTS, actors=ACTORS, topics=TOPICS, scale=SCALE)
    found = one_mode(array, scale=SCALE, agreement=agreement, normalisation=normalisation)
    return [[round(float(cell), 6) for cell in row] for row in found]


def test_congruence_counts_agreement() -> None:
    assert matrix(Agreement.CONGRUENCE) == [
        [0, 1, 0.5, 0],
        [1, 0, 0.5, 0],
        [0.5, 0.5, 0, 0],
        [0, 0, 0, 0],
    ]


def test_conflict_counts_opposition_and_never_silence() -> None:
    assert matrix(Agreement.CONFLICT) == [
        [0, 1, 0.5, 0],
        [1, 0, 0.5, 0],
        [0.5, 0.5, 0, 0],
        [0, 0, 0, 0],
    ]


def test_subtract_is_the_one_less_the_other() -> None:
    assert matrix(Agreement.SUBTRACT) == [[0.0] * 4] * 4


def test_ignore_counts_topics_that_both_raise() -> None:
    assert matrix(Agreement.IGNORE) == [[0, 2, 1, 1], [2, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]


@pytest.mark.parametrize(
    ("normalisation", "ann_bob", "ann_cyd", "ann_dan"),
    [
        # ann 2 topics, bob 2, cyd 2, dan 1
        (Normalisation.AVERAGE, 1.0, 0.5, 1 / 1.5),
        (Normalisation.JACCARD, 1.0, 1 / 3, 0.5),
        (Normalisation.COSINE, 1.0, 0.5, 1 / 2**0.5),
    ],
)
def test_normalisations(normalisation: Normalisation, ann_bob: float, ann_cyd: float, ann_dan: float) -> None:
    row = matrix(Agreement.IGNORE, normalisation)[0]
    assert row[1:] == pytest.approx([ann_bob, ann_cyd, ann_dan], abs=1e-6)


def test_who_takes_no_position_has_no_congruence_however_divided() -> None:
    for normalisation in Normalisation:
        assert matrix(Agreement.CONGRUENCE, normalisation)[3] == [0, 0, 0, 0]


statements = st.lists(
    st.tuples(st.sampled_from(ACTORS), st.sampled_from(TOPICS), st.sampled_from([*SCALE, None])), max_size=20
)


@given(statements, st.sampled_from(ONE_MODE), st.sampled_from(list(Normalisation)[:4]))
def test_networks_are_symmetric_and_defined(
    said_by: list[tuple[str, str, float | None]], agreement: Agreement, normalisation: Normalisation
) -> None:
    array = said(said_by, actors=ACTORS, topics=TOPICS, scale=SCALE)
    found = one_mode(array, scale=SCALE, agreement=agreement, normalisation=normalisation)
    assert np.allclose(found, found.T)
    assert np.isfinite(found).all()
    assert not np.diag(found).any()


@given(statements)
def test_congruence_and_conflict_share_out_the_pairs_of_stances(
    said_by: list[tuple[str, str, float | None]],
) -> None:
    array = said(said_by, actors=ACTORS, topics=TOPICS, scale=SCALE)
    both = sum(
        one_mode(array, scale=SCALE, agreement=agreement, normalisation=Normalisation.NONE)
        for agreement in (Agreement.CONGRUENCE, Agreement.CONFLICT)
    )
    positions = array[:, :, :-1].sum(axis=2)
    pairs = positions @ positions.T
    np.fill_diagonal(pairs, 0)
    assert np.allclose(both, pairs)


#: actors × topics × (−1, 0, 1, none): ann 3 for and 1 against t1, 2 for t2; bob 1 without a position on t1.
COUNTS = np.array([[[1, 0, 3, 0], [0, 0, 2, 0]], [[0, 0, 0, 1], [0, 0, 0, 0]]], dtype=float)


@pytest.mark.parametrize(
    ("agreement", "normalisation", "expected"),
    [
        (Agreement.IGNORE, Normalisation.NONE, [[4, 2], [1, 0]]),
        (Agreement.SUBTRACT, Normalisation.NONE, [[2, 2], [0, 0]]),
        (Agreement.COMBINE, Normalisation.NONE, [[3, 1], [4, 0]]),
        (Agreement.COMBINE, Normalisation.ACTIVITY, [[3, 1], [4, 0]]),
        (Agreement.IGNORE, Normalisation.ACTIVITY, [[4 / 6, 2 / 6], [1, 0]]),
        (Agreement.IGNORE, Normalisation.PROMINENCE, [[0.8, 1], [0.2, 0]]),
        (Agreement.SUBTRACT, Normalisation.ACTIVITY, [[2 / 6, 2 / 6], [0, 0]]),
    ],
)
def test_two_mode(agreement: Agreement, normalisation: Normalisation, expected: list[list[float]]) -> None:
    found = two_mode(COUNTS, scale=SCALE, agreement=agreement, normalisation=normalisation)
    assert found.tolist() == [pytest.approx(row) for row in expected]


def test_only_against_is_its_own_code() -> None:
    counts = np.array([[[2, 0, 0, 0]]], dtype=float)
    found = two_mode(counts, scale=SCALE, agreement=Agreement.COMBINE, normalisation=Normalisation.NONE)
    assert found.tolist() == [[2.0]]
