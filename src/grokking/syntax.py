"""What a file of Python code computes and what it imports, read off its syntax tree.

Left out is what computes nothing: comments, docstrings, annotations, log lines, the words of errors.
"""

import ast
import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from grokking.files import write_atomically

SPEAKERS = ("log", "logging", "warnings")  # with these methods they tell a person something
LOOKS = ("label", "color")  # of a part in figures, as class variables
WORDS = ("debug", "info", "warning", "error", "exception", "critical", "warn")
MOST = 2000  # files that are remembered


class Import(NamedTuple):
    """`from module import name`; no name for `import module`."""

    module: str
    name: str


@dataclass(frozen=True)
class Source:
    """What a file of Python code computes: its hash, and what it imports."""

    digest: str
    imports: tuple[Import, ...]

    @classmethod
    def parse(cls, content: bytes) -> "Source":
        """From the text of a file."""
        read = Reader(ast.parse(content))
        return cls(read.digest, tuple(read.imports))

    @classmethod
    def from_json(cls, values: Any) -> "Source":
        """From what `to_json` gives."""
        digest, imports = values
        return cls(digest, tuple(Import(module, name) for module, name in imports))

    def to_json(self) -> Any:
        """As JSON holds it."""
        return [self.digest, list(self.imports)]


class Memory:
    """Sources by the hash of their files' content, in a file that may be absent, lost or broken; None for no file."""

    def __init__(self, file: Path | None) -> None:
        self.file, self.new = file, False
        self.known: dict[str, Any] = {}
        self.read_by = content_hash(Path(__file__).read_bytes())  # what was read in another way is forgotten
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(file.read_text(encoding="utf-8")) if file else {}
            self.known = dict(found["files"]) if found["read_by"] == self.read_by else {}

    def source(self, file: Path) -> Source:
        """What a file computes. Raises `OSError` where it cannot be read, `SyntaxError` where it is not Python."""
        content = file.read_bytes()
        key = content_hash(content)
        if key in self.known:
            with suppress(ValueError, KeyError, TypeError):
                return Source.from_json(self.known[key])
        source = Source.parse(content)
        self.known[key], self.new = source.to_json(), True
        return source

    def keep(self) -> None:
        """Write down what has been read, if there is anything new and the folder may be written."""
        if self.file and self.new:
            latest = dict(list(self.known.items())[-MOST:])
            with suppress(OSError):
                write_atomically(self.file, json.dumps({"read_by": self.read_by, "files": latest}).encode())
            self.new = False


def content_hash(content: bytes) -> str:
    """Of a file."""
    return hashlib.sha256(content).hexdigest()[:20]


class Reader:
    """Reads a syntax tree once: a text of what it computes, the same in every version of Python, and what it imports.

    `ast.dump` and bytecode differ from version to version.
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
                        if value != []:  # fields that a later Python has added are empty
                            waiting += (value, name)
            elif isinstance(node, list):
                words.append(str(len(node)))
                waiting.extend(node)
            else:
                words.append(repr(node))
        self.digest = hashlib.sha256(" ".join(words).encode()).hexdigest()

    def note(self, node: ast.AST) -> None:
        """Imports, at the top of a file or inside a function."""
        match node:
            case ast.Import():
                self.imports += [Import(one.name, "") for one in node.names]
            case ast.ImportFrom():
                source = f"{'.' * node.level}{node.module or ''}"
                self.imports += [Import(source, one.name) for one in node.names]


UNSAID = ("annotation", "returns", "ctx")  # fields of a syntax tree that compute nothing, or say what its place says


def computing(node: ast.AST, name: str, value: Any) -> Any:
    """What a field of a syntax tree computes: no docstrings, imports for types alone, log lines and words of errors."""
    if name == "exc" and isinstance(value, ast.Call):
        return value.func
    if name not in ("body", "orelse", "finalbody") or not isinstance(value, list):
        return value
    if name == "body" and isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
        return []
    statements = [one for one in value if not is_spoken(one)]
    has_docstring = name == "body" and isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None
    return statements[1:] if has_docstring else statements


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def is_spoken(statement: ast.stmt) -> bool:
    """Whether a statement only tells a person something."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
            return name in LOOKS and value is not None and "ClassVar" in ast.dump(kind)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=word))):
            return name in SPEAKERS and word in WORDS
    return False
