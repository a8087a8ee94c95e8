"""A study's codebook in three queries, for the forms and pages that look entries up by slug."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from threading import Lock
from typing import Any, TypeVar

from annotations.models import CodebookState, Source, Stance, Study, Topic

Entry = TypeVar("Entry", Topic, Stance, Source)

#: How many codebooks a process keeps, and those that it has, the one read last at the end.
KEPT = 64
_kept: OrderedDict[str, Codebook] = OrderedDict()
_keeping = Lock()


def _keep(state: str, codebook: Codebook) -> None:
    if not state:
        return
    with _keeping:
        _kept[state] = codebook
        while len(_kept) > KEPT:
            _kept.popitem(last=False)


def _state_of(study: Study) -> str:
    return CodebookState.objects.filter(study=study).values_list("token", flat=True).first() or ""


@dataclass(frozen=True)
class Codebook:
    """Topics with a statement, stances and sources, each by slug, in codebook order. It is shared by
    requests: nobody changes what is in it.

    Retired entries are among them, since what was tagged with one is shown. What is offered for a tag
    leaves them out, but for those that the tag has already: their slugs are in ``keep``.
    """

    topics: dict[str, Topic]
    stances: dict[str, Stance]
    sources: dict[str, Source]

    @classmethod
    def of(cls, study: Study, *, state: str = "") -> Codebook:
        """The study's codebook, in three queries; in none where it was read in this ``state`` before, and in
        one where the state has to be asked for."""
        state = state or _state_of(study)
        found = _kept.get(state)
        if found is None:
            # Read after its state was: what changes in between belongs to another one.
            found = cls._read(study)
            _keep(state, found)
        return found

    @classmethod
    def _read(cls, study: Study) -> Codebook:
        # Not by way of the study: what is kept must not hold on to one.
        mine = {"study_id": study.pk}
        return cls(
            topics={topic.slug: topic for topic in Topic.objects.filter(**mine).taggable()},
            stances={stance.slug: stance for stance in Stance.objects.filter(**mine).order_by("position")},
            sources={
                source.slug: source
                for source in Source.objects.filter(**mine).select_related("speaks_for").order_by("position")
            },
        )

    @cached_property
    def by_id(self) -> Mapping[tuple[type[Topic | Stance | Source], int], Any]:
        """Every entry by its kind and database id."""
        kinds: tuple[Mapping[str, Topic | Stance | Source], ...] = (self.topics, self.stances, self.sources)
        return {(type(entry), entry.pk): entry for entries in kinds for entry in entries.values()}

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides that can be listened to alone, in codebook order, the documents' own apart."""
        return sides_of(self.sources.values())

    def topics_by_group(self, keep: Collection[str] = ()) -> list[tuple[str, list[Topic]]]:
        """Topics on offer under their parents' labels; a group stands where its first topic stands."""
        groups: dict[int, list[Topic]] = {}
        for topic in _offered(self.topics, keep):
            groups.setdefault(topic.parent_id or 0, []).append(topic)
        return [(str(topics[0].parent or ""), topics) for topics in groups.values()]

    def every_topic_by_group(self) -> list[tuple[str, list[Topic]]]:
        """All topics under their parents' labels, to look for tags by: retired ones have some."""
        return self.topics_by_group(keep=self.topics)

    def every_source_by_side(self) -> list[tuple[str, list[Source]]]:
        """All sources under their sides, to look for tags by."""
        return self.sources_by_side(keep=self.sources)

    def stances_offered(self, keep: Collection[str] = ()) -> list[Stance]:
        """Stances on offer."""
        return _offered(self.stances, keep)

    def sources_by_side(self, keep: Collection[str] = ()) -> list[tuple[str, list[Source]]]:
        """Sources on offer under their sides, in the order in which the sides first appear."""
        offered = _offered(self.sources, keep)
        sides = list(dict.fromkeys(source.side for source in offered))
        ordered = sorted(offered, key=lambda s: (sides.index(s.side), s.position))
        return [(side, list(sources)) for side, sources in groupby(ordered, key=lambda s: s.side)]


def sides_of(sources: Iterable[Source]) -> tuple[str, ...]:
    """The sides of these sources in codebook order, but for that of the documents themselves."""
    ordered = sorted(sources, key=lambda source: source.position)
    return tuple(dict.fromkeys(source.side for source in ordered if not source.is_author))


def _offered(entries: Mapping[str, Entry], keep: Collection[str]) -> list[Entry]:
    return [entry for slug, entry in entries.items() if not entry.is_retired or slug in keep]
