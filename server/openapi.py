"""Describes the API: an example for every body, composed of those of its fields, and its tags."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeAlias

from fastapi import FastAPI

from server.etags import API
from server.schema import Problem
from server.wire import PROBLEM_JSON

__all__ = ["describe", "example_of"]

JSON = "application/json"
EVENT_STREAM = "text/event-stream"

EVENTS = (
    'event: hello\ndata: {"href":null}\nid: 9c1e02d4-41\nretry: 3000\n\n'
    'event: night\ndata: {"href":"/api/v1/nights/2026-11-21"}\nid: 9c1e02d4-42\nretry: 3000\n\n'
)
"""What a listener hears."""

OF_A_TYPE = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}
"""What stands for a field without an example of its own."""

Schema: TypeAlias = dict[str, Any]

IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "Tags of answers that are known already; `*` for any",
    "schema": {"type": "string"},
}

ETAG: Schema = {"description": "Of this answer, and of no other", "schema": {"type": "string"}}

UNCHANGED: Schema = {"description": "Whoever sent `If-None-Match` has this answer already."}


def describe(app: FastAPI) -> None:
    """Have an app describe itself with examples."""
    plain = app.openapi

    def with_examples() -> dict[str, Any]:
        if app.openapi_schema is None:
            _add_examples(plain())
            _add_tags(plain())
        return plain()

    # FastAPI's own way to change the description.
    app.openapi = with_examples  # type: ignore[method-assign]


def example_of(schema: Schema, components: dict[str, Schema]) -> Any:
    """Compose an example.

    Parameters
    ----------
    schema
        Of what an example is wanted.
    components
        The schemas that it may refer to, by name.
    """
    for name in ("examples", "enum"):
        if name in schema:
            return schema[name][0]
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components)
    if schema.get("type") == "array":
        return [example_of(schema["items"], components)] if "items" in schema else []
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        return {name: example_of(each, components) for name, each in properties.items()}
    return OF_A_TYPE.get(schema.get("type", "null"))


def _add_tags(document: dict[str, Any]) -> None:
    """Describe what `server.etags` does with every answer that is JSON."""
    for path, operations in document["paths"].items():
        read = operations.get("get")
        if read is None or not path.startswith(API):
            continue
        answer = read["responses"]["200"]
        if JSON in answer["content"]:
            answer["headers"] = {"ETag": ETAG}
            read["responses"]["304"] = UNCHANGED
            read.setdefault("parameters", []).append(IF_NONE_MATCH)


def _add_examples(document: dict[str, Any]) -> None:
    components = document["components"]["schemas"]
    components["Problem"] = Problem.model_json_schema()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            body = operation.get("requestBody", {}).get("content", {}).get(JSON)
            if body is not None:
                body["example"] = example_of(body["schema"], components)
            for status, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    if kind == JSON:
                        content["example"] = example_of(content["schema"], components)
                    elif kind == EVENT_STREAM:
                        content["example"] = EVENTS
                    elif kind == PROBLEM_JSON:
                        told = HTTPStatus(int(status))
                        content["example"] = {
                            "type": "about:blank",
                            "title": told.phrase,
                            "status": told.value,
                            "detail": answer["description"],
                            "instance": path,
                        }
