"""The closed lists of words that Summit speaks in. Plain Python: the measures use them without Django."""

from enum import StrEnum


class Role(StrEnum):
    """What a member may do in a study, in ascending order of rights."""

    READER = "reader"
    CODER = "coder"
    CURATOR = "curator"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        """Whether this role has every right of ``other``."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Layer(StrEnum):
    """``coded``: a coder's own tags. ``curated``: what a curator settled."""

    CODED = "coded"
    CURATED = "curated"


class Lens(StrEnum):
    """Which voices a reading listens to."""

    ALL = "all"
    OWN = "own"
    ATTRIBUTED = "attributed"


class Grain(StrEnum):
    """How finely a reading tells voices apart."""

    SOURCE = "source"
    BODY = "body"
    SIDE = "side"


class Coverage(StrEnum):
    """Whether a document raises a topic; silence is only known of a finished document."""

    COVERED = "covered"
    SILENT = "silent"
    NOT_CODED = "not-coded"


class Verdict(StrEnum):
    """How two documents relate on one topic, in the order in which the rules are tried."""

    PENDING = "pending"
    NOT_RAISED = "not-raised"
    ONLY_A = "only-a"
    ONLY_B = "only-b"
    DIFFERENT_VOICES = "different-voices"
    NO_POSITION = "no-position"
    AGREE = "agree"
    PARTLY = "partly"
    DIVERGE = "diverge"


class PassageKind(StrEnum):
    """What a passage is on its page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"


class Act(StrEnum):
    """A coder's step that can be undone."""

    CREATE = "create"
    CHANGE = "change"
    WITHDRAW = "withdraw"
    RESTORE = "restore"


class Situation(StrEnum):
    """How the coders stand on one item of the curator's queue."""

    UNANIMOUS = "unanimous"
    STANCE = "stance"
    MESSENGER = "messenger"
    SOURCE = "source"
    SOME = "some"


class Outcome(StrEnum):
    """What a curator decided about an item."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why coders differed, in the curator's eyes. Only what was unanimous and accepted needs none."""

    NONE = ""
    SLIP = "slip"
    JUDGEMENT = "judgement"
    GAP = "gap"


class CodebookChange(StrEnum):
    """A change of the codebook as a whole, which is undone as one step."""

    MERGE = "merge"
    SPLIT = "split"
    RETIRE = "retire"
    REVIVE = "revive"


#: The slug of the source that is each document's own voice.
AUTHOR = "author"
