# The workflow, told by its targets: `snakemake --list-rules` prints what each is for. The work is in workflow/rules/.

from snakemake.utils import min_version
from snakemake_logger_plugin_grokking import announce

min_version("9.0")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/references.smk"
include: "workflow/rules/theorems.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/gromov2023.smk"


onstart:
    announce(workflow)


localrules:
    all,
    lyu2024,
    lyu2024_figure_1a,
    lyu2024_figure_1b,
    lyu2024_figure_2a,
    lyu2024_figure_2b,
    lyu2024_figure_2c,
    lyu2024_figure_3,
    lyu2024_figure_4,
    figure_1a,
    figure_1b,
    figure_2a,
    figure_2b,
    figure_2c,
    delay_law,
    figure_4,
    figure_4_long,
    work_precision,
    figure_3,
    flow_and_descent,
    sharp_classification,
    deep_diagonal_net,
    sharp_regression,
    lemmas,
    kkt,
    label_noise,
    generalisation,
    theorems,
    runs,
    figures,
    smoke,
    claims,
    compare,
    report,
    publish,


rule all:
    """Every figure, number and table of the chosen papers; `make report` adds the HTML page."""
    default_target: True
    input:
        report_inputs(OUT),


rule lyu2024:
    """All figures of the main paper (Lyu et al. 2024)."""
    input:
        figures_of_paper("lyu2024"),


rule figure_1a:
    """Figure 1a of Lyu et al. 2024: a diagonal net groks sparse linear classification."""
    input:
        figure_files(OUT, "figure_1a"),


rule figure_1b:
    """Figure 1b of Lyu et al. 2024: a diagonal net misgroks, its test accuracy collapses late."""
    input:
        figure_files(OUT, "figure_1b"),


rule figure_2a:
    """Figure 2a of Lyu et al. 2024: modular addition groks from He's initialisation."""
    input:
        figure_files(OUT, "figure_2a"),


rule figure_2b:
    """Figure 2b of Lyu et al. 2024: modular addition from He × 1, × 10 and × 100."""
    input:
        figure_files(OUT, "figure_2b"),


rule figure_2c:
    """Figure 2c of Lyu et al. 2024: modular addition with four weight decays."""
    input:
        figure_files(OUT, "figure_2c"),


rule delay_law:
    """The delay of generalisation in Figures 2b and 2c against (1/λ) log α."""
    input:
        figure_files(OUT, "delay_law"),


rule figure_4:
    """Figures 4a and 4b of Lyu et al. 2024: modular addition without weight decay, to t = 10^1000."""
    input:
        figure_files(OUT, "figure_4"),


rule figure_4_long:
    """Figure 4 on towards t = 10^9800; not part of a build. Stop it whenever you like, the next call goes on."""
    input:
        figure_files(OUT, "figure_4_long"),


rule work_precision:
    """What each method of following the flow costs and misses, on a small modular addition."""
    input:
        figure_files(OUT, "work_precision"),


rule figure_3:
    """Figure 3 of Lyu et al. 2024: matrix completion groks the multiplication table."""
    input:
        figure_files(OUT, "figure_3"),


rule flow_and_descent:
    """Gradient flow against gradient descent event by event, and its own error beside the scatter between seeds."""
    input:
        figure_files(OUT, "flow_and_descent"),
        f"{OUT}/flow_and_descent.md",
        f"{OUT}/integrator_error.md",


rule lyu2024_figure_1a:
    """The same as figure_1a."""
    input:
        rules.figure_1a.input,


rule lyu2024_figure_1b:
    """The same as figure_1b."""
    input:
        rules.figure_1b.input,


rule lyu2024_figure_2a:
    """The same as figure_2a."""
    input:
        rules.figure_2a.input,


rule lyu2024_figure_2b:
    """The same as figure_2b."""
    input:
        rules.figure_2b.input,


rule lyu2024_figure_2c:
    """The same as figure_2c."""
    input:
        rules.figure_2c.input,


rule lyu2024_figure_3:
    """The same as figure_3."""
    input:
        rules.figure_3.input,


rule lyu2024_figure_4:
    """The same as figure_4."""
    input:
        rules.figure_4.input,


rule sharp_classification:
    """Theorems 3.4 and 3.5: diagonal nets change from L2 to L1 max margin at (1/λ) log α."""
    input:
        figure_files(OUT, "sharp_classification"),


rule deep_diagonal_net:
    """The same transition in a net of depth 3, predicted by the theorems."""
    input:
        figure_files(OUT, "deep_diagonal_net"),


rule sharp_regression:
    """Theorems 3.9, 3.10 and 3.12: matrix completion changes from zero filling to least nuclear norm."""
    input:
        figure_files(OUT, "sharp_regression"),


rule lemmas:
    """Lemmas C.4, C.5, C.7, D.1, D.2 and D.8 as inequalities along runs."""
    input:
        figure_files(OUT, "lemmas"),


rule kkt:
    """KKT residuals along the runs of Figures 1, 2 and 3."""
    input:
        figure_files(OUT, "kkt"),


rule label_noise:
    """Theorem B.1: label-noise SGD leaves the limit of gradient flow at times T/η²."""
    input:
        figure_files(OUT, "label_noise"),


rule generalisation:
    """Appendix E: test error and Rademacher complexity of max-margin classifiers against their bounds, and a table."""
    input:
        figure_files(OUT, "generalisation"),
        f"{OUT}/sample_sizes.md",


rule theorems:
    """All figures of the theorems, from the tables of their evidence and the runs of Figures 1 to 3."""
    input:
        rules.sharp_classification.input,
        rules.deep_diagonal_net.input,
        rules.sharp_regression.input,
        rules.lemmas.input,
        rules.kkt.input,
        rules.label_noise.input,
        rules.generalisation.input,


rule runs:
    """All training runs, nothing drawn."""
    input:
        expand("results/runs/{run}/run.json", run=STUDIES[OUT].default_runs),


rule figures:
    """All figures, each as SVG and PNG with the CSV behind it."""
    input:
        figure_files(OUT, list(STUDIES[OUT].default_figures)),


rule smoke:
    """The whole workflow on tiny problems, in results/smoke, in a few minutes."""
    input:
        report_inputs("results/smoke"),
