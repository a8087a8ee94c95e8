"""A study's codebook in three queries, for the forms and pages that look entries up by slug."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from annotations.models import Source, Stance, Study, Topic


@dataclass(frozen=True, slots=True)
class Codebook:
    """Topics with a statement, stances and sources, each by slug, in codebook order."""

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

    def topics_by_group(self) -> list[tuple[str, list[Topic]]]:
        """Topics under their parents' labels; a group stands where its first topic stands."""
        groups: dict[int, list[Topic]] = {}
        for topic in self.topics.values():
            groups.setdefault(topic.parent_id or 0, []).append(topic)
        return [(str(topics[0].parent or ""), topics) for topics in groups.values()]

    def sources_by_side(self) -> list[tuple[str, list[Source]]]:
        """Sources under their sides, in the order in which the sides first appear."""
        sides = list(dict.fromkeys(source.side for source in self.sources.values()))
        ordered = sorted(self.sources.values(), key=lambda s: (sides.index(s.side), s.position))
        return [(side, list(sources)) for side, sources in groupby(ordered, key=lambda s: s.side)]
