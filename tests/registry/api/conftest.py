from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from registry.models import User
from tests import people

Get = Callable[..., Any]


def reader(user: User) -> Get:
    """Asks the API as this person: `get("enterprises/", name="光能")` answers the rows of the first page."""
    client = APIClient()
    client.force_login(user)
    return asking(client)


def asking(client: APIClient) -> Get:
    def get(path: str, *, status: int = 200, **parameters: Any) -> Any:
        response = client.get(f"/api/v1/{path}", parameters)
        assert response.status_code == status, response.content.decode()
        found = response.json()
        return found["results"] if isinstance(found, dict) and "results" in found else found

    get.client = client  # type: ignore[attr-defined]
    return get


def errors_of(problem: dict[str, Any]) -> dict[str, str]:
    """What a problem complains of, by field."""
    return {one["field"]: one["message"] for one in problem["errors"]}


@pytest.fixture
def brain(db: None) -> Get:
    return reader(people.integrator())


@pytest.fixture
def wujin(db: None) -> Get:
    return reader(people.official_of_wujin())


@pytest.fixture
def liyang(db: None) -> Get:
    return reader(people.official_of_liyang())
