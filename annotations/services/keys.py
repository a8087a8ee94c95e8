"""The keys of the workbench: which act has which, and what a person changes of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.errors import KeysError
from annotations.models import User

#: Every act that can have another key, and the one it has unless the person changes it. The workbench's
#: script knows the acts by these names. Keys of stances are the codebook's, and stand before all of these.
DEFAULT_KEYS = {
    "next_passage": "j",
    "previous_passage": "k",
    "next_sentence": "l",
    "previous_sentence": "h",
    "next_word": "w",
    "previous_word": "q",
    "next_untagged": "g",
    "next_tag": ".",
    "previous_tag": ",",
    "next_document": "d",
    "previous_document": "D",
    "whole_passage": "v",
    "start_back": "[",
    "start_on": "]",
    "end_back": "{",
    "end_on": "}",
    "end_sentence_back": "H",
    "end_sentence_on": "L",
    "topic": "t",
    "source": "f",
    "reported_by": "r",
    "note": "e",
    "uncertain": "u",
    "carry_over": "c",
    "same_source": "a",
    "repeat_last": "=",
    "nothing_here": "x",
    "save_again": "A",
    "codebook": "b",
    "help": "?",
}

#: Letters, numbers, punctuation and symbols: what one key press can type, and a page can show.
_TYPED = "LNPS"


def keys_of(user: User) -> dict[str, str]:
    """The keys that hold for a person, by act. An act whose own key the person has given to another act
    has none, as has one that the person wants without a key."""
    changed = {act: key for act, key in user.keys.items() if act in DEFAULT_KEYS}
    taken = set(changed.values())
    return {
        act: changed.get(act, "" if default in taken else default) for act, default in DEFAULT_KEYS.items()
    }


@transaction.atomic
def change_keys(*, by: User, keys: Mapping[str, str]) -> User:
    """Give acts other keys; one that is not named keeps its own, and an empty key means none.

    Raises ``KeysError`` with what is wrong, by act, and then changes nothing.
    """
    wanted = keys_of(by) | {act: unicodedata.normalize("NFC", key.strip()) for act, key in keys.items()}
    wrong = {act: message for act in wanted if (message := _wrong(act, wanted))}
    if wrong:
        raise KeysError(wrong)
    by.keys = {act: key for act, key in wanted.items() if key != DEFAULT_KEYS[act]}
    by.save(update_fields=["keys"])
    return by


@transaction.atomic
def reset_keys(*, by: User) -> User:
    """Back to the keys that everybody has."""
    by.keys = {}
    by.save(update_fields=["keys"])
    return by


def _wrong(act: str, wanted: Mapping[str, str]) -> str:
    """What is wrong with the key of an act among all the keys wanted; empty where nothing is."""
    key = wanted[act]
    if act not in DEFAULT_KEYS:
        return _("The workbench knows no such act.")
    if key == "":
        return ""
    if len(key) != 1 or unicodedata.category(key)[0] not in _TYPED:
        return _("One letter, digit or sign.")
    others = [other for other, its_key in wanted.items() if other != act and its_key == key]
    return _("This key is given twice.") if others else ""
