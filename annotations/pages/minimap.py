"""Where the tags of a document lie: a block for each passage, or, of a long document, for a run of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet

from annotations.access import Visit
from annotations.models import Annotation, Document, Stance
from annotations.pages.passages import PassageShown, Window
from annotations.pages.shown import Shown, tags_shown

#: The map's height in pixels for the whole document, and the least for one block: a target one can hit.
MAP_HEIGHT, MAP_LEAST = 560, 24
#: A long document's map: so many blocks that lead to their passages, each drawn in so many bins.
BLOCKS, BINS = 20, 6
BLOCK_HEIGHT = MAP_HEIGHT // BLOCKS
BIN_HEIGHT = BLOCK_HEIGHT / BINS
LANE, WIDEST, NARROWEST = 12, 10.0, 2.0
SLOTS = ("support", "mixed", "neutral", "oppose")


@dataclass(frozen=True, slots=True)
class Tick:
    """Where tags of one stance lie: pixels inside their block."""

    slot: str
    x: int
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Block:
    """The passages ``first`` to ``last`` on the map, with the number of their tags. ``tags`` is None where
    they are not counted yet."""

    first: int
    last: int
    height: int
    tags: int | None
    ticks: list[Tick]

    @property
    def is_run(self) -> bool:
        """Whether it stands for several passages, of which the page may hold none."""
        return self.first != self.last


def blocks_of(window: Window) -> list[Block]:
    """The map as the page first shows it, without a query: a long document's tags are counted later."""
    if window.is_whole:
        return [_block(shown) for shown in window.passages]
    return [
        Block(first, last, BLOCK_HEIGHT, tags=None, ticks=[])
        for first, last in (run_of(number, window.last) for number in range(BLOCKS))
    ]


def block_of(shown: PassageShown | None) -> Block | None:
    """The block that a save draws anew: a passage's own. A long document's map asks for its block itself,
    so that a save counts nothing but its own passage."""
    return None if shown is None or shown.is_of_long else _block(shown)


def _block(shown: PassageShown) -> Block:
    """One passage of a short document, to scale."""
    passage = shown.passage
    size = passage.end - passage.start
    height = max(MAP_LEAST, round(size / max(1, passage.document.characters) * MAP_HEIGHT))
    scale = height / size
    ticks = [
        Tick(
            slot=tag.stance.slot,
            x=_lane(tag.stance.slot),
            y=round((tag.start - passage.start) * scale, 1),
            width=WIDEST,
            height=max(2.0, round((tag.end - tag.start) * scale, 1)),
        )
        for tag in shown.tags
    ]
    return Block(passage.number, passage.number, height, len(shown.tags), ticks)


def load_blocks(visit: Visit, document: Document, shown: Shown, number: int | None = None) -> list[Block]:
    """The map of a long document, its tags counted in the database in one query; with the number of a
    passage, only the block that it belongs to. The answer's size depends on no tag."""
    last = document.passages.order_by("-number").values_list("number", flat=True).first() or 0
    tags = tags_shown(visit, document, shown)
    if number is None:
        return _counted(tags, range(BLOCKS), last)
    block = bin_of(min(max(1, number), max(1, last)), last) // BINS
    first, end = run_of(block, last)
    within = tags.filter(passage__number__gte=first, passage__number__lte=end)
    return _counted(within, range(block, block + 1), last)


def _counted(tags: QuerySet[Annotation], blocks: range, last: int) -> list[Block]:
    counted = (
        tags.order_by()
        .select_related(None)
        .annotate(bin=(F("passage__number") - 1) * (BLOCKS * BINS) / max(1, last))
        .values_list("bin", "stance__value")
        .annotate(tags=Count("pk"), passages=Count("passage", distinct=True))
    )
    ticks: dict[int, list[Tick]] = defaultdict(list)
    total: Counter[int] = Counter()
    for bin_number, value, n, passages in counted:
        block, row = divmod(bin_number, BINS)
        total[block] += n
        ticks[block].append(_tick(Stance(value=value).slot, row, passages / _size(bin_number, last)))
    return [Block(*run_of(block, last), BLOCK_HEIGHT, total[block], ticks[block]) for block in blocks]


def _tick(slot: str, row: int, share: float) -> Tick:
    """The wider, the more of the bin's passages have such a tag."""
    return Tick(
        slot=slot,
        x=_lane(slot),
        y=round(row * BIN_HEIGHT, 1),
        width=round(NARROWEST + (WIDEST - NARROWEST) * share, 1),
        height=round(BIN_HEIGHT - 0.7, 1),
    )


def _lane(slot: str) -> int:
    return 10 + LANE * SLOTS.index(slot)


def bin_of(number: int, last: int) -> int:
    return (number - 1) * BLOCKS * BINS // max(1, last)


def begins(bin_number: int, last: int) -> int:
    """The first passage of a bin."""
    return -(-bin_number * last // (BLOCKS * BINS)) + 1


def _size(bin_number: int, last: int) -> int:
    return max(1, begins(bin_number + 1, last) - begins(bin_number, last))


def run_of(block: int, last: int) -> tuple[int, int]:
    """First and last passage of a block."""
    return begins(block * BINS, last), begins((block + 1) * BINS, last) - 1
