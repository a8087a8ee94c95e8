"""Words of a closed list in an address."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import BadRequest

if TYPE_CHECKING:
    from django.http import QueryDict

Word = TypeVar("Word", bound=StrEnum)


def word_of(query: QueryDict, name: str, words: type[Word]) -> Word | None:
    """What the address says under ``name``; None where it says nothing. Raises ``BadRequest`` for a word
    that is not in the list."""
    asked = query.get(name)
    if not asked:
        return None
    try:
        return words(asked)
    except ValueError as error:
        raise BadRequest(f"{name}: no such choice.") from error


def choice_of(query: QueryDict, name: str, words: type[Word], default: Word) -> Word:
    """The same, with ``default`` where the address says nothing."""
    return word_of(query, name, words) or default
