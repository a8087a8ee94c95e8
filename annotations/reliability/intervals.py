"""How sure a coefficient is: passages are resampled within their documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from annotations.reliability.agreement import Agreement
from annotations.reliability.distances import Floats
from annotations.reliability.values import Undefined

DRAWS = 1000
MIDDLE = (2.5, 97.5)
#: An interval takes at least so many tagged units, and at most this share of draws without a value.
LEAST_TAGGED = 10
MOST_UNDEFINED = 0.05


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient and its interval. ``reason``: why there is no ``value``, or no ``low`` and ``high``."""

    value: float | None
    low: float | None
    high: float | None
    reason: Undefined


def resample(documents: Sequence[tuple[str, int]], *, study: str, draws: int = DRAWS) -> Floats:
    """1 + draws × passages: first the whole, with every passage once, then how often each draw has each.

    ``documents``: slugs with their numbers of passages. A draw takes as many passages of each document as it
    has. Each document is drawn by itself, so that it is drawn the same whichever others are measured.
    """
    return np.hstack(
        [
            np.zeros((1 + draws, 0)),
            *(_resample(f"{study}\x00{slug}", size, draws) for slug, size in documents),
        ]
    )


def _resample(name: str, size: int, draws: int) -> Floats:
    seed = int.from_bytes(sha256(name.encode()).digest()[:16], "big")
    # Seeded, so that a page shows the same interval each time: nothing here is a secret.
    picked = np.random.default_rng(seed).integers(max(size, 1), size=(draws, size))
    cells = picked + size * np.arange(draws)[:, None]
    times = np.bincount(cells.ravel(), minlength=draws * size).reshape(draws, size)
    return np.vstack([np.ones((1, size)), times])


def estimate(agreement: Agreement, weights: Floats) -> Estimate:
    """The coefficient and the middle 95 % of its draws, widened to contain it; ``weights`` by ``resample``.

    Without draws the interval is left out, and nothing said of it.
    """
    reason = agreement.undefined()
    if reason:
        return Estimate(None, None, None, reason)
    whole, *_ = drawn = agreement.of(weights)
    if np.isnan(whole):
        return Estimate(None, None, None, Undefined.NO_VARIANCE)
    value = float(whole)
    reason = _without_interval(agreement, value, drawn[1:]) if len(drawn) > 1 else Undefined.NONE
    if reason or len(drawn) == 1:
        return Estimate(value, None, None, reason)
    low, high = np.nanpercentile(drawn[1:], MIDDLE)
    return Estimate(value, min(float(low), value), max(float(high), value), Undefined.NONE)


def _without_interval(agreement: Agreement, value: float, drawn: Floats) -> Undefined:
    if value == 1.0:
        return Undefined.NO_DISAGREEMENT
    if agreement.tagged < LEAST_TAGGED:
        return Undefined.FEW_TAGGED_UNITS
    return Undefined.UNSTABLE if np.isnan(drawn).sum() > MOST_UNDEFINED * len(drawn) else Undefined.NONE
