"""The keys of the workbench, as its help shows them and as a person changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models import Stance, User
from annotations.services.keys import DEFAULT_KEYS, keys_of

#: What each act does, in the order in which the help tells it.
GROUPS: tuple[tuple[str | Promise, dict[str, str | Promise]], ...] = (
    (
        _("Move"),
        {
            "next_passage": _("next passage"),
            "previous_passage": _("previous passage"),
            "next_untagged": _("next passage without a tag of mine"),
            "next_tag": _("next tag"),
            "previous_tag": _("previous tag"),
            "next_document": _("the other document: the next, or from the last the one before"),
            "previous_document": _("the document before"),
        },
    ),
    (
        _("Select"),
        {
            "next_sentence": _("next sentence in hand"),
            "previous_sentence": _("previous sentence in hand"),
            "next_word": _("next word in hand"),
            "previous_word": _("previous word in hand"),
            "whole_passage": _("the whole passage in hand"),
            "start_back": _("begin a word earlier"),
            "start_on": _("begin a word later"),
            "end_back": _("end a word earlier"),
            "end_on": _("end a word later"),
            "end_sentence_back": _("end a sentence earlier"),
            "end_sentence_on": _("end a sentence later"),
        },
    ),
    (
        _("Tag"),
        {
            "topic": _("topic"),
            "source": _("source"),
            "reported_by": _("reported by"),
            "note": _("note"),
            "uncertain": _("uncertain, or not"),
            "carry_over": _("the messenger of the tag before"),
            "same_source": _("source and messenger of the tag before"),
            "repeat_last": _("all of the tag before"),
        },
    ),
    (
        _("Keep"),
        {
            "nothing_here": _("nothing to tag in the passage, or take that back"),
            "save_again": _("save, and tag the same words again"),
            "codebook": _("the codebook, beside the text"),
            "help": _("this help"),
        },
    ),
)


@dataclass(frozen=True, slots=True)
class KeyShown:
    """An act, what it does, and its key. ``stances``: the stances that have this key, and stand before it."""

    act: str
    words: str
    key: str
    default: str
    stances: tuple[str, ...] = ()
    error: str = ""

    @property
    def works(self) -> bool:
        """Whether pressing its key does this."""
        return self.key != "" and not self.stances


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Acts of one kind."""

    words: str
    keys: list[KeyShown]


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of a person, in groups for the help, and one by one for the hints beside the fields."""

    groups: list[KeyGroup]

    @property
    def of(self) -> dict[str, str]:
        """The key that works, by act; empty where none does."""
        return {shown.act: shown.key if shown.works else "" for group in self.groups for shown in group.keys}


def bench_keys(user: User, stances: Iterable[Stance]) -> Keys:
    """The keys in a study's workbench, without a query: where a stance has the key of an act, the stance
    wins, and the help says so."""
    return _keys(keys_of(user), {stance.key: (stance.label,) for stance in stances if stance.key})


def load_keys(
    user: User, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Keys:
    """A person's keys to change, with the stances of their studies that stand before them, in one query."""
    rows = (
        Stance.objects.exclude(key="")
        .filter(study__memberships__user=user)
        .order_by("study__id", "position")
        .values_list("key", "label", "study__title")
    )
    stances: dict[str, tuple[str, ...]] = {}
    for key, label, study in rows:
        stances[key] = (*stances.get(key, ()), f"{label} ({study})")
    return _keys(keys_of(user) | dict(typed or {}), stances, errors or {})


def _keys(
    keys: Mapping[str, str],
    stances: Mapping[str, tuple[str, ...]],
    errors: Mapping[str, str] | None = None,
) -> Keys:
    return Keys(
        [
            KeyGroup(
                str(words),
                [
                    KeyShown(
                        act,
                        str(does),
                        keys[act],
                        DEFAULT_KEYS[act],
                        stances.get(keys[act], ()),
                        (errors or {}).get(act, ""),
                    )
                    for act, does in acts.items()
                ],
            )
            for words, acts in GROUPS
        ]
    )
