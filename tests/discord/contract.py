"""Request and response bodies against Discord's own OpenAPI document.

The document lies beside the repository, not in it. It is read as JSON Schema 2020-12, made narrower for each
body first: references resolved, and of every union only the branch that the body means, as its `type` says.
So a fault is named where it is, and a field that no schema knows is a fault as well.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

DOCUMENT = Path(__file__).parents[3] / "shared" / "contracts" / "discord-openapi.json.gz"
needs_document = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="Discord's OpenAPI document is not beside the repository"
)

Json = Any
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tolerated:
    """A field that discord.py always sends, that Discord takes, and that the document leaves out."""

    route: str
    field: str
    why: str


# Besides these, a snowflake may be a number: discord.py refers to messages so, and Discord reads both.
TOLERATED = (
    Tolerated(
        r"(PUT|POST|PATCH) /applications/.*/commands.*",
        r"(\[\d+\]\.)?nsfw",
        "in the document's own answer to this request, but not in the request; sent for every command",
    ),
    Tolerated(
        r"(POST|PATCH) .*",
        r"(data\.)?embeds\[\d+\]\.flags",
        "in the document's embeds of answers, but not of requests; discord.py writes 0 into every embed",
    ),
    Tolerated(
        r"PATCH /(channels|webhooks)/.*/messages/.*",
        r"tts",
        "a flag of new messages; discord.py writes it into edits as well, where it says nothing",
    ),
    Tolerated(
        r"POST /interactions/.*/callback",
        r"data\.tts",
        "as above, where a callback edits the message it came from",
    ),
    Tolerated(
        r"(PATCH|POST) .*",
        r"(data\.)?attachments\[\d+\]\.(content_type|height|proxy_url|size|spoiler|url|width)",
        "discord.py hands back the whole attachment to keep it; Discord reads the id",
    ),
)

FORMATS = FormatChecker(formats=())
_PLAIN = frozenset(
    "type const enum minLength maxLength pattern minimum maximum minItems maxItems uniqueItems required "
    "minProperties maxProperties format".split()
)
_OPEN = "x-open"


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and not re.search(r"[\s\x00-\x1f\x7f]", value)


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("snowflake")
def _is_snowflake(value: object) -> bool:
    return not isinstance(value, str) or (value.isascii() and value.isdigit() and int(value) < 2**63)


class Contract:
    """Discord's OpenAPI document, ready to judge requests and responses."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self._routes = [
            (template, _pattern(template), operations) for template, operations in document["paths"].items()
        ]

    @classmethod
    def load(cls, document: Path = DOCUMENT) -> Contract:
        """Raises `FileNotFoundError` where the document is absent: see `needs_document`."""
        with gzip.open(document, "rt", encoding="utf-8") as lines:
            return cls(json.load(lines))

    def check(
        self, method: str, path: str, body: Json = None, params: Mapping[str, Any] | None = None
    ) -> list[str]:
        """What is wrong with a request, one line each; empty when nothing is.

        `path` is what follows `/api/v10`, with or without a query; `body` the JSON, or what a multipart
        request has in `payload_json`; `params` the query as it would be sent.
        """
        name = f"{method} {path.partition('?')[0]}"
        route = self._route(method, path)
        if route is None:
            return [f"{name}: the document knows no such route"]
        operation, declared = route
        found = list(self._check_params(operation, declared, params or {}))
        asked = operation.get("requestBody")
        if asked is None:
            found += ["has a body, and the route takes none"] if body is not None else []
        elif body is None:
            found += ["has no body, and the route needs one"] if asked.get("required") else []
        else:
            found += [f"{where}: {what}" for where, what in self._faults(_schema_of(asked), body, name)]
        return [f"{name}: {what}" for what in found]

    def check_response(self, method: str, path: str, status: int, body: Json) -> list[str]:
        """What is wrong with an answer of Discord's, as a stand-in for Discord gives it."""
        name = f"{method} {path.partition('?')[0]} -> {status}"
        route = self._route(method, path)
        if route is None:
            return [f"{name}: the document knows no such route"]
        answer = route[0]["responses"].get(str(status))
        if answer is None:
            return [f"{name}: the document knows no such status"]
        if "content" not in answer:
            return [f"{name}: has a body, and the document has none"] if body is not None else []
        return [f"{name}: {where}: {what}" for where, what in self._faults(_schema_of(answer), body, name)]

    def _route(self, method: str, path: str) -> tuple[Schema, list[Schema]] | None:
        """The operation, and the parameters of its path. The template with the fewest blanks wins."""
        path = path.partition("?")[0]
        fitting = sorted(
            (template.count("{"), template, operations)
            for template, pattern, operations in self._routes
            if pattern.fullmatch(path) and method.lower() in operations
        )
        if not fitting:
            return None
        operations = fitting[0][2]
        return operations[method.lower()], operations.get("parameters", [])

    def _check_params(
        self, operation: Schema, declared: list[Schema], params: Mapping[str, Any]
    ) -> Iterator[str]:
        known = {p["name"]: p for p in [*declared, *operation.get("parameters", [])] if p["in"] == "query"}
        for name, value in params.items():
            if name not in known:
                yield f"query {name}: the document knows no such parameter"
                continue
            schema = self._resolve(known[name]["schema"])
            for where, what in self._faults(schema, _typed(value, schema), ""):
                yield f"query {name}{where}: {what}"
        for name in known.keys() - params.keys():
            if known[name].get("required"):
                yield f"query {name}: missing"

    def _faults(self, schema: Schema, body: Json, name: str) -> Iterator[tuple[str, str]]:
        validator = Draft202012Validator(self._narrow(schema, body), format_checker=FORMATS)
        for error in sorted(validator.iter_errors(body), key=lambda error: error.json_path):
            for where, what in _told(error):
                if not _tolerated(name, where):
                    yield where or "body", what

    def _resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema = self._schemas[schema["$ref"].rpartition("/")[2]] | beside
        return schema

    def _narrow(self, schema: Schema, value: Json, *, close: bool = True) -> Schema:
        """The schema as it applies to this value: no reference and no union left; unknown fields shut out."""
        schema = self._resolve(schema)
        if schema.get("format") == "snowflake" and type(value) is int:
            return {"type": "integer", "minimum": 0}
        narrow: Schema = {key: schema[key] for key in schema if key in _PLAIN}
        parts = list(schema.get("allOf", ()))
        union = schema.get("oneOf") or schema.get("anyOf") or ()
        if union and all("const" in branch for branch in union):
            narrow["enum"] = [branch["const"] for branch in union]
        elif union:
            parts.append(self._meant([self._resolve(branch) for branch in union], value))
        narrow["allOf"] = [self._narrow(part, value, close=False) for part in parts]
        if isinstance(value, dict):
            self._narrow_fields(schema, value, narrow)
            if close and _OPEN not in narrow and _fields(narrow):
                narrow["unevaluatedProperties"] = False
        elif isinstance(value, list) and "items" in schema:
            narrow["prefixItems"] = [self._narrow(schema["items"], item) for item in value]
        return narrow

    def _narrow_fields(self, schema: Schema, value: dict[str, Json], narrow: Schema) -> None:
        """Schemas of the value's own fields. A node without fields of its own leaves them open."""
        known, further = schema.get("properties", {}), schema.get("additionalProperties")
        fields = {key: known[key] for key in value if key in known}
        if isinstance(further, dict):
            fields |= {key: further for key in value if key not in known}
        narrow["properties"] = {key: self._narrow(field, value[key]) for key, field in fields.items()}
        narrow["x-known"] = [*known, *fields]
        if schema.get(_OPEN) or further is True or any(part.get(_OPEN) for part in narrow["allOf"]):
            narrow[_OPEN] = True

    def _meant(self, branches: list[Schema], value: Json) -> Schema:
        """The branch of a union that a value means: by its `type` where there is one, else the nearest."""
        if value is None and any(branch.get("type") == "null" for branch in branches):
            return {"type": "null"}
        real = [branch for branch in branches if branch.get("type") != "null"]
        tags = [_tags(branch) for branch in real]
        if len(real) > 1 and isinstance(value, dict) and all(tags):
            real = [branch for branch, tag in zip(real, tags, strict=True) if value.get("type") in tag]
            if not real:
                allowed = sorted({tag for some in tags for tag in some})
                return {_OPEN: True, "required": ["type"], "properties": {"type": {"enum": allowed}}}
        if len(real) == 1:
            return real[0]
        return min(real, key=lambda branch: len(list(self._faults(branch, value, ""))))


