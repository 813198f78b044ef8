"""What the schema of the API says besides what its views say: that any operation may answer a problem, a row in part."""

from typing import Any

from registry.api import examples
from registry.api.base import FIELDS, INCLUDE
from registry.api.problems import CONTENT_TYPE, KINDS
from registry.api.tables import FORMS
from registry.downloads import TYPES

TEXT = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457), in Chinese, or in English where Accept-Language prefers it",
    "properties": {
        "type": {**TEXT, "format": "uri-reference", "description": "Where the kind of problem is described"},
        "title": {**TEXT, "description": "The kind of problem, for people"},
        "status": {"type": "integer", "description": "The status of the answer once more"},
        "detail": {**TEXT, "description": "What went wrong this time, for people"},
        "instance": {**TEXT, "format": "uri-reference", "description": "The address that was asked"},
        "code": {**TEXT, "enum": list(KINDS), "description": "The kind of problem, for programs"},
        "errors": {
            "type": "array",
            "description": "Of a request that cannot be accepted, one for each thing",
            "items": {
                "type": "object",
                "properties": {
                    "row": {
                        "type": ["integer", "null"],
                        "description": "Of a request with many rows the place of the row, from 0",
                    },
                    "field": {
                        "type": ["string", "null"],
                        "description": "The parameter or the way to the field, as in reviews.0.day",
                    },
                    "code": {**TEXT, "description": "For programs; of a rule of the registry its name"},
                    "message": TEXT,
                },
                "required": ["row", "field", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
}
# What comes along, by the rows and the fields that it stands in; see `Resource.includes`.
INCLUDED = {
    "Enterprise": {"designations": "Designation", "annual_figures": "AnnualFigures"},
    "Designation": {"holder": "Enterprise"},
    "AnnualFigures": {"holder": "Enterprise"},
    "ClusterMembership": {"holder": "Enterprise"},
}
# Why a request may come to nothing, by status; `default` is all else.
STATUSES = {
    "400": "A parameter or a value cannot be accepted",
    "401": "Nobody is signed in, or the token opens nothing",
    "403": "Not open to this account, or beyond the scopes of this token",
    "404": "Nothing is found here",
    "409": "Another record stands against it",
    "412": "It was changed meanwhile: If-Match names another version than that of now",
    "413": "The body is too large",
    "415": "The body is no JSON",
    "422": "The Idempotency-Key belongs to another request",
    "428": "A change without If-Match",
    "429": "The token has asked too often: Retry-After says how many seconds to wait",
    "default": "Any other problem",
}
# What only a request that writes can come to.
OF_WRITING = {"409", "412", "413", "415", "422", "428"}
OF_READING = [status for status in STATUSES if status not in OF_WRITING]
HEADERS = {
    "401": {"WWW-Authenticate": {"schema": TEXT}},
    "429": {"Retry-After": {"schema": {"type": "integer"}}},
}


def problem_responses(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: every operation may answer a problem."""
    parts = result.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    parts["responses"] = {_name(status): _response(status) for status in STATUSES}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for status in STATUSES if method != "get" else OF_READING:
                reference = {"$ref": f"#/components/responses/{_name(status)}"}
                operation["responses"].setdefault(status, reference)
    return result


def optional_fields(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: where a request may choose the fields of rows, none of them is sure to be there."""
    schemas = result["components"]["schemas"]
    for operations in result["paths"].values():
        for operation in operations.values():
            if any(one["name"] == FIELDS for one in operation.get("parameters", ())):
                schemas[_row_of(operation, schemas)].pop("required", None)
    return result


def included_rows(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what may come along with rows, and the parameter that asks for it."""
    schemas = result["components"]["schemas"]
    for row, fields in INCLUDED.items():
        for name, other in fields.items():
            reference = {"$ref": f"#/components/schemas/{other}"}
            told = reference if name == "holder" else {"type": "array", "items": reference}
            schemas[row]["properties"][name] = {"description": f"With include={name}", "allOf": [told]}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            chooses = any(one["name"] == FIELDS for one in operation.get("parameters", ()))
            besides = INCLUDED.get(_row_of(operation, schemas), {}) if method == "get" and chooses else {}
            if besides:
                operation["parameters"].append(
                    {
                        "in": "query",
                        "name": INCLUDE,
                        "description": "Rows of other resources that come along, with commas between",
                        "schema": {"type": "string", "examples": [",".join(besides)]},
                    }
                )
    return result


def tables_besides(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: a list comes also as a file."""
    for operations in result["paths"].values():
        for operation in operations.values():
            if any(one["name"] == "format" for one in operation.get("parameters", ())):
                content = operation["responses"]["200"]["content"]
                for form in FORMS:
                    content[TYPES[form].partition(";")[0]] = {"schema": {**TEXT, "format": "binary"}}
    return result


def examples_of_rows(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what a row looks like, wherever it stands."""
    return with_examples(result, examples.ROWS)


def with_examples(result: dict[str, Any], rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    for name, row in rows.items():
        result["components"]["schemas"][name]["examples"] = [row]
    return result


def _row_of(operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    """The name of the schema of a row, of a list or by itself."""
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    name: str = answer["$ref"].rpartition("/")[2]
    page = schemas[name]["properties"].get("results")
    return page["items"]["$ref"].rpartition("/")[2] if page else name


def _name(status: str) -> str:
    return "Problem" if status == "default" else f"Problem{status}"


def _response(status: str) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {"headers": HEADERS[status]} if status in HEADERS else {}
    return {"description": STATUSES[status], **headers, "content": content}
