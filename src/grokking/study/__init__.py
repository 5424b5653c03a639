"""From the YAML files in config/ to the runs, analyses, figures and claims of one study.

`grokking.study.load` reads and checks everything before any job starts. No module here loads torch
or pandas.
"""
