"""What waits for a person: a closed list of worklists, each for whoever has its right.

Each is counted up to a bound, through an index: whoever has more than five hundred waiting wants no number.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from registry.choices import DesignationState, RowOutcome, UploadState
from registry.models import Designation, RosterRow, RosterUpload, User

MOST = 500
SOON = 90


@dataclass(frozen=True)
class Worklist:
    """Rows that wait; `of_area` says whether it is for people of an area, of the city, or (None) for both."""

    code: str
    title: str
    explanation: str
    right: str
    rows: Callable[[User, dt.date], QuerySet[Any]]
    address: Callable[[], str]
    of_area: bool | None = None

    def is_for(self, person: User) -> bool:
        area = person.district_id is not None
        return person.has_perm(self.right) and self.of_area in (None, area)


@dataclass(frozen=True)
class Waiting:
    """A worklist with its number; `more` where it stopped at the bound."""

    worklist: Worklist
    number: int
    more: bool

    @property
    def address(self) -> str:
        return self.worklist.address()


def waiting_for(person: User, day: dt.date) -> list[Waiting]:
    """The worklists of a person, also those on which nothing waits."""
    found = []
    for worklist in WORKLISTS:
        if worklist.is_for(person):
            number = worklist.rows(person, day).order_by()[: MOST + 1].count()
            found.append(Waiting(worklist, min(number, MOST), number > MOST))
    return found


def _titles(person: User) -> Any:
    return Designation.objects.visible_to(person)


def _queued(person: User, day: dt.date) -> QuerySet[Any]:
    rows = RosterRow.objects.filter(outcome=RowOutcome.QUEUED, roster__undone_at=None)
    return rows if person.district_id is None else rows.filter(roster__imported_by=person)


def _uploads(person: User, day: dt.date) -> QuerySet[Any]:
    return RosterUpload.objects.filter(uploaded_by=person).filter(
        state__in=[UploadState.UNREADABLE, UploadState.PREVIEWED]
    )


def _list(model: str, **asked: str) -> Callable[[], str]:
    return lambda: f"{reverse(f'admin:registry_{model}_changelist')}?{urlencode(asked)}"


WORKLISTS = (
    Worklist(
        "to_check",
        "待审核的称号",
        "板块报送，等待市级确认或退回。",
        "registry.confirm_designation",
        lambda person, day: _titles(person).to_check(),
        lambda: reverse("admin:registry_designation_checking"),
        of_area=False,
    ),
    Worklist(
        "sent_back",
        "被退回的称号",
        "按退回原因更正后，保存即再次报送。",
        "registry.add_designation",
        lambda person, day: _titles(person).sent_back(),
        lambda: reverse("admin:registry_designation_checking"),
        of_area=True,
    ),
    Worklist(
        "uploads",
        "待处理的上传名单",
        "已上传，尚未确认导入。",
        "registry.import_roster",
        _uploads,
        lambda: reverse("admin:registry_roster_upload"),
    ),
    Worklist(
        "queued",
        "待匹配的名单行",
        "名单里认不准是哪家企业的行。",
        "registry.match_rosterrow",
        _queued,
        lambda: reverse("admin:registry_rosterrow_matching"),
    ),
    Worklist(
        "expiring",
        f"{SOON} 天内到期的称号",
        "到期后没有复核或重新认定，即不再计数。",
        "registry.view_designation",
        lambda person, day: _titles(person).expiring(day, SOON),
        _list("designation", expiring=str(SOON)),
    ),
    Worklist(
        "expired",
        "已过期未复核的称号",
        "过了有效期，既未复核也未终止。",
        "registry.change_designation",
        lambda person, day: _titles(person).expired_without_review(day),
        _list("designation", expired="all"),
    ),
    Worklist(
        "announced",
        "公示未认定的称号",
        "公示期内不计数，公布后转为已认定。",
        "registry.change_designation",
        lambda person, day: _titles(person).filter(state=DesignationState.ANNOUNCED),
        _list("designation", state__exact=DesignationState.ANNOUNCED),
    ),
)
