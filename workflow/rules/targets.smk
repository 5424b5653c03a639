# A target for each paper and each figure, described by its title in config/papers/.

from snakemake.exceptions import WorkflowError


def rules_of_papers():
    """Yield name, title and input of the target of each paper and figure."""
    for paper in STUDIES[OUT].papers.values():
        drawn = [figure for figure in default_figures(OUT) if figure.paper == paper.name]
        yield paper.name, paper.title, targets.figure_files(OUT, drawn)
        for figure in paper.figures.values():
            yield figure.target, figure.title, targets.figure_files(OUT, [figure])
    for name, paper in other_targets(ROOT, STUDIES[OUT], OWN_TARGETS).items():
        yield name, f"Not among the chosen papers: {paper}.", refusal(name, paper)


def refusal(target, paper):
    """An input function that refuses a target whose paper is not chosen."""
    papers = ", ".join([*SETTINGS.papers, paper])

    def refuse(wildcards):
        raise WorkflowError(f"{target}: the paper {paper} is not chosen; add --config 'papers=[{papers}]'")

    return refuse


for target, title, files in rules_of_papers():

    rule:
        name:
            target
        input:
            files,
        localrule: True

    getattr(rules, target).rule.docstring = title  # a module may rename the rule
