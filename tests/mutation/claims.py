"""Mutants of claims, of their verdicts and of the gate."""

from tests.mutation import Mutant

CLAIMS = ("test_claims.py",)
GATE = ("test_published.py",)
ARITHMETIC = ("test_arithmetic.py",)
MUTANTS = (
    Mutant(
        "a difference is a sum",
        "claims/quantity.py",
        "Value(self.number - other.number",
        "Value(self.number + other.number",
        CLAIMS,
    ),
    Mutant("a ratio is upside down", "claims/quantity.py", "self.number / other", "other.number / self", CLAIMS),
    Mutant(
        "a ratio forgets the error of what it is divided by",
        "claims/quantity.py",
        "math.hypot(self.half_width, number * other.half_width)",
        "self.half_width",
        CLAIMS,
    ),
    Mutant(
        "an experiment beside another keeps all its seeds",
        "claims/quantity.py",
        "if self.other else found\n",
        "if False else found\n",
        CLAIMS,
    ),
    Mutant("seeds are cut to the shorter list", "claims/quantity.py", "zip_longest(", "zip(", CLAIMS),
    Mutant(
        "half of an interval is lost",
        "claims/quantity.py",
        "self.measure.half_width(evidence))",
        "self.measure.half_width(evidence) / 2)",
        CLAIMS,
    ),
    Mutant("part of a table is all of it", "claims/quantity.py", "if self.chosen is None", "if True", CLAIMS),
    Mutant("a window has no end", "claims/quantity.py", 'else {"end": end}', "else {}", CLAIMS),
    Mutant("the median is the mean", "claims/rules.py", "np.median(", "np.mean(", CLAIMS),
    Mutant(
        "seeds without the event are left out",
        "claims/rules.py",
        "np.isnan(values), np.inf",
        "np.isnan(values), 0",
        CLAIMS,
    ),
    Mutant(
        "a factor counts on one side", "claims/rules.py", "self.paper / self.factor <= middle", "0 <= middle", CLAIMS
    ),
    Mutant(
        "a distance has a sign",
        "claims/rules.py",
        "abs(median(values) - self.paper)",
        "(median(values) - self.paper)",
        CLAIMS,
    ),
    Mutant("any seed reaches the bound", "claims/rules.py", ">= self.bound).all()", ">= self.bound).any()", CLAIMS),
    Mutant("any seed keeps below the bound", "claims/rules.py", "<= self.bound).all()", "<= self.bound).any()", CLAIMS),
    Mutant("at least ignores the interval", "claims/rules.py", "values - half_widths >=", "values >=", CLAIMS),
    Mutant("at most ignores the interval", "claims/rules.py", "values + half_widths <=", "values <=", CLAIMS),
    Mutant(
        "one measured seed is enough",
        "claims/judge.py",
        "if not measured or len(measured) < len(values)",
        "if not measured",
        CLAIMS,
    ),
    Mutant(
        "nothing measured is reproduced",
        "claims/judge.py",
        "        return NOT_RUN\n",
        "        return REPRODUCED\n",
        CLAIMS,
    ),
    Mutant("ours is the paper's", "claims/judge.py", "if claim.kind == PAPER", "if True", CLAIMS),
    Mutant("small sizes are judged", "claims/judge.py", "if at_paper_size else NOT_RUN", "", CLAIMS),
    Mutant("few draws are not told", "claims/judge.py", '{1: "one draw", 2: "two draws"}', '{1: "one draw"}', CLAIMS),
    Mutant(
        "a mark is at the wrong value",
        "claims/marks.py",
        '"value": measure.level * height',
        '"value": measure.level',
        ("test_figures.py",),
    ),
    Mutant(
        "marks of bounds are drawn",
        "claims/marks.py",
        "isinstance(measure, Crossing) and not bound",
        "isinstance(measure, Crossing)",
        ("test_figures.py",),
    ),
    Mutant(
        "x and value of a mark are swapped",
        "claims/marks.py",
        '"x": measure.step, "value": claim.paper',
        '"x": claim.paper, "value": measure.step',
        ("test_figures.py",),
    ),
    Mutant(
        "the gate lets every event move",
        "report/comparison.py",
        'self.events["moved"] > self.events["tolerance"]]',
        'self.events["moved"] > 1e9]',
        GATE,
    ),
    Mutant(
        "the gate forgets the claims",
        "report/comparison.py",
        "self.far.empty and all(may for *_, may in self.claims or ())",
        "self.far.empty",
        GATE,
    ),
    Mutant(
        "the gate forgets the events",
        "report/comparison.py",
        "self.far.empty and all(may for *_, may in self.claims or ())",
        "all(may for *_, may in self.claims or ())",
        GATE,
    ),
    Mutant(
        "a claim that is gone is no change",
        "report/comparison.py",
        "for name in dict.fromkeys([*old, *new]):",
        "for name in dict.fromkeys(new):",
        GATE,
    ),
    Mutant(
        "a run with other bytes is no change",
        "report/comparison.py",
        "not self.older and not self.different\n",
        "not self.older\n",
        GATE,
    ),
    Mutant(
        "a claim that can no longer be measured is no change",
        "report/comparison.py",
        "then[1] != now[1] and min(then[1], now[1]) > 0",
        "then[1] != now[1]",
        GATE,
    ),
    Mutant(
        "tolerances are those of the default", "report/comparison.py", "tolerances.get(name, default)", "default", GATE
    ),
    Mutant(
        "a lost event has not moved",
        "measures/events.py",
        '        return math.inf\n    if "_accuracy',
        '        return 0.0\n    if "_accuracy',
        GATE,
    ),
    Mutant("events may only come later", "measures/events.py", "abs(math.log(quotient))", "math.log(quotient)", GATE),
    Mutant(
        "portable results may differ",
        "report/comparison.py",
        "elif now == old:",
        "elif now:",
        GATE,
    ),
    Mutant(
        "native results are compared to the byte",
        "report/comparison.py",
        "not (is_portable(now) and is_portable(old))",
        "not is_portable(old)",
        GATE,
    ),
    Mutant(
        "the gate needs no hash", "report/comparison.py", "Comparison(origin, older=True)", "Comparison(origin)", GATE
    ),
    Mutant(
        "a hash forgets the weights",
        "store/hashes.py",
        'HASHED = (TABLE, ANALYSIS, "weights.safetensors")',
        "HASHED = (TABLE, ANALYSIS)",
        GATE,
    ),
    Mutant(
        "results of other settings are taken for one's own",
        "store/sealed.py",
        "about.get(key) == value for key, value in recipe.items()",
        "about.get(key) == value for key, value in recipe.items() if key != 'spec'",
        ("test_code.py",),
    ),
    Mutant(
        "results that were made from others are taken for one's own",
        "store/sealed.py",
        "about.get(key) == value for key, value in recipe.items()",
        "about.get(key) == value for key, value in recipe.items() if key != 'made_from'",
        ("test_train.py",),
    ),
    Mutant(
        "a default is no code",
        "code.py",
        "for field in dataclasses.fields(part)]",
        "for field in ()]",
        ("test_code.py",),
    ),
    Mutant(
        "portable arithmetic is never made", "kernels/computing.py", 'kind() == "portable"', 'kind() == ""', ARITHMETIC
    ),
    Mutant("two threads", "kernels/computing.py", "torch.set_num_threads(1)", "torch.set_num_threads(2)", ARITHMETIC),
    Mutant("numpy keeps AVX-512", "arithmetic.py", '"X86_V4 AVX512_ICL AVX512_SPR"', '"AVX512_SPR"', ARITHMETIC),
)
