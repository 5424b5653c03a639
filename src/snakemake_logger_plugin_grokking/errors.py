"""Replace errors of Snakemake by one or two lines that say what is wrong and what to do."""

import re
from typing import Any

from grokking import machine
from grokking.parts.errors import near

# The error when a function of a Snakefile refuses a target.
REFUSAL = re.compile(r"InputFunctionException in .*\nError:\n  WorkflowError:\n    (.+)\nWildcards:\n")
NO_RULE = re.compile(r"MissingRuleException:\nNo rule to produce (.+?) \(if you use input functions")
LOCKED = re.compile(r"LockException:\n.*in the following directory:\n(.+?)\n", re.DOTALL)
FUTURE = re.compile(r"Output (\S+) has older modification time \(.*?\) than input (\S+) \(.*?clock skew", re.DOTALL)

INSIDE = re.compile(r"WorkflowError:\nTarget rules may not contain wildcards")
ALL = "snakemake --list-target-rules shows all"


def in_words(text: str) -> str | None:
    """Return what a known error of Snakemake means and what to do; None for any other text."""
    if refusal := REFUSAL.match(text):
        return f"error: {refusal[1]}"
    if unknown := NO_RULE.match(text):
        return f"error: {unknown[1]}: no such target; {ALL}"
    if INSIDE.match(text):
        return f"error: a rule inside the workflow, with wildcards, is no target; {ALL}"
    if locked := LOCKED.match(text):
        return (
            f"error: {locked[1]} is locked: another call of snakemake works there, or one was killed.\n"
            "If none works there (pgrep -af snakemake), call snakemake --unlock and repeat the command."
        )
    if future := FUTURE.search(text):
        return (
            f"error: {future[2]} is newer than {future[1]}, which was just made from it: a clock is wrong.\n"
            f"Set the clock of this machine or of the file server, then: touch {future[2]}; repeat the command."
        )
    return (words := machine.reported(text)) and f"error: {words}"


def unknown_target(text: str, workflow: Any) -> str | None:
    """Return a message on a target that no rule makes, with similar targets of the workflow.

    Returns None if `text` is about another error.
    """
    if not (unknown := NO_RULE.match(text)):
        return None
    rules = {rule.name: rule for rule in workflow.rules}
    targets = [name for name, rule in rules.items() if not rule.has_wildcards()]
    files = {file for name in targets for file in (*rules[name].output, *rules[name].input) if isinstance(file, str)}
    kinds = (files, targets, rules) if "/" in unknown[1] else (targets, files, rules)
    alike = next(filter(None, (near(unknown[1], names) for names in kinds)), "")
    return f"error: {unknown[1]}: no such target; {alike}" if alike else in_words(text)
