"""How the table of topics is sorted, and which of its rows are asked for. Nothing here is looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from annotations.comparison.measures import stands_out
from annotations.comparison.values import TopicComparison
from annotations.comparison.verdicts import SLACK
from annotations.enums import Verdict
from annotations.models import Stance, Topic
from annotations.pages.comparison import VERDICT_ORDER, Group, Row, table_rows, under_parents
from annotations.pages.query_words import word_of

if TYPE_CHECKING:
    from django.http import QueryDict

    from annotations.pages.reading import Compared


class Sort(StrEnum):
    """What the rows are sorted by."""

    CODEBOOK = "codebook"
    DISTANCE = "distance"
    GAP = "gap"
    VERDICT = "verdict"
    TAGS = "tags"


class Order(StrEnum):
    """From the largest or from the smallest; verdicts from what can be compared to what is unknown."""

    DESCENDING = "desc"
    ASCENDING = "asc"


class Thin(StrEnum):
    """Whether the verdict rests on little."""

    YES = "yes"
    NO = "no"


class Gap(StrEnum):
    """Which gaps in emphasis are asked for: those that stand out, or those towards one document."""

    OUT = "out"
    A = "a"
    B = "b"


class Distance(StrEnum):
    """Which distances are asked for: any that is measured, or those whose whole interval lies within the band
    of their verdict."""

    MEASURED = "measured"
    FIRM = "firm"


#: Stands in an address for a topic's slug.
ANY_TOPIC = "any-topic-00000000"
SORT_WORDS = {
    "distance": _("by distance"),
    "gap": _("by gap in emphasis"),
    "verdict": _("by verdict"),
    "tags": _("by number of tags"),
}
#: What a row is sorted by; None where it has no such figure: then it comes last, whichever way.
FIGURES: dict[Sort, Callable[[TopicComparison], float | None]] = {
    Sort.DISTANCE: lambda found: found.distance,
    Sort.GAP: lambda found: None if found.emphasis_z is None else abs(found.emphasis_z),
    Sort.VERDICT: lambda found: VERDICT_ORDER.index(found.verdict),
    Sort.TAGS: lambda found: found.a.n + found.b.n,
}
#: The words of an address that say which rows are shown, and in which order.
OF_THE_TABLE = ("verdict", "sort", "order", "group", "stance", "thin", "gap", "distance")
#: Which way a choice goes at first: what is farthest apart, most stressed or tagged; what can be compared.
FIRST = {Sort.VERDICT: Order.ASCENDING}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks the table for; None and ``codebook``: everything as it comes.

    ``group`` is a parent topic. ``stance``: topics on which somebody takes it, in A or in B.
    """

    sort: Sort
    order: Order
    verdict: Verdict | None
    group: Topic | None
    stance: Stance | None
    thin: Thin | None
    gap: Gap | None
    distance: Distance | None

    @property
    def is_narrowed(self) -> bool:
        filters = (self.verdict, self.group, self.stance, self.thin, self.gap, self.distance)
        return any(one is not None for one in filters)

    @property
    def other_order(self) -> Order:
        return Order.ASCENDING if self.order is Order.DESCENDING else Order.DESCENDING

    @property
    def aria_sort(self) -> str:
        """The order in the words of ``aria-sort``."""
        return "descending" if self.order is Order.DESCENDING else "ascending"


