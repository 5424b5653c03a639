"""What is learned. A task is a frozen dataclass of parameters whose `draw(seed)` gives the data, always the same.

To add a task: one file here and one line in `TASKS`.
"""

from grokking.tasks.completion import CompletionData
from grokking.tasks.linear import LinearData
from grokking.tasks.margin_classification import MarginClassification
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification

Task = SparseClassification | MarginClassification | MultiplicationTable
Data = LinearData | CompletionData

TASKS: dict[str, type[Task]] = {
    "sparse_classification": SparseClassification,
    "margin_classification": MarginClassification,
    "multiplication_table": MultiplicationTable,
}

__all__ = [
    "TASKS",
    "CompletionData",
    "Data",
    "LinearData",
    "MarginClassification",
    "MultiplicationTable",
    "SparseClassification",
    "Task",
]
