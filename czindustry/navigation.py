"""The sidebar of the admin: what a person may open, in the groups of the office's work."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# Models with the names of their icons (Material Symbols, which Unfold brings along).
NAVIGATION = {
    "企业与称号": {
        "registry.enterprise": "factory",
        "registry.merge": "call_merge",
        "registry.split": "call_split",
        "registry.designation": "workspace_premium",
        "registry.review": "fact_check",
        "registry.membership": "hub",
        "registry.namedlist": "bookmarks",
        "registry.relocation": "move_location",
    },
    "数据": {
        "registry.annualfigures": "table_chart",
        "registry.statistic": "query_stats",
        "registry.series": "show_chart",
    },
    "名单": {
        "registry.roster": "upload_file",
        "registry.rosterrow": "list_alt",
        "registry.matchdecision": "rule_folder",
    },
    "规划目标": {
        "targets.target": "flag",
        "targets.quota": "pie_chart",
        "targets.rule": "rule",
        "targets.milestone": "task_alt",
        "targets.revision": "published_with_changes",
        "targets.publication": "campaign",
        "targets.plan": "event_note",
        "targets.section": "toc",
        "targets.document": "description",
    },
    "基础资料": {
        "registry.scheme": "verified",
        "registry.cluster": "category",
        "registry.district": "location_city",
        "registry.industry": "precision_manufacturing",
    },
    "安全审计": {
        "security.auditevent": "policy",
        "security.auditarchive": "inventory_2",
    },
    "用户": {
        "registry.user": "person",
        "auth.group": "group",
        "registry.apitoken": "key",
        "registry.webhook": "webhook",
    },
}
# Pages of no model: title, name of the address, permission, icon.
PAGES = {"数据": [("数据质量", "admin:registry_quality", "registry.check_quality", "health_and_safety")]}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the sidebar with what the person may open; a group without any is left out."""
    groups = [
        {
            "title": title,
            "separator": True,
            "collapsible": False,
            "items": _items(request, models) + _pages(request, title),
        }
        for title, models in NAVIGATION.items()
    ]
    return [group for group in groups if group["items"]]


def _items(request: HttpRequest, models: dict[str, str]) -> list[dict[str, Any]]:
    items = []
    for label, icon in models.items():
        opts = apps.get_model(label)._meta
        view, change = (f"{opts.app_label}.{action}_{opts.model_name}" for action in ("view", "change"))
        if request.user.has_perm(view) or request.user.has_perm(change):
            link = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
            # Unfold would mark 名单 on the pages of 名单行 as well: one address begins with the other
            items.append(
                {
                    "title": opts.verbose_name_plural,
                    "icon": icon,
                    "link": link,
                    "active": request.path.startswith(link),
                }
            )
    return items


def _pages(request: HttpRequest, group: str) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "icon": icon,
            "link": reverse(name),
            "active": request.path.startswith(reverse(name)),
        }
        for title, name, permission, icon in PAGES.get(group, [])
        if request.user.has_perm(permission)
    ]


def favicon(request: HttpRequest) -> str:
    return static("czindustry/favicon.svg")


def style(request: HttpRequest) -> str:
    """What every page of the admin needs besides Unfold's own."""
    return static("registry/admin.css")
