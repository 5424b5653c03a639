"""The documents of a build: its claims and gallery in Markdown, and its page, `report.html`.

The page has verdicts, figures with their claims, and an explorer of the curves, in one file that
works offline. Jinja2 fills the templates, Markdown renders the texts of the config, Bokeh plots.
"""
