# The figures of Gromov 2023, each by its name.


localrules:
    gromov2023,
    gromov2023_figure_1,
    gromov2023_figure_2,
    gromov2023_figure_3,
    gromov2023_figure_4,
    gromov2023_figure_5,
    gromov2023_figure_6,
    gromov2023_figure_7,
    gromov2023_figure_8,
    gromov2023_figure_9,
    gromov2023_figure_10,
    gromov2023_critical_fraction,
    gromov2023_closed_form_start,
    gromov2023_ipr_and_accuracy,
    gromov2023_sensitivity,
    gromov2023_other_training,


rule tabulate_ipr_values:
    """The inverse participation ratio of the exact solution under each transform that the paper may mean."""
    input:
        data="{out}/figures/gromov2023_figure_5.csv",
        code=sources("tabulate_ipr_values.py"),
    output:
        report(
            "{out}/ipr_values.md",
            category="gromov2023",
            labels={"table": "inverse participation ratio by transform", "file": "Markdown"},
            caption="../report/ipr_values.rst",
        ),
    log:
        "{out}/logs/ipr_values.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    script:
        "../scripts/tabulate_ipr_values.py"


rule gromov2023:
    """All figures of Gromov 2023, and the table of transforms."""
    input:
        figures_of_paper("gromov2023"),
        tables_of_figures(OUT, "gromov2023_figure_5"),


rule gromov2023_figure_1:
    """Figure 1 of Gromov 2023: a quadratic net groks addition modulo 97 by plain gradient descent."""
    input:
        figure_files(OUT, "gromov2023_figure_1"),


rule gromov2023_figure_2:
    """Figure 2 of Gromov 2023: an output and a hidden neuron on all pairs, before and after training and in closed form."""
    input:
        figure_files(OUT, "gromov2023_figure_2"),


rule gromov2023_figure_3:
    """Figure 3 of Gromov 2023: the phases of trained neurons add up."""
    input:
        figure_files(OUT, "gromov2023_figure_3"),


rule gromov2023_figure_4:
    """Figure 4 of Gromov 2023: grokking time against data fraction, test accuracy against width."""
    input:
        figure_files(OUT, "gromov2023_figure_4"),


rule gromov2023_figure_5:
    """Figure 5 of Gromov 2023: the inverse participation ratio under AdamW, and a table of its values by transform."""
    input:
        figure_files(OUT, "gromov2023_figure_5"),
        f"{OUT}/ipr_values.md",


rule gromov2023_figure_6:
    """Figure 6 of Gromov 2023: the closed-form weights under other activations."""
    input:
        figure_files(OUT, "gromov2023_figure_6"),


rule gromov2023_figure_7:
    """Figure 7 of Gromov 2023: activations for (n + m)^2."""
    input:
        figure_files(OUT, "gromov2023_figure_7"),


rule gromov2023_figure_8:
    """Figure 8 of Gromov 2023: activations for n^2 + m^2."""
    input:
        figure_files(OUT, "gromov2023_figure_8"),


rule gromov2023_figure_9:
    """Figure 9 of Gromov 2023: activations for nm."""
    input:
        figure_files(OUT, "gromov2023_figure_9"),


rule gromov2023_figure_10:
    """Figure 10 of Gromov 2023: learning curves of the two functions that are not grokked."""
    input:
        figure_files(OUT, "gromov2023_figure_10"),


rule gromov2023_critical_fraction:
    """The data fraction at which the quadratic net begins to grok, against the modulus."""
    input:
        figure_files(OUT, "gromov2023_critical_fraction"),


rule gromov2023_closed_form_start:
    """Gradient flow from the closed-form solution of modular addition."""
    input:
        figure_files(OUT, "gromov2023_closed_form_start"),


rule gromov2023_ipr_and_accuracy:
    """The inverse participation ratio and the test accuracy of all trained quadratic nets."""
    input:
        figure_files(OUT, "gromov2023_ipr_and_accuracy"),


rule gromov2023_sensitivity:
    """The grokking time under other widths, learning rates and decays than the report's."""
    input:
        figure_files(OUT, "gromov2023_sensitivity"),


rule gromov2023_other_training:
    """Weight decay and momentum, batch normalisation, dropout: each groks."""
    input:
        figure_files(OUT, "gromov2023_other_training"),
