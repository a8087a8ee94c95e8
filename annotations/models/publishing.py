"""Readings that were frozen, so that a paper can cite them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.enums import Role
from annotations.models.coding import Completion
from annotations.models.studies import Study

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from annotations.models.accounts import User


class FrozenReadingQuerySet(models.QuerySet["FrozenReading"]):
    def visible_to(
        self, user: User | AnonymousUser, study: Study, role: Role | None
    ) -> FrozenReadingQuerySet:
        """The study's frozen readings that a person of this role may see.

        They hold curated tags: where coding is blind, coders see those whose documents they have finished.
        """
        frozen = self.filter(study=study)
        if role is not Role.CODER or not study.is_blind:
            return frozen
        finished = Completion.objects.filter(
            document__study=study, coder_id=user.pk, reopened_at__isnull=True
        )
        slugs = list(finished.values_list("document__slug", flat=True))
        return frozen.filter(content__reading__a__in=slugs, content__reading__b__in=slugs)


class FrozenReading(models.Model):
    """A comparison as it was at one moment: its rows, its quotes and the codebook they are in.

    It holds what it shows, and reads nothing else: whatever is coded, settled or renamed later, it stays the
    same. A trigger refuses every change of ``content``. Only the curated layer is frozen, without any name
    of a coder.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="frozen_readings")
    title = models.CharField(_("title"), max_length=200)
    query = models.CharField(_("query"), max_length=500)
    content = models.JSONField(_("content"))
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    frozen_at = models.DateTimeField(_("frozen"), default=timezone.now)

    objects = FrozenReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("frozen reading")
        verbose_name_plural = _("frozen readings")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title
