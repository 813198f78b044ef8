"""At least one row of everything that has a page in the admin."""

import datetime as dt
from decimal import Decimal

from django.contrib.auth.models import Group

from registry.models import (
    ApiToken,
    Designation,
    FormerName,
    Industry,
    MatchDecision,
    Merge,
    NotDuplicate,
    Review,
    Roster,
    RosterRow,
    SchemeLevel,
    Split,
    User,
    Webhook,
    WebhookDelivery,
)
from targets.models import Document, Milestone, Plan, Publication, Quota, Revision, Section, Step
from tests import factories as make

DAY = dt.date(2022, 3, 1)
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def one_of_everything(number: int) -> None:
    """A set of rows; each number makes another one, below the same parents where rows have any."""
    wujin, liyang = make.district("320412"), make.district("320481")
    industry = Industry.objects.get_or_create(code="38", defaults={"name": "电气机械", "section": "C"})[0]
    holder = make.enterprise(
        f"光能科技{number}", district=wujin, industry=industry, parent=first_enterprise()
    )
    whole = first_enterprise() or holder
    scheme = make.scheme(f"scheme_{number}")
    SchemeLevel.objects.create(
        scheme=make.scheme("scheme_0"), level=("municipal", "district", "none")[number % 3]
    )
    title = make.designation(whole, DAY, scheme=scheme)
    Review.objects.create(
        designation=Designation.objects.earliest("pk"), day=DAY + dt.timedelta(days=number), outcome="passed"
    )
    make.designation(None, DAY, scheme=scheme, item=f"示范园区{number}", district=liyang)
    make.figures(whole, 2000 + number, revenue=Decimal(5000))
    make.member(whole, make.cluster(f"cluster_{number}"), main=number == 0)
    make.relocation(whole, DAY + dt.timedelta(days=number), liyang, wujin)
    FormerName.objects.create(enterprise=whole, name=f"光能旧名{number}")
    Split.objects.create(
        enterprise=holder, successor=make.enterprise(f"光能丙{number}"), day=dt.date(2024, 5, 1)
    )
    NotDuplicate.objects.create(first=holder, second=make.enterprise(f"光能甲{number}"), reason="两家")
    make.statistic("series", DAY + dt.timedelta(days=number), "12")
    roster = Roster.objects.create(kind="enterprises", file_name=f"{number}.csv", content=b"a,b", sha256="0")
    RosterRow.objects.create(roster=roster, number=1, raw={"企业名称": f"光能{number}"}, outcome="queued")
    MatchDecision.objects.create(name=f"光能所写{number}", name_key=f"光能所写{number}", enterprise=whole)
    Merge.objects.create(kept_id=whole.pk, absorbed_id=0, kept_name="光能", absorbed_name="光", absorbed={})
    User.objects.create_user(f"person{number}", password=None, district=wujin, role="district_clerk")
    make.named_list(User.objects.earliest("pk"), f"list_{number}", scheme=[scheme.code])
    Group.objects.create(name=f"组{number}")
    a_token(number)
    plan_rows(number, title)
    plan = Plan.objects.earliest("pk")
    Publication.objects.create(plan=plan, kind="month", day=DAY, title=f"通报{number}")


def a_token(number: int) -> None:
    who, day = User.objects.earliest("pk"), dt.date(2026, 1, 1)
    token = ApiToken.objects.create(
        name=f"系统{number}",
        purpose="展示",
        owner=who,
        scopes=["read_totals"],
        valid_from=day,
        expires_on=day,
        granted_by=who,
        granted_at=NOW,
    )
    hook = Webhook.objects.create(token=token, url=f"https://brain{number}.example.cn/")
    WebhookDelivery.objects.create(
        webhook=hook, message=f"msg_{number}", sent_at=NOW, after="a", position="b", changes=number
    )


def first_enterprise():
    return make.Enterprise.objects.order_by("pk").first()


def plan_rows(number: int, title: Designation) -> None:
    plan = make.plan()
    Document.objects.create(code=f"doc{number}", title=f"文件{number}")
    make.target_with_rule(
        f"target_{number}",
        schemes=(title.scheme,),
        clusters=(make.cluster(f"cluster_{number}"),),
        feed="stock",
    )
    target = make.Target.objects.earliest("pk")
    section = Section.objects.get(code="test")
    Section.objects.create(plan=plan, code=f"part{number}", name=f"小节{number}", parent=section)
    if number:
        make.RuleScheme.objects.create(rule=target.rule, scheme=title.scheme)
        make.RuleCluster.objects.create(rule=target.rule, cluster=make.cluster(f"cluster_{number}"))
        make.Citation.objects.create(target=target, section=section, quote=f"引文{number}")
    milestone = Milestone.objects.create(
        plan=plan, section=section, code=f"mile{number}", name=f"里程碑{number}"
    )
    make.Citation.objects.create(milestone=milestone, section=section, quote="建成")
    Step.objects.create(target=target, day=DAY + dt.timedelta(days=number), value=number)
    quota_day = DAY + dt.timedelta(days=number)
    Quota.objects.create(target=target, district=make.district(), day=quota_day, value=number)
    Revision.objects.create(
        target=target,
        day=DAY + dt.timedelta(days=number),
        value_before=1,
        comparator_before="gte",
        reason="上级调整",
        revised_by=User.objects.earliest("pk"),
    )
