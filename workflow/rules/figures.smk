rule collect_figure_data:
    """The tidy table behind one figure: every observation of its runs."""
    input:
        unpack(lambda wildcards: tables_of(wildcards.out, figure_of(wildcards).experiments)),
        code=sources("collect_figure_data.py"),
    output:
        report(
            "{out}/figures/{figure}.csv",
            category=lambda wildcards: figure_of(wildcards).paper,
            subcategory="{figure}",
            labels={"figure": "{figure}", "file": "data (CSV)"},
            caption="../report/data.rst",
        ),
    log:
        "{out}/logs/collect_figure_data/{figure}.log",
    benchmark:
        "{out}/benchmarks/collect_figure_data/{figure}.tsv"
    priority: 10  # a figure is finished before the next run starts
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        runs=lambda wildcards: labelled_runs(wildcards.out, figure_of(wildcards).experiments),
        theorems=lambda wildcards: labelled_theorems(wildcards.out, figure_of(wildcards).experiments),
    script:
        "../scripts/collect_figure_data.py"


rule draw_figure:
    """One figure from its table, with the paper's own values as marks."""
    input:
        data="{out}/figures/{figure}.csv",
        code=lambda wildcards: sources("draw_figure.py", FIGURES[figure_of(wildcards).kind]),
    output:
        svg=report(
            "{out}/figures/{figure}.svg",
            category=lambda wildcards: figure_of(wildcards).paper,
            subcategory="{figure}",
            labels={"figure": "{figure}", "file": "figure (SVG)"},
            caption="../report/figure.rst",
        ),
        png="{out}/figures/{figure}.png",
    log:
        "{out}/logs/draw_figure/{figure}.log",
    benchmark:
        "{out}/benchmarks/draw_figure/{figure}.tsv"
    priority: 10  # a figure is finished before the next run starts
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        kind=lambda wildcards: figure_of(wildcards).kind,
        title=lambda wildcards: figure_of(wildcards).title,
        caption=lambda wildcards: figure_of(wildcards).caption,
        deviations=lambda wildcards: list(figure_of(wildcards).deviations),
        marks=lambda wildcards: marks_of(wildcards.out, figure_of(wildcards)),
    script:
        "../scripts/draw_figure.py"
