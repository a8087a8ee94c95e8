"""``manage.py export_study STUDY FOLDER``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from annotations.errors import SummitError
from annotations.exporting.folder import export_folder
from annotations.models import Study

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Write a study folder that load_study takes back: the codebook, the documents, the coded tags."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("folder", type=Path, help="the folder to write; made where it is missing")
        parser.add_argument("--force", action="store_true", help="overwrite files that are there already")

    def handle(self, *args: Any, study: str, folder: Path, force: bool, **options: Any) -> None:
        """Say what was written and what the folder does not carry."""
        stored = Study.objects.filter(slug=study).first()
        if stored is None:
            raise CommandError(_("There is no study %(study)s.") % {"study": study})
        try:
            outcome = export_folder(stored, folder, force=force)
        except SummitError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            _("Wrote %(files)s to %(folder)s, with codings: %(codings)s.")
            % {"files": ", ".join(outcome.files), "folder": folder, "codings": outcome.codings}
        )
        self.stdout.write(
            _(
                "Left out: curated tags: %(curated)s, withdrawn tags: %(withdrawn)s, "
                "decisions: %(decisions)s, comments: %(comments)s, members who are not coders with work in "
                "it: %(members)s, and all history."
            )
            % {
                "curated": outcome.curated,
                "withdrawn": outcome.withdrawn,
                "decisions": outcome.decisions,
                "comments": outcome.comments,
                "members": outcome.members,
            }
        )
