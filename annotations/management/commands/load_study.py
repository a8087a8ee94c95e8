"""``manage.py load_study FOLDER``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.errors import SummitError
from annotations.importing.folder import load_folder
from annotations.importing.rows import FolderErrors
from annotations.models import Annotation

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from annotations.models import Study


class Command(BaseCommand):
    help = "Load a study folder. A study that exists is compared with the folder, and never changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that holds study.toml")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Say what was loaded, or exit with 1: every fault, or every difference, on a line of its own."""
        try:
            outcome = load_folder(folder)
        except FolderErrors as refusal:
            self._list([str(error) for error in refusal.errors])
            count = len(refusal.errors)
            raise CommandError(
                ngettext(
                    "%(count)s error; nothing was written.", "%(count)s errors; nothing was written.", count
                )
                % {"count": count}
            ) from refusal
        except SummitError as refusal:
            raise CommandError(str(refusal)) from refusal
        slug = {"study": outcome.study.slug}
        if outcome.created:
            self.stdout.write(_summary(outcome.study))
        elif outcome.differences:
            self._list(outcome.differences)
            count = len(outcome.differences)
            raise CommandError(
                ngettext(
                    "The study %(study)s is here already, with %(count)s difference; nothing was changed.",
                    "The study %(study)s is here already, with %(count)s differences; nothing was changed.",
                    count,
                )
                % (slug | {"count": count})
            )
        else:
            self.stdout.write(_("The study %(study)s is here already, the same; nothing changed.") % slug)

    def _list(self, lines: list[str] | tuple[str, ...]) -> None:
        for line in lines:
            self.stderr.write(line)


def _summary(study: Study) -> str:
    return _(
        "Loaded the study %(study)s: documents: %(documents)s, topics: %(topics)s, codings: %(codings)s, "
        "coders: %(coders)s."
    ) % {
        "study": study.slug,
        "documents": study.documents.count(),
        "topics": study.topics.taggable().count(),
        "codings": Annotation.objects.filter(study=study).count(),
        "coders": study.memberships.count(),
    }
