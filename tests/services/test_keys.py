"""Which key does what in the workbench, person by person."""

from __future__ import annotations

import pytest

from annotations.errors import KeysError
from annotations.models import User
from annotations.services.keys import DEFAULT_KEYS, change_keys, keys_of, reset_keys


def stored(user: User) -> dict[str, str]:
    return dict(User.objects.get(pk=user.pk).keys)


def test_everybody_begins_with_the_same_keys_and_none_is_given_twice(coder: User) -> None:
    assert keys_of(coder) == DEFAULT_KEYS
    assert len(set(DEFAULT_KEYS.values())) == len(DEFAULT_KEYS)


def test_only_what_differs_from_everybodys_is_stored(coder: User) -> None:
    change_keys(by=coder, keys=DEFAULT_KEYS | {"topic": "z", "next_passage": "j"})
    assert stored(coder) == {"topic": "z"}
    assert keys_of(coder) == DEFAULT_KEYS | {"topic": "z"}


def test_one_persons_keys_are_not_anothers(coder: User, other_coder: User) -> None:
    change_keys(by=coder, keys={"topic": "z"})
    assert stored(other_coder) == {}
    assert keys_of(other_coder) == DEFAULT_KEYS


def test_two_acts_can_change_places(coder: User) -> None:
    change_keys(by=coder, keys={"next_passage": "k", "previous_passage": "j"})
    assert stored(coder) == {"next_passage": "k", "previous_passage": "j"}


def test_an_act_can_have_no_key(coder: User) -> None:
    change_keys(by=coder, keys={"topic": "", "source": "  "})
    assert stored(coder) == {"topic": "", "source": ""}


def test_a_letter_is_stored_composed(coder: User) -> None:
    change_keys(by=coder, keys={"topic": "z\u0307"})
    assert stored(coder) == {"topic": "\u017c"}


def test_a_key_given_twice_is_refused_at_both_acts_and_nothing_changes(coder: User) -> None:
    change_keys(by=coder, keys={"note": "z"})
    with pytest.raises(KeysError) as refused:
        change_keys(by=coder, keys={"topic": "j", "source": "y"})
    assert refused.value.messages == {
        "topic": "This key is given twice.",
        "next_passage": "This key is given twice.",
    }
    assert stored(coder) == {"note": "z"}


@pytest.mark.parametrize("key", ["ab", "\u00a0x\u00a0y", "\x00", "\u0301", "\u200b", "Enter"])
def test_what_is_not_one_letter_digit_or_sign_is_refused(coder: User, key: str) -> None:
    with pytest.raises(KeysError) as refused:
        change_keys(by=coder, keys={"topic": key})
    assert refused.value.messages == {"topic": "One letter, digit or sign."}
    assert stored(coder) == {}


def test_an_act_that_does_not_exist_is_refused(coder: User) -> None:
    with pytest.raises(KeysError) as refused:
        change_keys(by=coder, keys={"fly": "y"})
    assert refused.value.messages == {"fly": "The workbench knows no such act."}


def test_an_act_whose_own_key_another_act_has_taken_has_none(coder: User) -> None:
    # As it is stored where a later version gives a new act a key that somebody uses already.
    coder.keys = {"topic": "x", "gone": "y"}
    assert keys_of(coder) == DEFAULT_KEYS | {"topic": "x", "nothing_here": ""}


def test_all_can_go_back_to_everybodys(coder: User) -> None:
    change_keys(by=coder, keys={"topic": "z"})
    reset_keys(by=coder)
    assert stored(coder) == {}
    assert keys_of(coder) == DEFAULT_KEYS
