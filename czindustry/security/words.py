"""The details of an event in the words of the office; what nobody has named stands as it is."""

from collections.abc import Iterator
from typing import Any

from registry.choices import Role, Scope
from registry.models import ApiToken, District, Roster, User
from targets.choices import PublicationState

OF_MODELS = (User, ApiToken, Roster)
NAMES = {
    "by": "方式",
    "changed": "变动",
    "day": "数据截止日",
    "delete": "移出",
    "district": "板块",
    "granted": "权限范围",
    "insert": "加入",
    "is_superuser": "初始账号",
    "made_at": "备份时间",
    "owner": "责任人编号",
    "page": "页面",
    "prefix": "令牌编号",
    "publication": "通报编号",
    "reason": "原因",
    "state": "状态",
}
VALUES = {
    "password": "密码",
    "office": "统一身份认证",
    "telephone": "手机",
    "recovery": "备用码",
    "set up": "启用",
    "new codes": "重新生成备用码",
    "removed": "由系统管理员取消",
    "removed on the server": "在服务器上取消",
    "given up": "本人停用",
    "unlocked": "解除锁定",
    "no account": "没有账号",
    "": "空",
    **{one.value: one.chinese for one in Role},
    **{one.value: str(one.label) for one in Scope},
    **{one.value: str(one.label) for one in PublicationState},
}


def told(details: dict[str, Any]) -> Iterator[str]:
    """Each detail; of what was changed, what it was and what it is."""
    for name, value in details.items():
        area = name in ("district", "district_id")
        if isinstance(value, list) and name not in ("insert", "delete", "granted"):
            before, after = (word(one, area) for one in value)
            yield f"{name_of(name)}：{before} → {after}"
        else:
            parts = value if isinstance(value, list) else [value]
            yield f"{name_of(name)}：{'、'.join(word(one, area) for one in parts)}"


def name_of(name: str) -> str:
    """As the models call it, where one of them does."""
    if name in NAMES:
        return NAMES[name]
    for model in OF_MODELS:
        for field in model._meta.concrete_fields:
            if name in (field.name, field.attname):
                return str(field.verbose_name)
    return name


def word(value: Any, area: bool) -> str:
    if value is None:
        return "全市" if area else "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if area:
        found = District.objects.filter(pk=value).first()
        return str(found) if found else str(value)
    return VALUES.get(str(value), str(value))
