"""Accounts for trying Summit out."""

from __future__ import annotations

import pytest
from django.test import override_settings

from annotations.errors import NotAllowedError
from annotations.models import Membership, Study, User
from annotations.services.demonstration import PASSWORD, create_demo_accounts
from tests.factories import make_user

NAMES = ["demo-reader", "demo-coder", "demo-curator", "demo-owner", "demo-admin"]


def test_there_is_one_for_each_role_and_an_administrator(study: Study) -> None:
    with override_settings(DEBUG=True):
        assert create_demo_accounts(study=study) == NAMES
    rows = Membership.objects.order_by("pk").values_list("user__username", "study__slug", "role")
    assert list(rows) == [
        ("demo-reader", "talks", "reader"),
        ("demo-coder", "talks", "coder"),
        ("demo-curator", "talks", "curator"),
        ("demo-owner", "talks", "owner"),
    ]
    flags = dict(User.objects.values_list("username", "is_superuser"))
    assert flags == dict.fromkeys(NAMES[:4], False) | {"demo-admin": True}
    assert all(user.is_demo and user.check_password(PASSWORD) for user in User.objects.all())
    assert list(User.objects.filter(is_staff=True).values_list("username", flat=True)) == ["demo-admin"]


def test_a_second_time_makes_those_that_are_missing_and_changes_none(study: Study) -> None:
    with override_settings(DEBUG=True):
        create_demo_accounts(study=study)
        User.objects.get(username="demo-reader").delete()
        Membership.objects.filter(user__username="demo-coder").update(role="owner")
        before = User.objects.get(username="demo-coder").password
        assert create_demo_accounts(study=study) == ["demo-reader"]
        assert create_demo_accounts(study=study) == []
    coder = User.objects.get(username="demo-coder")
    assert (coder.password, coder.memberships.get().role) == (before, "owner")


def test_a_persons_own_account_of_such_a_name_is_left_alone(study: Study) -> None:
    make_user("Demo-Admin")
    with override_settings(DEBUG=True):
        assert create_demo_accounts(study=study) == NAMES[:4]
    person = User.objects.get(username="Demo-Admin")
    assert (person.is_demo, person.is_superuser) == (False, False)


def test_there_are_none_outside_development(study: Study) -> None:
    with pytest.raises(NotAllowedError, match="set DEBUG=1"):
        create_demo_accounts(study=study)
    assert not User.objects.exists()
