"""What a curator may decide about an item of the queue, and what the decision then is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotations.enums import Outcome, Reason, Situation
from annotations.errors import InvalidTagError
from annotations.models import Annotation, Passage, Source, Stance, Topic
from annotations.services.curation_plan import Entry

#: What the curated layer holds once in a passage: start, end, topic, source and messenger, by id.
Place = tuple[int, int, int, int, int | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """One position that goes into the curated layer. ``start`` and ``end``: code points of the document."""

    start: int
    end: int
    topic: Topic
    stance: Stance
    source: Source
    reported_by: Source | None = None

    @property
    def place(self) -> Place:
        messenger = self.reported_by.pk if self.reported_by else None
        return (self.start, self.end, self.topic.pk, self.source.pk, messenger)

    @property
    def position(self) -> tuple[Place, int]:
        """All that a tag says."""
        return (self.place, self.stance.pk)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a curator decides about an item: the positions that stay (none: "nothing here"), and why."""

    kept: tuple[Kept, ...]
    reason: Reason = Reason.NONE
    remark: str = ""


def place_of(tag: Annotation) -> Place:
    """As ``Kept.place``, of a stored tag."""
    return (tag.start, tag.end, tag.topic_id, tag.source_id, tag.reported_by_id)


def position_of(tag: Annotation) -> tuple[Place, int]:
    """As ``Kept.position``, of a stored tag."""
    return (place_of(tag), tag.stance_id)


def checked_outcome(
    ruling: Ruling,
    *,
    entry: Entry,
    passage: Passage,
    coded: Sequence[Annotation],
    settled: Sequence[Annotation],
) -> Outcome:
    """The outcome of a ruling that breaks no rule; raises ``InvalidTagError``.

    ``coded`` are the entry's tags, ``settled`` the curated tags of the decisions that hold on it.
    """
    known = (*coded, *settled)
    for kept in ruling.kept:
        _check_words(kept, passage)
        _check_entries(kept, known)
    if len({kept.place for kept in ruling.kept}) < len(ruling.kept):
        raise InvalidTagError(_("The same words are kept twice with the same source and messenger."), "keep")
    outcome = _outcome(ruling, entry, coded)
    needs_no_reason = outcome is Outcome.ACCEPTED and entry.situation is Situation.UNANIMOUS
    if ruling.reason is Reason.NONE and not needs_no_reason:
        raise InvalidTagError(_("Say why: a slip, a judgement, or a gap in the guidelines."), "reason")
    return outcome


def _check_words(kept: Kept, passage: Passage) -> None:
    if not passage.start <= kept.start < kept.end <= passage.end:
        raise InvalidTagError(_("The quote must lie inside the passage."), "quote")
    if not passage.text[kept.start - passage.start : kept.end - passage.start].strip():
        raise InvalidTagError(_("The quote has no words in it."), "quote")


def _check_entries(kept: Kept, known: Sequence[Annotation]) -> None:
    if (kept.topic.pk, kept.source.pk) not in {(tag.topic_id, tag.source_id) for tag in known}:
        raise InvalidTagError(_("No coder tagged this topic with this source here."), "keep")
    if kept.reported_by is not None and kept.reported_by.pk == kept.source.pk:
        raise InvalidTagError(
            _("The messenger is the source itself: leave “reported by” empty."), "reported_by"
        )
    chosen: tuple[tuple[str, Stance | Source | None, set[int | None]], ...] = (
        ("stance", kept.stance, {tag.stance_id for tag in known}),
        ("reported_by", kept.reported_by, {tag.reported_by_id for tag in known}),
    )
    for field, entry, used in chosen:
        if entry is None or entry.pk in used:
            continue
        if entry.study_id != kept.topic.study_id:
            raise InvalidTagError(_("Choose an entry of the same study."), field)
        # A retired entry stays where a coder used it, and is given to nothing new.
        if entry.is_retired:
            raise InvalidTagError(_("This entry of the codebook is retired: choose another."), field)


def _outcome(ruling: Ruling, entry: Entry, coded: Sequence[Annotation]) -> Outcome:
    """Accepted: every position is a coder's own, and a claim is dropped only in a conflict over source."""
    if not ruling.kept:
        return Outcome.NOTHING
    said = {position_of(tag) for tag in coded}
    claims = entry.item.claims if entry.item else ()
    is_whole = Situation.SOURCE in entry.situations or len(ruling.kept) == len(claims)
    is_theirs = entry.item is not None and {kept.position for kept in ruling.kept} <= said
    return Outcome.ACCEPTED if is_theirs and is_whole else Outcome.CHANGED
