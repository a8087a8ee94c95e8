"""A topic's other quotes: what the same coder tagged with it before, wherever in the study."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from annotations.access import Visit, get_topic_or_404
from annotations.models import Annotation, Topic

#: The latest so many are shown.
LIMIT = 20


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The coder's own latest tags on ``topic``; without a topic none. ``more``: there are others yet."""

    topic: Topic | None
    tags: list[Annotation]
    more: bool


def load_neighbours(visit: Visit, topic: str, but: uuid.UUID | None = None) -> Neighbours:
    """One's own tags on a topic, the newest first, without the one in hand (``but``), in two queries.

    Nobody else's, whoever may be seen: it is one's own use of a topic that must be steady.
    """
    if not topic:
        return Neighbours(None, [], more=False)
    found = get_topic_or_404(visit, topic)
    mine = visit.annotations().active().coded().filter(coder=visit.member, topic=found)
    if but is not None:
        mine = mine.exclude(public_id=but)
    tags = list(mine.shown().order_by("-updated_at", "-id")[: LIMIT + 1])
    return Neighbours(found, tags[:LIMIT], more=len(tags) > LIMIT)
