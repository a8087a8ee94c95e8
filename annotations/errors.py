"""What can go wrong, by name. Services raise these; views turn them into an answer a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.models import Annotation


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


class DocumentFinishedError(SummitError):
    """The coder has finished this document, which locks their tags on it."""


class InUseError(SummitError):
    """A codebook entry that annotations or other entries still point at cannot be removed."""


class MergeError(SummitError):
    """Two codebook entries that cannot be merged, or not without an answer that is missing."""
