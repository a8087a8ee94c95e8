"""What is wrong with a file, by row; and what files may hold at most."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.errors import SummitError

MIB = 1024 * 1024
#: The largest files that are read, in bytes.
STUDY_BYTES = 1 * MIB
DOCUMENT_BYTES = 5 * MIB
CODINGS_BYTES = 50 * MIB
#: The longest CSV field and, since a quote may be a whole passage, the longest passage, in characters.
FIELD_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault: ``line`` counts from 1; ``column`` is a CSV column or TOML key by name, else the number
    of the character in its line, from 1."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.reason}"


class FolderErrors(SummitError):  # noqa: N818 - it carries many
    """All that is wrong with a study folder: ``errors``. Nothing has been written."""

    def __init__(self, errors: tuple[RowError, ...]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


class StudyRefusedError(SummitError):
    """The database refused a folder that its own checks let through; nothing has been written."""
