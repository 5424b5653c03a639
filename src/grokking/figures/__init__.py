"""Figures: functions from tidy tables to matplotlib figures, a module per paper; `kinds.py` lists them.

The table of a figure has the observations of its runs, the nets of its sweeps and the rows of its analyses, led by
`experiment` and `seed` and what tells runs apart (`task`, `function`, `observed`, `dynamics`, `learning_rate`,
`weight_decay`, `init_scale`). `label` names the experiments that the config names, `role` is "reference" for the one
that it calls so.
"""
