"""Where the underlines of a passage begin and end. Pure: the text comes out as it went in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

#: Underlines lie in lanes; a fourth overlapping quote shares the lowest.
LANES = 3


@dataclass(frozen=True, slots=True)
class Span:
    """One tag's quote: ``start``–``end`` in code points of the document; ``slot`` names its stroke."""

    key: str
    start: int
    end: int
    slot: str
    sign: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text under the same underlines. ``over``: keys of the tags that it belongs to, ``begins``:
    of those that begin with it, both in the order of the text."""

    text: str
    lanes: tuple[tuple[int, str], ...]
    over: tuple[str, ...]
    begins: tuple[str, ...]
    signs: str
    tone: str

    @property
    def is_deep(self) -> bool:
        """Whether more tags lie over it than there are lanes: the lowest stands for several."""
        return len(self.over) > len(self.lanes)

    @property
    def css(self) -> str:
        """The classes of its mark."""
        lanes = [f"l{lane}-{slot}" for lane, slot in self.lanes]
        return " ".join(["q", *lanes, *(["deep"] if self.is_deep else []), self.tone]).strip()


def _assigned(spans: list[Span]) -> list[tuple[Span, int]]:
    """Each span with its lane: the first that is free where it begins."""
    free_from = [0] * LANES
    placed = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.key)):
        lane = next((lane for lane in range(LANES) if free_from[lane] <= span.start), LANES - 1)
        free_from[lane] = max(free_from[lane], span.end)
        placed.append((span, lane))
    return placed


def segments(text: str, offset: int, spans: list[Span]) -> list[Segment]:
    """``text``, which begins at ``offset`` in its document, cut where an underline begins or ends.

    The texts of the segments join to ``text`` exactly. Spans must lie inside it.
    """
    placed = _assigned(spans)
    edges = {offset, offset + len(text)}
    for span, _lane in placed:
        edges.update((span.start, span.end))
    cuts = sorted(edges)
    return [_segment(text[begin - offset : end - offset], begin, placed) for begin, end in pairwise(cuts)]


def _segment(text: str, begin: int, placed: list[tuple[Span, int]]) -> Segment:
    over = [(span, lane) for span, lane in placed if span.start <= begin < span.end]
    starting = [span for span, _lane in over if span.start == begin]
    lanes = {lane: span.slot for span, lane in over}
    slots = {span.slot for span in starting}
    return Segment(
        text=text,
        lanes=tuple(sorted(lanes.items())),
        over=tuple(span.key for span, _lane in over),
        begins=tuple(span.key for span in starting),
        signs="".join(span.sign for span in starting),
        tone=f"m-{slots.pop()}" if len(slots) == 1 else "",
    )
