"""Whether a topic is found in a passage, by numbers of passages alone: α without reading a tag."""

from collections.abc import Iterable
from typing import NamedTuple

from annotations.reliability.values import Coefficient, Dimension, Measure, Undefined


class Presence(NamedTuple):
    """So many ``passages`` have so many ``readers``, of whom so many ``found`` the topic in them."""

    readers: int
    found: int
    passages: int


def measure_presence(topic: str, counted: Iterable[Presence]) -> Measure:
    """Krippendorff's nominal α of a topic's presence, without an interval: as ``measure_reliability`` gives
    it, whatever the number of passages. Passages with fewer than two readers stay out."""
    pairable = [cell for cell in counted if cell.readers > 1]
    units = sum(cell.passages for cell in pairable)
    n = sum(cell.passages * cell.readers for cell in pairable)
    found = sum(cell.passages * cell.found for cell in pairable)
    between = 2 * found * (n - found)
    # α = 1 − (n − 1) Σ o_ck δ² / Σ n_c n_k δ², of the two values "found" and "not found".
    within = sum(
        cell.passages * 2 * cell.found * (cell.readers - cell.found) / (cell.readers - 1) for cell in pairable
    )
    reason = {0: Undefined.NO_OVERLAP, 1: Undefined.ONE_UNIT}.get(units, Undefined.NONE)
    if reason is Undefined.NONE and not between:
        reason = Undefined.NO_VARIANCE
    return Measure(
        name=Coefficient.ALPHA_NOMINAL,
        dimension=Dimension.PRESENCE,
        topic=topic,
        coder_a="",
        coder_b="",
        units=units,
        value=None if reason else 1.0 - (n - 1) * within / between,
        low=None,
        high=None,
        reason=reason,
        out_of=units,
    )
