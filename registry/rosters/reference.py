"""What the words of a list refer to: areas, groups, industries, kinds of titles, series. Read once a list."""

import re
import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from registry import names
from registry.choices import ClusterKind, Level
from registry.models import Cluster, District, Industry, Scheme, SchemeLevel, Series
from registry.rosters.errors import RowRefused

LEVEL_WORDS: dict[str, Level] = {
    **{level.value: level for level in Level},
    **{level.chinese: level for level in Level},
    **dict.fromkeys(["国家", "全国", "部级", "国级"], Level.NATIONAL),
    **dict.fromkeys(["省", "江苏省", "江苏省级", "江苏"], Level.PROVINCIAL),
    **dict.fromkeys(["市", "常州市", "常州市级", "地市级"], Level.MUNICIPAL),
    **dict.fromkeys(["区", "县级", "县区级", "辖市区级"], Level.DISTRICT),
    **dict.fromkeys(["无", "不分级别"], Level.NONE),
}
PREFIXES = sorted(
    (word for word in LEVEL_WORDS if not word.isascii() and word not in ("无", "不分级", "不分级别")),
    key=len,
    reverse=True,
)
CITY_WORDS = frozenset(["常州", "常州市", "全市", "市本级", "市直", "市属", "全市合计"])
_ITEM_IN_BRACKETS = re.compile(r"\((?:产品|项目|车间|平台|中心|名称)[:：]\s*(.+)\)\s*$")
_REMARK = re.compile(r"\([^)]*\)\s*$")
_ROAD = r"(?!.{0,3}(?:路|街(?!道)|大道|巷|弄|新村|大厦|广场|桥))"
_CITY = r"^(?:中国)?(?:江苏省?)?(?:常州市?|市)?"


@dataclass(frozen=True, slots=True)
class SchemeInfo:
    """A kind of title as a list needs it."""

    id: int
    code: str
    name: str
    counts_items: bool
    term_months: int | None
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemeWords:
    """What the cell of a title says: the kind, and level and item if they stand there."""

    scheme: SchemeInfo
    level: str = ""
    item: str = ""


@dataclass(slots=True)
class Area:
    """An area as addresses name it."""

    id: int
    name: str
    short: str
    inside: int | None
    towns: list[str]


@dataclass(slots=True)
class Reference:
    """All reference rows, by the words that lists use for them."""

    areas: list[Area] = field(default_factory=list)
    districts: dict[str, int] = field(default_factory=dict)
    clusters: dict[tuple[str, str], int] = field(default_factory=dict)
    cluster_names: dict[int, str] = field(default_factory=dict)
    cluster_kinds: dict[int, str] = field(default_factory=dict)
    industries: dict[str, int] = field(default_factory=dict)
    schemes: dict[str, SchemeInfo] = field(default_factory=dict)
    series: dict[str, tuple[int, str]] = field(default_factory=dict)
    _remembered: dict[str, int | None] = field(default_factory=dict)

    # Words of cells

    def district(self, words: str) -> int | None:
        """The area that a cell names, None for the whole city; unknown names are refused."""
        place = _area_words(words)
        if place in CITY_WORDS:
            return None
        for candidate in (place, re.sub(_CITY, "", place, count=1)):
            key = names.key(candidate)
            if found := self.districts.get(key) or self.districts.get(
                key.removesuffix("区").removesuffix("市")
            ):
                return found
        if found := self.district_of_address(words):
            return found
        raise RowRefused(
            _("“%(name)s” is no known area (板块). Known are: %(names)s.")
            % {"name": words, "names": "、".join(area.name for area in self.areas)}
        )

    def cluster(self, words: str, kind: str) -> int:
        key = names.key(words)
        for known in (
            key,
            key.removesuffix("集群"),
            key.removesuffix("产业链"),
            key.removesuffix("产业集群"),
        ):
            if found := self.clusters.get((kind, known)):
                return found
        raise RowRefused(
            _("“%(name)s” is none of: %(kind)s.") % {"name": words, "kind": ClusterKind(kind).label}
        )

    def industry(self, code: str) -> int:
        if code not in self.industries:
            raise RowRefused(_("There is no division %(code)s in GB/T 4754.") % {"code": code})
        return self.industries[code]

    def find_series(self, words: str) -> tuple[int, str]:
        """The id and the unit of a series, by code or name."""
        found = self.series.get(words) or self.series.get(names.key(words))
        if found is None:
            raise RowRefused(
                _("“%(name)s” is no known series (统计指标). Add it to the series first.") % {"name": words}
            )
        return found

    # Titles

    def scheme(self, words: str) -> SchemeWords | None:
        """国家级制造业单项冠军(产品:喷丝板) is the scheme, its level and the item."""
        text, item = _without_item(_plain(words))
        bare = _REMARK.sub("", text).strip()
        for candidate in (text, bare, bare.removesuffix("企业"), bare.removesuffix("称号")):
            if found := self._scheme_and_level(candidate):
                return SchemeWords(*found, item)
        return None

    def _scheme_and_level(self, words: str) -> tuple[SchemeInfo, str] | None:
        """An alias may begin with the level, or not; the prefix tells the level in both cases."""
        prefix = next((word for word in PREFIXES if words.startswith(word)), "")
        scheme = self.schemes.get(names.key(words)) or self.schemes.get(names.key(words[len(prefix) :]))
        if scheme is None:
            return None
        level = LEVEL_WORDS[prefix] if prefix else ""
        return scheme, level if level in scheme.levels else ""

    # Addresses

    def district_of_address(self, address: str) -> int | None:
        """The area in which an address lies, where it says so; None where it does not."""
        if address not in self._remembered:
            self._remembered[address] = self._district_of_address(
                _plain(address).replace("经济开发区", "经开区")
            )
        return self._remembered[address]

    def _district_of_address(self, address: str) -> int | None:
        named = [area for area in self.areas if area.name in address]
        for area in self.areas:
            # a zone inside another area goes before it; its towns speak for it unless a third area is named
            here = area in named or any(town in address for town in area.towns)
            if area.inside and here and all(other.id in (area.id, area.inside) for other in named):
                return area.id
        if len(named) == 1:
            return named[0].id
        if named:
            return None
        by_town = {area.id for area in self.areas if any(town in address for town in area.towns)}
        if len(by_town) == 1:
            return by_town.pop()
        by_start = [
            area.id for area in self.areas if re.match(f"{_CITY}{re.escape(area.short)}{_ROAD}", address)
        ]
        return by_start[0] if len(by_start) == 1 and not by_town else None


