"""Reads YAML config files: UTF-8, numbers as in YAML 1.2, duplicate keys refused."""

import re
from pathlib import Path
from typing import Any

import yaml

from grokking.cached import kept_while_unchanged
from grokking.parts.errors import MISSING, ConfigError


class Loader(yaml.CSafeLoader):
    """A loader of YAML 1.2 files: `1e-4` is a number, `no` is text, `010` is ten.

    PyYAML alone follows YAML 1.1, which reads these as text, false and eight.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own way of registering)


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.")),
    ("merge", r"<<", ["<"]),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(re.sub(r"\.(?=[inIN])", "", node.value)))


@kept_while_unchanged
def read_yaml(file: Path, where: str) -> Any:
    """Return the content of a YAML file, cached until the file changes.

    The caller must not change it. `where` is the file as its user writes it. Raises `ConfigError`
    with line and column if the file is not YAML or has a key twice, with the byte if it is not
    UTF-8.
    """
    text = decoded(content_of(file, where), where)
    try:
        loader = Loader(text)
        node = loader.get_single_node()
        refuse_duplicates(node, where)
        return loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(f"{where}{place(mark)}", error.problem, reason(text, mark)) from None
    except ConfigError:
        raise
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        raise ConfigError(where, str(error).partition("\n")[0], "not valid YAML") from None


def typed(value: Any, where: str) -> Any:
    """Return a value of the command line, with any text in it read as in a YAML file.

    The text may be the value itself or stand inside brackets. Raises `ConfigError`, which names the
    place `where`, for text that is not YAML.
    """
    if isinstance(value, dict):
        return {key: typed(item, where) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item, where) for item in value]
    try:
        return yaml.load(value, Loader) if isinstance(value, str) else value
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError):
        raise ConfigError(where, value, "not valid YAML") from None


def content_of(file: Path, where: str) -> bytes:
    """Return the bytes of `file`.

    `where` names the file in messages, as its user writes it. Raises `ConfigError` with the
    operating system's reason if the file cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(where, MISSING, f"cannot be read ({error.strerror})") from None


def decoded(content: bytes, where: str) -> str:
    """Return the text of a file. Raises `ConfigError` with line and byte if it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{where}, line {line}",
            content[error.start : error.start + 1],
            f"byte {error.start} is not UTF-8; save the file as UTF-8",
        ) from None


def refuse_duplicates(root: yaml.Node | None, where: str) -> None:
    """Raise `ConfigError` if a mapping of the document, at any level, has a key twice."""
    nodes, seen = [root], set[int]()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                nodes.append(value)
                if not isinstance(key, yaml.ScalarNode):
                    continue
                line = key.start_mark.line + 1
                if key.value in lines:
                    raise ConfigError(f"{where}, lines {lines[key.value]} and {line}", key.value, "duplicate key")
                lines[key.value] = line


def place(mark: Any) -> str:
    """Return line and column of a mark, counted from 1, as messages show them."""
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def reason(text: str, mark: Any) -> str:
    """Return, as text for a message, why a text is not YAML.

    If a tab indents a line, the message says so.
    """
    lines = text.splitlines()
    if mark and mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]:
        return "not valid YAML: indent with spaces, not tabs"
    return "not valid YAML"
