"""The search page: the passages that hold what was asked for, each cut around its hits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.urls import reverse

from annotations.access import Visit
from annotations.models import Document, Passage
from annotations.search_text import Query, hits, parse, words

if TYPE_CHECKING:
    from annotations.models.documents import PassageQuerySet

PASSAGES_A_PAGE = 50
#: A passage of at most this many characters is shown whole.
WHOLE = 320
#: How much of a longer one is shown: characters on each side of a hit, stretches, and hits.
AROUND, STRETCHES, HITS = 110, 3, 12
LETTERS = "ab"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the passage's own text, which is what was asked for or stands around it."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class PassageFound:
    """One passage. ``hidden``: how many of its hits lie in what is cut away. ``tag_from`` is the address
    of the workbench with the first hit's words in hand, empty for those who may not code."""

    passage: Passage
    pieces: list[Piece]
    hits: int
    hidden: int
    tag_from: str


@dataclass(frozen=True, slots=True)
class DocumentFound:
    """A document with what this page shows of it, and with how many of its passages were found."""

    document: Document
    letter: str
    count: int
    passages: list[PassageFound]
    only: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. ``counts`` is every document of the study, ``documents`` those with a passage on this
    page, both in the study's order; ``everywhere`` is the address of the same search in all documents."""

    count: int
    total: int
    counts: list[DocumentFound]
    documents: list[DocumentFound]
    page: Page[Passage]
    everywhere: str
    previous: str
    next: str


def search_address(visit: Visit, text: str, document: str = "", page: int = 1) -> str:
    """The address of a search, without what goes without saying."""
    asked = {"q": text, "document": document, "page": str(page) if page > 1 else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    base = reverse("study-search", args=[visit.study.slug])
    return f"{base}?{query}" if query else base


def load_found(
    visit: Visit, documents: list[Document], text: str, chosen: Document | None, page: str | None
) -> Found:
    """The passages in the order of the documents and their texts, in two queries.

    ``documents`` are the study's, in its order. Raises ``annotations.search_text.QueryError``.
    """
    query = parse(text)
    everywhere = Passage.objects.search(text).filter(document__study=visit.study)
    counts = _counts(everywhere)
    total = sum(counts.values())
    wanted = everywhere if chosen is None else everywhere.filter(document=chosen)
    turned = Paginator(wanted.in_text_order(), PASSAGES_A_PAGE)
    # The documents' counts say it already.
    turned.count = total if chosen is None else counts.get(chosen.pk, 0)
    shown = turned.get_page(page)

    def document_found(document: Document, passages: list[Passage]) -> DocumentFound:
        place = documents.index(document)
        return DocumentFound(
            document=document,
            letter=LETTERS[place] if place < len(LETTERS) else "",
            count=counts.get(document.pk, 0),
            passages=[_passage_found(visit, document, passage, query) for passage in passages],
            only=search_address(visit, text, document.slug),
            is_chosen=document == chosen,
        )

    slug = chosen.slug if chosen else ""
    by_pk = {document.pk: document for document in documents}
    return Found(
        count=turned.count,
        total=total,
        counts=[document_found(document, []) for document in documents],
        documents=[
            document_found(by_pk[pk], list(passages))
            for pk, passages in groupby(shown, key=lambda passage: passage.document_id)
        ],
        page=shown,
        everywhere=search_address(visit, text),
        previous=search_address(visit, text, slug, shown.number - 1) if shown.has_previous() else "",
        next=search_address(visit, text, slug, shown.number + 1) if shown.has_next() else "",
    )


def _counts(found: PassageQuerySet) -> dict[int, int]:
    return dict(found.order_by().values_list("document").annotate(Count("pk")))


def _passage_found(visit: Visit, document: Document, passage: Passage, query: Query) -> PassageFound:
    places = hits(words(passage.text), query)
    pieces, shown = excerpt(passage.text, places)
    tag_from = ""
    if visit.may_code:
        code = reverse("document-code", args=[visit.study.slug, document.slug])
        start, end = (places or [(0, len(passage.text))])[0]
        in_hand = f"start={passage.start + start}&end={passage.start + end}"
        tag_from = f"{code}?passage={passage.number}&{in_hand}#p{passage.number}"
    return PassageFound(passage, pieces, len(places), len(places) - shown, tag_from)


def excerpt(text: str, places: list[tuple[int, int]]) -> tuple[list[Piece], int]:
    """The text around its hits, and how many of them it shows. Without the signs "…" where it is cut, the
    pieces are stretches of the text, character for character."""
    stretches, shown = _stretches(text, places)
    pieces: list[Piece] = []
    for begin, end in stretches:
        pieces.append(Piece("… " if begin and not pieces else " … " if pieces else ""))
        inside = [place for place in places[:shown] if begin <= place[0] and place[1] <= end]
        edges = [begin, *(edge for place in inside for edge in place), end]
        pieces += [Piece(text[a:b], place % 2 == 1) for place, (a, b) in enumerate(pairwise(edges))]
    if stretches and stretches[-1][1] < len(text):
        pieces.append(Piece(" …"))
    return [piece for piece in pieces if piece.text], shown


def _stretches(text: str, places: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], int]:
    """Which runs of the text are shown, apart and in order, and how many of the hits lie in them."""
    if len(text) <= WHOLE or not places:
        return [(0, len(text) if places else min(len(text), WHOLE))], len(places)
    stretches: list[tuple[int, int]] = []
    shown = 0
    for start, end in places[:HITS]:
        begin, stop = _word_start(text, start), _word_end(text, end)
        if stretches and begin <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], stop)
        elif len(stretches) == STRETCHES:
            break
        else:
            stretches.append((begin, stop))
        shown += 1
    return stretches, shown


def _word_start(text: str, hit: int) -> int:
    """Where the words before a hit begin: behind a space, unless the text begins there."""
    if hit <= AROUND:
        return 0
    space = text.find(" ", hit - AROUND, hit)
    return space + 1 if space >= 0 else hit - AROUND


def _word_end(text: str, hit: int) -> int:
    """Where the words behind a hit end: before a space, unless the text ends there."""
    if len(text) - hit <= AROUND:
        return len(text)
    space = text.rfind(" ", hit, hit + AROUND)
    return space if space >= 0 else hit + AROUND
