"""Accounts for trying Summit out, one for each role. They exist in development only."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from annotations.enums import Role
from annotations.errors import NotAllowedError
from annotations.models import Membership, Study, User
from annotations.services.revision import changes_study

#: The one password of the demonstration accounts. They cannot log in when DEBUG is off.
PASSWORD = "summit-demo"  # noqa: S105 - printed on purpose, and useless outside development


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A demonstration account: its name, and its role in the shipped study (None: the administrator)."""

    username: str
    role: Role | None


ACCOUNTS = (
    DemoAccount("demo-reader", Role.READER),
    DemoAccount("demo-coder", Role.CODER),
    DemoAccount("demo-curator", Role.CURATOR),
    DemoAccount("demo-owner", Role.OWNER),
    DemoAccount("demo-admin", None),
)


@changes_study
def create_demo_accounts(*, study: Study) -> list[str]:
    """Make the accounts that are missing; returns the names of new ones. Changes no existing account.

    Raises ``NotAllowedError`` outside development.
    """
    if not settings.DEBUG:
        raise NotAllowedError("Demonstration accounts are for development only: set DEBUG=1.")
    existing = set(User.objects.filter(is_demo=True).values_list("username", flat=True))
    made = []
    for account in ACCOUNTS:
        if account.username in existing or User.objects.filter(username__iexact=account.username).exists():
            continue
        is_admin = account.role is None
        user = User.objects.create_user(
            account.username,
            password=PASSWORD,
            is_demo=True,
            is_staff=is_admin,
            is_superuser=is_admin,
        )
        if account.role is not None:
            Membership.objects.create(study=study, user=user, role=account.role.value)
        made.append(account.username)
    return made
