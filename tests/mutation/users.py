"""Wrong edits of what users build on: sweeps from the command line, parts of their own, logs, devices, archives."""

from tests.mutation import Mutant

OWN = ("test_own_parts.py",)

MUTANTS = (
    Mutant(
        "the log of a resumed job begins anew",
        "logs.py",
        "if history and history.exists():",
        "if not history:",
        ("test_results.py",),
    ),
    Mutant(
        "every job takes the first GPU",
        "runs/device.py",
        "            continue\n",
        "            pass\n",
        ("test_train.py",),
    ),
    Mutant(
        "an optimiser of one's own forgets what it remembered when it is resumed",
        "dynamics/steps/optimizers.py",
        "        self.memory.update({OWN + name: value for name, value in self.own.items()})\n",
        "",
        OWN,
    ),
    Mutant(
        "an activation of one's own is the identity on the way back",
        "kernels/activations.py",
        "torch.func.vjp(function, pre)[1](grad)[0]",
        "grad",
        OWN,
    ),
    Mutant(
        "editing an optimiser of one's own trains nothing again",
        "code.py",
        "own = (module_of(type(spec.dynamics)), module_of(type(spec.model)), module_of(activation))",
        "own = (module_of(type(spec.model)), module_of(activation))",
        OWN,
    ),
    Mutant(
        "an optimiser of one's own goes side by side",
        "specs/run.py",
        "alone or isinstance(self.dynamics, OwnOptimizer)",
        "alone",
        OWN,
    ),
    Mutant(
        "a sweep is part of every build",
        "study/sweep.py",
        '"on_demand": True',
        '"on_demand": False',
        ("test_sweep.py",),
    ),
    Mutant(
        "a sweep's values come as text",
        "specs/yaml.py",
        "yaml.load(value, Loader) if isinstance(value, str) else value",
        "value",
        ("test_sweep.py",),
    ),
    Mutant(
        "an archive holds what no commit says",
        "report/archive.py",
        'if changed := git("status", "--porcelain", "--untracked-files=no", root=root):',
        'if changed := "":',
        ("test_archive.py",),
    ),
    Mutant(
        "editing a net of one's own trains nothing again",
        "code.py",
        "own = (module_of(type(spec.dynamics)), module_of(type(spec.model)), module_of(activation))",
        "own = (module_of(type(spec.dynamics)), module_of(activation))",
        OWN,
    ),
    Mutant(
        "a net of one's own gets no gradient",
        "models/own_net.py",
        "AutogradNet(layout, model.outputs)",
        "AutogradNet(layout, lambda W, x: model.outputs(W, x).detach().requires_grad_())",
        OWN,
    ),
    Mutant(
        "claims without a number lie on each other",
        "page/verdicts.py",
        "yield dot(one, -top - row, APART * STRIDE**column)",
        "yield dot(one, -top - row, APART)",
        ("test_page.py",),
    ),
    Mutant(
        "a claim stands with a figure that shows less of it",
        "page/outline.py",
        "return max(shown, key=lambda name: shown[name])",
        "return next(name for name in shown if shown[name])",
        ("test_page.py",),
    ),
    Mutant(
        "an accuracy may be asked for in per cent",
        "specs/stops.py",
        "self.level > 1:",
        "self.level > 100:",
        ("test_stops.py",),
    ),
    Mutant(
        "a cluster's jobs get the memory of the smallest",
        "report/runtime.py",
        "max(found.get(rule, 0), math.ceil(largest))",
        "min(found.get(rule, 9999), math.ceil(largest))",
        ("test_report_numbers.py",),
    ),
    Mutant(
        "an observation that was not made breaks a row of those that hold",
        "measures/evidence.py",
        "known = ~np.isnan(values)",
        "known = np.isfinite(steps)",
        ("test_measures.py",),
    ),
)
