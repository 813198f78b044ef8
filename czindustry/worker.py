"""What each process of `run_site` loads: the site, which ends with the process that started it."""

import threading

from django.utils import timezone

from czindustry.parent import leave_with_parent
from czindustry.wsgi import application
from targets.reading_ahead import read_facts

__all__ = ["application"]

# So long the first requests wait for the facts to be read; they are answered also where the database is away.
SECONDS_TO_READ = 10

leave_with_parent()
reading = threading.Thread(target=read_facts, args=[timezone.localdate()], daemon=True)
reading.start()
reading.join(SECONDS_TO_READ)
