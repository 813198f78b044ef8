"""What each process of `run_site` loads: the site, which ends with the process that started it."""

from czindustry.parent import leave_with_parent
from czindustry.wsgi import application

__all__ = ["application"]

leave_with_parent()
