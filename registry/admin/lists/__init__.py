"""Lists in admin: brought, previewed, applied in the background, read afterwards, taken back."""

from django.contrib import admin
from procrastinate.contrib.django.models import ProcrastinateJob

from registry.admin.lists import rosters, rows

# The queue's own pages are English and for programmers; a person sees the work on the page of the list.
admin.site.unregister(ProcrastinateJob)

__all__ = ["rosters", "rows"]
