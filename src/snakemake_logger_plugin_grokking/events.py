"""What this display takes from Snakemake's log records, what it leaves out, and what a Snakefile may add."""

import logging
import re
from typing import Any

from snakemake_logger_plugin_grokking.progress import Job

PLAN = "grokking_plan"  # the event by which a Snakefile announces its jobs
JOB_OF_MESSAGE = re.compile(r"\b[Jj]ob(?:id:)? (\d+)\b")
STOPPED = ("Terminating processes on user request", "Will exit after finishing currently running jobs")
# How a function of a Snakefile refuses a target: what it says, and then where it says so.
REFUSAL = re.compile(r"InputFunctionException in .*\nError:\n  WorkflowError:\n    (.+)\nWildcards:\n")
# What Snakemake says of its own workings; anything that does not start like this is shown.
CHATTER = (
    "Building DAG of jobs",
    "Using shell",
    "Group jobs: inactive",
    "Conda environments: ignored",
    "Singularity containers: ignored",
    "Select jobs to execute",
    "Removing output files of failed job",
    "Removing temporary output",
    "Touching output file",
    "Write-protecting output file",
    "Processed ",
    "Updating checkpoint dependencies",
    "Job rate limit reached",
    "Exception in run_job for rule",  # with a traceback; the failure of that job follows
    "Shutting down, this might take some time",
    "Exiting because a job execution failed",
    "Complete log(s)",
    "Elapsed time",
    "Reasons:",
    "This was a dry-run",
    "The run involves checkpoint jobs",
    "Some jobs were triggered by provenance",
    "Rules with provenance triggered jobs",
    "WorkflowError:\nAt least one job did not complete successfully",
    *STOPPED,
)


def announce(workflow: Any) -> None:
    """Call it in a Snakefile's `onstart`: tells the display which jobs there are, for a better estimate.

    Snakemake's own events tell only how many jobs of each rule there are.
    """
    jobs = [
        Job(job.jobid, job.rule.name, dict(job.wildcards_dict), None, tuple(job.output), tuple(job.log))
        for job in workflow.dag.needrun_jobs()
    ]
    logging.getLogger("snakemake.logging").info(None, extra={"event": PLAN, "jobs": jobs})


def job_of(record: Any) -> Job:
    """The job of a JOB_INFO event."""
    wildcards = {key: str(value) for key, value in dict(record.wildcards or {}).items()}
    return Job(
        record.jobid, record.rule_name, wildcards, record.rule_msg, tuple(record.output or ()), tuple(record.log or ())
    )


def message_of(record: logging.LogRecord) -> str | None:
    """What a record says to a person, if anything."""
    message = record.getMessage().strip()
    if refusal := REFUSAL.match(message):
        return f"error: {refusal[1]}"
    return None if message in ("", "None") or message.startswith(CHATTER) else message
