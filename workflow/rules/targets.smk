# A target for each paper and each figure, described by its title in config/papers/.

from snakemake.exceptions import WorkflowError


def rules_of_papers():
    """Yield name, title and input of the target of each paper and figure."""
    for paper in STUDIES[OUT].papers.values():
        drawn = [figure for figure in default_figures(OUT) if figure.paper == paper.name]
        yield paper.name, paper.title, targets.figure_files(OUT, drawn) or refusal(without_figures(paper))
        for figure in paper.figures.values():
            yield figure.target, figure.title, targets.figure_files(OUT, [figure])
    for name, paper in other_targets(ROOT, STUDIES[OUT], OWN_TARGETS).items():
        yield name, f"Not among the chosen papers: {paper}.", refusal(not_chosen(name, paper))


def refusal(message):
    """An input function that refuses a target."""

    def refuse(wildcards):
        raise WorkflowError(message)

    return refuse


def not_chosen(target, paper):
    """Why a target of a paper that is not chosen cannot be built."""
    return f"{target}: the paper {paper} is not chosen; add --config 'papers=[{', '.join([*SETTINGS.papers, paper])}]'"


def without_figures(paper):
    """Why the target of a paper makes nothing."""
    if FITTING and any(figure.target in FITTING.left_out for figure in paper.figures.values()):
        return f"{paper.name}: none of its figures fits into hours={FITTING.hours:g}; give more, or name a figure"
    return f"{paper.name}: no figure of this paper is in a build; add one to {paper.file}, or name one on demand"


for target, title, files in rules_of_papers():

    rule:
        name:
            target
        input:
            files,
        localrule: True

    getattr(rules, target).rule.docstring = title  # a module may rename the rule
