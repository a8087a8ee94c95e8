"""What became of coders' tags since a curator decided about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotations.codebook import Codebook
from annotations.models import Annotation, Source, Stance, Topic
from annotations.services.curation_plan import Entry


@dataclass(frozen=True, slots=True)
class CoderNames:
    """What the coders of a document are called here: as they are, or, ``hidden``, by their numbers."""

    numbers: Mapping[str, int]
    hidden: bool

    def of(self, username: str) -> str:
        """What a coder is called."""
        if not self.hidden:
            return username
        number = self.numbers.get(username)
        return _("Coder %(n)s") % {"n": number} if number else _("another coder")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one tag since a decision: ``what`` in a word, and each field's before and after."""

    coder: str
    what: str
    differences: tuple[tuple[str, str, str], ...] = ()


def changes_since(
    entry: Entry,
    tags: Mapping[int, Annotation],
    *,
    counted: Collection[str],
    codebook: Codebook,
    names: CoderNames,
) -> Iterable[Change]:
    """What became of the tags since they were decided about: ``withdrawn``, ``changed``, ``apart`` (in
    another item by now), ``new``. ``counted``: the coders who count; ``names``: what they are called."""
    decided = {key: version for decision in entry.decisions for key, version in decision.decided.items()}
    others = {key for key, version in decided.items() if tags[key].version != version}
    before = _versions_before(others, decided)
    words = _Words(codebook, tags.values())
    for key, version in sorted(decided.items()):
        tag = tags[key]
        username = tag.coder.get_username()
        coder = names.of(username)
        if tag.withdrawn_at is not None and tag.version != version:
            yield Change(coder, "withdrawn")
        elif tag.version != version:
            yield Change(coder, "changed", words.differences(before.get(key), tag))
        elif entry.item is not None and key not in entry.tags and username in counted:
            yield Change(coder, "apart")
    for key in entry.tags:
        if decided and key not in decided:
            yield Change(names.of(tags[key].coder.get_username()), "new")


def _versions_before(keys: Collection[int], decided: Mapping[int, int]) -> dict[int, Any]:
    """What the tags said at the version that was decided about, from the history."""
    if not keys:
        return {}
    versions = {decided[key] for key in keys}
    rows = Annotation.history.filter(id__in=keys, version__in=versions).order_by("history_id")
    return {row.id: row for row in rows if row.version == decided[row.id]}


class _Words:
    """The names of codebook entries by id, for what a tag said before."""

    def __init__(self, codebook: Codebook, tags: Iterable[Annotation]) -> None:
        self.labels: dict[tuple[type, int], str] = {}
        for entries in (codebook.topics, codebook.stances, codebook.sources):
            self.labels |= {(type(entry), entry.pk): entry.label for entry in entries.values()}
        for tag in tags:
            for entry in (tag.topic, tag.stance, tag.source, tag.reported_by):
                if entry is not None:
                    self.labels[type(entry), entry.pk] = entry.label

    def differences(self, before: Any, now: Annotation) -> tuple[tuple[str, str, str], ...]:
        """Field, before and after, where they differ."""
        if before is None:
            return ()
        rows = [(_("Words"), before.quote, now.quote)] if before.quote != now.quote else []
        for label, model, name in (
            (_("Topic"), Topic, "topic_id"),
            (_("Stance"), Stance, "stance_id"),
            (_("Source"), Source, "source_id"),
            (_("Reported by"), Source, "reported_by_id"),
        ):
            old, new = getattr(before, name), getattr(now, name)
            if old != new:
                rows.append((label, self._word(model, old), self._word(model, new)))
        if before.note != now.note:
            rows.append((_("Note"), before.note or _("no note"), now.note or _("no note")))
        return tuple(rows)

    def _word(self, model: type, pk: int | None) -> str:
        if pk is None:
            return _("nobody: the source speaks")
        return self.labels.get((model, pk), _("an entry that is gone"))
