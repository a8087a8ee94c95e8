"""Which annotations go back when an act on the codebook is undone, and which of them cannot.

What the act changed goes back where it still says what the act made it say. Where its coder has changed
just that since, their word stays; what else they changed stays as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.models import Annotation, CodebookAct, Source, Stance, Topic
from annotations.models.coding import AnnotationQuerySet
from annotations.services.act_records import MODELS, AnyEntry, recoded_by
from annotations.services.merge_plan import key_of, with_coders
from annotations.services.recoding import BATCH, Recoded, Words, words_of

#: A page is no place for thousands of reasons that are all alike.
REASONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """Annotations with the words that come back: ``moves`` in place, ``revivals`` from being withdrawn.

    ``changed`` of them were changed since in something else; ``stays`` in just what the act had changed.
    """

    moves: list[tuple[Annotation, Words]]
    revivals: list[tuple[Annotation, Words]]
    changed: int
    stays: list[Annotation]

    @property
    def going(self) -> list[tuple[Annotation, Words]]:
        return [*self.moves, *self.revivals]


def plan_undo(act: CodebookAct, rows: AnnotationQuerySet) -> UndoPlan:
    recoded = recoded_by(act)
    moves, revivals, stays, changed = [], [], [], 0
    for annotation in _fetch(rows, list(recoded)):
        one = recoded[annotation.pk]
        words = _words_back(one, words_of(annotation))
        was_withdrawn = one.kept is not None and annotation.merged_into_id == one.kept
        if was_withdrawn and annotation.withdrawn_at is not None:
            revivals.append((annotation, words))
        elif words != words_of(annotation):
            moves.append((annotation, words))
        elif one.before != one.after:
            stays.append(annotation)
            continue
        changed += annotation.version != one.version
    return UndoPlan(moves, revivals, changed, stays)


def _words_back(one: Recoded, now: Words) -> Words:
    """What the act changed goes back where it still stands; the source and its messenger go as one."""
    topic, stance, source, messenger, version = now
    if now[0] == one.after[0] != one.before[0]:
        topic, version = one.before[0], one.before[4]
    if now[1] == one.after[1]:
        stance = one.before[1]
    if now[2:4] == one.after[2:4]:
        source, messenger = one.before[2:4]
    return (topic, stance, source, messenger, version)


def _fetch(rows: AnnotationQuerySet, pks: list[int]) -> list[Annotation]:
    found: list[Annotation] = []
    for start in range(0, len(pks), BATCH):
        found += with_coders(rows.filter(pk__in=pks[start : start + BATCH]))
    return found


def word_obstacles(act: CodebookAct, plan: UndoPlan) -> list[str]:
    """An entry that annotations would go back to may be gone."""
    there = {model: set(_ids(model, act.study_id)) for model in (Topic, Stance, Source)}
    if "entry" in act.undo:
        there[MODELS[act.what]].add(act.undo["entry"]["id"])
    for _annotation, (topic, stance, source, messenger, _version) in plan.going:
        sources = {source} | ({messenger} if messenger is not None else set())
        if topic not in there[Topic] or stance not in there[Stance] or not sources <= there[Source]:
            return [_("An entry that annotations would go back to is gone by now.")]
    return []


def _ids(model: type[AnyEntry], study: int) -> Iterable[int]:
    return model._default_manager.filter(study=study).values_list("pk", flat=True)


def equal_obstacles(act: CodebookAct, plan: UndoPlan) -> list[str]:
    """Annotations that would become equal to others that were made or changed since."""
    going = {annotation.pk: (annotation, words) for annotation, words in plan.going}
    revived = {annotation.pk for annotation, _words in plan.revivals}
    equal: dict[tuple[object, ...], list[Annotation]] = defaultdict(list)
    for annotation, words in going.values():
        if annotation.withdrawn_at is None or annotation.pk in revived:
            equal[key_of(annotation, words[:4])].append(annotation)
    if not equal:
        return []
    others = Annotation.objects.active().filter(study=act.study_id)
    others = others.select_related("coder").defer("quote", "note")
    for other in others.iterator():
        key = key_of(other, words_of(other)[:4])
        if other.pk not in going and key in equal:
            equal[key].append(other)
    alike = [group for group in equal.values() if len(group) > 1]
    reasons = [
        _("%(coder)s has an equal annotation of “%(quote)s” by now.")
        % {"coder": group[-1].coder.username, "quote": str(group[0])}
        for group in alike[:REASONS_SHOWN]
    ]
    more = len(alike) - len(reasons)
    if more:
        reasons.append(ngettext("And %(count)s more.", "And %(count)s more.", more) % {"count": more})
    return reasons
