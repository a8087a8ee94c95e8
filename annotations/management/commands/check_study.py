"""``manage.py check_study STUDY``: does what is stored keep every rule?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.auditing.study import check_study
from annotations.models import Study


class Command(BaseCommand):
    """Prints each violation with its row and what to do; exits with 1 where there is one."""

    help = "Verify every rule of a study on its stored data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="the study's slug")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(f"There is no study {options['study']!r}.")
        number = 0
        for violation in check_study(study):
            number += 1
            self.stdout.write(str(violation))
        what = f"{study.documents.count()} documents and {study.annotations.count()} annotations"
        if number:
            raise CommandError(f"{number} violations in {study.slug}, of {what}.", returncode=1)
        self.stdout.write(f"Nothing wrong in {study.slug}: {what} keep every rule.")
