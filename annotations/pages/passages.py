"""The passages of a document as the workbench draws them: a window of a long one, a short one whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from annotations.access import Visit
from annotations.codebook import Codebook
from annotations.compiled import compiled
from annotations.highlights import Segment, Span, segments
from annotations.models import Annotation, Document, Passage, Source, Stance, Topic
from annotations.pages.comments import comment_counts
from annotations.pages.progress import with_marks
from annotations.pages.shown import ALL, Shown, in_text, own_tags, tags_shown

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from annotations.models.coding import AnnotationQuerySet

#: A document of at most so many passages comes whole.
WHOLE = 80
BEYOND = Passage.objects.filter(document=OuterRef("document"), number__gt=WHOLE)
#: How many passages of a longer one come at once, and how many of them stand before the one asked for.
WINDOW, BEFORE = 60, 20


@dataclass(frozen=True, slots=True)
class PassageShown:
    """A passage, its text cut at the underlines, its tags in the order of the text, and their count.
    ``is_of_long``: its document comes in windows. ``comments``: how many the person sees about it;
    ``keeps_talk``: they were not counted, and what leads to them stays in the page as it is."""

    passage: Passage
    segments: list[Segment]
    tags: list[Annotation]
    tally: list[tuple[Stance, int]]
    is_of_long: bool = False
    comments: int = 0
    keeps_talk: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A run of a document's passages. ``earlier`` and ``later`` are the numbers of the passages just
    before and after it, None at the document's ends; ``last`` is the document's last number."""

    passages: list[PassageShown]
    earlier: int | None
    later: int | None
    last: int

    @property
    def is_whole(self) -> bool:
        """Whether the document comes whole, always."""
        return self.last <= WHOLE

    @property
    def page_before(self) -> int:
        """Where the page before this one begins."""
        return max(1, (self.earlier or 1) - WINDOW + 1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a window lies: from a passage on, up to one, or around one; nothing: at the beginning."""

    first: int | None = None
    up_to: int | None = None
    around: int | None = None

    def bounds(self, last: int) -> tuple[int, int]:
        """First and last number of the window in a document whose last number is ``last``."""
        if last <= WHOLE:
            return 1, last
        if self.up_to is not None:
            end = min(self.up_to, last)
            return max(1, end - WINDOW + 1), end
        if self.first is not None:
            begin = min(max(1, self.first), last)
            return begin, begin + WINDOW - 1
        around = min(max(1, self.around or 1), last)
        begin = max(1, min(around - BEFORE, last - WINDOW + 1))
        return begin, begin + WINDOW - 1


def load_window(visit: Visit, document: Document, shown: Shown, place: Place) -> Window:
    """The passages at a place with their tags, in four queries, however long the document is."""
    numbers = document.passages.order_by("-number").values_list("number", flat=True)
    last = numbers.first() or 0
    first, end = place.bounds(last)
    wanted = document.passages.filter(number__gte=first, number__lte=end).order_by("number")
    passages = list(with_marks(wanted, visit.member))
    tags: dict[int, list[Annotation]] = defaultdict(list)
    for tag in tags_shown(visit, document, shown).filter(passage__in=passages):
        tags[tag.passage_id].append(tag)
    comments = comment_counts(visit, document)
    return Window(
        passages=[
            shown_passage(
                passage, tags[passage.pk], is_of_long=last > WHOLE, comments=comments.get(passage.pk, 0)
            )
            for passage in passages
        ],
        earlier=passages[0].number - 1 if passages and passages[0].number > 1 else None,
        later=passages[-1].number + 1 if passages and passages[-1].number < last else None,
        last=last,
    )


def load_passage(visit: Visit, document: Document, number: int, shown: Shown) -> PassageShown | None:
    """One passage with its tags, in three queries; None where the document has no such passage."""
    wanted: QuerySet[Any] = with_marks(passages_numbered(document, number), visit.member)
    passage = wanted.first()
    if passage is None:
        return None
    tags = list(tags_shown(visit, document, shown).filter(passage=passage))
    comments = comment_counts(visit, document, passage).get(passage.pk, 0)
    return shown_passage(passage, tags, is_of_long=passage.is_of_long, comments=comments)


def load_saved_passage(visit: Visit, passage: Any, shown: Shown, codebook: Codebook) -> PassageShown:
    """A passage in which the person has just made or changed a tag, with its tags: in one query.

    ``passage`` is one of ``passages_numbered``. What leads to its talk stays in the page as it is.
    """
    mine = shown.whose != ALL
    if shown == Shown():
        tags = _own_tags_in(passage.pk, visit.member.pk)
    else:
        rows = tags_shown(visit, passage.document, shown).filter(passage=passage).select_related(None)
        tags = list(rows if mine else rows.select_related("coder"))
    entries = codebook.by_id
    for tag in tags:
        # As ``select_related`` does it; assigning each would check what the database has checked.
        known = tag._state.fields_cache
        known["topic"], known["stance"] = entries[Topic, tag.topic_id], entries[Stance, tag.stance_id]
        known["source"] = entries[Source, tag.source_id]
        known["reported_by"] = entries[Source, tag.reported_by_id] if tag.reported_by_id else None
        if mine:
            known["coder"] = visit.member
    passage.is_tagged, passage.is_nothing = True, False
    return shown_passage(passage, tags, is_of_long=passage.is_of_long, keeps_talk=True)


@compiled(int, int)
def _own_tags_in(passage: int, coder: int) -> AnnotationQuerySet:
    """What ``tags_shown`` gives where no filter is set, of one passage."""
    return in_text(own_tags(coder).filter(passage=passage))


def passages_numbered(document: Document, number: int) -> QuerySet[Any]:
    """The document's passage with a number, if it has one, with ``is_of_long``: it comes in windows."""
    return document.passages.filter(number=number).annotate(is_of_long=Exists(BEYOND))


def find_passage(visit: Visit, document: str, number: int | None) -> Any:
    """A passage of the visited study with its document, by slug and number, and with ``is_of_long``, in one
    query; None where there is none."""
    if number is None:
        return None
    for passage in _passage_of(visit.study.pk, document, number):
        passage.document.study = visit.study
        return passage
    return None


@compiled(int, str, int)
def _passage_of(study: int, document: str, number: int) -> QuerySet[Any]:
    found = Passage.objects.filter(document__study=study, document__slug=document, number=number)
    wanted = found.select_related("document").defer("folded", "document__text")
    return wanted.annotate(is_of_long=Exists(BEYOND))


def shown_passage(
    passage: Passage,
    tags: list[Annotation],
    *,
    is_of_long: bool = False,
    comments: int = 0,
    keeps_talk: bool = False,
) -> PassageShown:
    """A passage as the page draws it; ``tags`` are its own, in the order of the text."""
    spans = [Span(str(tag.public_id), tag.start, tag.end, tag.stance.slot, tag.stance.sign) for tag in tags]
    counts = Counter(tag.stance for tag in tags)
    return PassageShown(
        passage=passage,
        segments=segments(passage.text, passage.start, spans),
        tags=tags,
        tally=sorted(counts.items(), key=lambda pair: pair[0].position),
        is_of_long=is_of_long,
        comments=comments,
        keeps_talk=keeps_talk,
    )
