"""Small comparisons in a line or two: what a document says, spelled as on paper ("ss" = two supports)."""

from collections.abc import Iterable, Sequence
from itertools import count

from annotations.comparison.measures import compare
from annotations.comparison.values import Comparison, DocumentFrame, Reading, Settings, Tag
from annotations.enums import Grain, Layer, Lens

#: s support, m mixed, o oppose, x raised without a position.
VALUES: dict[str, float | None] = {"s": 1.0, "m": 0.0, "o": -1.0, "x": None}
SETTINGS = Settings(scale=(-1.0, 0.0, 1.0))

_keys = count(1)


def said(
    document: str,
    stances: str,
    *,
    topic: str = "t",
    source: str = "p",
    body: str | None = None,
    side: str = "East",
    coder: str = "c1",
    passages: Sequence[int] = (),
) -> list[Tag]:
    """One tag a letter, each in a passage of its own (ten characters) unless ``passages`` are given."""
    return [
        Tag(
            key=next(_keys),
            document=document,
            passage=passage,
            start=passage * 100,
            end=passage * 100 + 10,
            topic=topic,
            stance=letter,
            value=VALUES[letter],
            source=source,
            body=body or source,
            side=side,
            reported_by=None,
            coder=coder,
        )
        for passage, letter in zip(passages or range(1, len(stances) + 1), stances, strict=True)
    ]


def a_says(stances: str, **tagged: str) -> list[Tag]:
    """What document A says."""
    return said("a", stances, **tagged)  # type: ignore[arg-type]


def b_says(stances: str, **tagged: str) -> list[Tag]:
    """What document B says."""
    return said("b", stances, **tagged)  # type: ignore[arg-type]


def read(
    tags: Iterable[Tag],
    *,
    coders: tuple[Sequence[str], Sequence[str]] = (("c1",), ("c1",)),
    finished: tuple[bool, bool] = (True, True),
    topics: Sequence[str] = ("t",),
    lens: Lens = Lens.ALL,
    grain: Grain = Grain.SOURCE,
    layer: Layer = Layer.CODED,
    settings: Settings = SETTINGS,
    finishers_of_both: Sequence[str] = (),
) -> Comparison:
    """Compare documents ``a`` and ``b``, one finished coder in each unless said otherwise."""
    return compare(
        a=DocumentFrame("a", finished[0], tuple(coders[0])),
        b=DocumentFrame("b", finished[1], tuple(coders[1])),
        tags=tags,
        topics=topics,
        reading=Reading(layer, None, lens, grain),
        settings=settings,
        finishers_of_both=finishers_of_both,
    )
