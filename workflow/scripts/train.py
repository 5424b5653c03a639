"""Train one run."""

from pathlib import Path

import torch

from grokking.logs import job_log
from grokking.runs import RunSpec, train

with job_log(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    train(
        RunSpec.from_mapping(snakemake.params.spec, snakemake.wildcards.run),
        directory=Path(snakemake.output.run).parent,
        device_name=snakemake.resources.device,
        checkpoint=Path(snakemake.params.checkpoint),
    )
