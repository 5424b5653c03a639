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
        "own = (module_of(type(spec.dynamics)), module_of(activation))",
        "own = (module_of(activation),)",
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
)
