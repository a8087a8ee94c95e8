"""A measured agreement in words: what it is of, what it rests on, how it reads, why it is undefined."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from annotations.reliability.values import Coefficient, Dimension, Measure, Reliability, Undefined

#: Krippendorff's bounds for α (Content Analysis, 2004, p. 241; 4th edition 2019, chapter 12).
RELIABLE, TENTATIVE = 0.800, 0.667
_SLACK = 1e-9


class Reads(StrEnum):
    """How Krippendorff reads a value of α; none where there is no α."""

    RELIABLE = "reliable"
    TENTATIVE = "tentative"
    UNRELIABLE = "unreliable"
    NONE = "none"


READING_WORDS = {
    Reads.RELIABLE: _("reliable"),
    Reads.TENTATIVE: _("tentative conclusions only"),
    Reads.UNRELIABLE: _("not reliable"),
    Reads.NONE: "",
}
UNDEFINED_WORDS = {
    Undefined.NONE: "",
    Undefined.ONE_CODER: _("fewer than two coders finished a document together"),
    Undefined.NO_OVERLAP: _("no unit has values of two coders"),
    Undefined.ONE_UNIT: _("only one unit has values of two coders"),
    Undefined.NO_VARIANCE: _("all values are the same, so chance alone would agree as well"),
    Undefined.NOTHING_TAGGED: _("nothing is tagged"),
    Undefined.NO_DISAGREEMENT: _("no disagreement in any of the units"),
    Undefined.FEW_TAGGED_UNITS: _("no interval: fewer than ten tagged units"),
    Undefined.UNSTABLE: _("no interval: more than 5 % of the draws have no value"),
}
DIMENSION_WORDS = {
    Dimension.POSITIONS: _("Positions: topic, source and stance"),
    Dimension.POSITIONS_TAGGED: _("Positions, without passages that nobody tagged"),
    Dimension.TOPICS: _("Topics per passage"),
    Dimension.SOURCES: _("Sources per passage"),
    Dimension.SOURCE: _("Source of annotations matched by overlap and topic"),
    Dimension.MESSENGER: _("Messenger of claims that two coders found"),
    Dimension.MESSENGER_OR_NOT_FOUND: _("Messenger, “not found” as a category"),
    Dimension.STANCE: _("Stance on claims that two coders found"),
    Dimension.STANCE_OR_NOT_FOUND: _("Stance, “not found” as a category"),
    Dimension.PRESENCE: _("Presence of topics"),
    Dimension.CHARACTERS: _("Tagged characters"),
}
COEFFICIENT_WORDS = {
    Coefficient.ALPHA_SETS: _("α, sets (MASI)"),
    Coefficient.ALPHA_NOMINAL: _("α, nominal"),
    Coefficient.ALPHA_INTERVAL: _("α, by value (interval)"),
    Coefficient.KAPPA: _("κ"),
    Coefficient.F1: _("F1"),
}
_OF_CLAIMS = frozenset(
    {
        Dimension.MESSENGER,
        Dimension.MESSENGER_OR_NOT_FOUND,
        Dimension.STANCE,
        Dimension.STANCE_OR_NOT_FOUND,
    }
)
_ALPHAS = frozenset({Coefficient.ALPHA_SETS, Coefficient.ALPHA_NOMINAL, Coefficient.ALPHA_INTERVAL})


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure and the words that stand beside it."""

    measure: Measure

    @property
    def name(self) -> str:
        return gettext(DIMENSION_WORDS[self.measure.dimension])

    @property
    def coefficient(self) -> str:
        return gettext(COEFFICIENT_WORDS[self.measure.name])

    @property
    def reads(self) -> Reads:
        """The bounds are for α: κ and F1 are not read by them."""
        value = self.measure.value
        if value is None or self.measure.name not in _ALPHAS:
            return Reads.NONE
        if value >= RELIABLE - _SLACK:
            return Reads.RELIABLE
        return Reads.TENTATIVE if value >= TENTATIVE - _SLACK else Reads.UNRELIABLE

    @property
    def reading(self) -> str:
        words = READING_WORDS[self.reads]
        return gettext(words) if words else ""

    @property
    def is_unreliable(self) -> bool:
        return self.reads is Reads.UNRELIABLE

    @property
    def why(self) -> str:
        """Why there is no value, or no interval."""
        words = UNDEFINED_WORDS[self.measure.reason]
        return gettext(words) if words else ""

    @property
    def rests_on(self) -> str:
        """The units, out of how many there could be."""
        units, out_of = self.measure.units, self.measure.out_of
        numbers = {"units": units, "out_of": out_of}
        if self.measure.dimension is Dimension.SOURCE:
            return gettext("on %(units)s of %(out_of)s matched groups") % numbers
        if self.measure.dimension in _OF_CLAIMS:
            return gettext("on %(units)s of %(out_of)s claims") % numbers
        if self.measure.dimension is Dimension.PRESENCE and self.measure.name is Coefficient.KAPPA:
            return gettext("on %(units)s passage × topic cells") % numbers
        if units == out_of:
            return gettext("on %(units)s passages") % numbers
        return gettext("on %(units)s of %(out_of)s passages") % numbers


def primary_of(found: Reliability) -> Figure:
    """The primary figure: α of the positions."""
    return Figure(found.primary)


def diagnostics_of(found: Reliability) -> list[Figure]:
    """What explains the primary figure: the measures over all topics and all coders, but itself."""
    return [
        Figure(measure)
        for measure in found.measures
        if not measure.topic and not measure.coder_a and measure.dimension is not Dimension.POSITIONS
    ]
