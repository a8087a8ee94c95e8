"""The writing side of merges, splits and their undoing: many annotations changed at once.

Nobody's words are changed: only what the act asks for. Every annotation that changes gets a new version and
a line in its history with the reason. Decisions that rested on the version before rest on the new one, for
their coders have changed nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.errors import MergeError
from annotations.models import Annotation, DecidedTag, Stance, Topic, User
from annotations.models.coding import AnnotationQuerySet
from annotations.services.merge_plan import MergePlan

#: For each annotation that stays where stances differ, by its id: the stance it gets.
Choices = Mapping[int, Stance]

#: Topic, stance, source, messenger, and the version of the statement it was made under.
Words = tuple[int, int, int, int | None, int]

FIELDS = ("topic_id", "stance_id", "source_id", "reported_by_id", "statement_version")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Recoded:
    """One annotation that an act changed: what it said before and after, its version since, and of a
    withdrawn duplicate the annotation that stayed."""

    pk: int
    version: int
    before: Words
    after: Words
    kept: int | None = None

    def row(self) -> list[Any]:
        """As the act's record keeps it."""
        return [self.pk, self.version, list(self.before), list(self.after), self.kept]

    @classmethod
    def of(cls, row: Sequence[Any]) -> Recoded:
        """What ``row`` wrote."""
        pk, version, before, after, kept = row
        return cls(pk, version, tuple(before), tuple(after), kept)


def words_of(annotation: Annotation) -> Words:
    return (
        annotation.topic_id,
        annotation.stance_id,
        annotation.source_id,
        annotation.reported_by_id,
        annotation.statement_version,
    )


def locking() -> AnnotationQuerySet:
    """Annotations held until the transaction ends."""
    return Annotation.objects.select_for_update(of=("self",))


def carry_out(
    plan: MergePlan, *, by: User, reason: str, stances: Choices, versions: Mapping[int, int] | None = None
) -> tuple[Recoded, ...]:
    """Withdraw the duplicates, then move the rest: the other way round the database would refuse.

    ``versions``: the version of the statement for annotations whose topic changes. Raises ``MergeError``
    where a stance has not been chosen.
    """
    chosen = _chosen(plan, stances)
    kept_by_loser = {loser.pk: kept for kept, *losers in plan.groups for loser in losers}
    changed = {annotation.pk: annotation for annotation in plan.moved}
    changed |= {a.pk: a for group in plan.groups for a in group if a.pk in kept_by_loser or a.pk in chosen}
    recoded: list[Recoded] = []
    losers: list[tuple[Annotation, Words]] = []
    movers: list[tuple[Annotation, Words]] = []
    for annotation in changed.values():
        topic, stance, source, messenger = plan.said[annotation.pk]
        version = (versions or {}).get(annotation.pk, annotation.statement_version)
        after = (topic, chosen.get(annotation.pk, stance), source, messenger, version)
        kept = kept_by_loser.get(annotation.pk)
        before, next_version = words_of(annotation), annotation.version + 1
        recoded.append(Recoded(annotation.pk, next_version, before, after, kept.pk if kept else None))
        annotation.merged_into = kept or annotation.merged_into
        (losers if kept else movers).append((annotation, after))
    # Which annotation each of them points to differs from one to the next; the rest is written together.
    Annotation.objects.bulk_update([a for a, _after in losers], ["merged_into"], batch_size=BATCH)
    write(losers, by, reason, withdrawn_at=timezone.now())
    write(movers, by, reason)
    return tuple(recoded)


def write(changes: Sequence[tuple[Annotation, Words]], by: User, reason: str, **more: Any) -> None:
    """Give each annotation its new words, and all of them ``more``.

    A few statements for thousands of rows: what changes in the same way is changed together.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[Annotation]] = defaultdict(list)
    for annotation, words in changes:
        pairs = zip(FIELDS, words, strict=True)
        alike[tuple((name, word) for name, word in pairs if getattr(annotation, name) != word)].append(
            annotation
        )
    now = timezone.now()
    _move_decisions([annotation.pk for annotation, _words in changes])
    for updates, rows in alike.items():
        values = {**dict(updates), **more, "updated_at": now}
        for batch in _batches([annotation.pk for annotation in rows]):
            Annotation.objects.filter(pk__in=batch).update(**values, version=F("version") + 1)
        for annotation in rows:
            annotation.version += 1
            for name, value in values.items():
                setattr(annotation, name, value)
    Annotation.history.bulk_history_create(
        [annotation for annotation, _words in changes],
        batch_size=BATCH,
        update=True,
        default_user=by,
        default_change_reason=reason,
    )


def _move_decisions(pks: Iterable[int]) -> None:
    """What a decision has seen of these annotations it has seen of their next version, too."""
    for batch in _batches(list(pks)):
        current = DecidedTag.objects.filter(annotation__in=batch, version=F("annotation__version"))
        current.update(version=F("version") + 1)


def _batches(pks: list[int]) -> Iterable[list[int]]:
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))


def _chosen(plan: MergePlan, stances: Choices) -> dict[int, int]:
    """The stance of each annotation that stays in place of others that differ."""
    chosen = {}
    for conflict in plan.conflicts():
        stance = stances.get(conflict.kept.pk)
        if stance is None or stance.pk not in {known.pk for known in conflict.stances}:
            raise MergeError(
                _("Choose the stance that “%(quote)s” keeps: the annotations that become one differ.")
                % {"quote": str(conflict.kept)}
            )
        if stance.pk != conflict.kept.stance_id:
            chosen[conflict.kept.pk] = stance.pk
    return chosen


def statement_versions(plan: MergePlan, left: Topic, into: Topic, *, ask_review: bool) -> dict[int, int]:
    """Under which version of its new statement each moved annotation counts as made.

    What was up to date stays so, what was not stays marked; with ``ask_review`` all are marked, since
    their coders have read other words.
    """
    now = into.statement_version
    return {
        a.pk: now - 1 if ask_review or a.statement_version < left.statement_version else now
        for a in plan.moved
    }
