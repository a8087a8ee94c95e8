"""The app, and the triggers that are re-made around every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = _("Annotations")

    def ready(self) -> None:
        """SQLite drops a table's triggers when a migration rebuilds it, so they are dropped before
        every migration and created after it, on both databases."""
        from annotations.models.triggers import create_triggers, drop_triggers

        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(create_triggers, sender=self)
