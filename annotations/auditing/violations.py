"""What a check reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from annotations.models import Study


@dataclass(frozen=True, slots=True)
class Violation:
    """A stored row that breaks a rule: which, where, what is wrong, and what to do."""

    rule: str
    row: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.row}: {self.wrong} → {self.remedy}"


#: A check of one rule, or of a few that are seen at once.
Check = Callable[[Study], Iterator[Violation]]

RESTORE = "restore the row from a backup"
EDIT = "correct it in the codebook"
BY_SERVER = "set it to what is said here, with the server stopped, then run the check again"