@dataclass(frozen=True, slots=True)
class RowLinks:
    """Where the rows lead to. Behind ``opens`` and ``quotes`` comes the topic's slug.

    ``opens``: the page with the row open. ``quotes``: the quotes of the row alone, whatever the table is
    sorted and filtered by. ``pages``: by slug, the topic's page under this reading.
    """

    opens: str
    quotes: str
    pages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that were asked for: under their parents, or ``flat`` where they are sorted otherwise."""

    asked: Asked
    groups: tuple[Group, ...]
    flat: tuple[Row, ...]
    shown: int
    total: int
    parents: tuple[Topic, ...]
    stances: tuple[Stance, ...]


def read_asked(query: QueryDict, compared: Compared) -> Asked:
    """Raises ``BadRequest`` for an unknown word, ``Http404`` for a group or stance that is not there."""
    sort = word_of(query, "sort", Sort) or Sort.CODEBOOK
    return Asked(
        sort=sort,
        order=word_of(query, "order", Order) or FIRST.get(sort, Order.DESCENDING),
        verdict=word_of(query, "verdict", Verdict),
        group=_entry(query, "group", parents_of(compared)),
        stance=_entry(query, "stance", tuple(compared.stances.values())),
        thin=word_of(query, "thin", Thin),
        gap=word_of(query, "gap", Gap),
        distance=word_of(query, "distance", Distance),
    )


def row_links(query: QueryDict, compared: Compared) -> RowLinks:
    """The links of a table that was asked for by this query string."""
    study, reading = compared.visit.study.slug, _without(query, "open", "verdict").urlencode()
    behind = f"?{reading}" if reading else ""
    # A slug is written as it is: the address is looked up once.
    before, after = reverse("topic-detail", args=(study, ANY_TOPIC)).split(ANY_TOPIC)
    opens, quotes = _without(query, "open"), _without(query, "open", *OF_THE_TABLE)
    # What is opened comes last: a topic's slug is all that is still to be written.
    opens["open"] = quotes["open"] = ""
    return RowLinks(
        opens=f"?{opens.urlencode()}",
        quotes=f"?{quotes.urlencode()}",
        pages={topic.slug: f"{before}{topic.slug}{after}{behind}" for topic in compared.topics},
    )


def _without(query: QueryDict, *words: str) -> QueryDict:
    kept = query.copy()
    for word in words:
        kept.pop(word, None)
    return kept


def load_table(compared: Compared, asked: Asked) -> Table:
    """The table as it is asked for."""
    rows = table_rows(compared)
    stance = asked.stance.slug if asked.stance else None
    voiced = {tally.topic for tally in compared.tallies if tally.stance == stance} if stance else set()
    bounds = (compared.visit.study.agree_max, compared.visit.study.diverge_above)
    wanted = [row for row in rows if _is_wanted(row, asked, voiced, bounds)]
    is_flat = asked.sort is not Sort.CODEBOOK
    return Table(
        asked=asked,
        groups=() if is_flat else under_parents(rows, wanted),
        flat=_sorted(wanted, asked) if is_flat else (),
        shown=len(wanted),
        total=len(rows),
        parents=parents_of(compared),
        stances=tuple(compared.stances.values()),
    )


def parents_of(compared: Compared) -> tuple[Topic, ...]:
    """The parents of the compared topics, in codebook order."""
    return tuple(dict.fromkeys(topic.parent for topic in compared.topics if topic.parent))


def _is_wanted(row: Row, asked: Asked, voiced: set[str], bounds: tuple[float, float]) -> bool:
    """``voiced``: the topics on which somebody takes the stance that is asked for; ``bounds``: those of
    agree and diverge."""
    thin = {Thin.YES: True, Thin.NO: False, None: row.compared.thin}[asked.thin]
    return (
        asked.verdict in (None, row.compared.verdict)
        and (asked.group is None or row.topic.parent_id == asked.group.pk)
        and (asked.stance is None or row.topic.slug in voiced)
        and row.compared.thin is thin
        and _has_gap(row.compared.emphasis_z, asked.gap)
        and _has_distance(row.compared, asked.distance, bounds)
    )


def _has_gap(z: float | None, asked: Gap | None) -> bool:
    if asked is None:
        return True
    if z is None:
        return False
    return {Gap.OUT: stands_out(z), Gap.A: z > 0, Gap.B: z < 0}[asked]


def _has_distance(found: TopicComparison, asked: Distance | None, bounds: tuple[float, float]) -> bool:
    if asked is None or found.distance is None:
        return asked is None
    if asked is Distance.MEASURED:
        return True
    if found.certainty is None:
        return False
    low, high = (_band(end, bounds) for end in (found.certainty.interval.low, found.certainty.interval.high))
    return low == high


def _band(distance: float, bounds: tuple[float, float]) -> int:
    """0: agree, 1: partly, 2: diverge."""
    agree_max, diverge_above = bounds
    return (distance > agree_max + SLACK) + (distance > diverge_above + SLACK)


def _sorted(rows: list[Row], asked: Asked) -> tuple[Row, ...]:
    """Rows without the figure last; equal ones in codebook order."""
    figure = FIGURES[asked.sort]
    have = [(value, row) for row in rows if (value := figure(row.compared)) is not None]
    have.sort(key=lambda pair: -pair[0] if asked.order is Order.DESCENDING else pair[0])
    none = [row for row in rows if figure(row.compared) is None]
    return tuple([row for _value, row in have] + none)


Entry = TypeVar("Entry", Topic, Stance)


def _entry(query: QueryDict, name: str, entries: tuple[Entry, ...]) -> Entry | None:
    asked = query.get(name)
    if not asked:
        return None
    for entry in entries:
        if entry.slug == asked:
            return entry
    raise Http404(f"No such {name}.")
