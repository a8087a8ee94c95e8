"""``manage.py demo``: everything ``make run`` does before it serves, and then the development server."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from annotations.importing.folder import load_folder
from annotations.models import Study
from annotations.services.demonstration import ACCOUNTS, PASSWORD, create_demo_accounts
from annotations.study_folder.shipped import SHIPPED


class Command(BaseCommand):
    help = "Back up, migrate, load the shipped study, create demonstration accounts, serve."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default="8000")
        parser.add_argument("--prepare-only", action="store_true", help="do not serve")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("demo is for development: set DEBUG=1. README.md says how production starts.")
        self._migrate()
        study = self._study()
        create_demo_accounts(study=study)
        names = ", ".join(account.username for account in ACCOUNTS)
        self.stdout.write(f"Accounts: {names}\nPassword: {PASSWORD}")
        self.stdout.write(f"Summit:   http://127.0.0.1:{options['port']}/")
        if not options["prepare_only"]:
            # One process: without the reloader the second start stays within seconds.
            call_command("runserver", f"127.0.0.1:{options['port']}", use_reloader=False, skip_checks=True)

    def _migrate(self) -> None:
        """Migrate where there is something to migrate, after a backup of what is there."""
        if connection.vendor == "sqlite":
            Path(settings.DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        if connection.vendor == "sqlite" and executor.loader.applied_migrations:
            self.stdout.write(f"Backup:   {back_up_sqlite(Path(settings.DATABASES['default']['NAME']))}")
        call_command("migrate", verbosity=0, interactive=False)

    def _study(self) -> Study:
        study = Study.objects.filter(slug=SHIPPED).first()
        return study or load_folder(Path(settings.BASE_DIR) / "seeds" / SHIPPED).study


def back_up_sqlite(database: Path) -> Path:
    """Copy a SQLite database beside itself with ``VACUUM INTO``, which a plain copy of a WAL file is not."""
    target = database.with_name(f"{database.stem}-{timezone.now():%Y%m%d-%H%M%S}.backup.sqlite3")
    with closing(sqlite3.connect(database)) as source:
        source.execute("VACUUM INTO ?", (str(target),))
    return target
