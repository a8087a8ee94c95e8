"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: A word, a run of white space, or one other character.
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
#: Two passages whose words, multiplied, are more are shown whole: comparing them takes too long.
MOST_PAIRS = 400_000
#: Of a longer run that has not changed only its ends are shown, this many characters each.
CONTEXT = 160

SAME, OUT, IN, CUT = "same", "out", "in", "cut"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: ``same`` in both texts, ``out`` of the first only, ``in`` the second only; ``cut``
    stands for what is not shown."""

    kind: str
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts as one, in pieces. Lines are compared first, then words within lines that differ."""
    pieces: list[Piece] = []
    first, second = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, left, right in _compared(first, second):
        if kind == SAME or not (left and right):
            pieces += _pieces(left, right, same=kind == SAME)
            continue
        words, others = TOKEN.findall(left), TOKEN.findall(right)
        if len(words) * len(others) > MOST_PAIRS:
            pieces += _pieces(left, right, same=False)
            continue
        for word_kind, old, new in _compared(words, others):
            pieces += _pieces(old, new, same=word_kind == SAME)
    return tuple(_shortened(_joined(pieces)))


def _compared(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        yield SAME if tag == "equal" else tag, "".join(first[a:b]), "".join(second[c:d])


def _pieces(left: str, right: str, *, same: bool) -> list[Piece]:
    if same:
        return [Piece(SAME, left)]
    return [piece for piece in (Piece(OUT, left), Piece(IN, right)) if piece.text]


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Between two pieces that have not changed, all that went out as one, then all that came in."""
    out, new = "", ""
    for piece in (*pieces, Piece(SAME, "")):
        # A blank between two changed words belongs to the change: "of the" → "for a" reads as one.
        if piece.kind == SAME and (piece.text.strip(" ") or not (out or new)):
            yield from (changed for changed in (Piece(OUT, out), Piece(IN, new)) if changed.text)
            out, new = "", ""
            if piece.text:
                yield piece
        else:
            out += piece.text if piece.kind in (SAME, OUT) else ""
            new += piece.text if piece.kind in (SAME, IN) else ""
    yield from (changed for changed in (Piece(OUT, out), Piece(IN, new)) if changed.text)


def _shortened(pieces: Iterator[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if piece.kind == SAME and len(piece.text) > 3 * CONTEXT:
            yield Piece(SAME, piece.text[:CONTEXT])
            yield Piece(CUT, "…")
            yield Piece(SAME, piece.text[-CONTEXT:])
        else:
            yield piece
