"""One table."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Row(models.Model):
    """What a bare save stores: about as many bytes as a tag's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return self.quote
