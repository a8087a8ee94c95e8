"""The curator's queue as a page: which entries were asked for, how far each document is, who counts."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core.paginator import Page, Paginator
from django.http import Http404

from annotations.access import Visit
from annotations.codebook import Codebook
from annotations.enums import Situation
from annotations.models import Annotation, Document
from annotations.pages.curation_asked import STATUSES, Asked, Shown, topic_of
from annotations.pages.curation_changes import CoderNames
from annotations.pages.curation_focus import Focus, load_focus
from annotations.services.curation_plan import DocumentQueue, Entry, Status, load_queues

if TYPE_CHECKING:
    from annotations.curation_forms import ItemForm

ROWS_A_PAGE = 50
LETTERS = "ab"
#: How much of a quote a row of the list shows.
SNIPPET = 90


@dataclass(frozen=True, slots=True)
class DocumentTab:
    """A document and how far it is: ``settled`` of ``total`` entries."""

    document: Document
    letter: str
    settled: int
    total: int
    address: str
    is_current: bool

    @property
    def is_settled(self) -> bool:
        return self.settled == self.total


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in the list."""

    entry: Entry
    topic: str
    quote: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class FilterLink:
    """One choice of a filter: its word, how many entries it has, and its address."""

    word: str
    count: int
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Curation:
    """The whole page. ``names``: what the document's coders are called."""

    visit: Visit
    asked: Asked
    codebook: Codebook
    tabs: tuple[DocumentTab, ...]
    queue: DocumentQueue | None
    rows: tuple[Row, ...]
    pages: Page[Entry]
    situations: tuple[FilterLink, ...]
    statuses: tuple[FilterLink, ...]
    topics: tuple[tuple[str, str], ...]
    names: CoderNames | None
    focus: Focus | None
    place: int
    before: str
    after: str
    unanimous: int

    @property
    def found(self) -> int:
        return self.pages.paginator.count

    @property
    def address(self) -> str:
        """The address of the page as it stands."""
        key = self.focus.entry.key if self.focus else ""
        return replace(self.asked, item=key, page=0).address

    @property
    def query(self) -> str:
        """What a form sends along, so that it leads back here."""
        return self.asked.without_item().query

    @property
    def other_names(self) -> str:
        """The same with coders named, where they are hidden, and hidden where they are named."""
        key = self.focus.entry.key if self.focus else ""
        return replace(self.asked, item=key, names_hidden=not self.asked.names_hidden).address

    @property
    def everything(self) -> str:
        """All that is to do in the document."""
        plain = Asked(self.asked.study, self.asked.document, names_hidden=self.asked.names_hidden)
        return plain.address

    @property
    def is_narrowed(self) -> bool:
        """Whether filters hide entries that are to do."""
        return self.queue is not None and not self.queue.is_settled

    @property
    def page_before(self) -> str:
        if not self.pages.has_previous():
            return ""
        return replace(self.asked, page=self.pages.previous_page_number()).address

    @property
    def page_after(self) -> str:
        return (
            replace(self.asked, page=self.pages.next_page_number()).address if self.pages.has_next() else ""
        )

    @property
    def counted(self) -> list[str]:
        """The coders who count, as they are called here."""
        return sorted(self._name(name) for name in self.queue.coders) if self.queue else []

    @property
    def left_out(self) -> list[tuple[str, int]]:
        """The coders who do not count, and how many tags they have."""
        return [(self._name(name), n) for name, n in self.queue.left_out] if self.queue else []

    def _name(self, username: str) -> str:
        return self.names.of(username) if self.names else username


def load_curation(
    visit: Visit,
    asked: Asked,
    *,
    after: Collection[int] = (),
    sent: ItemForm | None = None,
    about: Collection[uuid.UUID] = (),
) -> Curation:
    """The page in a fixed number of queries.

    ``after``: the tags of an entry that is done; the next one that is asked for is in focus. ``sent``: a form
    that was refused, shown again. ``about``: tags whose entry is in focus, whatever the address says.
    """
    documents = list(visit.study.documents.without_text().order_by("position"))
    queues = load_queues(documents)
    queue = _chosen(queues, asked)
    if queue is not None:
        asked = replace(asked, document=queue.document.slug)
        asked = next_asked(queue, asked, after) if after else asked
    codebook = Codebook.of(visit.study)
    found = [entry for entry in queue.entries if asked.lists(entry)] if queue else []
    entry = queue.nearest(about) if queue and about else _asked_entry(queue, asked)
    entry = entry or next(iter(found), None)
    names = coder_names(queue, hidden=asked.names_hidden) if queue else None
    pages = _page(found, entry, asked)
    previous, following = _neighbours(queue, found, entry)
    return Curation(
        visit=visit,
        asked=asked,
        codebook=codebook,
        tabs=_tabs(queues, asked),
        queue=queue,
        rows=_rows(pages, asked, codebook, entry),
        pages=pages,
        situations=_situations(queue, asked),
        statuses=_statuses(queue, asked),
        topics=_topics(queue, codebook),
        names=names,
        focus=load_focus(queue, entry, codebook, names, sent) if queue and entry and names else None,
        place=found.index(entry) + 1 if entry in found else 0,
        before=replace(asked, item=previous.key, page=0).address if previous else "",
        after=replace(asked, item=following.key, page=0).address if following else "",
        unanimous=sum(_is_agreed(entry) for entry in queue.entries) if queue else 0,
    )


