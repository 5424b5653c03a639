"""What the targets of a workflow may name, in the studies of all presets at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar

from grokking.study.names import near

T = TypeVar("T")


class Lookup(Mapping[str, T]):
    """Runs, analyses or figures by name, from the first of several folders that has the name.

    `entries` gives what is built in one folder, which is read when it is first needed. A name that no
    folder has raises the exception that `refusal` makes of a message with `kind` and similar names.
    """

    def __init__(
        self,
        kind: str,
        folders: Sequence[str],
        entries: Callable[[str], Mapping[str, T]],
        refusal: Callable[[str], Exception],
    ) -> None:
        self.kind, self.folders, self.entries, self.refusal = kind, folders, cache(entries), refusal

    def __getitem__(self, name: str) -> T:
        for folder in self.folders:
            if name in (entries := self.entries(folder)):
                return entries[name]
        alike = near(name, self)
        raise self.refusal(f"{name}: the chosen papers have no such {self.kind}" + (f"; {alike}" if alike else ""))

    def __contains__(self, name: object) -> bool:
        return any(name in self.entries(folder) for folder in self.folders)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for folder in self.folders for name in self.entries(folder)))

    def __len__(self) -> int:
        return len(list(iter(self)))
