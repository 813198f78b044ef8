"""Everything that the site needs before it can serve; done again it changes nothing and takes seconds."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from czindustry.management.commands.translations import compile_catalogues
from registry.choices import Role
from registry.models import Enterprise, User
from registry.services import take_up_role

# Of what others bring along: we show the interface with Swagger UI.
UNUSED = ["redoc"]


class Command(BaseCommand):
    help = _(
        "Bring database, reference data, static files and translations up to date; fill an empty registry."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--files", action="store_true", help=_("only files: change nothing of the database")
        )
        parser.add_argument("--no-demo", action="store_true", help=_("leave an empty registry empty"))

    def handle(self, *args: Any, files: bool = False, no_demo: bool = False, **options: Any) -> None:
        compile_catalogues()
        if files:
            collect_static_files()
            return
        self.stdout.write(_("Database: tables and reference data …"))
        self.stdout.flush()
        call_command("migrate", interactive=False, verbosity=0)
        for account in without_group():
            take_up_role(account=account)
        call_command("createcachetable", verbosity=0)
        call_command("load_reference", verbosity=0)
        collect_static_files()
        if is_untouched() and not no_demo:
            self.stdout.write(_("Demo registry: made-up enterprises …"))
            self.stdout.flush()
            call_command("seed_demo", verbosity=0)


def without_group() -> list[User]:
    """Accounts from before there were groups of roles."""
    others = User.objects.filter(is_superuser=False).prefetch_related("groups")
    return [one for one in others if Role(one.role).chinese not in {group.name for group in one.groups.all()}]


def is_untouched() -> bool:
    """Whether no enterprise has ever been in the registry: one that was emptied on purpose stays empty."""
    return not Enterprise.pgh_event_model.objects.exists()  # type: ignore[attr-defined]


def collect_static_files() -> None:
    """Copying and compressing takes seconds, so it is done only when a file is another than last time."""
    state = settings.STATIC_ROOT / ".collected"
    present = static_files_digest()
    if state.exists() and state.read_text() == present:
        return
    # not cleared: what a program serves that has not been restarted yet stays
    call_command("collectstatic", interactive=False, ignore_patterns=UNUSED, verbosity=0)
    state.write_text(present)


def static_files_digest() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