def next_asked(queue: DocumentQueue, asked: Asked, tags: Collection[int]) -> Asked:
    """Where to go from the entry of these tags: to the next that is asked for, else to the first, else to
    none."""
    here = next((n for n, e in enumerate(queue.entries) if not e.tags.keys().isdisjoint(tags)), -1)
    found = [(n, entry) for n, entry in enumerate(queue.entries) if asked.lists(entry) and n != here]
    later = [entry for n, entry in found if n > here] or [entry for _n, entry in found]
    return replace(asked.without_item(), item=later[0].key if later else "")


def coder_names(queue: DocumentQueue, *, hidden: bool) -> CoderNames:
    """What the coders of a document are called. A number is the same on every item of the document, and
    does not follow from the alphabet."""
    everybody = {*queue.coders, *(name for name, _n in queue.left_out)}
    salt = str(queue.document.pk)
    shuffled = sorted(everybody, key=lambda name: hashlib.sha256(f"{salt} {name}".encode()).digest())
    return CoderNames({name: n for n, name in enumerate(shuffled, start=1)}, hidden)


def _chosen(queues: Sequence[DocumentQueue], asked: Asked) -> DocumentQueue | None:
    """The document that was asked for, else the first with something to do, else the first."""
    if asked.document:
        for queue in queues:
            if queue.document.slug == asked.document:
                return queue
        raise Http404("No such document.")
    return next((queue for queue in queues if not queue.is_settled), next(iter(queues), None))


def _asked_entry(queue: DocumentQueue | None, asked: Asked) -> Entry | None:
    if queue is None or not asked.item:
        return None
    try:
        return queue.by_tag[uuid.UUID(asked.item)]
    except (ValueError, KeyError) as error:
        raise Http404("No such item.") from error


def _page(found: Sequence[Entry], entry: Entry | None, asked: Asked) -> Page[Entry]:
    """The page of the list that was asked for, else the one with the entry in focus."""
    here = found.index(entry) // ROWS_A_PAGE + 1 if entry in found else 1
    return Paginator(found, ROWS_A_PAGE).get_page(asked.page or here)


def _neighbours(
    queue: DocumentQueue | None, found: Sequence[Entry], entry: Entry | None
) -> tuple[Entry | None, Entry | None]:
    """The entries before and after one among those found, which need not be among them itself."""
    if queue is None or entry is None:
        return None, None
    order = {other.key: n for n, other in enumerate(queue.entries)}
    here = order.get(entry.key, -1)
    before = [other for other in found if order[other.key] < here]
    after = [other for other in found if order[other.key] > here]
    return before[-1] if before else None, after[0] if after else None


def _tabs(queues: Sequence[DocumentQueue], asked: Asked) -> tuple[DocumentTab, ...]:
    return tuple(
        DocumentTab(
            document=queue.document,
            letter=LETTERS[n] if n < len(LETTERS) else "",
            settled=queue.settled,
            total=len(queue.entries),
            address=replace(asked.without_item(), document=queue.document.slug, topic="").address,
            is_current=queue.document.slug == asked.document,
        )
        for n, queue in enumerate(queues)
    )


def _rows(pages: Page[Entry], asked: Asked, codebook: Codebook, current: Entry | None) -> tuple[Row, ...]:
    entries = list(pages.object_list)
    first = [next(iter(entry.tags)) for entry in entries]
    quotes = dict(Annotation.objects.filter(pk__in=first).values_list("pk", "quote"))
    labels = {slug: topic.label for slug, topic in codebook.topics.items()}
    return tuple(
        Row(
            entry=entry,
            topic=labels.get(topic_of(entry), topic_of(entry)),
            quote=_snippet(quotes[key]),
            address=replace(asked, item=entry.key, page=0).address,
            is_current=entry is current,
        )
        for key, entry in zip(first, entries, strict=True)
    )


def _snippet(quote: str) -> str:
    return quote if len(quote) <= SNIPPET else f"{quote[:SNIPPET].rsplit(' ', 1)[0]}…"


def _situations(queue: DocumentQueue | None, asked: Asked) -> tuple[FilterLink, ...]:
    """Every situation, with its entries among those that the other filters leave."""
    others = replace(asked, situation=None)
    entries = [entry for entry in queue.entries if others.lists(entry)] if queue else []
    counts = Counter(situation for entry in entries for situation in entry.situations)
    plain = asked.without_item()
    links = [FilterLink("", len(entries), replace(plain, situation=None).address, asked.situation is None)]
    for situation in Situation:
        address = replace(plain, situation=situation).address
        links.append(FilterLink(situation.value, counts[situation], address, asked.situation is situation))
    return tuple(links)


def _statuses(queue: DocumentQueue | None, asked: Asked) -> tuple[FilterLink, ...]:
    """Every status, with its entries among those that the other filters leave."""
    others = replace(asked, status=Shown.ALL)
    counts = Counter(entry.status for entry in queue.entries if others.lists(entry)) if queue else Counter()
    links = []
    for shown in Shown:
        other = replace(asked, status=shown)
        count = sum(counts[status] for status in STATUSES[shown])
        links.append(FilterLink(shown.value, count, other.without_item().address, asked.status is shown))
    return tuple(links)


def _topics(queue: DocumentQueue | None, codebook: Codebook) -> tuple[tuple[str, str], ...]:
    """The topics of the document's entries, in codebook order."""
    used = {topic_of(entry) for entry in queue.entries} if queue else set()
    known = [(slug, topic.label) for slug, topic in codebook.topics.items() if slug in used]
    return (*known, *sorted((slug, slug) for slug in used - codebook.topics.keys() if slug))


def _is_agreed(entry: Entry) -> bool:
    return entry.status is Status.OPEN and entry.situation is Situation.UNANIMOUS
