"""Shapes on a white page: what a figure is made of, and a pen that draws them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from unicodedata import combining, east_asian_width

#: The colours of a figure by name: those of the pages' light theme, on white.
COLOURS = {
    "ink": "#1d1c19",
    "soft": "#5a564e",
    "line": "#e2ded4",
    "edge": "#87827a",
    "sheet": "#ffffff",
    "sunk": "#f2f0ea",
    "a": "#1f5fa8",
    "b": "#96600a",
    "none": "none",
}
#: How wide a letter is, as a share of the type size: generous, so that a line that fits here fits anywhere.
NARROW, MIDDLE, BROAD, FULL = 0.34, 0.58, 0.8, 1.05
#: Type sizes.
SMALL, PLAIN, LARGE = 11.0, 13.0, 18.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A path. ``fill`` and ``stroke`` are names of ``COLOURS``; ``opacity`` is that of the fill."""

    d: str
    fill: str = "none"
    stroke: str = "none"
    stroke_width: str = "1"
    opacity: str = "1"
    x: float = 0.0
    y: float = 0.0

    @property
    def is_words(self) -> bool:
        return False

    @property
    def fill_colour(self) -> str:
        return COLOURS[self.fill]

    @property
    def stroke_colour(self) -> str:
        return COLOURS[self.stroke]

    @property
    def moved(self) -> str:
        """Where its drawing begins; empty at the origin."""
        return f"{self.x:.1f} {self.y:.1f}" if self.x or self.y else ""


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text. ``anchor`` is SVG's: ``start``, ``middle``, ``end``; ``turn`` in degrees."""

    text: str
    x: float
    y: float
    size: float = PLAIN
    anchor: str = "start"
    fill: str = "ink"
    bold: bool = False
    italic: bool = False
    turn: int = 0

    @property
    def is_words(self) -> bool:
        return True

    @property
    def fill_colour(self) -> str:
        return COLOURS[self.fill]

    @property
    def type_size(self) -> str:
        return f"{self.size:g}"

    @property
    def place(self) -> str:
        return f"{self.x:.1f} {self.y:.1f}"


Shape = Mark | Words


@dataclass(slots=True)
class Pen:
    """Draws shapes at places counted from ``x`` and ``y``."""

    shapes: list[Shape] = field(default_factory=list)

    def words(self, text: str, x: float, y: float, **how: object) -> None:
        self.shapes.append(replace(Words(printable(text), x, y), **how))  # type: ignore[arg-type]

    def lines(self, lines: list[str], x: float, y: float, step: float = 15.0, **how: object) -> float:
        """Several lines of text; returns where the next one would stand."""
        for line in lines:
            self.words(line, x, y, **how)
            y += step
        return y

    def path(self, d: str, **how: object) -> None:
        self.shapes.append(replace(Mark(d), **how))  # type: ignore[arg-type]

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = "line", width: str = "1"
    ) -> None:
        self.path(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", stroke=stroke, stroke_width=width)

    def box(self, x: float, y: float, width: float, height: float, **how: object) -> None:
        self.path(f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z", **how)

    def striped(self, x: float, y: float, width: float, height: float) -> None:
        """A box of stripes, for what must not be told by colour alone."""
        stripes = "".join(f"M{x + at * 4:.1f} {y:.1f}v{height:.1f}" for at in range(1, int(width // 4) + 1))
        self.box(x, y, width, height, fill="sheet", stroke="ink")
        if stripes:
            self.path(stripes, stroke="ink")


def disc(x: float, y: float, radius: float) -> str:
    """Document A's mark, and a ring of it."""
    r = f"{radius:.1f}"
    return f"M{x - radius:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * radius:.1f} 0a{r} {r} 0 1 0 -{2 * radius:.1f} 0z"


def diamond(x: float, y: float, radius: float) -> str:
    """Document B's mark."""
    r = f"{radius:.1f}"
    return f"M{x:.1f} {y - radius:.1f}l{r} {r}l-{r} {r}l-{r} -{r}z"


def printable(text: str) -> str:
    """The text without what an XML file cannot hold; every white space is a space."""
    return "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or (letter >= " " and letter not in "\ufffe\uffff" and not _is_half(letter))
    )


def _is_half(letter: str) -> bool:
    return "\ud800" <= letter <= "\udfff"


def width_of(text: str, size: float) -> float:
    """About how wide a line of text is."""
    return sum(map(_breadth, text)) * size


def _breadth(letter: str) -> float:
    if combining(letter):
        return 0.0
    if east_asian_width(letter) in "WF":
        return FULL
    if letter in " ijlt.,:;'|!()[]-’·":
        return NARROW
    return BROAD if letter.isupper() or letter in "mwMW—шщжюфыШЩЖЮФЫ%" else MIDDLE


def wrap(text: str, width: float, size: float = PLAIN, lines: int = 2) -> list[str]:
    """The text in at most ``lines`` lines; what does not fit ends in "…". Never empty."""
    rows, row = [], ""
    for word in _pieces(printable(text).split(), width, size):
        longer = f"{row} {word}".strip()
        if row and width_of(longer, size) > width:
            rows.append(row)
            row = word
        else:
            row = longer
    rows.append(row)
    if len(rows) <= lines:
        return rows
    last = rows[lines - 1]
    while last and width_of(last + "…", size) > width:
        last = last[:-1]
    return [*rows[: lines - 1], last.rstrip() + "…"]


def _pieces(words: list[str], width: float, size: float) -> list[str]:
    """The words; one that is longer than a line is broken."""
    pieces = []
    for word in words:
        piece = ""
        for letter in word:
            if piece and width_of(piece + letter, size) > width:
                pieces.append(piece)
                piece = ""
            piece += letter
        pieces.append(piece)
    return pieces
