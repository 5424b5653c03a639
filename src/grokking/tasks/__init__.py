"""What is learned. A task is a frozen dataclass of parameters whose `draw(seed)` gives the data, always the same.

To add a task: one file here and one line in `TASKS`.
"""

from grokking.tasks.completion import CompletionData
from grokking.tasks.linear import LinearData
from grokking.tasks.margin_classification import MarginClassification
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.modular_function import ModularFunction
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.operation import OperationData
from grokking.tasks.sparse_classification import SparseClassification

Task = SparseClassification | MarginClassification | MultiplicationTable | ModularAddition | ModularFunction
Data = LinearData | CompletionData | OperationData

TASKS: dict[str, type[Task]] = {
    "sparse_classification": SparseClassification,
    "margin_classification": MarginClassification,
    "multiplication_table": MultiplicationTable,
    "modular_addition": ModularAddition,
    "modular_function": ModularFunction,
}

__all__ = [
    "TASKS",
    "CompletionData",
    "Data",
    "LinearData",
    "MarginClassification",
    "ModularAddition",
    "ModularFunction",
    "MultiplicationTable",
    "OperationData",
    "SparseClassification",
    "Task",
]
