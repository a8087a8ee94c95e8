"""The words that name a network: what it joins, how it counts, what it is divided by."""

from enum import StrEnum


class Mode(StrEnum):
    """What a network joins."""

    SOURCES = "sources"
    DOCUMENTS = "documents"
    SOURCES_TOPICS = "sources-topics"

    @property
    def is_one_mode(self) -> bool:
        """Whether both ends of an edge are of one kind."""
        return self is not Mode.SOURCES_TOPICS


class Agreement(StrEnum):
    """How positions are counted: the first four in one-mode networks, ``combine`` in two-mode ones only."""

    CONGRUENCE = "congruence"
    CONFLICT = "conflict"
    SUBTRACT = "subtract"
    IGNORE = "ignore"
    COMBINE = "combine"


class Normalisation(StrEnum):
    """What a count is divided by, so that who says much is not thereby close to all."""

    NONE = "none"
    AVERAGE = "average"
    JACCARD = "jaccard"
    COSINE = "cosine"
    ACTIVITY = "activity"
    PROMINENCE = "prominence"


ONE_MODE = (Agreement.CONGRUENCE, Agreement.CONFLICT, Agreement.SUBTRACT, Agreement.IGNORE)
TWO_MODE = (Agreement.IGNORE, Agreement.SUBTRACT, Agreement.COMBINE)
ONE_MODE_NORMALISATIONS = (
    Normalisation.NONE,
    Normalisation.AVERAGE,
    Normalisation.JACCARD,
    Normalisation.COSINE,
)
TWO_MODE_NORMALISATIONS = (Normalisation.NONE, Normalisation.ACTIVITY, Normalisation.PROMINENCE)
