"""A study's codebook in three queries, for the forms and pages that look entries up by slug."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from annotations.models import Source, Stance, Study, Topic

Entry = TypeVar("Entry", Topic, Stance, Source)


@dataclass(frozen=True, slots=True)
class Codebook:
    """Topics with a statement, stances and sources, each by slug, in codebook order.

    Retired entries are among them, since what was tagged with one is shown. What is offered for a tag
    leaves them out, but for those that the tag has already: their slugs are in ``keep``.
    """

    topics: dict[str, Topic]
    stances: dict[str, Stance]
    sources: dict[str, Source]

    @classmethod
    def of(cls, study: Study) -> Codebook:
        """The study's codebook, in three queries."""
        return cls(
            topics={topic.slug: topic for topic in study.topics.taggable()},
            stances={stance.slug: stance for stance in study.stances.order_by("position")},
            sources={
                source.slug: source
                for source in study.sources.select_related("speaks_for").order_by("position")
            },
        )

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


def _offered(entries: Mapping[str, Entry], keep: Collection[str]) -> list[Entry]:
    return [entry for slug, entry in entries.items() if not entry.is_retired or slug in keep]
