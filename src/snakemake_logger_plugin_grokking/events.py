"""Read jobs and messages from Snakemake's log records, and announce jobs from a Snakefile."""

import logging
import re
from typing import Any

from snakemake_logger_plugin_grokking import errors, words
from snakemake_logger_plugin_grokking.jobs import Job

PLAN = "grokking_plan"  # the event by which a Snakefile announces its jobs
RULES = "grokking_rules"  # the event by which a Snakefile announces its rules
FINISHING = "Will exit after finishing"  # after SIGTERM
STOPPED = ("Terminating processes on user request", FINISHING)
LOGS = "Complete log(s): "
# Beginnings of messages on Snakemake's internals, which are hidden.
CHATTER = re.compile(
    r"Assuming unrestricted shared|Building DAG|Using shell|Group jobs: inactive|Select jobs|"
    r"(Conda environments|Singularity containers): ignored|Removing (output|temporary)|"
    r"Touching output|Processed \d|Updating checkpoint|Job rate limit|Exception in run_job|"
    r"Failed to setup log file|"  # an error follows that says the same
    r"Shutting down|Exiting because a job|Elapsed time|Reasons:|This was a dry-run|"
    r"(Some jobs were|Rules with provenance) triggered|"
    r"WorkflowError:\nAt least one job did not complete|" + "|".join(map(re.escape, (LOGS, *STOPPED)))
)


def announce_rules(workflow: Any) -> None:
    """Pass the rules of a workflow to the display, which suggests targets for a mistyped one."""
    logging.getLogger("snakemake.logging").info(None, extra={"event": RULES, "workflow": workflow})


def announce(workflow: Any) -> None:
    """Send the list of jobs to the display; call this in a Snakefile's `onstart`.

    Snakemake's own events contain only the number of jobs of each rule; its list of jobs also has
    those that `--until` leaves out.
    """
    logger, beyond = logging.getLogger("snakemake.logging"), beyond_until(workflow.dag)
    needed = set(workflow.dag.needrun_jobs())
    jobs = [
        Job(job.jobid, job.rule.name, dict(job.wildcards_dict), None, tuple(job.output), tuple(job.log))
        for job in needed - beyond
    ]
    logger.info(None, extra={"event": PLAN, "jobs": jobs})
    if left_out := len(needed & beyond):
        logger.info(words.left_out(left_out))
    elif not jobs:
        logger.info("Nothing to be done (what --until names is there).")


def beyond_until(dag: Any) -> set[Any]:
    """Return the jobs that need the result of an unfinished job of `--until`.

    Snakemake does not start them, even if `--until` names their rule, too.
    """
    ends = [job for job in dag.until_jobs() if dag.needrun(job)]
    return set(dag.bfs(dag.depending, *(job for end in ends for job in dag.depending[end])))


def job_of(record: Any) -> Job:
    """Return the job of a record with the event JOB_INFO."""
    wildcards = {key: str(value) for key, value in dict(record.wildcards or {}).items()}
    output, log = record.output or (), record.log or ()
    return Job(record.jobid, record.rule_name, wildcards, record.rule_msg, output, log)


def message_of(record: logging.LogRecord) -> str | None:
    """Return the message of a record; None for an empty or hidden message."""
    message = record.getMessage().strip()
    if record.levelno >= logging.WARNING and (words := errors.in_words(message)):
        return words
    return None if message in ("", "None") or CHATTER.match(message) else message