def _plain(words: str) -> str:
    return "".join(unicodedata.normalize("NFKC", words).split())


def _area_words(words: str) -> str:
    return _plain(words).replace("经济开发区", "经开区")


def _without_item(text: str) -> tuple[str, str]:
    """The item stands in brackets at the end, (产品:…), or behind a colon."""
    if match := _ITEM_IN_BRACKETS.search(text):
        return text[: match.start()], match[1]
    head, _colon, tail = text.partition(":")
    return head, tail


def level(words: str) -> str:
    found = LEVEL_WORDS.get(_plain(words).lower())
    if found is None:
        raise RowRefused(_("“%(name)s” is no level: 国家级, 省级, 市级, 区级 or 不分级.") % {"name": words})
    return found.value


def load() -> Reference:
    """Read all reference rows in a handful of queries."""
    reference = Reference()
    _load_districts(reference)
    for cluster in Cluster.objects.order_by("position"):
        reference.cluster_names[cluster.pk] = cluster.name
        reference.cluster_kinds[cluster.pk] = cluster.kind
        for word in (cluster.code, cluster.name):
            reference.clusters[cluster.kind, names.key(word)] = cluster.pk
    reference.industries = dict(Industry.objects.values_list("code", "pk"))
    _load_schemes(reference)
    for series in Series.objects.all():
        for word in (series.name, series.code):
            reference.series[names.key(word)] = (series.pk, series.unit)
    return reference


def _load_districts(reference: Reference) -> None:
    for row in District.objects.order_by("inside_id", "position"):
        area = Area(row.pk, _area_words(row.name), _plain(row.short_name), row.inside_id, row.towns)
        reference.areas.append(area)
        for word in (row.code, area.name, row.short_name, *row.towns):
            reference.districts.setdefault(names.key(word), row.pk)
    # of a town that two areas name, the zone inside the other
    reference.areas.sort(key=lambda area: area.inside is None)
    for area in reference.areas:
        if area.inside:
            reference.districts.update({names.key(town): area.id for town in area.towns})


def _load_schemes(reference: Reference) -> None:
    levels: dict[int, list[str]] = {}
    for scheme, granted in SchemeLevel.objects.order_by("id").values_list("scheme_id", "level"):
        levels.setdefault(scheme, []).append(granted)
    for row in Scheme.objects.order_by("position"):
        info = SchemeInfo(
            row.pk, row.code, row.name, row.counts == "item", row.term_months, tuple(levels.get(row.pk, ()))
        )
        for word in (row.code, row.name, *row.aliases):
            reference.schemes.setdefault(names.key(word), info)
