"""How sure a distance and a verdict are, given how few stances they rest on."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from annotations.comparison.values import Distribution, Interval, Reading, Settings, VoiceOnTopic
from annotations.comparison.verdicts import SLACK
from annotations.enums import Verdict

Floats = npt.NDArray[np.float64]

DRAWS = 4000
INTERVAL = (2.5, 97.5)


def seed_of(*, study: str, topic: str, documents: Iterable[str], reading: Reading) -> int:
    """One seed for one topic of a study under one reading, whichever document is called A."""
    parts = (
        study,
        topic,
        *sorted(documents),
        reading.layer.value,
        reading.coder or "",
        reading.lens.value,
        reading.grain.value,
        # Readings of all sides keep the seeds, and so the published figures, of the time before sides.
        *(() if reading.side is None else (reading.side,)),
    )
    return int.from_bytes(sha256("\x00".join(parts).encode()).digest()[:16], "big")


def interval_of(
    voices: Sequence[VoiceOnTopic],
    *,
    distance: float,
    verdict: Verdict,
    settings: Settings,
    seed: int,
    draws: int = DRAWS,
) -> Interval:
    """The interval of a topic's distance, and how often the draws give the verdict found.

    ``voices`` are the common sources, in the order of the codebook, their document with the smaller slug in
    ``distribution_a``. Each one's distribution in each document is drawn from Dirichlet(weights + 1/V) over
    the V different declared values (a flat prior worth one tag); the min-weights stay as observed.
    """
    scale = np.unique(np.asarray(settings.scale, dtype=np.float64))
    rng = np.random.default_rng(seed)
    total = np.zeros(draws)
    weight = 0.0
    for voice in voices:
        drawn_a = _drawn(voice.distribution_a, scale, rng, draws)
        drawn_b = _drawn(voice.distribution_b, scale, rng, draws)
        shared = min(voice.in_a, voice.in_b)
        total += shared * distances(drawn_a, drawn_b, scale)
        weight += shared
    drawn = total / weight
    low, high = np.percentile(drawn, INTERVAL)
    return Interval(
        low=min(float(low), distance),
        high=max(float(high), distance),
        verdict_probability=float(np.mean(_in_band(drawn, verdict, settings))),
    )


def _drawn(distribution: Distribution, scale: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """``draws`` × V shares."""
    found = dict(distribution)
    weights = np.array([found.get(float(value), 0.0) for value in scale])
    return rng.dirichlet(weights + 1.0 / len(scale), size=draws)


def distances(shares_a: Floats, shares_b: Floats, scale: Floats) -> Floats:
    """1-Wasserstein distances between rows of shares over the ascending ``scale``, as shares of its range."""
    apart = np.abs(np.cumsum(shares_a - shares_b, axis=-1)[..., :-1])
    areas: Floats = (apart * np.diff(scale)).sum(axis=-1) / (scale[-1] - scale[0])
    return np.minimum(areas, 1.0)


def _in_band(drawn: Floats, verdict: Verdict, settings: Settings) -> npt.NDArray[np.bool_]:
    agree = drawn <= settings.agree_max + SLACK
    diverge = drawn > settings.diverge_above + SLACK
    if verdict is Verdict.AGREE:
        return agree
    return diverge if verdict is Verdict.DIVERGE else ~(agree | diverge)
