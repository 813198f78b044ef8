"""What each process of `run_site` loads: the site, which ends with the process that started it."""

import threading

from django.utils import timezone

from czindustry.parent import leave_with_parent
from czindustry.wsgi import application
from targets.reading_ahead import read_facts

__all__ = ["application"]

leave_with_parent()
# beside the first requests, which are answered also where the database is away
threading.Thread(target=read_facts, args=[timezone.localdate()], daemon=True).start()
