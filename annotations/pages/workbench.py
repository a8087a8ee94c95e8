"""What the workbench shows of a document, and the parts of it that change when a tag is saved."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotations.access import Visit
from annotations.codebook import Codebook
from annotations.highlights import Segment, Span, segments
from annotations.models import Annotation, Completion, Document, Passage, Stance
from annotations.permissions import sees_other_coders

if TYPE_CHECKING:
    from annotations.models.coding import AnnotationQuerySet

#: The map's height in pixels for the whole document, and the least for one passage: a target one can hit.
MAP_HEIGHT, MAP_LEAST = 560, 24
SLOTS = ("support", "mixed", "neutral", "oppose")
LETTERS = "ab"


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a tag lies on the map: pixels inside its passage's block."""

    slot: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class PassageShown:
    """A passage, its text cut at the underlines, its tags in the order of the text, and their count."""

    passage: Passage
    segments: list[Segment]
    tags: list[Annotation]
    tally: list[tuple[Stance, int]]
    ticks: list[Tick]
    map_height: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder is: passages with a tag of theirs, of all, and their active tags."""

    passages: int
    tagged: int
    tags: int


@dataclass(frozen=True, slots=True)
class Workbench:
    """All that one coder sees of one document. ``shown``: ``mine`` or ``all``."""

    visit: Visit
    document: Document
    letter: str
    codebook: Codebook
    progress: Progress
    completion: Completion | None
    shown: str
    may_see_all: bool

    @property
    def is_finished(self) -> bool:
        return self.completion is not None and self.completion.is_finished


def load_workbench(visit: Visit, document: Document, shown: str) -> Workbench:
    """The frame of the page, in a number of queries that does not depend on the document's length."""
    may_see_all = sees_other_coders(visit.user, visit.study, visit.role, document)
    place = visit.study.documents.filter(position__lt=document.position).count()
    return Workbench(
        visit=visit,
        document=document,
        letter=LETTERS[place] if place < len(LETTERS) else "",
        codebook=Codebook.of(visit.study),
        progress=progress_of(visit, document),
        completion=Completion.objects.filter(document=document, coder=visit.member).first(),
        shown="all" if shown == "all" and may_see_all else "mine",
        may_see_all=may_see_all,
    )


def progress_of(visit: Visit, document: Document) -> Progress:
    """The coder's own progress on a document."""
    mine = Annotation.objects.active().coded().filter(document=document, coder=visit.member)
    return Progress(
        passages=document.passages.count(),
        tagged=mine.values("passage").distinct().count(),
        tags=mine.count(),
    )


def tags_shown(visit: Visit, document: Document, shown: str) -> AnnotationQuerySet:
    """The active coded tags of a document that the page shows: mine, or all that I may see."""
    tags = visit.annotations().active().coded().filter(document=document)
    if shown != "all":
        tags = tags.filter(coder=visit.member)
    return tags.shown().order_by("start", "end", "id")


def load_passages(bench: Workbench) -> list[PassageShown]:
    """Every passage of the document with its tags, in two queries."""
    tags = defaultdict(list)
    for tag in tags_shown(bench.visit, bench.document, bench.shown):
        tags[tag.passage_id].append(tag)
    length = max(1, bench.document.characters)
    return [
        shown_passage(passage, tags[passage.pk], length)
        for passage in bench.document.passages.order_by("number")
    ]


def load_passage(visit: Visit, document: Document, number: int, shown: str) -> PassageShown | None:
    """One passage with its tags, in two queries; None where the document has no such passage."""
    passage = document.passages.filter(number=number).first()
    if passage is None:
        return None
    tags = list(tags_shown(visit, document, shown).filter(passage=passage))
    return shown_passage(passage, tags, max(1, document.characters))


def shown_passage(passage: Passage, tags: list[Annotation], document_length: int) -> PassageShown:
    """A passage as the page draws it; ``tags`` are its own, in the order of the text."""
    spans = [Span(str(tag.public_id), tag.start, tag.end, tag.stance.slot, tag.stance.sign) for tag in tags]
    counts = Counter(tag.stance for tag in tags)
    size = passage.end - passage.start
    height = max(MAP_LEAST, round(size / document_length * MAP_HEIGHT))
    return PassageShown(
        passage=passage,
        segments=segments(passage.text, passage.start, spans),
        tags=tags,
        tally=sorted(counts.items(), key=lambda pair: pair[0].position),
        ticks=[_tick(tag, passage, height / size) for tag in tags],
        map_height=height,
    )


def _tick(tag: Annotation, passage: Passage, scale: float) -> Tick:
    return Tick(
        slot=tag.stance.slot,
        x=10 + 12 * SLOTS.index(tag.stance.slot),
        y=round((tag.start - passage.start) * scale, 1),
        height=max(2.0, round((tag.end - tag.start) * scale, 1)),
    )
