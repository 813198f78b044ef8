"""Who may do what: one group for each role, made by the install, and the backend that keeps roles apart.

A person has one role (`User.role`), and with it the group of that name. Offices may make further groups; the group of
another role says nothing to whoever is in it. Which records a person sees is decided by `registry.access`.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from registry.choices import Role

# Models in the groups of the office's work. Rows that hang on others (steps, citations …) go with what they hang on.
ENTERPRISES = (
    "registry.enterprise",
    "registry.formername",
    "registry.membership",
    "registry.designation",
    "registry.review",
    "registry.annualfigures",
    "registry.notduplicate",
    "registry.matchdecision",
)
# For the city: a move concerns two areas, and what is published concerns all.
OF_THE_CITY = (
    "registry.relocation",
    "registry.split",
    "registry.statistic",
    "registry.series",
    "registry.namedlist",
)
REFERENCE = (
    "registry.district",
    "registry.cluster",
    "registry.industry",
    "registry.scheme",
    "registry.schemelevel",
)
# what the program alone writes
LISTS = ("registry.roster", "registry.rosterrow", "registry.merge")
PLAN = (
    "targets.document",
    "targets.plan",
    "targets.section",
    "targets.target",
    "targets.step",
    "targets.quota",
    "targets.milestone",
    "targets.citation",
    "targets.rule",
    "targets.rulescheme",
    "targets.rulecluster",
)
REVISIONS = ("targets.revision",)
PUBLICATIONS = ("targets.publication",)
ACCOUNTS = (
    "registry.user",
    "auth.group",
    "registry.apitoken",
    "registry.webhook",
    "registry.webhookdelivery",
)
# what an office's own groups never reach
OVER_PEOPLE = ("user", "apitoken", "webhook", "webhookdelivery")
FACTS = (*ENTERPRISES, *OF_THE_CITY, *REFERENCE, *LISTS, *PLAN, *REVISIONS, *PUBLICATIONS)


def view(*models: str) -> set[str]:
    return {_permission("view", model) for model in models}


def edit(*models: str) -> set[str]:
    """To see, enter and change; facts are ended, never deleted."""
    return {_permission(action, model) for action in ("view", "add", "change") for model in models}


def _permission(action: str, model: str) -> str:
    app, name = model.split(".")
    return f"{app}.{action}_{name}"


DISTRICT_CLERK = {
    *view(*FACTS),
    *edit(*ENTERPRISES),
    "registry.import_roster",
    "registry.undo_roster",
    "registry.match_rosterrow",
    "registry.check_quality",
    # who answers for a token draws its secret and rotates it, and gets no more through it than at the desk
    "registry.view_apitoken",
    "registry.hold_apitoken",
    # and says where its changes are sent to
    *edit("registry.webhook"),
    "registry.view_webhookdelivery",
}
CITY_CLERK = {
    *DISTRICT_CLERK,
    *edit(*OF_THE_CITY, *REFERENCE, *PLAN, *PUBLICATIONS),
    "registry.end_designation",
    "registry.merge_enterprise",
}
# What each role may do, and nothing besides.
RIGHTS: dict[Role, set[str]] = {
    Role.CITY_CLERK: CITY_CLERK,
    Role.CITY_REVIEWER: {
        *CITY_CLERK,
        "registry.confirm_designation",
        "targets.sign_publication",
        "targets.issue_publication",
    },
    Role.CITY_OFFICIAL: {*view(*FACTS), "targets.sign_publication"},
    Role.DISTRICT_CLERK: DISTRICT_CLERK,
    Role.DISTRICT_OFFICIAL: view(*FACTS),
    Role.INTEGRATOR: view(*FACTS),
    Role.AUDITOR: {*view(*FACTS, *ACCOUNTS), "registry.check_quality"},
    # Three who keep watch on one another; none of them works with the facts.
    Role.SYSTEM_ADMINISTRATOR: {*view(*ACCOUNTS), "registry.add_user", "registry.change_user"},
    Role.SECURITY_ADMINISTRATOR: {
        *view(*ACCOUNTS),
        "registry.change_user",
        "registry.assign_role",
        *edit("auth.group"),
        # grants tokens and revokes them, but never holds one: a secret would show the facts
        "registry.add_apitoken",
    },
    Role.AUDIT_ADMINISTRATOR: view(*ACCOUNTS),
    Role.UNASSIGNED: set(),
}


def make_groups(**_signal: Any) -> None:
    """The group of each role with exactly its rights. What an office has changed in them is set back.

    Called after each migration, as Django makes the permissions themselves (they may be new then).
    """
    known = {
        f"{one.content_type.app_label}.{one.codename}": one
        for one in Permission.objects.select_related("content_type")
    }
    for role, rights in RIGHTS.items():
        group, _new = Group.objects.get_or_create(name=role.chinese)
        # a migration on the way may not know all of them yet
        group.permissions.set([known[name] for name in sorted(rights) if name in known])


def group_names(roles: Iterable[Role]) -> list[str]:
    return [role.chinese for role in roles]


def named(rights: Iterable[str]) -> Q:
    """The permissions of these names."""
    found = Q(pk__in=[])
    for app in ("auth", "registry", "targets"):
        codenames = [right.partition(".")[2] for right in rights if right.startswith(f"{app}.")]
        found |= Q(content_type__app_label=app, codename__in=codenames)
    return found


def of_offices() -> QuerySet[Group]:
    """Groups that an office has made: not those of the roles."""
    return Group.objects.exclude(name__in=group_names(Role))


def may_be_added() -> QuerySet[Permission]:
    """What a group of an office may add to a role: work with facts, never rights over people and their tokens."""
    people = Q(content_type__app_label="auth") | Q(
        content_type__app_label="registry", content_type__model__in=OVER_PEOPLE
    )
    return Permission.objects.exclude(people)


class RoleBackend(ModelBackend):
    """Rights come from the role, as declared, and from the groups of offices.

    So nobody holds two roles and no role grows, whatever was written into the tables: the group of a role gives what is
    declared for it and no more, that of another role nothing, a group of an office no rights over accounts, and an
    administrator has the role alone.
    """

    def _get_group_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        role = Role(user_obj.role)
        own = Permission.objects.filter(
            named(RIGHTS[role]), group__in=user_obj.groups.filter(name=role.chinese)
        )
        if role in Role.administrators():
            return own
        held = user_obj.groups.filter(pk__in=of_offices())
        added = may_be_added().filter(group__in=held)
        return Permission.objects.filter(Q(pk__in=own) | Q(pk__in=added))

    def _get_user_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        if user_obj.role in Role.administrators():
            return Permission.objects.none()
        found: QuerySet[Permission] = may_be_added().filter(user=user_obj)
        return found
