"""Every address of the site, with the records of one world filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

# Without a name of their own: what only leads elsewhere, and what catches addresses that are none.
NAMELESS = {"admin/login/", "admin/password_change/", "admin/(?P<url>.*)$", "^api/(.*/)?$"}


@dataclass(frozen=True)
class Address:
    """An address by its name, with the names of what it wants."""

    name: str
    wants: tuple[str, ...]

    def filled(self, given: Mapping[str, Any]) -> str:
        """The path. A test fails here when a new address wants something that the world does not have."""
        missing = [name for name in self.wants if name not in given]
        assert not missing, f"{self.name} wants {missing}: give them to the world of this test"
        wanted = {name: given[name] for name in self.wants}
        try:
            return reverse(self.name, kwargs=wanted)
        except NoReverseMatch:
            # the admin's own addresses take their parts in order
            return reverse(self.name, args=list(wanted.values()))


def every_address() -> Iterator[Address]:
    yield from _below(get_resolver())


def _below(resolver: URLResolver, path: str = "", namespace: str = "") -> Iterator[Address]:
    for one in resolver.url_patterns:
        here = path + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _below(one, here, inner)
        elif isinstance(one, URLPattern) and one.name:
            yield Address(namespace + one.name, tuple(one.pattern.regex.groupindex))
        else:
            # <path:object_id>/ of the admin leads on to …/change/
            assert here in NAMELESS or here.endswith("<path:object_id>/"), f"{here} has no name: give it one"
