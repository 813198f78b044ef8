"""The named lists that the plan speaks of, over the made-up enterprises; each with the account that answers for it."""

from django.conf import settings
from django.utils.translation import gettext as _

from registry import history
from registry.demo import MARK, demo_is_present
from registry.models import NamedList, User

# code, name, purpose, the titles by which one is on it
LISTS = (
    ("innovation_loan", "创新贷白名单", "供合作银行核验创新贷准入", ["specialized_sme", "little_giant"]),
    (
        "digital_clients",
        "智改数转重点客户",
        "供服务商对接智能化改造和数字化转型需求",
        ["smart_factory", "star_cloud_enterprise", "full_5g_factory"],
    ),
    (
        "digital_providers",
        "智改数转服务商",
        "供企业选择智改数转服务商",
        ["leading_service_provider", "iiot_platform"],
    ),
    ("listing_reserve", "“双百行动计划”后备企业", "供股改、辅导、申报各阶段走访服务", ["listing_reserve"]),
)


def make() -> int:
    """Keep the lists that are missing, where there is somebody to answer for them; how many were made."""
    may = User.objects.with_perm(
        "registry.view_namedlist", include_superusers=True, backend=settings.RIGHTS_BACKEND
    )
    owner = may.filter(is_active=True).order_by("-is_superuser", "pk").first()
    if owner is None or not demo_is_present():
        return 0
    known = set(NamedList.objects.values_list("code", flat=True))
    made = [
        NamedList(
            code=code,
            name=name,
            purpose=f"{MARK}：{purpose}",
            owner=owner,
            position=place,
            query={"scheme": schemes},
        )
        for place, (code, name, purpose, schemes) in enumerate(LISTS, start=1)
        if code not in known
    ]
    with history.change(reason=_("Demo data")):
        NamedList.objects.bulk_create(made)
    return len(made)


def remove() -> None:
    NamedList.objects.filter(purpose__startswith=MARK).delete()
