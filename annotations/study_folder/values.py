"""The rows of a study folder, and the names of its files and columns."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

STUDY_FILE = "study.toml"
CODINGS_FILE = "codings.csv"
CODING_COLUMNS = (
    "coder",
    "document",
    "start",
    "end",
    "quote",
    "topic",
    "stance",
    "source",
    "reported_by",
    "note",
)
#: The last column, written where at least one tag is uncertain.
UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class StudyRow:
    """``[study]`` and ``[guidelines]``. A bound or switch that the file leaves out has its default."""

    slug: str
    title: str
    event_date: datetime.date | None
    question: str
    guidelines: str
    agree_max: float
    diverge_above: float
    is_blind: bool
    is_public: bool


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One ``[[document]]`` and its normal text. ``finished`` holds coders' names in alphabetical order."""

    slug: str
    file: str
    title: str
    publisher: str
    country: str
    language: str
    published: datetime.date | None
    finished: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class StanceRow:
    """One ``[[stance]]``; ``value`` is None for "raised, no position taken"."""

    slug: str
    label: str
    value: float | None
    key: str
    color: str
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One ``[[topic]]``; ``parent`` and ``statement`` are both empty, or neither is."""

    slug: str
    label: str
    parent: str
    statement: str
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One ``[[source]]``; ``speaks_for`` is the slug of a body, or empty."""

    slug: str
    label: str
    side: str
    speaks_for: str
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class CodingRow:
    """One row of the codings. ``start`` and ``end`` are code points of the document's normal text."""

    coder: str
    document: str
    start: int
    end: int
    quote: str
    topic: str
    stance: str
    source: str
    reported_by: str
    note: str
    uncertain: bool

    @property
    def key(self) -> tuple[str, str, int, int, str, str, str]:
        """What no two rows share, and what rows are sorted by."""
        return (
            self.coder,
            self.document,
            self.start,
            self.end,
            self.topic,
            self.source,
            self.reported_by,
        )


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """All that a study folder says, entries in codebook order and codings sorted by their key."""

    study: StudyRow
    documents: tuple[DocumentRow, ...]
    stances: tuple[StanceRow, ...]
    topics: tuple[TopicRow, ...]
    sources: tuple[SourceRow, ...]
    codings: tuple[CodingRow, ...] = ()

    @property
    def coders(self) -> tuple[str, ...]:
        """Everyone who coded or finished something, in alphabetical order."""
        finishers = {name for document in self.documents for name in document.finished}
        return tuple(sorted(finishers | {coding.coder for coding in self.codings}))


def is_plain_file_name(name: str) -> bool:
    """Whether a document's file may have this name: it names a file of the folder, and nothing else."""
    return (
        bool(name)
        and not name.startswith(".")
        and not set(name) & set('/\\:*?"<>|')
        and name.isprintable()
        and folded(name) not in {STUDY_FILE, CODINGS_FILE}
    )


def folded(name: str) -> str:
    """The name as a file system that ignores case and composition compares it."""
    return unicodedata.normalize("NFC", name).casefold()
