"""数据质量: what in the register is doubtful, each check with its records and the way to mend them."""

from django.contrib import admin

from registry.admin.quality import kept, pages

# In front of the site's own addresses: the page is of no model.
pages.add_to(admin.site)

__all__ = ["kept", "pages"]
