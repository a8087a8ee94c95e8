"""People."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class CaseInsensitiveUserManager(UserManager["User"]):
    """Finds a person by user name whatever its case: ``Ada`` and ``ada`` are one person."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The person of this name, ignoring case; raises ``User.DoesNotExist``."""
        return self.get(username__iexact=username)


class User(AbstractUser):
    """A person with an account. ``is_demo`` accounts exist for development and cannot log in outside it."""

    is_demo = models.BooleanField(_("demonstration account"), default=False, editable=False)
    # The workbench's keys that this person has changed: act -> key.
    keys = models.JSONField(_("keys"), default=dict, blank=True, editable=False)

    objects: ClassVar[CaseInsensitiveUserManager] = CaseInsensitiveUserManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique_ignoring_case",
                violation_error_message=_("A user with that username already exists."),
            )
        ]