def _pattern(template: str) -> re.Pattern[str]:
    """Ids are digits, so that a word where an id belongs finds no route; tokens and names are anything."""
    parts = re.split(r"(\{[^}]+\})", template)
    return re.compile(
        "".join(
            (r"\d+" if part.endswith("_id}") and "instance" not in part else "[^/]+")
            if part.startswith("{")
            else re.escape(part)
            for part in parts
        )
    )


def _schema_of(holder: Schema) -> Schema:
    content = holder["content"]
    return (content.get("application/json") or content["multipart/form-data"])["schema"]


def _typed(value: Any, schema: Schema) -> Json:
    """A query's value as the schema means it: everything is text on the wire."""
    text = str(value)
    if schema.get("type") == "boolean":
        return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)
    if schema.get("type") in ("integer", "number") and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text


def _tags(branch: Schema) -> list[Any]:
    tag = branch.get("properties", {}).get("type", {})
    return tag.get("enum") or ([tag["const"]] if "const" in tag else [])


def _fields(narrow: Schema) -> set[str]:
    return set(narrow.get("x-known", ())).union(*(_fields(part) for part in narrow["allOf"]))


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Where and what, short: a body can hold 200,000 characters."""
    where = error.json_path.removeprefix("$").removeprefix(".")
    if error.validator == "unevaluatedProperties":
        for name in sorted(error.instance.keys() - _fields(error.schema)):
            yield f"{where}.{name}".removeprefix("."), "the document knows no such field"
    elif error.validator in ("maxLength", "minLength", "maxItems", "minItems"):
        bound = "at most" if error.validator.startswith("max") else "at least"
        yield where, f"has {len(error.instance)}, {bound} {error.validator_value} allowed"
    else:
        message = error.message
        yield where, message if len(message) <= 200 else f"{message[:80]} … {message[-100:]}"


def _tolerated(name: str, where: str) -> bool:
    return any(re.fullmatch(t.route, name) and re.fullmatch(t.field, where) for t in TOLERATED)
