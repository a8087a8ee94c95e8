"""The curator's queue as it stands: the items of a document, whose tags count, and what is settled.

Read from what is stored in five queries, whatever the number of documents; the rest is matching. A decision
is about tags at versions; it holds an item settled as long as these are the item's tags at these versions.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from annotations.comparison.measures import counted_coders
from annotations.comparison.values import Tag
from annotations.enums import Outcome, Situation
from annotations.models import Annotation, Completion, DecidedTag, Decision, Document
from annotations.reliability.claims import Claim, Item, match_claims, queue_items
from annotations.stored_tags import TAG_COLUMNS, tag_of


class Status(StrEnum):
    """Where an entry of the queue stands. ``changed``: it was decided, and its tags are others since."""

    OPEN = "open"
    CHANGED = "changed"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class SeenTag:
    """One coder's tag at one version: as it is stored, or as a curator saw it."""

    public_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision that holds. ``decided``: the version of each tag it was about, by the tag's key; ``now``:
    the same tags as they are stored; ``withdrawn``: the keys of those that their coders took back."""

    pk: int
    public_id: uuid.UUID
    passage: int
    situation: Situation
    outcome: Outcome
    decided: Mapping[int, int]
    now: Mapping[int, SeenTag]
    withdrawn: frozenset[int]

    @property
    def is_of_the_same_versions(self) -> bool:
        """Whether no tag it was about has changed, was withdrawn or was brought back since."""
        return all(self.now[key].version == version for key, version in self.decided.items())

    @property
    def is_followed(self) -> bool:
        """Whether it was "nothing here", and the coders took their tags back: no question is left."""
        return self.outcome is Outcome.NOTHING and self.withdrawn == self.decided.keys()


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry of the queue: an item with the decisions on its tags, or, without an item, a decision none
    of whose tags counts any more. ``tags``: as they are stored, by key, in the order of the text;
    ``coders``: who counts."""

    item: Item | None
    coders: frozenset[str]
    decisions: tuple[StoredDecision, ...]
    status: Status
    tags: Mapping[int, SeenTag]

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        """All that hold; it is filed under the first."""
        return situations_of(self.item, self.coders) if self.item else (self.decisions[0].situation,)

    @property
    def situation(self) -> Situation:
        return self.situations[0]

    @property
    def passage(self) -> int:
        return self.item.passage if self.item else self.decisions[0].passage

    @property
    def is_settled(self) -> bool:
        return self.status is Status.SETTLED

    @property
    def seen(self) -> frozenset[SeenTag]:
        """What tells whether it is still as a curator saw it."""
        return frozenset(self.tags.values())

    @property
    def key(self) -> str:
        """What its address is made of: its first tag's id."""
        return str(next(iter(self.tags.values())).public_id)


@dataclass(frozen=True, slots=True)
class DocumentQueue:
    """A document's queue in the order of its text. ``coders`` are those who count: who finished it; where
    nobody ``finished``, who tagged it. ``left_out``: the others' names and how many tags they have."""

    document: Document
    finished: bool
    coders: tuple[str, ...]
    left_out: tuple[tuple[str, int], ...]
    entries: tuple[Entry, ...]
    by_tag: Mapping[uuid.UUID, Entry] = field(repr=False)

    @property
    def settled(self) -> int:
        """How many of its entries are settled."""
        return sum(entry.is_settled for entry in self.entries)

    @property
    def is_settled(self) -> bool:
        """Whether no claim of it is open."""
        return self.settled == len(self.entries)

    def entry_of(self, seen: Collection[SeenTag]) -> Entry | None:
        """The entry of exactly these tags at these versions, if it still stands so."""
        near = self.nearest(tag.public_id for tag in seen)
        return near if near is not None and near.seen == frozenset(seen) else None

    def nearest(self, tags: Iterable[uuid.UUID]) -> Entry | None:
        """The entry that holds the first of these tags that any holds, whatever has become of the others."""
        return next((self.by_tag[tag] for tag in tags if tag in self.by_tag), None)


def situations_of(item: Item, coders: frozenset[str]) -> tuple[Situation, ...]:
    """How the coders who count stand on an item, in the order under which it is filed.

    Sources are in conflict where they differ and a coder lacks one: coders who all heard both agree.
    """
    finders = [{tag.coder for tag in claim.tags} for claim in item.claims]
    is_whole = all(coders <= found for found in finders)
    holds = []
    if not is_whole and len({claim.source for claim in item.claims}) > 1:
        holds.append(Situation.SOURCE)
    if any(len({tag.stance for tag in claim.tags}) > 1 for claim in item.claims):
        holds.append(Situation.STANCE)
    if any(len({tag.reported_by for tag in claim.tags}) > 1 for claim in item.claims):
        holds.append(Situation.MESSENGER)
    if not is_whole and not coders <= set().union(*finders):
        holds.append(Situation.SOME)
    return tuple(holds) or (Situation.UNANIMOUS,)


