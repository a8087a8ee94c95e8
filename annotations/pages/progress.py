"""How far coders are: which passages they have tagged, marked "nothing here" or had before them.

Headings are passages like the others and count among them; but a heading needs no tag, so that it is never
open: nobody is asked about it before finishing. What is imported tags a passage as well, whether or not its
coder had it before them here: a tagged passage counts as visited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q

from annotations.access import Visit
from annotations.enums import PassageKind
from annotations.models import Annotation, Document, Passage, PassageVisit, User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from annotations.models.coding import AnnotationQuerySet

BAR_WIDTH = 100
IS_HEADING = Q(kind=PassageKind.HEADING.value)
IN_HEADING = Q(passage__kind=PassageKind.HEADING.value)
#: By document and coder.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar: what it stands for, where it begins and how wide it is, in per cent."""

    name: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one coder is on one document, in passages; ``tags`` are their active tags.

    ``nothing``: marked and without a tag. ``open``: neither tagged nor marked, headings apart; ``seen`` are
    those of them that the coder has had before them.
    """

    passages: int
    tagged: int = 0
    nothing: int = 0
    visited: int = 0
    open: int = 0
    seen: int = 0
    tags: int = 0

    @property
    def bar(self) -> tuple[Part, ...]:
        """The passages that there is a word to say on, as one bar: tagged, nothing to tag, open but seen; the
        rest is bare. A heading needs no word: nobody is further for it."""
        whole = self.tagged + self.nothing + self.open
        parts, x = [], 0.0
        for name, count in (("tagged", self.tagged), ("plain", self.nothing), ("seen", self.seen)):
            width = round(BAR_WIDTH * count / max(1, whole), 2)
            if count:
                parts.append(Part(name, round(x, 2), width))
            x += width
        return tuple(parts)


def progress_of(visit: Visit, document: Document) -> Progress:
    """The person's own progress on a document, in two queries, however long it is."""
    tags, visits = _own(visit.member, document)
    is_tagged, is_visited = Q(pk__in=tags.values("passage")), Q(pk__in=visits.values("passage"))
    is_marked = Q(pk__in=visits.filter(nothing_here_at__isnull=False).values("passage"))
    is_open = ~is_tagged & ~is_marked & ~IS_HEADING
    counted = document.passages.aggregate(
        passages=Count("pk"),
        tagged=Count("pk", filter=is_tagged),
        nothing=Count("pk", filter=is_marked & ~is_tagged),
        visited=Count("pk", filter=is_tagged | is_visited),
        open=Count("pk", filter=is_open),
        seen=Count("pk", filter=is_open & is_visited),
    )
    return Progress(tags=tags.count(), **counted)


def open_passages(coder: User, document: Document) -> QuerySet[Passage]:
    """The passages that the coder has neither tagged nor marked, in the order of the text."""
    tags, visits = _own(coder, document)
    marked = visits.filter(nothing_here_at__isnull=False)
    settled = Q(pk__in=tags.values("passage")) | Q(pk__in=marked.values("passage")) | IS_HEADING
    return document.passages.exclude(settled).order_by("number")


def _own(coder: User, document: Document) -> tuple[AnnotationQuerySet, QuerySet[PassageVisit]]:
    """The coder's active tags on a document, and their visits."""
    tags = Annotation.objects.active().coded().filter(document=document, coder=coder)
    return tags, PassageVisit.objects.filter(document=document, coder=coder)


def with_marks(passages: QuerySet[Passage], coder: User) -> QuerySet[Passage]:
    """The passages, each with ``is_tagged`` and ``is_nothing``: what the coder has said of it."""
    of_coder = Q(passage=OuterRef("pk"), coder=coder)
    return passages.annotate(
        is_tagged=Exists(Annotation.objects.active().coded().filter(of_coder)),
        is_nothing=Exists(PassageVisit.objects.filter(of_coder, nothing_here_at__isnull=False)),
    )


@dataclass(frozen=True, slots=True)
class ProgressTable:
    """The progress of everybody who has done something on a document. ``sizes``: by document its passages,
    and those that are no headings."""

    sizes: dict[int, tuple[int, int]]
    found: dict[Key, Progress]

    def of(self, document: int, coder: int) -> Progress:
        """The progress of one coder on one document, by their ids."""
        passages, text = self.sizes.get(document, (0, 0))
        return self.found.get((document, coder)) or Progress(passages=passages, open=text)


