"""The functions that take a seed, found in the source; what they are handed; what they give for two seeds."""

import inspect
import pkgutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import torch

import grokking
from grokking.data.linear import LinearData
from grokking.dynamics.steps.batches import Batches
from grokking.nets.objective import Noise
from grokking.starts.start import Beginning

CARRIERS = (Batches, Noise, Beginning)  # whose seed a function draws from
SEEDED = {"seed", "generator", "batches", "beginning"}  # parameters


def functions():
    """Each function and method of the package, as (module:name, function, its code); not of one's own parts."""
    for module in pkgutil.walk_packages(grokking.__path__, "grokking."):
        if module.name.startswith("grokking.own."):
            continue
        for owner in (loaded := import_module(module.name), *classes(loaded)):
            for name, value in vars(owner).items():
                function = getattr(value, "__func__", value)  # of a class method
                code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
                if code and inspect.unwrap(function).__module__ == module.name:
                    qualname = name if inspect.ismodule(owner) else f"{owner.__name__}.{name}"
                    yield f"{module.name.removeprefix('grokking.')}:{qualname}", function, code


def classes(module):
    return [value for value in vars(module).values() if inspect.isclass(value) and value.__module__ == module.__name__]


def parameters(code):
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def takes_a_seed(name, function, code):
    """Whether it has one as a parameter, or is a method of what carries one, unless it is for subclasses alone."""
    if getattr(function, "__isabstractmethod__", False) or name == "models.model:Model.log_loss_objective":
        return False
    carried = name.partition(":")[2].partition(".")[0] in {one.__name__ for one in CARRIERS} and "__" not in name
    return carried or not SEEDED.isdisjoint(parameters(code))


TAKERS = {name: (function, code) for name, function, code in functions() if takes_a_seed(name, function, code)}


@dataclass
class Call:
    """A function with the arguments that it was handed."""

    function: Any
    arguments: dict[str, Any]

    @property
    def seeds(self):
        """The seeds among its arguments, those of what carries one too."""
        carried = [one.seed for one in self.arguments.values() if isinstance(one, CARRIERS) and hasattr(one, "seed")]
        return {*carried, self.arguments.get("seed")} - {None}

    def of(self, seed):
        """What the function gives for another seed, all else being equal."""
        given = {name: self.seeded(name, value, seed) for name, value in self.arguments.items()}
        bound = inspect.Signature([
            one.replace(annotation=inspect.Parameter.empty)
            for one in inspect.signature(inspect.unwrap(self.function)).parameters.values()
        ]).bind_partial()  # fmt: skip
        bound.arguments.update(given)
        found = self.function(*bound.args, **bound.kwargs)
        return list(found) if inspect.isgenerator(found) else found

    @staticmethod
    def seeded(name, value, seed):
        """An argument with its seed changed."""
        if isinstance(value, CARRIERS):
            return replace(value, seed=seed)
        return {"seed": seed, "generator": np.random.default_rng(seed)}.get(name, value)


def forget():
    """Forget what is drawn already, so that it is drawn again."""
    for function, _ in TAKERS.values():
        getattr(function, "cache_clear", lambda: None)()


@contextmanager
def recorded():
    """The first call of each function that takes a seed, and all the seeds it is handed, by its name."""
    forget()
    known, calls, seeds, before = {code: name for name, (_, code) in TAKERS.items()}, {}, {}, sys.getprofile()

    def look(frame, event, _):
        if event == "call" and frame.f_code in known:
            name = known[frame.f_code]
            call = Call(TAKERS[name][0], dict(frame.f_locals))
            seeds.setdefault(name, set()).update(call.seeds)
            calls.setdefault(name, call)

    sys.setprofile(look)
    try:
        yield calls, seeds
    finally:
        sys.setprofile(before)


def content(value):
    """All that a result holds, in bytes and numbers, so that equal results compare equal; functions hold nothing."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return np.ascontiguousarray(value).tobytes()
    if isinstance(value, pd.DataFrame):
        return value.to_csv()
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, list | tuple):
        return [content(one) for one in value]
    if isinstance(value, dict):
        return {str(key): content(one) for key, one in value.items()}
    if isinstance(value, LinearData):
        return content([value.X, value.y, *value.test_set()])
    if callable(value):
        return "function"
    if is_dataclass(value):
        values = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: content(one) for name, one in values.items() if one is not None}
    return content(vars(value)) if hasattr(value, "__dict__") else repr(value)
