"""Wrong science on purpose: edits of the code that the tests must notice. `make mutants` applies them one by one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """An edit of `file` (below src/grokking) that replaces `old`, which stands there once, by `new`.

    `tests` are the files below tests/unit that should notice; the others are asked only if these do not.
    """

    wrong: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
