"""The cost of the gradient of a net on pairs, against its matrix products alone."""

import operator
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor

from benchmarks.chosen import first_of_each_model
from benchmarks.descent import followed
from benchmarks.timing import medians_ms
from grokking.data.operation import OperationData
from grokking.kernels.products import product
from grokking.specs.run import RunSpec
from grokking.study.study import Study


def section(study: Study) -> str:
    """A sentence for each net on pairs whose flow is followed."""
    runs = first_of_each_model(followed(study)).values()
    return "\n".join(sentence(run) for run in runs if "operation" in run.model.data)


def sentence(spec: RunSpec) -> str:
    """The gradient against its three matrix products alone, ours and torch's, on one thread."""
    data = cast(OperationData, spec.task.draw(spec.seed))
    minimised = spec.model.objective(data, spec.seed)
    theta, W2 = minimised.initial, minimised.initial[-data.p :]
    hidden = torch.rand(minimised.samples, W2.shape[1])
    residuals = torch.rand(minimised.samples, data.p)

    def products(multiply: Callable[[Tensor, Tensor], Tensor]) -> None:
        multiply(hidden, W2.T), multiply(residuals.T, hidden), multiply(residuals, W2)

    gradient_ms, products_ms, torch_ms = medians_ms(
        lambda: minimised.gradient(theta),
        lambda: products(product),
        lambda: products(operator.matmul),
    )
    return (
        f"The gradient of `{spec.model.name}` takes {gradient_ms:.1f} ms on one thread, "
        f"{gradient_ms / products_ms:.2f} times its three matrix products alone "
        f"({products_ms:.1f} ms; {torch_ms:.1f} ms by torch's `@`).\n"
    )
