"""``manage.py reliability STUDY``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from annotations.exporting.reliability_csv import reliability_csv
from annotations.models import Study
from annotations.pages.reliability import coded_by_all

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Print reliability.csv: how far the coders of a study agree, over all its documents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's slug")

    def handle(self, *args: Any, study: str, **options: Any) -> None:
        """Measure what at least two coders finished."""
        stored = Study.objects.filter(slug=study).first()
        if stored is None:
            raise CommandError(_("There is no study %(study)s.") % {"study": study})
        self.stdout.write(reliability_csv(coded_by_all(stored).measured()), ending="")
