"""The page of a build, `report.html`: verdicts, figures with their claims, and an explorer of the curves, in one file.

Jinja2 fills the templates, Markdown sets the texts of the config, Bokeh draws what moves; nothing is fetched.
"""
