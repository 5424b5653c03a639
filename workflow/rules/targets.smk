# One target for each paper and each figure, told by the titles in config/papers/.


def targets():
    """Name, title and input of every target that the papers make."""
    for paper in STUDIES[OUT].papers.values():
        drawn = [figure for figure in default_figures(OUT) if figure.paper == paper.name]
        yield paper.name, paper.title, figure_files(OUT, drawn)
        for figure in paper.figures.values():
            yield figure.target, figure.title, figure_files(OUT, [figure])
    for paper, names in other_papers(ROOT, SETTINGS.papers).items():
        for name in names:
            yield name, f"Not among the chosen papers: {paper}.", refusal(name, paper)


def refusal(target, paper):
    """An input that ends a call for a target whose paper is not chosen, in one line."""
    papers = ", ".join([*SETTINGS.papers, paper])

    def refuse(wildcards):
        sys.exit(f"error: {target}: the paper {paper} is not chosen; add --config 'papers=[{papers}]'")

    return refuse


for target, title, files in targets():

    rule:
        name:
            target
        input:
            files,
        localrule: True

    getattr(rules, target).rule.docstring = title  # by its own name also where a module gives it another
