"""What every coefficient of agreement offers: its value of the whole and of each draw."""

from typing import Protocol

from annotations.reliability.distances import Floats
from annotations.reliability.values import Undefined


class Agreement(Protocol):
    """Values of units that lie in passages; the passages are what is resampled."""

    @property
    def units(self) -> int:
        """What it rests on."""

    @property
    def tagged(self) -> int:
        """The units in which somebody tagged something."""

    def undefined(self) -> Undefined:
        """Why there is no value, as far as the number of coders and units goes; else ``NONE``."""

    def of(self, weights: Floats) -> Floats:
        """The coefficient of each row of ``weights`` (draws × passages: how often each is in the draw).

        NaN where the draw has no variance, or fewer than two units.
        """
