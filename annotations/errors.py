"""What can go wrong, by name. Services raise these; views turn them into an answer a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.models import Annotation, Decision, Source, Stance, Study, Topic


class SummitError(Exception):
    """The base of every refusal. ``str()`` of it is a sentence for the person who asked."""


class NotAllowedError(SummitError):
    """The person may see the object, and may not do this to it."""


class InvalidTagError(SummitError):
    """A tag that breaks a rule. ``field`` names the form field that the message belongs to."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class DuplicateTagError(SummitError):
    """An equal active tag exists already: ``existing``."""

    def __init__(self, message: str, existing: Annotation) -> None:
        super().__init__(message)
        self.existing = existing


class StaleVersionError(SummitError):
    """The tag has changed since the person saw it: ``current`` is what is stored now."""

    def __init__(self, message: str, current: Annotation) -> None:
        super().__init__(message)
        self.current = current


class InvalidCommentError(SummitError):
    """A comment that cannot be stored: it says nothing, or too much."""


class StaleItemError(SummitError):
    """An item of the curator's queue has been decided, or its tags have changed, since it was seen.

    ``decision`` is the one that holds now, if any.
    """

    def __init__(self, message: str, decision: Decision | None = None) -> None:
        super().__init__(message)
        self.decision = decision


class DocumentFinishedError(SummitError):
    """The coder has finished this document, which locks their tags on it."""


class NothingHereError(SummitError):
    """A passage that its coder has tagged cannot be said to hold nothing."""


class NoStepError(SummitError):
    """There is no such step to undo or to redo, or others have been made since the page was drawn."""


class KeysError(SummitError):
    """Keys of the workbench that cannot be: ``messages`` say what is wrong, by act."""

    def __init__(self, messages: dict[str, str]) -> None:
        super().__init__(" ".join(messages.values()))
        self.messages = messages


class MemberError(SummitError):
    """A person who cannot be made a member, a member who cannot go, or an assignment nobody could keep."""


class InvalidSettingsError(SummitError):
    """Settings of a study that break a rule: ``problems`` are sentences by field name (None: of several)."""

    def __init__(self, problems: dict[str | None, list[str]]) -> None:
        super().__init__(" ".join(sentence for found in problems.values() for sentence in found))
        self.problems = problems


class InUseError(SummitError):
    """A codebook entry that annotations or other entries still point at cannot be removed."""


class MergeError(SummitError):
    """Two codebook entries that cannot be merged, or not without an answer that is missing."""


class StalePreviewError(MergeError):
    """What a merge or a split would do is no longer what its preview said."""


class StaleEntryError(SummitError):
    """An entry, or a study's guidelines, have changed since the person saw them: ``current`` is stored."""

    def __init__(self, message: str, current: Topic | Stance | Source | Study) -> None:
        super().__init__(message)
        self.current = current


class UndoError(SummitError):
    """A change of the codebook that cannot be undone: ``reasons`` are all that stands in the way."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
