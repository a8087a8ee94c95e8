"""What reliability is measured on, and what comes of it: frozen values; slugs stand for codebook entries."""

from dataclasses import dataclass
from enum import StrEnum

from annotations.reliability.claims import Claim

#: Stands for the stance or messenger of a coder who did not find a claim. No slug holds a space.
NOT_FOUND = "not found"


class Coefficient(StrEnum):
    """How agreement is measured; Krippendorff's α by the distance it takes."""

    ALPHA_SETS = "alpha-sets"
    ALPHA_NOMINAL = "alpha-nominal"
    ALPHA_INTERVAL = "alpha-interval"
    KAPPA = "kappa"
    F1 = "f1"


class Dimension(StrEnum):
    """What agreement is measured on.

    - Of passages: ``positions``, the sets of (topic, source, stance), the primary figure, and
      ``positions-tagged``, without the passages in which nobody tagged anything; the sets of ``topics`` and
      of ``sources``; the ``presence`` of a topic; the tagged ``characters``.
    - Of annotations matched by overlap and topic: ``source``.
    - Of claims: ``messenger`` and ``stance`` where two coders or more found it; ``…-or-not-found`` of all.
    """

    POSITIONS = "positions"
    POSITIONS_TAGGED = "positions-tagged"
    TOPICS = "topics"
    SOURCES = "sources"
    SOURCE = "source"
    MESSENGER = "messenger"
    MESSENGER_OR_NOT_FOUND = "messenger-or-not-found"
    STANCE = "stance"
    STANCE_OR_NOT_FOUND = "stance-or-not-found"
    PRESENCE = "presence"
    CHARACTERS = "characters"


class Undefined(StrEnum):
    """Why a measure has no value, or a value no interval.

    No value: ``one-coder``: fewer than two coders finished a document together. ``no-overlap``: no unit has
    values of two coders. ``one-unit``: only one has. ``no-variance``: all values are the same, so chance
    alone would agree as well. ``nothing-tagged``: there are no characters to compare.
    No interval: ``no-disagreement`` in any of the units; ``few-tagged-units``: fewer than ten; ``unstable``:
    more than 5 % of the draws have no value.
    """

    NONE = ""
    ONE_CODER = "one-coder"
    NO_OVERLAP = "no-overlap"
    ONE_UNIT = "one-unit"
    NO_VARIANCE = "no-variance"
    NOTHING_TAGGED = "nothing-tagged"
    NO_DISAGREEMENT = "no-disagreement"
    FEW_TAGGED_UNITS = "few-tagged-units"
    UNSTABLE = "unstable"


@dataclass(frozen=True, slots=True)
class CodedDocument:
    """A document, the numbers of its passages in order, and the coders who finished it."""

    slug: str
    passages: tuple[int, ...]
    finishers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured agreement; its first fields are a row of ``reliability.csv``.

    - ``topic``: "" where all topics are taken together; ``coder_a``, ``coder_b``: "" unless it is of a pair.
    - ``units``: what it rests on: the passages, claims or passage × topic cells that two coders have a value
      for; of characters, the passages in which somebody tagged any.
    - ``value``: None where undefined. ``low``–``high``: the middle 95 % of the resampled values, widened to
      contain the value; None without an interval. ``reason``: why either is None, else empty.
    - ``out_of``: the units there would be if every coder had found everything ("on m of M claims").
    """

    name: Coefficient
    dimension: Dimension
    topic: str
    coder_a: str
    coder_b: str
    units: int
    value: float | None
    low: float | None
    high: float | None
    reason: Undefined
    out_of: int


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """The claims to which one coder gave one stance and the other another (or the same).

    ``keys``: for each claim the tag of ``coder_a`` and that of ``coder_b``; None where not found.
    """

    keys: tuple[tuple[int | None, int | None], ...]

    @property
    def n(self) -> int:
        """How many claims."""
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Confusion:
    """The stances of two coders on the claims of documents that both finished.

    ``stances``: in codebook order, ``NOT_FOUND`` last. ``rows``: one a stance of ``coder_a``, one cell in it
    a stance of ``coder_b``. The last row and column count in no measure of the pair.
    """

    coder_a: str
    coder_b: str
    stances: tuple[str, ...]
    rows: tuple[tuple[ConfusionCell, ...], ...]

    def cell(self, stance_a: str, stance_b: str) -> ConfusionCell:
        """One cell; ValueError where a stance is unknown."""
        return self.rows[self.stances.index(stance_a)][self.stances.index(stance_b)]


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far the coders of some documents agree.

    - ``documents``, ``coders``: the documents that at least two coders finished, in the order given, and
      those coders, sorted.
    - ``passages``: how many these documents have; in ``tagged_passages`` of them somebody tagged something.
    - ``claims``: all that was found in them; ``matched`` of them by two coders or more.
    - ``measures``: in the order of ``reliability.csv``. ``confusions``: one for each pair of coders.
    """

    documents: tuple[str, ...]
    coders: tuple[str, ...]
    passages: int
    tagged_passages: int
    claims: tuple[Claim, ...]
    matched: int
    measures: tuple[Measure, ...]
    confusions: tuple[Confusion, ...]

    @property
    def primary(self) -> Measure:
        """The primary figure: α of the positions."""
        return self.measure(Coefficient.ALPHA_SETS, Dimension.POSITIONS)

    def measure(
        self,
        name: Coefficient,
        dimension: Dimension,
        *,
        topic: str = "",
        pair: tuple[str, str] = ("", ""),
    ) -> Measure:
        """One measure; KeyError where it was not measured."""
        key = (name, dimension, topic, *pair)
        for found in self.measures:
            if (found.name, found.dimension, found.topic, found.coder_a, found.coder_b) == key:
                return found
        raise KeyError(key)
