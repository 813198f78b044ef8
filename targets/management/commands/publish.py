"""Drafts a publication, or issues it with a second person; or shows that all issues are as they were issued."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.models import User
from targets.choices import BulletinKind, PublicationState
from targets.models import Plan, Publication
from targets.services import publishing
from targets.standings import plan_on


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", choices=BulletinKind.values, default=BulletinKind.MONTH)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, help="the cut-off day, 2025-12-31")
        parser.add_argument("--plan", help="the code of the plan; that of the day if left out")
        parser.add_argument("--by", help="user name of the person who drafts")
        parser.add_argument("--sign-off-by", help="user name of a second person, who signs it off")
        parser.add_argument("--issue", action="store_true", help="the second person issues it as well")
        parser.add_argument(
            "--verify", action="store_true", help="make all issues again and compare the files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self._verify()
            return
        if options["as_of"] is None or options["by"] is None:
            raise CommandError(_("Choose --as-of and --by."))
        if options["issue"] and not options["sign_off_by"]:
            raise CommandError(_("Only what a second person signs off is issued: choose --sign-off-by."))
        try:
            self._publish(options)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        except PermissionDenied as problem:
            raise CommandError(_("You have no right to do this.")) from problem

    def _publish(self, options: dict[str, Any]) -> None:
        code, day = options["plan"], options["as_of"]
        plan = Plan.objects.filter(code=code).first() if code else plan_on(day)
        if plan is None:
            raise CommandError(_("There is no plan for this day."))
        made = publishing.draft(
            plan=plan, kind=options["kind"], day=day, by=_person(options["by"]), at=timezone.now()
        )
        self.stdout.write(_("drafted: %(title)s (%(key)s)") % {"title": made.title, "key": made.pk})
        if options["sign_off_by"]:
            second, now = _person(options["sign_off_by"]), timezone.now()
            publishing.sign_off(publication=made, by=second, at=now)
            self.stdout.write(_("signed off"))
            if options["issue"]:
                publishing.issue(publication=made, by=second, at=now)
                self.stdout.write(_("issued"))

    def _verify(self) -> None:
        issued = Publication.objects.filter(state=PublicationState.ISSUED).order_by("pk")
        wrong = 0
        for one in issued:
            kinds = publishing.changed_parts(one)
            if kinds:
                wrong += 1
                text = _("publication %(key)s: %(kinds)s do not come out as they were issued")
                self.stderr.write(text % {"key": one.pk, "kinds": ", ".join(kinds)})
        if not publishing.can_write_pdf():
            self.stderr.write(
                _("Files in PDF were only held against their SHA-256: this machine cannot write any.")
            )
        if wrong:
            raise CommandError(_("%(number)d issues differ") % {"number": wrong})
        self.stdout.write(_("%(number)d issues come out as they were issued") % {"number": issued.count()})


def _person(name: str) -> User:
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(_("There is no account “%(name)s”.") % {"name": name})
    return found
