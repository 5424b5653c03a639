"""A hash of what a Python file computes, and its imports, from the syntax tree.

Comments, docstrings, annotations, log lines and error messages are left out.
"""

import ast
import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from grokking.files import write_atomically

SPEAKERS = ("log", "logging", "warnings")  # whose methods `WORDS` only print
LOOKS = ("label", "color")  # class variables of a part, for figures
WORDS = ("debug", "info", "warning", "error", "exception", "critical", "warn")
MOST = 2000  # cached files


class Import(NamedTuple):
    """`from module import name`; the name is empty for `import module`."""

    module: str
    name: str


@dataclass(frozen=True)
class Source:
    """The imports of a Python file and a digest of what it computes."""

    digest: str
    imports: tuple[Import, ...]

    @classmethod
    def parse(cls, content: bytes) -> "Source":
        """Parse the content of a file. Raises `SyntaxError`."""
        read = Reader(ast.parse(content))
        return cls(read.digest, tuple(read.imports))

    @classmethod
    def from_json(cls, values: Any) -> "Source":
        """The inverse of `to_json`."""
        digest, imports = values
        return cls(digest, tuple(Import(module, name) for module, name in imports))

    def to_json(self) -> Any:
        """The digest and the imports as a JSON list."""
        return [self.digest, list(self.imports)]


class Memory:
    """A cache of sources by the hash of their content, in `file`, or in memory only for None.

    A missing or broken file counts as empty.
    """

    def __init__(self, file: Path | None) -> None:
        self.file, self.new = file, False
        self.known: dict[str, Any] = {}
        self.read_by = content_hash(Path(__file__).read_bytes())  # another parser empties the cache
        with suppress(OSError, ValueError, KeyError, TypeError):
            cached = json.loads(file.read_text(encoding="utf-8")) if file else {}
            self.known = dict(cached["files"]) if cached["read_by"] == self.read_by else {}

    def source(self, file: Path) -> Source:
        """The source of a file. Raises `OSError`, and `SyntaxError` if the file is not Python."""
        content = file.read_bytes()
        key = content_hash(content)
        if key in self.known:
            with suppress(ValueError, KeyError, TypeError):
                return Source.from_json(self.known[key])
        source = Source.parse(content)
        self.known[key], self.new = source.to_json(), True
        return source

    def keep(self) -> None:
        """Write the cache if it has new entries; ignore a folder that cannot be written."""
        if self.file and self.new:
            latest = dict(list(self.known.items())[-MOST:])
            with suppress(OSError):
                write_atomically(self.file, json.dumps({"read_by": self.read_by, "files": latest}).encode())
            self.new = False


def content_hash(content: bytes) -> str:
    """Twenty hex digits of the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()[:20]


class Reader:
    """Walk a syntax tree once for its imports and a digest that is equal in all versions of Python.

    `ast.dump` and bytecode differ between versions.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.imports: list[Import] = []
        words: list[str] = []
        waiting: list[Any] = [tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.AST):
                words.append(type(node).__name__)
                self.note(node)
                for name in node._fields:
                    value = getattr(node, name, None)
                    if value is not None and name not in UNSAID:
                        value = computing(node, name, value)
                        if value != []:  # fields added by a later Python are empty
                            waiting += (value, name)
            elif isinstance(node, list):
                words.append(str(len(node)))
                waiting.extend(node)
            else:
                words.append(repr(node))
        self.digest = hashlib.sha256(" ".join(words).encode()).hexdigest()

    def note(self, node: ast.AST) -> None:
        """Collect the imports of a node, at the top of a file or inside a function."""
        match node:
            case ast.Import():
                self.imports += [Import(alias.name, "") for alias in node.names]
            case ast.ImportFrom():
                source = f"{'.' * node.level}{node.module or ''}"
                self.imports += [Import(source, alias.name) for alias in node.names]


UNSAID = ("annotation", "returns", "ctx")  # fields that compute nothing or repeat their position


def computing(node: ast.AST, name: str, value: Any) -> Any:
    """The computing part of a field: no docstrings, imports for types, log lines or messages."""
    if name == "exc" and isinstance(value, ast.Call):
        return value.func
    if name not in ("body", "orelse", "finalbody") or not isinstance(value, list):
        return value
    if name == "body" and isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
        return []
    statements = [statement for statement in value if not is_spoken(statement)]
    has_docstring = name == "body" and isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None
    return statements[1:] if has_docstring else statements


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def is_spoken(statement: ast.stmt) -> bool:
    """Whether a statement only logs, warns or declares a label or colour."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
            return name in LOOKS and value is not None and "ClassVar" in ast.dump(kind)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=word))):
            return name in SPEAKERS and word in WORDS
    return False
