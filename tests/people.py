"""The people of the tests: who they are and what they may see."""

from registry.choices import Role
from registry.models import User
from tests.factories import district

PASSWORD = "changzhou-Lianhua-2022"


def _person(username: str, full_name: str, role: Role, area: str | None, *, staff: bool) -> User:
    return User.objects.create_user(
        username=username,
        password=PASSWORD,
        full_name=full_name,
        role=role,
        district=district(area) if area else None,
        is_staff=staff,
    )


def clerk_of_the_city() -> User:
    """Wang enters lists for the whole city."""
    return _person("wang", "王敏", Role.CITY_CLERK, None, staff=True)


def official_of_wujin() -> User:
    """Zhou reads the reports of Wujin (武进区)."""
    return _person("zhou", "周建国", Role.DISTRICT_OFFICIAL, "320412", staff=False)


def official_of_liyang() -> User:
    """Chen reads the reports of Liyang (溧阳市)."""
    return _person("chen", "陈洁", Role.DISTRICT_OFFICIAL, "320481", staff=False)


def integrator() -> User:
    """The industry brain (产业大脑) reads the API."""
    return _person("brain", "产业大脑", Role.INTEGRATOR, None, staff=False)
