"""For whom nobody else may help: an administrator who has lost telephone and recovery codes."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from czindustry.security import second_factor, trail
from czindustry.security.choices import Action
from registry.models import User


class Command(BaseCommand):
    help = "Takes the second factor off an account; its person sets up a new one at the next sign-in."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no account of the name %(name)s.") % {"name": username})
        if not second_factor.take_away(user):
            raise CommandError(_("%(name)s has no second factor.") % {"name": username})
        trail.note(Action.SECOND_FACTOR, None, person=user, subject=username, changed="removed on the server")
        self.stdout.write(
            _("%(name)s signs in by password alone, until a new one is set up.") % {"name": username}
        )
