"""How a part of a run or an analysis is declared, read from YAML, checked, and found by its name.

A part is a frozen dataclass: a task, a model, a dynamics, a gradient filter, a schedule, a start, a stop, an analysis.
Everything that concerns it stands in the file that declares it. What reads a config loads these files, and so they load
torch, pandas and scipy only inside their methods, or in modules that their methods import.
"""
