"""``manage.py anonymise_user USERNAME --yes``: strip an account of all that names its person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import User
from annotations.services.upkeep import anonymise_user


class Command(BaseCommand):
    help = "Replace an account's name by a number, remove its address and password, end its sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="really do it")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        if not options["yes"]:
            raise CommandError(f"{user.get_username()}: nothing is changed. Add --yes to anonymise it.")
        self.stdout.write(f"The account is now called {anonymise_user(user=user)}.")