def visible_work(visit: Visit) -> Q:
    """Whose work the person may know of: a condition on rows that have a ``coder`` and a ``document``.

    Coders know of each other's; where coding is blind, on a document they have not finished of their own
    only. Curators and owners know of all, readers and the public of none.
    """
    if not visit.may_code:
        return Q(pk__in=[])
    if visit.may_curate or not visit.study.is_blind:
        return Q()
    return Q(coder=visit.member) | Q(document__in=_finished_by(visit.member).values("pk"))


def load_progress(documents: Iterable[Document], of: Q) -> ProgressTable:
    """The progress on these documents, as far as the condition ``of`` lets it be known (``visible_work``),
    in three queries."""
    ids = [document.pk for document in documents]
    sizes, tagged, visited = _sizes(ids), _tagged(ids, of), _visited(ids, of)
    found = {}
    for key in tagged.keys() | visited.keys():
        passages, text = sizes[key[0]]
        tags, of_all, of_text, unvisited = tagged.get(key, (0, 0, 0, 0))
        visits, nothing, nothing_in_text, seen = visited.get(key, (0, 0, 0, 0))
        found[key] = Progress(
            passages=passages,
            tagged=of_all,
            nothing=nothing,
            visited=visits + unvisited,
            open=text - of_text - nothing_in_text,
            seen=seen,
            tags=tags,
        )
    return ProgressTable(sizes, found)


def _sizes(ids: list[int]) -> dict[int, tuple[int, int]]:
    """By document: its passages, and those that are no headings."""
    rows = (
        Passage.objects.filter(document__in=ids)
        .order_by()
        .values_list("document")
        .annotate(passages=Count("pk"), text=Count("pk", filter=~IS_HEADING))
    )
    return {document: (passages, text) for document, passages, text in rows}


def _tagged(ids: list[int], of: Q) -> dict[Key, tuple[int, int, int, int]]:
    """Active tags, and the passages that have one: all, those that are no headings, those not visited."""
    visit = PassageVisit.objects.filter(passage=OuterRef("passage"), coder=OuterRef("coder"))
    return _grouped(
        Annotation.objects.active().coded().filter(of, document__in=ids),
        tags=Count("pk"),
        tagged=Count("passage", distinct=True),
        tagged_text=Count("passage", distinct=True, filter=~IN_HEADING),
        unvisited=Count("passage", distinct=True, filter=Q(~Exists(visit))),
    )


def _visited(ids: list[int], of: Q) -> dict[Key, tuple[int, int, int, int]]:
    """Visits; and of those, of passages without a tag: marked, marked and no heading, neither."""
    tag = Annotation.objects.active().coded().filter(passage=OuterRef("passage"), coder=OuterRef("coder"))
    untagged, marked = ~Q(Exists(tag)), Q(nothing_here_at__isnull=False)
    return _grouped(
        PassageVisit.objects.filter(of, document__in=ids),
        visits=Count("pk"),
        nothing=Count("pk", filter=marked & untagged),
        nothing_text=Count("pk", filter=marked & untagged & ~IN_HEADING),
        seen=Count("pk", filter=~marked & untagged & ~IN_HEADING),
    )


def _grouped(rows: QuerySet[Any], **counts: Count) -> dict[Key, tuple[int, int, int, int]]:
    found = rows.order_by().values_list("document", "coder").annotate(**counts)
    return {(document, coder): (a, b, c, d) for document, coder, a, b, c, d in found}


def documents_to_code(visit: Visit) -> QuerySet[Document]:
    """The documents that the person is to code, in their order: those assigned to them, or where none is,
    all. It guides, and locks nobody out."""
    documents = visit.study.documents.without_text().order_by("position")
    assigned = documents.filter(assignments__coder=visit.member)
    return assigned if assigned.exists() else documents


def next_document(visit: Visit) -> Document | None:
    """The first document that the person is to code and has not finished; where all are finished, the
    first of them; None where the study has no documents."""
    documents = documents_to_code(visit)
    finished = _finished_by(visit.member).values("pk")
    return documents.exclude(pk__in=finished).first() or documents.first()


def _finished_by(coder: User) -> QuerySet[Document]:
    return Document.objects.filter(completions__coder=coder, completions__reopened_at__isnull=True)
