"""Compare one run with its reference solutions at every observation."""

from pathlib import Path

import torch

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.runs import Trajectory
from grokking.runs.training import build_system
from grokking.runs.trajectory import csv_bytes
from grokking.theory import References, align, critical_time, log10_time

with job_log(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    trajectory = Trajectory.read(Path(snakemake.input.trajectory).parent)
    references = References.read(Path(snakemake.input.references).parent)
    data = trajectory.spec.task.draw(trajectory.spec.seed)
    system = build_system(trajectory.spec, data)
    columns = align(data, system.predictors(trajectory.times, trajectory.records), references)
    critical = critical_time(trajectory.spec.model.alpha(data), trajectory.spec.schedule.weight_decay)
    columns.insert(0, "step", trajectory.table["step"])
    columns.insert(1, "relative_time", trajectory.table["time"] / critical)
    if "log_train_loss" in trajectory.table:
        tau, log_loss = (trajectory.table[name].to_numpy() for name in ("time", "log_train_loss"))
        columns["log10_time"] = log10_time(tau, log_loss)
    write_atomically(Path(snakemake.output[0]), csv_bytes(columns))
