# Rebuilds every figure, number and table of the papers in config/papers/.
# `make help` prints the targets: `<paper>` for all figures of a paper, `<paper>_<figure>` for one.
# The rules behind them are in workflow/rules/; `snakemake --list-rules` prints these, too.

from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/theory.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/page.smk"
include: "workflow/rules/accept.smk"


rule all:
    """Every figure, number and table of the chosen papers."""
    default_target: True
    input:
        f"{OUT}/report.html",
    localrule: True


rule runs:
    """All training runs, without figures."""
    input:
        list(dict.fromkeys(map(FILES.of_run, STUDIES[OUT].default_runs))),
    localrule: True


rule figures:
    """All figures, each as SVG, PNG and PDF with the CSV behind it."""
    input:
        targets.figure_files(OUT, default_figures(OUT)),
    localrule: True


rule smoke:
    """The whole workflow on tiny problems, in results/smoke, in a few minutes."""
    input:
        "results/smoke/report.html",
    localrule: True


include: "workflow/rules/targets.smk"


announce_rules(workflow)


onstart:
    announce(workflow)
    quieten(workflow.scheduler)


onsuccess:
    clean_up()
