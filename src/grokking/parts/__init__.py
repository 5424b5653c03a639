"""How a part of a run or an analysis is declared, read from YAML, checked, and found by its name.

A part is a frozen dataclass: a task, a model, a dynamics, a gradient filter, a schedule, a start, a
stop or an analysis. The file that declares it holds all that concerns it. Reading a config loads
these files. They therefore import torch, pandas and scipy inside their methods, or in modules that
their methods import.
"""
