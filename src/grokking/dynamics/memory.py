"""`Memory`, the state that an optimiser and a gradient filter keep between steps."""

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from torch import Tensor

Value = Union["Tensor", int, float, bool, None]
Memory = MutableMapping[str, Any]  # whose values are `Value`s, by name


class Section(MutableMapping[str, Any]):
    """The part of a memory that belongs to one of its users, as a mapping.

    The keys of the memory that begin with `<prefix>.` appear here without this beginning: with the
    prefix `filter`, the key `average` stands for `filter.average` of the memory.
    """

    def __init__(self, memory: Memory, prefix: str) -> None:
        self.memory, self.prefix = memory, f"{prefix}."

    def __getitem__(self, name: str) -> Any:
        return self.memory[self.prefix + name]

    def __setitem__(self, name: str, value: Value) -> None:
        self.memory[self.prefix + name] = value

    def __delitem__(self, name: str) -> None:
        del self.memory[self.prefix + name]

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(self.prefix) for name in self.memory if name.startswith(self.prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)
