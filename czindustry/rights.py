"""Who may do what: one group for each role, made by the install, and the backend that keeps roles apart.

A person has one role (`User.role`), and with it the group of that name. Offices may make further groups; the group of
another role says nothing to whoever is in it. Which records a person sees is decided by `registry.access`.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission

from registry import held, prepared
from registry.choices import Role
from registry.recent import Recent

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
# Who did what, for those alone who watch the others.
TRAIL = ("security.auditevent", "security.auditarchive")
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
    Role.AUDIT_ADMINISTRATOR: view(*ACCOUNTS, *TRAIL),
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


class RoleBackend(ModelBackend):
    """Rights come from the role, as declared, and from the groups of offices.

    So nobody holds two roles and no role grows, whatever was written into the tables: the group of a role gives what is
    declared for it and no more, that of another role nothing, a group of an office no rights over accounts, and an
    administrator has the role alone.
    """

    def _get_permissions(self, user_obj: Any, obj: Any, from_name: str) -> set[str]:
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser:
            found: set[str] = super()._get_permissions(user_obj, obj, from_name)  # type: ignore[misc]
            return found
        if not hasattr(user_obj, "_rights"):
            user_obj._rights = rights_of(user_obj)
        rights: dict[str, set[str]] = user_obj._rights
        return rights[from_name]


PERMISSIONS = """
    SELECT permission.id, content.app_label, content.model, permission.codename
      FROM auth_permission permission JOIN django_content_type content ON content.id = permission.content_type_id
     WHERE permission.id = ANY(%s)
"""
# By role and what is held: whoever holds the same may do the same.
KNOWN = Recent(500)


def rights_of(user: Any) -> dict[str, set[str]]:
    """What a person may do through groups, and what for themselves.

    In SQL, since nearly every page asks it, and the ORM takes twenty times as long as the database.
    """
    told = held.by(user.pk) if user.holds is None else user.holds
    key = (user.role, *sorted(told))
    found: dict[str, set[str]] | None = KNOWN.get_many([key]).get(key)
    if found is None:
        found = _rights(Role(user.role), told)
        KNOWN.set_many({key: found})
    return {through: set(rights) for through, rights in found.items()}


def _rights(role: Role, told: Iterable[str]) -> dict[str, set[str]]:
    of_roles = set(group_names(Role))
    found: dict[str, set[str]] = {"group": set(), "user": set()}
    for one in told:
        through, numbers = held.apart(one)
        for _pk, app, model, codename in prepared.rows(PERMISSIONS, [numbers]):
            right = f"{app}.{codename}"
            if through == role.chinese:
                if right in RIGHTS[role]:
                    found["group"].add(right)
            elif (
                role not in Role.administrators() and through not in of_roles and not _over_people(app, model)
            ):
                found["group" if through else "user"].add(right)
    return found


def _over_people(app: str, model: str) -> bool:
    return app in ("auth", "security") or (app == "registry" and model in OVER_PEOPLE)
