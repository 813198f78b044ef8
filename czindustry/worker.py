"""What each process of `run_site` loads: the site, which ends with the process that started it."""

from django.utils import timezone

from czindustry.parent import leave_with_parent
from czindustry.wsgi import application
from targets.reading_ahead import read_facts

__all__ = ["application"]

leave_with_parent()
read_facts(timezone.localdate())
