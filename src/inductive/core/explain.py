"""Validating settings: an error is one line that names the key, its value and what is allowed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from inductive.core.errors import InputError, unknown

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys",
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "none_required": "null",
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def validate(model: type[Model], content: object, origin: str, key: str = "") -> Model:
    """`content` as a model; InputError for the first key (by name) that the model does not allow.

    `origin` names the source of the content, `key` the block of the model in it.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{origin}: {_first(error, model, key)}") from None


def _first(error: ValidationError, model: type[BaseModel], key: str) -> str:
    """The first key's error; a union reports one error for each of its branches: all of them."""
    by_key: dict[tuple[str, ...], list[ErrorDetails]] = {}
    for details in error.errors():
        path = tuple(str(part) for part, _ in _walk(model, details["loc"]))
        by_key.setdefault(path, []).append(details)
    path = min(by_key, key=lambda p: (p, len(p)))
    name = ".".join(filter(None, (key, *path))) or "top level"
    return _explain(name, by_key[path], model)


def _walk(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterator[tuple[int | str, Any]]:
    """(part, type of its value) for every part of an error's location that is a key or an index;
    pydantic puts names of union branches between them."""
    kinds: list[Any] = [model]
    for i, part in enumerate(loc):
        inner, known = _inside(kinds, part)
        last_unknown = i == len(loc) - 1 and any(_is_model(kind) for kind in kinds)
        if known or last_unknown:
            yield part, inner
            kinds = inner


def _inside(kinds: list[Any], part: int | str) -> tuple[list[Any], bool]:
    """The types that lie under a key or an index of one of `kinds`, and whether there are any."""
    for kind in kinds:
        if _is_model(kind) and part in _fields(kind):
            return _branches(_fields(kind)[str(part)].annotation), True
        arguments = get_args(kind)
        if get_origin(kind) is dict and isinstance(part, str) and part != "[key]":
            return _branches(arguments[1]), True
        if get_origin(kind) in (list, tuple) and isinstance(part, int):
            return _branches(arguments[0]), True
    return [], False


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by their names in params.yaml."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _branches(annotation: Any) -> list[Any]:
    """An annotation without Annotated, its unions flattened."""
    if hasattr(annotation, "__metadata__"):
        return _branches(annotation.__origin__)
    origin = get_origin(annotation)
    if origin is Literal or origin in (dict, list, tuple) or not get_args(annotation):
        return [annotation]
    return [branch for each in get_args(annotation) for branch in _branches(each)]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _explain(name: str, errors: list[ErrorDetails], model: type[BaseModel]) -> str:
    first = errors[0]
    parent, _, last = name.rpartition(".")
    if first["type"] == "extra_forbidden":
        return f"{parent or 'top level'}: {unknown('key', last, _siblings(model, first['loc']))}"
    if first["type"] == "missing":
        return f"{parent or 'top level'}: the key '{last}' is missing"
    expected = list(dict.fromkeys(filter(None, map(_expectation, errors))))
    literal = [e for e in errors if e["type"] == "literal_error"]
    if literal and len(errors) == 1:
        allowed = [
            c.strip(" '") for c in literal[0]["ctx"]["expected"].replace(" or ", ",").split(",")
        ]
        return f"{name}: {unknown('value', first['input'], allowed)}"
    if not expected:
        return f"{name}: {_message(first)}, found {_shown(first['input'])}"
    return f"{name}: expected {' or '.join(expected)}, found {_shown(first['input'])}"


def _siblings(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that are allowed in place of an unknown one."""
    kinds: list[Any] = [model]
    for _, inner in list(_walk(model, loc))[:-1]:
        kinds = inner
    return [field for kind in kinds if _is_model(kind) for field in _fields(kind)]


def _expectation(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        return f"{words} {context[bound]:g}"
    if kind == "literal_error":
        return str(context["expected"])
    if kind == "value_error":
        message = str(context["error"])
        return message.removeprefix("expected ") if message.startswith("expected ") else ""
    return _EXPECTED.get(kind, "")


def _message(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "too_short" and context.get("min_length") == 1:
        return "is empty; at least one entry is needed"
    if kind == "string_pattern_mismatch":
        return "has characters other than letters, digits, hyphens and underscores"
    return error["msg"][0].lower() + error["msg"][1:]


def _shown(value: object) -> str:
    """A value in YAML's flow style, shortened."""
    if isinstance(value, Mapping | list):
        value = json.loads(json.dumps(value, default=str))
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else f"{text[:117]}..."