def proposed(claim: Claim) -> Tag:
    """The tag whose words speak for a claim: those that most coders chose, else the shortest, the first."""
    chosen = Counter((tag.start, tag.end) for tag in claim.tags)
    return min(
        claim.tags, key=lambda tag: (-chosen[tag.start, tag.end], tag.end - tag.start, tag.start, tag.coder)
    )


def load_queues(documents: Iterable[Document]) -> list[DocumentQueue]:
    """The queue of each document, in five queries or fewer, however many documents and tags there are."""
    wanted = list(documents)
    finishers: defaultdict[int, set[str]] = defaultdict(set)
    completions = Completion.objects.filter(document__in=wanted, reopened_at__isnull=True)
    for document, name in completions.values_list("document_id", "coder__username"):
        finishers[document].add(name)
    tags: defaultdict[int, list[tuple[Tag, SeenTag]]] = defaultdict(list)
    columns = (*TAG_COLUMNS, "document_id", "public_id", "version")
    active = Annotation.objects.active().coded().filter(document__in=wanted).order_by()
    for row in active.values_list(*columns):
        tags[row[-3]].append((tag_of(row), SeenTag(row[-2], row[-1])))
    decisions = _decisions(wanted)
    return [_queue(d, finishers[d.pk], tags[d.pk], decisions[d.pk]) for d in wanted]


def _decisions(documents: Sequence[Document]) -> defaultdict[int, list[StoredDecision]]:
    """By document: the decisions that hold, oldest first."""
    active = Decision.objects.active().filter(document__in=documents).order_by("created_at", "pk")
    decided: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    about = DecidedTag.objects.filter(decision__in=active.order_by().values("pk")).values_list(
        "decision_id",
        "annotation_id",
        "version",
        "annotation__public_id",
        "annotation__version",
        "annotation__withdrawn_at",
    )
    for decision, *row in about:
        decided[decision].append(tuple(row))
    found: defaultdict[int, list[StoredDecision]] = defaultdict(list)
    for document, pk, public_id, passage, situation, outcome in active.values_list(
        "document_id", "pk", "public_id", "passage__number", "situation", "outcome"
    ):
        found[document].append(
            StoredDecision(
                pk=pk,
                public_id=public_id,
                passage=passage,
                situation=Situation(situation),
                outcome=Outcome(outcome),
                decided={key: version for key, version, *_now in decided[pk]},
                now={key: SeenTag(public, now) for key, _version, public, now, _gone in decided[pk]},
                withdrawn=frozenset(key for key, *_now, gone in decided[pk] if gone is not None),
            )
        )
    return found


def _queue(
    document: Document,
    finishers: set[str],
    tags: Sequence[tuple[Tag, SeenTag]],
    decisions: Sequence[StoredDecision],
) -> DocumentQueue:
    annotators = Counter(tag.coder for tag, _seen in tags)
    coders, finished = counted_coders(finishers=finishers, annotators=annotators, chosen=None)
    counted = {tag.key: seen for tag, seen in tags if tag.coder in coders}
    about: defaultdict[int, list[StoredDecision]] = defaultdict(list)
    for decision in decisions:
        for key in decision.decided:
            about[key].append(decision)
    items = queue_items(match_claims(tag for tag, _seen in tags if tag.coder in coders))
    who = frozenset(coders)
    entries = [_entry(item, who, counted, about) for item in items]
    entries += [
        _without_item(decision, who) for decision in decisions if not decision.decided.keys() & counted
    ]
    # Without an item an entry stands at the end of its passage.
    entries.sort(key=lambda entry: (entry.passage, entry.item is None))
    return DocumentQueue(
        document=document,
        finished=finished,
        coders=coders,
        left_out=tuple(sorted((name, n) for name, n in annotators.items() if name not in coders)),
        entries=tuple(entries),
        by_tag={tag.public_id: entry for entry in reversed(entries) for tag in entry.seen},
    )


def _entry(
    item: Item,
    coders: frozenset[str],
    counted: Mapping[int, SeenTag],
    about: Mapping[int, Sequence[StoredDecision]],
) -> Entry:
    keys = [tag.key for tag in (item.claims[0].tags if len(item.claims) == 1 else item.tags)]
    decisions = {decision.pk: decision for key in keys if key in about for decision in about[key]}
    status = Status.CHANGED if decisions else Status.OPEN
    if len(decisions) == 1:
        (decision,) = decisions.values()
        is_whole = set(keys) == decision.decided.keys() & counted.keys()
        # A coder who only reopens the document stops counting; their tag is the same, and so is its decision.
        status = Status.SETTLED if is_whole and decision.is_of_the_same_versions else status
    return Entry(
        item=item,
        coders=coders,
        decisions=tuple(decisions[pk] for pk in sorted(decisions)),
        status=status,
        tags={key: counted[key] for key in keys},
    )


def _without_item(decision: StoredDecision, coders: frozenset[str]) -> Entry:
    is_settled = decision.is_of_the_same_versions or decision.is_followed
    return Entry(
        item=None,
        coders=coders,
        decisions=(decision,),
        status=Status.SETTLED if is_settled else Status.CHANGED,
        tags={key: decision.now[key] for key in sorted(decision.now)},
    )
