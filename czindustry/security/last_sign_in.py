"""The line after signing in: when, from where, and how often it failed since; so that a stranger is noticed."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from czindustry.security.choices import Action
from czindustry.security.models import AuditEvent
from registry.models import User


def tell(request: HttpRequest, user: User) -> None:
    """Before the present sign-in is in the trail; nothing at the first one."""
    known = AuditEvent.objects.filter(person=user, action=Action.SIGN_IN)
    last = known.filter(succeeded=True).first()
    if last is None:
        return
    words = {
        "at": f"{timezone.localtime(last.at):%Y-%m-%d %H:%M}",
        "address": last.address or _("this server"),
    }
    told = _("You signed in last at %(at)s, from %(address)s.") % words
    failures = known.filter(succeeded=False, pk__gt=last.pk).count()
    if failures:
        told += " " + ngettext(
            "Since then %(count)d attempt with your name has failed: was it you?",
            "Since then %(count)d attempts with your name have failed: was it you?",
            failures,
        ) % {"count": failures}
    # a program may sign somebody in where there is no page to tell it on
    messages.info(request, told, fail_silently=True)
