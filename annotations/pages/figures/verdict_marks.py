"""The dumbbells of the verdicts: shapes tell them apart, not colours. As in the pages' sprite (a test)."""

from __future__ import annotations

from annotations.enums import Verdict
from annotations.pages.figures.shapes import Pen, diamond, disc

#: How a part of a mark is painted: fill, stroke.
_A, _B = ("a", "none"), ("b", "none")
_JOIN, _NOUGHT, _RING_A, _RING_B = ("none", "ink"), ("none", "edge"), ("none", "a"), ("none", "b")
_SHARP = 5.5

_PARTS: dict[Verdict, tuple[tuple[str, tuple[str, str]], ...]] = {
    Verdict.AGREE: ((disc(12.5, 7, 5), _A), (diamond(19.5, 7, _SHARP), _B)),
    Verdict.PARTLY: (("M9 7h14", _JOIN), (disc(9, 7, 5), _A), (diamond(23, 7, _SHARP), _B)),
    Verdict.DIVERGE: (("M6 7h20", _JOIN), (disc(5.5, 7, 5), _A), (diamond(26, 7, _SHARP), _B)),
    Verdict.DIFFERENT_VOICES: ((disc(8, 7, 5), _A), ("M16 0v14", _JOIN), (diamond(24, 7, _SHARP), _B)),
    Verdict.ONLY_A: ((disc(9, 7, 5), _A), (diamond(23, 7, 5), _NOUGHT)),
    Verdict.ONLY_B: ((disc(9, 7, 4.5), _NOUGHT), (diamond(23, 7, _SHARP), _B)),
    Verdict.NO_POSITION: ((disc(12.5, 7, 4.3), _RING_A), (diamond(19.5, 7, 4.7), _RING_B)),
    Verdict.PENDING: ((disc(9, 7, 5), _A), (diamond(23, 7, _SHARP), _NOUGHT), ("M20 7h6M23 4v6", _NOUGHT)),
    Verdict.NOT_RAISED: ((disc(9, 7, 4.5), _NOUGHT), (diamond(23, 7, 5), _NOUGHT)),
}


def draw_verdict(pen: Pen, verdict: Verdict, x: float, y: float) -> None:
    """The mark of a verdict, 32 wide and 14 high."""
    for d, (fill, stroke) in _PARTS[verdict]:
        pen.path(d, fill=fill, stroke=stroke, stroke_width="1.4", x=x, y=y)
