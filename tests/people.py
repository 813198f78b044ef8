"""The people of the tests: who they are and what they may see."""

from registry.choices import Role
from registry.models import User
from registry.services import take_up_role
from tests.factories import district

PASSWORD = "changzhou-Lianhua-2022"


def _person(username: str, full_name: str, role: Role, area: str | None = None) -> User:
    person = User.objects.create_user(
        username=username,
        password=PASSWORD,
        full_name=full_name,
        role=role,
        district=district(area) if area else None,
    )
    take_up_role(account=person)
    return person


def clerk_of_the_city() -> User:
    """Wang enters lists for the whole city."""
    return _person("wang", "王敏", Role.CITY_CLERK)


def reviewer_of_the_city() -> User:
    """Shen checks what the areas send in."""
    return _person("shen", "沈涛", Role.CITY_REVIEWER)


def second_reviewer_of_the_city() -> User:
    """Tao signs off what others have drafted."""
    return _person("tao", "陶然", Role.CITY_REVIEWER)


def official_of_the_city() -> User:
    """Lu reads the reports of the whole city."""
    return _person("lu", "陆文", Role.CITY_OFFICIAL)


def clerk_of_wujin() -> User:
    """Gu enters the enterprises and titles of Wujin (武进区)."""
    return _person("gu", "顾芳", Role.DISTRICT_CLERK, "320412")


def official_of_wujin() -> User:
    """Zhou reads the reports of Wujin (武进区)."""
    return _person("zhou", "周建国", Role.DISTRICT_OFFICIAL, "320412")


def official_of_liyang() -> User:
    """Chen reads the reports of Liyang (溧阳市)."""
    return _person("chen", "陈洁", Role.DISTRICT_OFFICIAL, "320481")


def integrator() -> User:
    """The industry brain (产业大脑) reads the API."""
    return _person("brain", "产业大脑", Role.INTEGRATOR)


def auditor() -> User:
    """Qian looks into everything and changes nothing."""
    return _person("qian", "钱进", Role.AUDITOR)


def system_administrator() -> User:
    """Sun makes accounts."""
    return _person("sun", "孙毅", Role.SYSTEM_ADMINISTRATOR)


def security_administrator() -> User:
    """An gives roles."""
    return _person("an", "安宁", Role.SECURITY_ADMINISTRATOR)


def second_security_administrator() -> User:
    """Ning grants what other systems may read."""
    return _person("ning", "宁静", Role.SECURITY_ADMINISTRATOR)


def audit_administrator() -> User:
    """Jian watches the other two."""
    return _person("jian", "简明", Role.AUDIT_ADMINISTRATOR)


def without_a_role() -> User:
    """Xin has an account since this morning."""
    return _person("xin", "辛悦", Role.UNASSIGNED)


EVERYBODY = (
    clerk_of_the_city,
    reviewer_of_the_city,
    official_of_the_city,
    clerk_of_wujin,
    official_of_wujin,
    official_of_liyang,
    integrator,
    auditor,
    system_administrator,
    security_administrator,
    audit_administrator,
    without_a_role,
)
