"""Look up runs, analyses or figures by name in the studies of all presets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar

from grokking.parts.errors import near

T = TypeVar("T")


class Lookup(Mapping[str, T]):
    """Runs, analyses or figures by name, from the first of several folders that has the name.

    `entries(folder)` returns those built in a folder and is called on first use. For an unknown
    name the lookup raises `refusal(message)`; the message names the `kind` and similar names.
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
