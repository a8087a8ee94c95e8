"""``manage.py delete_study SLUG --yes``: a study with all that is in it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Study
from annotations.services.upkeep import contents_of, delete_study


class Command(BaseCommand):
    help = "Delete a study with its documents, codebook, annotations and history. Accounts stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("--yes", action="store_true", help="really do it")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(f"There is no study {options['study']}.")
        found = contents_of(study)
        said = (
            f"{study.slug}: {found.documents} documents, {found.topics} topics, {found.sources} sources, "
            f"{found.annotations} annotations, {found.members} members"
        )
        if not options["yes"]:
            raise CommandError(f"{said}. Nothing is deleted: add --yes to delete all of it.")
        delete_study(study=study)
        self.stdout.write(f"Deleted {said}.")
