"""Who may do what: the groups of the install, and each person before each page."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from czindustry.management.commands.prepare import without_group
from czindustry.rights import RIGHTS, make_groups
from registry.choices import Role
from registry.models import User
from registry.services import take_up_role
from tests import factories as make
from tests import people
from tests.people import PASSWORD
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send

pytestmark = pytest.mark.django_db

# Rights that no role has, each for a reason.
TO_NOBODY = {
    # facts are ended, not deleted; rows of lists, histories and states are written by the program alone
    "delete",
    # what is written by revising a target
    "targets.add_revision",
    "targets.change_revision",
    "registry.add_merge",
    "registry.change_merge",
    "registry.add_roster",
    "registry.change_roster",
    "registry.add_rosterrow",
    "registry.change_rosterrow",
}
# what triggers write, and uploads, which are their owner's
INTERNAL = {
    "registry.partchange",
    "registry.nameinitials",
    "registry.rosterupload",
    "registry.rosteruploadrow",
    "registry.rememberedcolumns",
    "registry.tokenuse",
    # what belongs to a publication
    "targets.publicationdocument",
    "targets.publishedrecord",
}


def all_rights() -> set[str]:
    return set().union(*RIGHTS.values())


def test_every_role_has_its_rights_and_every_right_exists() -> None:
    assert set(RIGHTS) == set(Role)
    known = {
        f"{one.content_type.app_label}.{one.codename}"
        for one in Permission.objects.select_related("content_type")
    }
    assert all_rights() <= known, f"no such permission: {all_rights() - known}"


def test_every_right_of_ours_is_given_to_somebody_or_on_purpose_to_nobody() -> None:
    forgotten = set()
    for model in apps.get_models():
        opts = model._meta
        internal = opts.label_lower in INTERNAL or hasattr(model, "pgh_tracked_model")
        if opts.app_label not in ("registry", "targets") or internal:
            continue
        own = {f"{opts.app_label}.{action}_{opts.model_name}" for action in opts.default_permissions}
        own |= {f"{opts.app_label}.{codename}" for codename, _name in opts.permissions}
        forgotten |= {one for one in own if one not in all_rights() and one not in TO_NOBODY}
    forgotten = {one for one in forgotten if not one.split(".")[1].startswith("delete_")}
    assert not forgotten, f"give these to a role in czindustry.rights, or name them here: {sorted(forgotten)}"


def test_groups_are_set_back_to_what_is_declared() -> None:
    group = Group.objects.get(name=Role.AUDITOR.label)
    group.permissions.add(Permission.objects.get(codename="change_enterprise"))
    make_groups()
    make_groups()
    assert not group.permissions.filter(codename="change_enterprise").exists()
    assert Group.objects.filter(name__in=[role.label for role in Role]).count() == len(Role)


# Each person before each page: what the status is

S = {
    #                        wang shen lu   gu   zhou brain qian sun  an   jian xin
    "/":                     "200 200 200 200 200 200 200 302 302 302 403",
    "/targets/green.all/":   "200 200 200 200 200 200 200 403 403 403 403",
    "/api/v1/enterprises/":  "200 200 200 200 200 200 200 403 403 403 403",
    "/api/v1/progress/":     "200 200 200 200 200 200 200 403 403 403 403",
    "/admin/":               "200 200 200 200 200 403 200 200 200 200 403",
    "enterprise list":       "200 200 200 200 200 403 200 403 403 403 403",
    "enterprise add":        "200 200 403 200 403 403 403 403 403 403 403",
    "designation list":      "200 200 200 200 200 403 200 403 403 403 403",
    "relocation add":        "200 200 403 403 403 403 403 403 403 403 403",
    "statistic add":         "200 200 403 403 403 403 403 403 403 403 403",
    "scheme add":            "200 200 403 403 403 403 403 403 403 403 403",
    "roster list":           "200 200 200 200 200 403 200 403 403 403 403",
    "target add":            "200 200 403 403 403 403 403 403 403 403 403",
    "revision list":         "200 200 200 200 200 403 200 403 403 403 403",
    "user list":             "403 403 403 403 403 403 200 200 200 200 403",
    "user add":              "403 403 403 403 403 403 403 200 403 403 403",
    "group list":            "403 403 403 403 403 403 200 200 200 200 403",
    "group add":             "403 403 403 403 403 403 403 403 200 403 403",
    # tokens: granted by one, held by those who work with what they open, looked at by those who watch
    "apitoken list":        "200 200 403 200 403 403 200 200 200 200 403",
    "apitoken add":         "403 403 403 403 403 403 403 403 200 403 403",
}  # fmt: skip
ORDER = (
    people.clerk_of_the_city,
    people.reviewer_of_the_city,
    people.official_of_the_city,
    people.clerk_of_wujin,
    people.official_of_wujin,
    people.integrator,
    people.auditor,
    people.system_administrator,
    people.security_administrator,
    people.audit_administrator,
    people.without_a_role,
)


def path_of(page: str) -> str:
    if page.startswith("/"):
        return page
    name, view = page.split()
    model = next(one for one in admin.site._registry if one._meta.model_name == name)
    return reverse(
        f"admin:{model._meta.app_label}_{name}_{'changelist' if view == 'list' else view}",
    )


@pytest.mark.parametrize("place", range(len(ORDER)), ids=[one.__name__ for one in ORDER])
def test_each_person_before_each_page(place: int) -> None:
    make.target_with_rule("green.all", schemes=(make.scheme(),), feed="stock")
    client = Client()
    client.force_login(ORDER[place]())
    wanted = {page: int(row.split()[place]) for page, row in S.items()}
    assert {page: opened(client, path_of(page)) for page in S} == wanted


def opened(client: Client, path: str) -> int:
    """The status; whoever has no desk is led from the admin to a page that says so."""
    answer = client.get(path, follow=path.startswith("/admin/"))
    return answer.status_code


# Accounts and roles


def test_the_install_puts_accounts_from_before_into_their_groups() -> None:
    old = User.objects.create_user("old", password=None, role=Role.CITY_CLERK)
    assert without_group() == [old]
    take_up_role(account=old)
    assert without_group() == []
    assert User.objects.get(pk=old.pk).has_perm("registry.change_enterprise")


def test_the_first_account_is_told_what_it_is_for() -> None:
    make.plan()
    User.objects.create_superuser("root", password=PASSWORD)
    page = Client().post("/signin/", {"username": "root", "password": PASSWORD}, follow=True)
    assert "然后停用" in page.content.decode()
    people.clerk_of_the_city()
    page = Client().post("/signin/", {"username": "wang", "password": PASSWORD}, follow=True)
    assert "然后停用" not in page.content.decode()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


SECRET = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}


def test_an_account_is_made_by_one_and_gets_its_role_from_another() -> None:
    sun, an = signed_in(people.system_administrator()), signed_in(people.security_administrator())
    made = send(sun, page_for_new(User), username="li", full_name="李雷", role="city_reviewer", **SECRET)
    assert made.status_code == 302
    li = User.objects.get(username="li")
    assert (li.role, li.must_change_password, li.is_staff) == (Role.UNASSIGNED, True, False)
    assert not li.has_perm("registry.view_enterprise")

    # Sun cannot give it a role, An can, and gives nothing else
    send(sun, page_of(li), role="city_clerk", full_name="李雷雷")
    li.refresh_from_db()
    assert (li.role, li.full_name) == (Role.UNASSIGNED, "李雷雷")
    answer = send(an, page_of(li), role="district_clerk", district=make.district().pk, full_name="张三")
    assert answer.status_code == 302
    li = User.objects.get(username="li")
    assert (li.role, li.full_name, li.is_staff) == (Role.DISTRICT_CLERK, "李雷雷", True)
    assert [group.name for group in li.groups.all()] == ["板块经办"]
    assert li.has_perm("registry.change_enterprise")


def test_who_changes_the_role_loses_the_rights_of_the_old_one() -> None:
    wang = people.clerk_of_the_city()
    assert wang.has_perm("registry.change_enterprise")
    wang.role = Role.AUDITOR
    wang.save()
    take_up_role(account=wang)
    wang = User.objects.get(pk=wang.pk)
    assert not wang.has_perm("registry.change_enterprise")
    assert wang.has_perm("registry.view_enterprise")


@pytest.mark.parametrize(
    "administrator",
    [people.system_administrator, people.security_administrator, people.audit_administrator],
)
def test_no_administrator_gains_the_rights_of_another(administrator: Callable[[], User]) -> None:
    """Neither by a group nor by a right of their own, and be they written straight into the tables."""
    person = administrator()
    before = person.get_all_permissions()
    person.groups.add(*Group.objects.all())
    person.user_permissions.add(*Permission.objects.all())
    assert User.objects.get(pk=person.pk).get_all_permissions() == before


@pytest.mark.parametrize(
    "administrator", [people.system_administrator, people.security_administrator, people.audit_administrator]
)
def test_nobody_gives_a_role_to_themselves(administrator: Callable[[], User]) -> None:
    person = administrator()
    client, before = signed_in(person), person.role
    data = {"username": person.username, "role": "city_clerk", "is_superuser": "on", "is_staff": "on"}
    client.post(page_of(person), {**data, "groups": [str(one.pk) for one in Group.objects.all()]})
    person = User.objects.get(pk=person.pk)
    assert (person.role, person.is_superuser) == (before, False)
    assert [group.name for group in person.groups.all()] == [Role(before).label]


@pytest.mark.parametrize(
    ("role", "of_area", "wrong"),
    [
        ("district_clerk", False, {"district"}),
        ("city_clerk", True, {"district"}),
        ("district_clerk", True, set()),
        ("city_clerk", False, set()),
    ],
)
def test_a_role_and_an_area_fit_together(role: str, of_area: bool, wrong: set[str]) -> None:
    an = signed_in(people.security_administrator())
    district = make.district().pk if of_area else ""
    page = send(an, page_of(people.without_a_role()), role=role, district=district)
    assert (set(errors_on(page)) if wrong else page.status_code) == (wrong or 302)


def test_the_group_of_another_role_is_not_given() -> None:
    an = signed_in(people.security_administrator())
    other = Group.objects.get(name=Role.CITY_REVIEWER.label)
    page = send(an, page_of(people.without_a_role()), role="city_clerk", groups=[other.pk])
    assert set(errors_on(page)) == {"groups"}


@pytest.mark.parametrize(
    ("by", "of", "status"),
    [
        (people.system_administrator, people.clerk_of_the_city, 302),
        (people.system_administrator, people.security_administrator, 403),
        (people.system_administrator, people.audit_administrator, 403),
        (people.security_administrator, people.clerk_of_the_city, 403),
        (people.audit_administrator, people.clerk_of_the_city, 403),
        (people.clerk_of_the_city, people.clerk_of_wujin, 403),
    ],
)
def test_who_replaces_whose_password(by: Callable[[], User], of: Callable[[], User], status: int) -> None:
    person = of()
    given = SECRET | {"password1": "Longcheng-Gongye-532", "password2": "Longcheng-Gongye-532"}
    answer = signed_in(by()).post(f"/admin/registry/user/{person.pk}/password/", given)
    assert answer.status_code == status
    person.refresh_from_db()
    assert person.must_change_password == (status == 302)


def test_nobody_but_the_first_account_touches_the_first_account() -> None:
    chief = User.objects.create_superuser("root", password=None)
    for person in (people.system_administrator(), people.security_administrator()):
        client = signed_in(person)
        assert client.post(page_of(chief), {}).status_code == 403
        assert client.post(f"/admin/registry/user/{chief.pk}/password/", {}).status_code == 403


# Groups: those of the roles are fixed, those of offices carry no rights over people


def test_the_groups_of_the_roles_are_shown_and_not_changed() -> None:
    an = signed_in(people.security_administrator())
    group = Group.objects.get(name=Role.SECURITY_ADMINISTRATOR.label)
    before = set(group.permissions.values_list("pk", flat=True))
    every = [str(one) for one in Permission.objects.values_list("pk", flat=True)]
    page = f"/admin/auth/group/{group.pk}/change/"
    assert an.get(page).status_code == 200
    assert an.post(page, {"name": "改了名", "permissions": every}).status_code == 403
    group.refresh_from_db()
    assert (group.name, set(group.permissions.values_list("pk", flat=True))) == (
        Role.SECURITY_ADMINISTRATOR.label,
        before,
    )


@pytest.mark.parametrize("role", list(Role))
def test_no_role_grows_by_what_is_written_into_its_group(role: Role) -> None:
    person = people._person("grown", "某人", role, "320412" if role in Role.of_an_area() else None)
    before = person.get_all_permissions()
    assert before == RIGHTS[role]
    Group.objects.get(name=role.label).permissions.set(Permission.objects.all())
    assert User.objects.get(pk=person.pk).get_all_permissions() == before


@pytest.mark.parametrize("person", [people.clerk_of_the_city, people.auditor, people.without_a_role])
def test_no_group_of_an_office_gives_rights_over_people(person: Callable[[], User]) -> None:
    someone = person()
    own = someone.get_all_permissions()
    group = Group.objects.create(name="规上办")
    group.permissions.set(Permission.objects.all())
    someone.groups.add(group)
    someone.user_permissions.set(Permission.objects.all())
    gained = User.objects.get(pk=someone.pk).get_all_permissions() - own
    assert "registry.confirm_designation" in gained or not gained
    over_people = {one for one in gained if one.startswith("auth.") or one.endswith(("_user", "assign_role"))}
    assert not over_people


@pytest.mark.parametrize("name", ["规上办", "规上办\x1f1,2", "\x1f", "1,2", "'"])
def test_whatever_a_group_of_an_office_is_called_it_gives_what_it_holds(name: str) -> None:
    gu = people.clerk_of_wujin()
    own = gu.get_all_permissions()
    group = Group.objects.create(name=name)
    group.permissions.set(Permission.objects.filter(codename="confirm_designation"))
    gu.groups.add(group)
    found = User.objects.get(pk=gu.pk)
    assert found.get_group_permissions() - own == {"registry.confirm_designation"}
    assert found.get_user_permissions() == set()


def test_a_group_of_an_office_is_made_without_rights_over_people() -> None:
    an = signed_in(people.security_administrator())
    assign = Permission.objects.get(codename="assign_role")
    view = Permission.objects.get(codename="view_enterprise")
    page = an.post("/admin/auth/group/add/", {"name": "规上办", "permissions": [assign.pk]})
    assert set(errors_on(page)) == {"permissions"}
    page = an.post("/admin/auth/group/add/", {"name": Role.AUDITOR.chinese, "permissions": [view.pk]})
    assert set(errors_on(page)) == {"name"}
    assert an.post("/admin/auth/group/add/", {"name": "规上办", "permissions": [view.pk]}).status_code == 302


def test_a_role_written_without_its_group_gives_nothing_until_it_is_taken_up() -> None:
    wang = people.clerk_of_the_city()
    User.objects.filter(pk=wang.pk).update(role=Role.SECURITY_ADMINISTRATOR)
    assert User.objects.get(pk=wang.pk).get_all_permissions() == set()
