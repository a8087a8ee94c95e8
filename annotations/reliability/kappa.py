"""Cohen's κ of two coders, from tables of what they said of the same units.

J. Cohen, "A coefficient of agreement for nominal scales" (1960): κ = (P_o − P_e) / (1 − P_e), P_e = Σ p₁p₂.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.reliability.distances import Floats
from annotations.reliability.values import Undefined


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Passages × K × K counts of units: rows are what the one coder said, columns what the other did.

    ``tagged``: the units in which at least one of the two tagged something.
    """

    counts: npt.NDArray[np.int64]
    tagged: int

    @property
    def units(self) -> int:
        return int(self.counts.sum())

    def undefined(self) -> Undefined:
        return {0: Undefined.NO_OVERLAP, 1: Undefined.ONE_UNIT}.get(self.units, Undefined.NONE)

    def of(self, weights: Floats) -> Floats:
        """κ of each row of ``weights``; see ``Agreement``."""
        kinds = self.counts.shape[1]
        table = (weights @ self.counts.reshape(len(self.counts), -1)).reshape(-1, kinds, kinds)
        n = table.sum(axis=(1, 2))
        alike = np.trace(table, axis1=1, axis2=2)
        by_chance = (table.sum(axis=1) * table.sum(axis=2)).sum(axis=1)
        # All times n²: whole numbers, so that a κ of 0 or 1 is exactly that, and P_e = 1 is seen.
        sure = (n >= 2) & (by_chance < n**2)
        kappas: Floats = np.divide(
            n * alike - by_chance, n**2 - by_chance, out=np.full_like(n, np.nan), where=sure
        )
        return kappas
