"""The matrices of discourse networks, after Discourse Network Analyzer (Leifeld 2017, "Discourse Network
Analysis: Policy Debates as Dynamic Networks", The Oxford Handbook of Political Networks).

A *said* array X has the shape actors × topics × stances: 1 where the actor takes the stance on the topic at
least once, else 0. The last stance of the array stands for "raised, no position taken". An actor that is
silent on a topic has only zeros there, and neither agrees nor is in conflict with anybody on it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from annotations.networks.enums import Agreement, Normalisation

Floats = npt.NDArray[np.float64]

#: What ``combine`` writes into a cell.
NOTHING, ONLY_FOR, ONLY_AGAINST, BOTH, UNDECIDED = 0.0, 1.0, 2.0, 3.0, 4.0


def said(
    statements: Iterable[tuple[str, str, float | None]],
    *,
    actors: Sequence[str],
    topics: Sequence[str],
    scale: Sequence[float],
) -> Floats:
    """The array X of (actor, topic, stance value) statements; ``scale``: the declared values, ascending."""
    rows, columns = ({key: place for place, key in enumerate(keys)} for keys in (actors, topics))
    stances = {value: place for place, value in enumerate(scale)}
    array = np.zeros((len(actors), len(topics), len(scale) + 1))
    for actor, topic, value in statements:
        array[rows[actor], columns[topic], len(scale) if value is None else stances[value]] = 1.0
    return array


def one_mode(
    array: Floats, *, scale: Sequence[float], agreement: Agreement, normalisation: Normalisation
) -> Floats:
    """Actors × actors, symmetric, with zeros on the diagonal.

    On each topic, each pair of stances (one of either actor) adds 1 − d to the congruence and d to the
    conflict, d being the distance of their values as a share of the range of the scale; ``subtract`` is
    congruence − conflict; ``ignore`` counts the topics that both raise, whatever they say.
    """
    matrix = _counted(array, scale, agreement)
    activity = _activity(array, agreement)
    divisor = _one_mode_divisor(array, activity, agreement, normalisation)
    matrix = np.divide(matrix, divisor, out=np.zeros_like(matrix), where=divisor > 0)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _counted(array: Floats, scale: Sequence[float], agreement: Agreement) -> Floats:
    if agreement is Agreement.IGNORE:
        raised = array.max(axis=2)
        together: Floats = raised @ raised.T
        return together
    positions, values = array[:, :, :-1], np.asarray(scale, dtype=np.float64)
    apart = np.abs(values[:, None] - values[None, :]) / (values.max() - values.min())
    congruence: Floats = np.einsum("itk,jtl,kl->ij", positions, positions, 1 - apart, optimize=True)
    conflict: Floats = np.einsum("itk,jtl,kl->ij", positions, positions, apart, optimize=True)
    if agreement is Agreement.CONGRUENCE:
        return congruence
    return conflict if agreement is Agreement.CONFLICT else congruence - conflict


def _activity(array: Floats, agreement: Agreement) -> Floats:
    """How much each actor says of what is counted: topics raised, or positions taken."""
    counted = array.max(axis=2) if agreement is Agreement.IGNORE else array[:, :, :-1].sum(axis=2)
    total: Floats = counted.sum(axis=1)
    return total


def _one_mode_divisor(
    array: Floats, activity: Floats, agreement: Agreement, normalisation: Normalisation
) -> Floats:
    if normalisation is Normalisation.AVERAGE:
        return (activity[:, None] + activity[None, :]) / 2
    if normalisation is Normalisation.COSINE:
        return np.sqrt(activity[:, None] * activity[None, :])
    if normalisation is Normalisation.JACCARD:
        spoken = array if agreement is Agreement.IGNORE else array[:, :, :-1]
        topics = spoken.max(axis=2, initial=0.0)
        shared = topics @ topics.T
        number = topics.sum(axis=1)
        either: Floats = number[:, None] + number[None, :] - shared
        return either
    return np.ones((len(activity), len(activity)))


def two_mode(
    counts: Floats, *, scale: Sequence[float], agreement: Agreement, normalisation: Normalisation
) -> Floats:
    """Actors × topics from ``counts``, an array of X's shape that holds weights instead of 0 and 1.

    ``ignore``: the weight of all tags; ``subtract``: that of each stance times its value, summed, so that
    support less opposition; ``combine``: 1 only for, 2 only against, 3 both, 4 neither, 0 silent (a code: it
    is never divided). ``activity`` divides by all that the actor says, ``prominence`` by all that is said on
    the topic.
    """
    if agreement is Agreement.COMBINE:
        return _combined(counts, scale)
    weight: Floats = counts.sum(axis=2)
    values = np.append(np.asarray(scale, dtype=np.float64), 0.0)
    matrix: Floats = weight if agreement is Agreement.IGNORE else counts @ values
    if normalisation is Normalisation.NONE:
        return matrix
    axis = 1 if normalisation is Normalisation.ACTIVITY else 0
    divisor = np.broadcast_to(weight.sum(axis=axis, keepdims=True), matrix.shape)
    shares: Floats = np.divide(matrix, divisor, out=np.zeros_like(matrix), where=divisor > 0)
    return shares


def _combined(counts: Floats, scale: Sequence[float]) -> Floats:
    values = np.append(np.asarray(scale, dtype=np.float64), 0.0)
    for_it = counts[:, :, values > 0].sum(axis=2) > 0
    against = counts[:, :, values < 0].sum(axis=2) > 0
    raised = counts.sum(axis=2) > 0
    return np.select(
        [for_it & against, for_it, against, raised], [BOTH, ONLY_FOR, ONLY_AGAINST, UNDECIDED], NOTHING
    )
