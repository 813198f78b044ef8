"""What the schema of the API says of the plan besides what its views say."""

from typing import Any

from registry.api.schema import with_examples
from targets.api import examples


def examples_of_rows(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what a row looks like, wherever it stands."""
    return with_examples(result, examples.ROWS)
