"""``manage.py import_annotations STUDY FILE``: take an ``annotations.csv`` back into its study."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.importing.annotations_csv import ImportRefusedError, ImportReport, import_annotations
from annotations.importing.annotations_csv_rows import FILE_LIMIT
from annotations.models import Study, User


class Command(BaseCommand):
    help = _(
        "Add the annotations of an annotations.csv to its study. Rows that are there already are left alone, "
        "and named where they differ. Nothing is written unless every row is good."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help=_("the study's slug"))
        parser.add_argument("file", type=Path, help=_("the CSV file"))
        parser.add_argument(
            "--raw",
            action="store_true",
            help=_("the file was downloaded with raw=1, without the formula guard: take no apostrophe off"),
        )
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help=_("whose name the history gets (default: each row's coder)"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(_("There is no study “%(slug)s”.") % {"slug": options["study"]})
        by = self._person(options["by"]) if options["by"] else None
        try:
            report = import_annotations(
                study=study, file=str(path), content=_content(path), raw=options["raw"], by=by
            )
        except ImportRefusedError as refused:
            for error in refused.errors:
                self.stderr.write(str(error))
            count = len(refused.errors)
            said = ngettext(
                "%(count)s error: nothing was written.", "%(count)s errors: nothing was written.", count
            )
            raise CommandError(said % {"count": count}) from refused
        self._print(path, report)

    def _person(self, username: str) -> User:
        try:
            return User.objects.get_by_natural_key(username)
        except User.DoesNotExist as error:
            raise CommandError(_("There is no user “%(name)s”.") % {"name": username}) from error

    def _print(self, path: Path, report: ImportReport) -> None:
        for difference in report.differing:
            self.stdout.write(f"{path}: {difference}")
        self.stdout.write(
            _("%(new)s new, %(already)s already there, %(differ)s of them differ")
            % {"new": report.new, "already": report.already, "differ": len(report.differing)}
        )


def _content(path: Path) -> bytes:
    """The file's bytes; of one that is too large, enough to be refused."""
    try:
        with path.open("rb") as file:
            return file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise CommandError(
            _("Cannot read %(path)s: %(error)s.") % {"path": path, "error": error.strerror}
        ) from error
