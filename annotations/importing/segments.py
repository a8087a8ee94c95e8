"""A document's text into passages: headings, paragraphs and list items."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotations.enums import PassageKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The longest heading, in characters.
HEADING_CHARACTERS = 120
#: What starts a list item: a bullet, ``1.``, ``1)`` or ``a)``, with white space behind it.
BULLET = re.compile(r"[^\S\n]*(?:[•\-*–‣◦]|[0-9]{1,3}[.)]|[a-z]\))(?=\s|\Z)")
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage to be: the half-open run ``start``–``end`` of the document's text, numbered from 1."""

    number: int
    kind: PassageKind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a block that makes one passage, its bullet taken off and its white space still on."""

    start: int
    end: int
    is_item: bool
    is_whole_line: bool


def split_passages(text: str) -> tuple[Segment, ...]:
    """The passages of a normal text, in its order.

    Blocks are split at lines of white space only; in a block every bullet starts a list item. White space
    around a passage and the bullet before it lie outside it. A one-line block of at most 120 characters
    that does not end in a full stop is a heading.
    """
    segments: list[Segment] = []
    for block in _blocks(text):
        for part in _parts(text, block):
            inside = text[part.start : part.end]
            words = inside.strip()
            if words:
                start = part.start + len(inside) - len(inside.lstrip())
                kind = _kind(part, words)
                segments.append(Segment(len(segments) + 1, kind, start, start + len(words), words))
    return tuple(segments)


def passage_index(starts: Sequence[int], position: int) -> int:
    """Which of the passages starting at ``starts`` begins last at or before ``position``; −1: none does."""
    return bisect_right(starts, position) - 1


def _blocks(text: str) -> Iterator[list[re.Match[str]]]:
    """Runs of lines without a blank one between them."""
    block: list[re.Match[str]] = []
    for line in _LINE.finditer(text):
        if block and (line.start() > block[-1].end() + 1 or line[0].isspace()):
            yield block
            block = []
        if not line[0].isspace():
            block.append(line)
    if block:
        yield block


def _parts(text: str, block: list[re.Match[str]]) -> Iterator[_Part]:
    """What stands before the first bullet, then one part a bullet."""
    bullets = [bullet for line in block if (bullet := BULLET.match(text, line.start()))]
    end = block[-1].end()
    starts = [bullet.start() for bullet in bullets]
    yield _Part(block[0].start(), starts[0] if starts else end, False, len(block) == 1)
    for bullet, next_start in zip(bullets, [*starts[1:], end], strict=False):
        yield _Part(bullet.end(), next_start, True, False)


def _kind(part: _Part, words: str) -> PassageKind:
    if part.is_item:
        return PassageKind.ITEM
    if part.is_whole_line and len(words) <= HEADING_CHARACTERS and not words.endswith("."):
        return PassageKind.HEADING
    return PassageKind.PARAGRAPH
