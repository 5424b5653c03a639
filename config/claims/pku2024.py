"""The claims of the course report: source, statement, what we measure, and the rule that judges it.

The report gives few numbers, so most rules are inequalities between two of our runs; its sentences
rest on one run each and are judged by the median over our seeds. Levels are fixed for all of them
(docs/settings.md): an accuracy starts to rise at 20 % and rises at 50 %, a net has generalised from
95 % on, "low" is up to 50 %; below 5 % and from 99.5 % on two accuracies cannot be compared.
docs/claims.md lists rules that were added or sharpened with numbers known.
"""

from collections.abc import Mapping
from itertools import pairwise

from grokking.claims import AtLeast, AtMost, Claims, Within, WithinFactor, experiment
from grokking.claims.quantity import Quantity

BEGUN, STARTED, RISEN, GENERALISED, LOW = 0.1, 0.2, 0.5, 0.95, 0.5
FLOOR, CEILING = 0.05, 0.995
FRACTIONS = (0.3, 0.4, 0.5, 0.7)   # of Figure 1
NAMED = (0.3, 0.5, 0.6, 0.8)   # the fractions that the report names for Figures 3 and 4

# The experiment that plays each part in the sentences of Figures 1 to 7: of the report's net, and of
# the battery of docs/settings.md.
REPORT = {
    **{f"α = {fraction}": f"transformer_{fraction}" for fraction in FRACTIONS},
    "MLP": "mlp", "LSTM": "lstm",
    "Adam": "fractions_adam", "AdamW": "fractions_adamw", "dropout": "fractions_dropout",
    "SGD": "fractions_sgd", "Nesterov": "fractions_nesterov",
    "Grokfast": "grokfast", "without filter": "transformer_0.5",
    "scratch": "triples", "K = 3": "triples_pretrained",
    "K = 4": "sums_of_4", "K = 5": "sums_of_5", "K = 6": "sums_of_6",
}


def sentences(claims: Claims, parts: Mapping[str, str], training: str = "train_accuracy") -> None:
    """Add the sentences of Figures 1 to 7 that the experiments `parts` decide, named as in `REPORT`.

    `training` is the column of training accuracy.
    """
    at = {fraction: parts[f"α = {fraction}"] for fraction in FRACTIONS if f"α = {fraction}" in parts}
    figure_1(claims, at, training)
    for name in ("MLP", "LSTM"):
        if name in parts and 0.5 in at:
            other_nets(claims, name, parts[name], at[0.5], training)
    if "Adam" in parts:
        figures_3_and_4(claims, parts)
    if "Grokfast" in parts:
        figure_5(claims, parts["Grokfast"], parts["without filter"], training)
    if "K = 3" in parts:
        figures_6_and_7(claims, parts, training)


def median_at_least(bound: float) -> AtLeast:
    return AtLeast(bound, of="median")


def median_at_most(bound: float) -> AtMost:
    return AtMost(bound, of="median")


def figure_1(claims: Claims, at: Mapping[float, str], training: str) -> None:
    """Both accuracies rise quickly, validation later; sooner and closer together with more data."""
    net = {fraction: experiment(name).where(along="epoch") for fraction, name in at.items()}
    rises = {fraction: run.crossing("test_accuracy", RISEN) for fraction, run in net.items()}
    gap = {fraction: rises[fraction] / run.crossing(training, RISEN) for fraction, run in net.items()}
    for fraction, run in net.items():
        claims.paper(
            f"fig1.groks_at_{fraction}", "§ 3.1",
            f"At α = {fraction} the transformer groks (largest validation accuracy).",
            run.maximum("test_accuracy"), median_at_least(GENERALISED),
        )
        claims.paper(
            f"fig1.delay_at_{fraction}", "§ 3.1",
            f"At α = {fraction} validation accuracy rises after training accuracy (ratio of the epochs of 50 %).",
            gap[fraction], median_at_least(1.01),
        )
        for column, words in ((training, "training"), ("test_accuracy", "validation")):
            claims.paper(
                f"fig1.quick_{words}_at_{fraction}", "§ 3.1",
                f"At α = {fraction} {words} accuracy rises quickly after a long phase of slow learning (epochs "
                "from 50 % to 95 % over epochs up to 50 %; 0.9 for a straight line).",
                (run.crossing(column, GENERALISED) - run.crossing(column, RISEN)) / run.crossing(column, RISEN),
                median_at_most(0.45),
            )
    for less, more in pairwise(net):
        claims.paper(
            f"fig1.faster_at_{more}", "§ 3.1",
            f"Larger α leads to faster grokking: α = {more} before α = {less} (ratio of the epochs of 50 % "
            "validation accuracy).",
            rises[more] / rises[less], median_at_most(0.99),
        )
        claims.paper(
            f"fig1.gap_narrows_at_{more}", "§ 3.1",
            f"The gap between training and validation is narrower at α = {more} than at α = {less} (the gap is the "
            "ratio of the epochs of 50 %; ratio of the gaps).",
            gap[more] / gap[less], median_at_most(0.99),
        )
    if 0.3 in net:
        claims.paper(
            "fig1.starts_late_at_0.3", "§ 3.1",
            "At α = 0.3 it takes more than 10³ epochs before validation accuracy starts to rise (epoch of 20 %).",
            net[0.3].crossing("test_accuracy", STARTED), AtLeast(1000, paper=1000, of="median"),
        )
    if 0.5 in net:
        claims.paper(
            "fig1.starts_early_at_0.5", "§ 3.1",
            "At α = 0.5 validation accuracy starts to rise at about 100 epochs (epoch of 20 %, within a factor 2).",
            net[0.5].crossing("test_accuracy", STARTED), WithinFactor(100, 2),
        )
    if 0.7 in net:
        claims.paper(
            "fig1.together_at_0.7", "§ 3.1",
            "At α = 0.7 training and validation accuracy seem to rise together (ratio of the epochs of 50 %).",
            gap[0.7], median_at_most(2),
        )


def other_nets(claims: Claims, words: str, name: str, transformer: str, training: str) -> None:
    """The MLP and the LSTM of Figure 2 against the transformer."""
    net, other = experiment(name).beside(transformer), experiment(transformer).beside(name)
    claims.paper(
        f"fig2.{words.lower()}_trains_sooner", "§ 3.2",
        f"The {words}'s training accuracy begins to rise in fewer epochs than the transformer's (ratio of the epochs "
        "of 10 %).",
        net.crossing(training, BEGUN) / other.crossing(training, BEGUN), median_at_most(0.99),
        "It takes as many epochs here. The report gives neither the inputs of this net nor the initialisation of "
        "the two.",
    )
    claims.paper(
        f"fig2.{words.lower()}_generalises_later", "§ 3.2",
        f"The {words}'s validation accuracy takes more epochs to rise than the transformer's (ratio of the epochs of "
        "50 %).",
        net.crossing("test_accuracy", RISEN) / other.crossing("test_accuracy", RISEN), median_at_least(1.01),
    )


def figures_3_and_4(claims: Claims, parts: Mapping[str, str]) -> None:
    """The largest validation accuracy within 8000 steps, by optimiser and by regularisation."""
    def largest(part: str, fraction: float) -> Quantity:
        chosen = experiment(parts[part]).where(observed=fraction)
        return chosen.mean("largest_test_accuracy").beyond(FLOOR, CEILING)

    for name in ("SGD", "Nesterov"):
        claims.paper(
            f"fig3.{name.lower()}_low", "§ 3.3",
            f"{name}'s validation accuracy stays low at every α (largest; learning rate 10⁻³, the only one in the "
            "report).",
            experiment(parts[name]).maximum("largest_test_accuracy"), median_at_most(LOW),
        )
        for fraction in NAMED:
            claims.paper(
                f"fig3.{name.lower()}_below_adam_at_{fraction}", "§ 3.3",
                f"In contrast with Adam {name} stays relatively low at α = {fraction} (largest validation accuracy "
                "minus Adam's; learning rate 10⁻³ for both).",
                largest(name, fraction) - largest("Adam", fraction), median_at_most(-0.05),
            )
    claims.paper(
        "fig3.adam_not_low", "§ 3.3",
        "Adam does not stay low within 8000 steps (largest validation accuracy over the α that the report names).",
        experiment(parts["Adam"]).maximum("largest_test_accuracy"), median_at_least(GENERALISED),
    )
    better, worse = median_at_least(0.01), median_at_most(-0.01)
    for name, words, fraction, rule in (
        ("AdamW", "AdamW improves on Adam", 0.3, better),
        ("AdamW", "AdamW improves on Adam", 0.8, better),
        ("dropout", "Adam with dropout is better than Adam", 0.8, better),
        ("dropout", "Adam with dropout is worse than Adam", 0.5, worse),
        ("dropout", "Adam with dropout is worse than Adam", 0.6, worse),
    ):
        claims.paper(
            f"fig4.{name.lower()}_at_{fraction}", "§ 3.3",
            f"{words} at α = {fraction} (difference of the largest validation accuracies).",
            largest(name, fraction) - largest("Adam", fraction), rule,
        )


def figure_5(claims: Claims, grokfast: str, without: str, training: str) -> None:
    """Grokfast's filter accelerates, and the gap narrows."""
    with_filter, plain = experiment(grokfast), experiment(without)
    claims.paper(
        "fig5.filter_accelerates", "§ 3.3",
        "Grokfast's filter accelerates generalisation (step of 95 % validation accuracy over that without).",
        with_filter.crossing("test_accuracy", GENERALISED) / plain.crossing("test_accuracy", GENERALISED),
        median_at_most(0.9),
    )
    gaps = [net.crossing("test_accuracy", RISEN) / net.crossing(training, RISEN) for net in (with_filter, plain)]
    claims.paper(
        "fig5.filter_narrows_gap", "§ 4.1",
        "With the filter the gap between training and validation is significantly narrower (the gap is the ratio of "
        "the steps of 50 %; ratio of the gaps).",
        gaps[0] / gaps[1], median_at_most(0.9),
    )


def figures_6_and_7(claims: Claims, parts: Mapping[str, str], training: str) -> None:
    """Sums of three numbers from scratch and after sums of two; sums of four, five and six."""
    net = {name: experiment(parts[name]) for name in ("scratch", "K = 3", "K = 4", "K = 5", "K = 6") if name in parts}
    if "scratch" in net:
        claims.paper(
            "fig6.scratch_fits", "§ 3.4", "From scratch training accuracy on K = 3 rises (largest).",
            net["scratch"].maximum(training), median_at_least(GENERALISED),
        )
        claims.paper(
            "fig6.scratch_fails", "§ 3.4", "From scratch validation accuracy on K = 3 does not rise (largest).",
            net["scratch"].maximum("test_accuracy"), median_at_most(LOW),
        )
        claims.paper(
            "fig6.pretrained_fits_sooner", "§ 3.4",
            "After training on K = 2 training accuracy on K = 3 rises in fewer epochs than from scratch (ratio of "
            "the epochs of 50 %).",
            net["K = 3"].crossing(training, RISEN) / net["scratch"].crossing(training, RISEN), median_at_most(0.99),
        )
    claims.paper(
        "fig6.pretrained_groks", "§ 3.4", "After training on K = 2 validation accuracy on K = 3 rises (largest).",
        net["K = 3"].maximum("test_accuracy"), median_at_least(GENERALISED),
    )
    claims.paper(
        "fig6.validation_first", "§ 3.4",
        "After training on K = 2 validation accuracy on K = 3 rises before training accuracy (ratio of the epochs of "
        "50 %).",
        net["K = 3"].crossing("test_accuracy", RISEN) / net["K = 3"].crossing(training, RISEN), median_at_most(0.99),
    )
    for operands in (4, 5, 6):
        if f"K = {operands}" in net:
            later = (
                net[f"K = {operands}"].where(along="epoch").crossing(training, RISEN)
                / net["K = 3"].where(along="epoch").crossing(training, RISEN)
            )
            claims.paper(
                f"fig7.later_at_{operands}", "§ 3.4",
                f"Training accuracy on K = {operands} rises later than on K = 3 (ratio of the epochs of 50 %).",
                later, median_at_least(1.01),
            )
            claims.paper(
                f"fig7.a_little_later_at_{operands}", "§ 3.4",
                f"… only a little later: within ten times as many epochs (ratio for K = {operands}).",
                later, median_at_most(10),
            )
    claims.paper(
        "fig7.half_at_4", "§ 3.4", "Validation accuracy on K = 4 rises to about 0.5 (largest).",
        net["K = 4"].maximum("test_accuracy"), Within(0.5, 0.2),
    )
    claims.paper(
        "fig7.falls_at_4", "§ 3.4",
        "Validation accuracy on K = 4 then decreases gradually (final minus largest).",
        net["K = 4"].final("test_accuracy") - net["K = 4"].maximum("test_accuracy"), median_at_most(-0.02),
    )
    claims.paper(
        "fig7.fails_at_6", "§ 3.4", "Validation accuracy on K = 6 does not rise (largest).",
        net["K = 6"].maximum("test_accuracy"), median_at_most(LOW),
    )
    for more, fewer in ((4, 3), (6, 4)):
        claims.paper(
            f"fig7.harder_at_{more}", "§ 3.4",
            f"Larger K is harder: K = {more} reaches less than K = {fewer} (difference of the largest validation "
            "accuracies).",
            net[f"K = {more}"].maximum("test_accuracy").beyond(FLOOR, CEILING)
            - net[f"K = {fewer}"].maximum("test_accuracy").beyond(FLOOR, CEILING),
            median_at_most(-0.01),
        )


NEVER_TRAINS = (
    "Coupled decay of this strength shrinks the weights to 0: without the filter the net never "
    "trains."
)
NEVER_LAZY = (
    "The kernel turns before the training set is memorised: Adam moves each weight by about the "
    "learning rate at each step, however small the gradient is."
)

claims = Claims()
sentences(claims, REPORT)


# Beside Figure 1: without the effect of commutativity
fig1 = {fraction: experiment(f"transformer_{fraction}").where(along="epoch") for fraction in FRACTIONS}
for less, more in pairwise(FRACTIONS):
    claims.ours(
        f"fig1.unmirrored_faster_at_{more}", "§ 3.1, without the effect of commutativity",
        f"Larger α leads to faster grokking on pairs trained on in neither order: α = {more} before α = {less} "
        "(ratio of the epochs of 50 %).",
        fig1[more].crossing("unmirrored_accuracy", RISEN) / fig1[less].crossing("unmirrored_accuracy", RISEN),
        median_at_most(0.99),
    )
claims.ours(
    "fig1.unmirrored_together_at_0.7", "§ 3.1, without the effect of commutativity",
    "At α = 0.7 training accuracy and accuracy on pairs trained on in neither order rise together (ratio of the "
    "epochs of 50 %).",
    fig1[0.7].crossing("unmirrored_accuracy", RISEN) / fig1[0.7].crossing("train_accuracy", RISEN), median_at_most(2),
)

# Figure 2, what does not depend on the transformer
for name, words in (("mlp", "MLP"), ("lstm", "LSTM")):
    net = experiment(name)
    claims.paper(
        f"fig2.{name}_groks", "§ 3.2", f"The {words} groks too (largest validation accuracy).",
        net.maximum("test_accuracy"), median_at_least(GENERALISED),
    )
    claims.paper(
        f"fig2.{name}_fluctuates", "§ 3.2",
        f"The {words}'s validation accuracy rises with significant fluctuations (largest fall below an earlier value).",
        net.largest_fall("test_accuracy"), median_at_least(0.05),
    )

# Figure 3 at other learning rates, and the reasons that the report gives
for name, words, rate in (("sgd", "SGD", 0.3), ("nesterov", "Nesterov", 0.1)):
    claims.ours(
        f"fig3.{name}_fits_at_rate_of_adamw", "not in the report",
        f"With the learning rate of AdamW, 10⁻³, {words} fits the training set in 8 000 steps (largest training "
        "accuracy, over α).",
        experiment(f"fractions_{name}").maximum("largest_train_accuracy"), median_at_least(GENERALISED),
        "It has hardly begun to: its low validation accuracy says nothing about generalisation.",
    )
    claims.ours(
        f"fig3.{name}_best_rate", "§ 3.3, other learning rates",
        f"{words} stays low at α = 0.5 also at the best of five learning rates (largest validation accuracy).",
        experiment(f"tuned_{name}").where(observed=0.5).maximum("largest_test_accuracy"), median_at_most(LOW),
    )
    claims.ours(
        f"fig3.tuned_{name}_low_on_unmirrored", "§ 3.3, other learning rates",
        f"Also with the learning rate {rate} {words}'s accuracy stays low on pairs trained on in neither order "
        "(largest, over α).",
        experiment(f"tuned_{name}").maximum("largest_unmirrored_accuracy"), median_at_most(LOW),
    )
tuned, adamw_0_5 = experiment("tuned_nesterov_0.5"), experiment("transformer_0.5")
claims.ours(
    "fig3.tuned_nesterov_sooner", "§ 3.3, other learning rates",
    "With the learning rate 0.1 Nesterov generalises before AdamW at α = 0.5 (ratio of the steps of 50 % validation "
    "accuracy).",
    tuned.crossing("test_accuracy", RISEN) / adamw_0_5.crossing("test_accuracy", RISEN), AtMost(0.5, of="mean"),
)
claims.ours(
    "fig3.tuned_nesterov_together", "§ 3.3, other learning rates",
    "With the learning rate 0.1 Nesterov generalises almost without delay at α = 0.5 (ratio of the steps of 50 % of "
    "validation and training accuracy).",
    tuned.crossing("test_accuracy", RISEN) / tuned.crossing("train_accuracy", RISEN), AtMost(2),
)
claims.paper(
    "fig3.adam_adapts_early", "§ 3.3",
    "Adam is better because it adapts early: its training accuracy rises in fewer steps than that of Nesterov at the "
    "best of five learning rates (ratio of the steps of 50 %, α = 0.5).",
    adamw_0_5.crossing("train_accuracy", RISEN) / tuned.crossing("train_accuracy", RISEN),
    AtMost(0.99, of="mean"),
)
claims.paper(
    "fig3.noise", "§ 3.3",
    "SGD is worse because gradients are noisy: without noise, along the gradient flow, the training set is fitted in "
    "the time of 8 000 steps of 10⁻³ (training accuracy, α = 0.5).",
    experiment("flow").maximum("train_accuracy"), median_at_least(GENERALISED),
    "The gradient flow, which has no noise, is as far: the learning rate decides, not the noise.",
)

# Figure 6: the second sample; Figure 7: training
claims.paper(
    "fig6.scratch_fits_second", "§ 3.4", "From scratch training accuracy on K = 3 rises (second sample, largest).",
    experiment("triples_continued").maximum("train_accuracy"), median_at_least(GENERALISED),
)
claims.paper(
    "fig6.scratch_fails_second", "§ 3.4",
    "From scratch validation accuracy on K = 3 does not rise (second sample, largest).",
    experiment("triples_continued").maximum("test_accuracy"), median_at_most(LOW),
)
for operands in (4, 5, 6):
    claims.paper(
        f"fig7.fits_{operands}", "§ 3.4",
        f"After training on K = 2 training accuracy on K = {operands} rises (largest).",
        experiment(f"sums_of_{operands}").maximum("train_accuracy"), median_at_least(GENERALISED),
    )

# Section 4 and Figure 5: does Grokfast do more than longer momentum or a larger learning rate?
adamw = experiment("transformer_0.5").crossing("test_accuracy", GENERALISED)
filtered = experiment("grokfast").crossing("test_accuracy", GENERALISED)
claims.ours(
    "grokfast.longer_momentum", "not in the report",
    "AdamW with β₁ = 0.98 and no filter generalises as early as Grokfast (ratio of the steps of 95 %).",
    experiment("longer_momentum").crossing("test_accuracy", GENERALISED) / filtered, AtMost(1, of="mean"),
    "It is hardly faster than AdamW's usual momentum: it averages the gradient but does not amplify its slow part.",
)
for factor, words in ((2, "twice"), (4, "four times"), (6, "six times")):
    claims.ours(
        f"grokfast.rate_{factor}", "not in the report",
        f"AdamW with {words} the learning rate generalises as early as Grokfast (ratio of the steps of 95 %).",
        experiment(f"rate_{factor}e-3").crossing("test_accuracy", GENERALISED)
        / experiment("grokfast").beside(f"rate_{factor}e-3").crossing("test_accuracy", GENERALISED),
        AtMost(1),
        {
            2: "Faster than AdamW with its usual rate, but not as fast as the filter.",
            4: "Where it generalises it is earlier than with the filter.",
            6: "With a rate times the filter's whole gain training is unstable and does not generalise.",
        }[factor],
    )
claims.ours(
    "grokfast.gain", "not in the report",
    "AdamW with ε divided by the filter's gain of 6 generalises as early as Grokfast (ratio of the steps of 95 %).",
    experiment("smaller_epsilon").crossing("test_accuracy", GENERALISED)
    / experiment("grokfast").beside("smaller_epsilon").crossing("test_accuracy", GENERALISED),
    AtMost(1, of="mean"),
    "It is no faster than AdamW: the effect of the filter's gain is not that of ε.",
)
claims.ours(
    "grokfast.coupled", "Lee et al. 2024",
    "With coupled decay 0.01 and the filter a net generalises at least five times sooner than with neither, as in "
    "Grokfast's publication (there 50 times, on products; ratio of the steps of 95 %).",
    experiment("coupled_grokfast").crossing("test_accuracy", GENERALISED)
    / experiment("adam_without_decay").crossing("test_accuracy", GENERALISED),
    AtMost(0.2),
)
claims.ours(
    "grokfast.coupled_sixth", "not in the report",
    "With coupled decay divided by the filter's gain of 6 a net without the filter generalises as early (ratio of "
    "the steps of 95 %).",
    experiment("coupled_sixth").crossing("test_accuracy", GENERALISED)
    / experiment("coupled_grokfast").crossing("test_accuracy", GENERALISED),
    AtMost(1, of="mean"),
    "It has most of the speed, not all.",
)
claims.ours(
    "grokfast.coupled_not_filter", "not in the report",
    "Coupled decay without the filter is as fast as the filter with decoupled decay (ratio of the steps of 95 %).",
    experiment("coupled_sixth").crossing("test_accuracy", GENERALISED) / filtered, AtMost(1.25, of="mean"),
)
for name, words in (
    ("grokfast_from_start", "If Grokfast amplifies from the first step, not from step w = 100, the net"),
    ("without_slow_part", "Without the slow part of the gradient the net"),
    ("slow_part_alone", "With only the slow part of the gradient the net"),
    ("coupled", "Without the filter a net with the coupled decay of Grokfast's publication, 0.01,"),
):
    claims.ours(
        f"grokfast.{name}_fits", "not in the report",
        f"{words} fits the training set (largest training accuracy). A net that does not says nothing about "
        "generalisation.",
        experiment(name).maximum("train_accuracy"), AtLeast(GENERALISED),
        NEVER_TRAINS if name == "coupled" else "",
    )
claims.ours(
    "grokfast.slower", "not in the report",
    "With its learning rate divided by the filter's gain of 6 Grokfast generalises earlier than AdamW with the whole "
    "rate (ratio of the steps of 95 %).",
    experiment("grokfast_slower").crossing("test_accuracy", GENERALISED)
    / experiment("transformer_0.5").beside("grokfast_slower").crossing("test_accuracy", GENERALISED),
    AtMost(0.9, of="mean"),
    "With steps as long as AdamW's, Grokfast does not accelerate.",
)

# Section 4.1: the slow part. White noise has 0.0205 of its power in periods above 100 steps.
slow_part = experiment("slow_part")
BELOW = 10 / 1024   # the last frequency below one cycle in 100 steps, the window of Grokfast's filter
early, late = (slow_part.where(window=window, frequency=BELOW) for window in ("before", "at"))
claims.paper(
    "spectrum.slow_at_generalisation", "§ 4.1",
    "Low-frequency components are learned late: the share of the gradient's power in periods "
    "above 100 steps is larger around generalisation than just after memorisation (ratio).",
    late.mean("share_below") / early.mean("share_below"), AtLeast(1.5, of="mean"),
)
claims.paper(
    "spectrum.fast_is_larger", "§ 4.1",
    "The high-frequency components of the parameters have the larger amplitude (share of the power "
    "of the parameters' oscillation in periods above 100 steps, just after memorisation).",
    early.mean("weight_share_below"), AtMost(0.5, of="mean"),
    "A parameter sums up its updates: its slow components are the larger ones.",
)
claims.ours(
    "spectrum.gradient_is_fast", "§ 4.1, of gradients",
    "The gradient has less of its power in low frequencies than white noise (share in periods "
    "above 100 steps, just after memorisation; white noise has 0.0205).",
    early.mean("share_below"), AtMost(0.0205, of="mean"),
)

slow = {window: slow_part.where(window=window, band="slow") for window in ("before", "at")}
fast = slow_part.where(window="at", band="fast")
with_filter = experiment("slow_part_grokfast").where(window="at", band="slow")
for name, words, part in (
    ("before", "just after memorisation", slow["before"]),
    ("at", "around generalisation", slow["at"]),
    ("grokfast", "around generalisation with Grokfast", with_filter),
):
    claims.check(
        f"bands.closure_{name}", "not in the report",
        "What all parts of the updates contribute adds up to the fall of the validation loss that was "
        f"measured, {words} (ratio; contributions that do not add up are not given).",
        part.mean("total_gain") / part.mean("fall"), Within(1, 0.1, of="each"),
    )
claims.ours(
    "bands.samples", "not in the report",
    "The 1 024 pairs on which the contributions are measured stand for the validation set (ratio "
    "of the falls of the loss around generalisation).",
    slow["at"].mean("fall") / slow["at"].mean("validation_fall"), Within(1, 0.25, of="each"),
)
claims.paper(
    "bands.slow_generalises", "§ 4.1",
    "In the process of generalisation the low-frequency part is learned: most of the fall of the "
    "validation loss comes from the slow part of the updates, which lasts 100 steps or more "
    "(contribution of the slow minus that of the fast part).",
    slow["at"].mean("gain") - fast.mean("gain"), AtLeast(0, of="mean"),
)
claims.ours(
    "bands.slow_later", "§ 4.1",
    "The slow part of the updates lowers the validation loss more around generalisation than "
    "just after memorisation (difference of the contributions).",
    slow["at"].mean("gain") - slow["before"].mean("gain"), AtLeast(0, of="mean"),
)
claims.ours(
    "bands.slow_is_efficient", "§ 4.1",
    "Around generalisation slow updates lower the validation loss more than fast updates of "
    "equal norm (difference of the contributions per unit of norm).",
    slow["at"].mean("gain_per_norm") - fast.mean("gain_per_norm"), AtLeast(0, of="mean"),
)
claims.paper(
    "bands.grokfast_speeds_up_slow", "§ 4.1",
    "Grokfast speeds the low-frequency part up: around generalisation the slow part of the updates "
    "lowers the validation loss more than without the filter, in as many steps (difference of the "
    "contributions).",
    with_filter.mean("gain") - slow["at"].mean("gain"), AtLeast(0, of="mean"),
)
claims.paper(
    "bands.grokfast_slow_gains", "§ 4.1",
    "With Grokfast the low-frequency part is learned: its slow updates lower the validation loss "
    "around generalisation (contribution).",
    with_filter.mean("gain"), AtLeast(0, of="mean"),
)

# Section 4.2: kernel, then rich
for name, words in (("mlp", "MLP"), ("quadratic_net", "quadratic net")):
    loss = experiment(f"loss_{name}")
    claims.ours(
        f"kernel.{name}_bounded", "§ 4.2, reference [3]",
        f"When the {words} has memorised, it is no better than a kernel method (squared loss on all "
        "pairs minus the bound).",
        loss.value_when("population_loss", "train_accuracy", 0.99) - loss.final("bound"), AtLeast(0),
    )
    claims.ours(
        f"kernel.{name}_beats_kernels", "§ 4.2, reference [3]",
        f"When the {words} has generalised, it is better than any kernel method (squared loss on all "
        "pairs minus the bound).",
        loss.value_when("population_loss", "test_accuracy", GENERALISED) - loss.final("bound"), AtMost(0),
    )
mlp_kernel = experiment("linearised_mlp")
claims.ours(
    "kernel.linearised_mlp_fits", "not in the report",
    "The tangent kernel of the MLP at its initialisation fits the training set (smallest training "
    "accuracy).",
    mlp_kernel.minimum("train_accuracy"), AtLeast(0.9),
)
claims.ours(
    "kernel.linearised_mlp_fails", "§ 4.2, reference [3]",
    "The tangent kernel of the MLP does not learn addition (largest accuracy on pairs trained on "
    "in neither order).",
    mlp_kernel.maximum("unmirrored_accuracy"), AtMost(0.1),
)
claims.ours(
    "kernel.linearised_mlp_mirrors", "not in the report",
    "The tangent kernel of the MLP does not even learn that addition commutes (largest accuracy "
    "on pairs whose other order was trained on; seen at p = 31 before the rule was fixed).",
    mlp_kernel.maximum("mirrored_accuracy"), AtMost(0.5),
)
# In the kernel regime of Lyu et al. (reference [5], Theorem 3.4) the norm of the weights may change,
# and with it the size of the kernel, but not its direction. Their own net is the measure: 0.1 is far
# above what it turns by. A kernel that is learned is one in which equal answers are alike.
for name, words in (
    *(("transformer", "transformer"), ("mlp", "MLP"), ("lstm", "LSTM")),
    *(("relu_net", "ReLU net of reference [5]"), ("quadratic_net", "quadratic net of Gromov")),
):
    drift, by_adam = experiment(f"kernel_{name}"), name in ("transformer", "mlp", "lstm")
    add, of = (claims.paper, "mean") if by_adam else (claims.ours, "each")
    add(
        f"kernel.{name}_lazy", "§ 4.2, reference [5]",
        f"Early the {words} is in the kernel regime: when the training set is memorised its tangent "
        "kernel still has the direction that it had at the start, whatever its size (1 minus the "
        "cosine, at 99 % training accuracy).",
        drift.value_when("kernel_distance", "train_accuracy", 0.99), AtMost(0.1, of=of), NEVER_LAZY if by_adam else "",
    )
    claims.ours(
        f"kernel.{name}_keeps_size", "§ 4.2, growth included",
        f"The tangent kernel of the {words} has not grown either (‖K - K₀‖ / ‖K₀‖ at 99 % training "
        "accuracy).",
        drift.value_when("kernel_change", "train_accuracy", 0.99), AtMost(0.1),
        "It grows many times: the net is not lazy in the sense of Chizat et al. 2019.",
    )
    add(
        f"kernel.{name}_rich", "§ 4.2, reference [5]",
        f"Later the {words} leaves the kernel regime and learns features: between memorisation and "
        "generalisation its tangent kernel aligns with the answers (difference of the cosines between "
        "K and the kernel of equal answers).",
        drift.value_when("kernel_alignment", "test_accuracy", GENERALISED)
        - drift.value_when("kernel_alignment", "train_accuracy", 0.99),
        AtLeast(0.1, of=of),
    )

# Section 4.2, reference [3]: how many samples, and whether regularisation is crucial
claims.paper(
    "samples.decay_needs_fewer", "§ 4.2, reference [3]",
    "Regularised nets generalise from samples from which nets in the kernel regime do not (the MLP "
    "of Figure 2 at α = 0.5: accuracy on pairs trained on in neither order, largest in training, "
    "minus that of its tangent kernel at initialisation).",
    mlp_kernel.mean("trained_unmirrored_accuracy") - mlp_kernel.mean("unmirrored_accuracy"), AtLeast(0.9),
)
samples = {decay: experiment(f"critical_samples_{decay}") for decay in ("decay", "no_decay")}
claims.paper(
    "samples.decay", "§ 4.2, reference [3]",
    "Regularised nets need far fewer samples than a constant fraction: at most of the order "
    "p^(5/3) (exponent in p).",
    samples["decay"].slope("samples", against="p"), AtMost(5 / 3),
)
claims.ours(
    "samples.no_decay", "§ 4.2, not in the kernel regime",
    "AdamW without decay, too, needs a constant fraction of all data (exponent in p of the number of "
    "samples).",
    samples["no_decay"].slope("samples", against="p"), Within(2, 0.15),
    "Without decay too the fraction falls with p, for moduli from 23 to 97: AdamW is biased towards "
    "solutions that generalise.",
)
claims.ours(
    "samples.decay_against_none", "§ 4.2, not in the kernel regime",
    "With decay AdamW needs half as many samples as without (ratio at p = 97).",
    samples["decay"].where(p=97).mean("samples") / samples["no_decay"].where(p=97).mean("samples"), AtMost(0.5),
    "Hardly fewer, one step of our grid of fractions: AdamW is biased without decay, too.",
)
claims.paper(
    "samples.larger_p_is_harder", "§ 2",
    "A larger p corresponds to a harder problem: a larger fraction of the pairs is needed (exponent in p of the "
    "critical fraction; quadratic net with decay).",
    samples["decay"].slope("observed", against="p"), AtLeast(0),
    "At a fixed fraction it is the reverse: the fraction needed falls from p = 23 to 97.",
)
claims.ours(
    "samples.larger_p_needs_more", "§ 2, in numbers of pairs",
    "… in numbers of training pairs a larger p is harder (exponent in p of the critical number).",
    samples["decay"].slope("samples", against="p"), AtLeast(0.5),
)
unregularised, strong = (experiment(name) for name in ("no_decay", "decay_1"))
net_of_figure_1 = experiment("transformer_0.5")
claims.paper(
    "regularisation.crucial", "§ 4.2",
    "Regularisation is crucial for late generalisation: without decay the transformer at α = 0.5 "
    "takes at least twice as many steps to generalise (ratio of the steps of 95 %).",
    unregularised.crossing("test_accuracy", GENERALISED) / net_of_figure_1.crossing("test_accuracy", GENERALISED),
    AtLeast(2),
)
claims.ours(
    "regularisation.not_to_begin", "§ 4.2",
    "Generalisation begins without it: without decay validation accuracy passes 50 % as early as "
    "with the report's decay, 0.05 (ratio of the steps).",
    unregularised.crossing("test_accuracy", RISEN) / net_of_figure_1.crossing("test_accuracy", RISEN),
    WithinFactor(1, 1.5, of="mean"),
)
for level, words in ((RISEN, "begins"), (GENERALISED, "ends")):
    claims.ours(
        f"regularisation.strong_{words}", "§ 4.2",
        f"With decay 1 generalisation {words} at least three times sooner than with 0.05 (ratio of "
        f"the steps of {100 * level:g} %).",
        strong.crossing("test_accuracy", level) / net_of_figure_1.crossing("test_accuracy", level),
        AtMost(1 / 3, of="mean"),
    )

# What is learned
progress = experiment("progress")
claims.ours(
    "learned.few_frequencies", "Nanda et al. 2023",
    "At most ten of 48 frequencies hold 90 % of the power of the outputs as a function of a + b "
    "(their number).",
    progress.final("key_frequencies"), AtMost(10),
)
claims.ours(
    "learned.restricted", "Nanda et al. 2023",
    "In the end the key frequencies alone give the right outputs on all pairs (restricted loss).",
    progress.final("restricted_loss"), AtMost(0.1),
)
claims.ours(
    "learned.excluded", "Nanda et al. 2023",
    "In the end the net without its key frequencies no longer knows the training set (excluded "
    "loss, at least that of chance, log 97).",
    progress.final("excluded_loss"), AtLeast(4.57),
    "The other frequencies, a tenth of the power, still give most of the training pairs.",
)

# Section 3.4: what K = 2 and larger K share
for operands in (3, 4):
    name = "triples_pretrained" if operands == 3 else "sums_of_4"
    claims.ours(
        f"shared.zero_shot_{operands}", "not in the report",
        f"The net trained on K = 2 is better than chance on K = {operands} before training on it "
        "(accuracy; chance is 1/97).",
        experiment(name).value_at("test_accuracy", 0), AtLeast(0.02),
        "The output for a longer sum is at a position where the net for pairs was never trained.",
    )
claims.ours(
    "shared.embedding", "not in the report",
    "With only the embedding learned from K = 2 the net generalises on K = 3 (largest validation "
    "accuracy).",
    experiment("triples_embedding").maximum("test_accuracy"), AtLeast(GENERALISED),
    "With only the embedding the net memorises, as from scratch: the layers hold what is shared.",
)
for operands in (3, 4):
    claims.ours(
        f"shared.frequencies_{operands}", "not in the report",
        f"After training on K = {operands} the spectrum of the embedding is still similar to that "
        "learned from K = 2 (correlation of the power by frequency; seen before the rule was "
        "fixed).",
        experiment(f"frequencies_{operands}").final("correlation"), AtLeast(0.5),
    )

# How many training samples do longer sums need after sums of two? (Seen with one seed before the rules
# were fixed: for K = 4 between 10⁴ and 2·10⁴, at another start.)
sizes = {name: experiment(f"sizes_{name}") for name in ("after_pairs", "from_scratch", "with_embedding", "with_layers")}
critical = experiment("critical_sizes")
claims.ours(
    "sizes.critical_at_4", "not in the report",
    "After sums of two a net generalises to K = 4 (50 % of the others right) from a critical number of training "
    "samples on, about 1.4·10⁴ of 8.9·10⁷.",
    critical.where(operands=4).mean("samples"), WithinFactor(14142, 1.5),
)
claims.ours(
    "sizes.chance_below", "not in the report",
    "With 5000 training samples, a third of that, K = 4 stays at chance (largest validation accuracy).",
    sizes["after_pairs"].where(operands=4, observed=5000).mean("largest_test_accuracy"), AtMost(0.1),
)
claims.ours(
    "sizes.not_from_scratch", "not in the report",
    "Without sums of two 4·10⁴ training samples are not enough for K = 4 (largest validation accuracy).",
    sizes["from_scratch"].where(operands=4, observed=40000).mean("largest_test_accuracy"), AtMost(0.1),
)
claims.ours(
    "sizes.grows_with_operands", "not in the report",
    "K = 5 needs more training samples than K = 4 (ratio of the critical numbers).",
    critical.where(operands=5).mean("samples") / critical.where(operands=4).mean("samples"), AtLeast(1.2),
)
claims.ours(
    "sizes.grows_with_p", "not in the report",
    "For K = 4 the critical number grows with p, from 37 to 97 by at least the ratio of p (ratio).",
    critical.where(operands=4).mean("samples") / experiment("critical_sizes_37").where(operands=4).mean("samples"),
    AtLeast(97 / 37),
)
claims.ours(
    "sizes.slower_than_sums", "not in the report",
    "… but by less than the number p⁴ of all sums (ratio of the critical fractions at p = 97 and 37, at most 1/4).",
    critical.where(operands=4).mean("samples") / experiment("critical_sizes_37").where(operands=4).mean("samples"),
    AtMost((97 / 37) ** 4 / 4),
)
for kept, words in (("embedding", "the embedding alone is"), ("layers", "the layers without the embedding are")):
    claims.ours(
        f"sizes.{kept}_enough_at_3", "not in the report",
        f"For K = 3 with 10⁴ training samples {words} enough (largest validation accuracy; a run ends at 50 %).",
        sizes[f"with_{kept}"].where(operands=3, observed=10000).mean("largest_test_accuracy"), AtLeast(RISEN),
    )

# Does the sentence about α = 0.5 depend on the decay, or on settings that the report leaves open?
OPEN = {
    "pre_norm": "with layer norms before attention and feed-forward net", "no_norm": "without layer norms",
    "gelu": "with GELU", "sinusoidal": "with sinusoidal positions", "no_positions": "without positions",
    "smaller_start": "with half the initial weights", "larger_start": "with twice the initial weights",
    "beta2_0.999": "with β₂ = 0.999", "no_warm_up": "without warm-up", "no_decay": "without weight decay",
    "decay_0.01": "with weight decay 0.01", "decay_1": "with weight decay 1",
    "exact_residuals": "without the rounding errors of softmax",
}
for name, words in OPEN.items():
    claims.ours(
        f"sensitivity.{name}", "§ 3.1, other settings",
        f"At α = 0.5 validation accuracy starts to rise at about 100 epochs also {words} (epoch of 20 %, within a "
        "factor 2).",
        experiment(name).where(along="epoch").crossing("test_accuracy", STARTED), WithinFactor(100, 2),
    )
claims.ours(
    "rounding.delays", "not in the report",
    "The rounding errors of softmax in float32 change the time to generalise: without them the net of Figure 1 takes "
    "at least twice as long (ratio of the steps of 95 %).",
    experiment("exact_residuals").crossing("test_accuracy", GENERALISED) / adamw, AtLeast(2, of="mean"),
)
claims.ours(
    "rounding.norm", "not in the report",
    "Rounding errors make the norm grow once the training set is fitted: after 2000 epochs on pairs it is at least "
    "twice as large as without them (ratio of the final norms).",
    experiment("pair_net").final("parameter_norm") / experiment("pair_net_exact").final("parameter_norm"),
    AtLeast(2, of="mean"),
)

# The same sentences under other settings (docs/settings.md): by configuration, as far as it got, and
# by how training accuracy is read.
RUNGS = (
    {"α = 0.5": "settings_0.5", "α = 0.7": "settings_0.7", "MLP": "mlp", "LSTM": "lstm"},
    {
        "α = 0.3": "settings_0.3", "α = 0.5": "settings_0.5_thrice", "Grokfast": "settings_grokfast",
        "without filter": "settings_0.5",
    },
    {
        "Adam": "settings_adam", "AdamW": "settings_adamw", "dropout": "settings_dropout", "SGD": "settings_sgd",
        "Nesterov": "settings_nesterov",
    },
)
REACHED = {   # the number of rungs, by the rule of docs/settings.md
    "ours": 3, "mamay": 1, "grokfast": 2, "power": 1,
    "slow": 1, "mamay_slow": 2, "grokfast_slow": 3, "power_slow": 1,
}
CALLED = {   # on the figure
    "ours": "ours", "mamay": "danielmamay/grokking", "grokfast": "ironjr/grokfast", "power": "openai/grok",
    "slow": "ours, β₂ = 0.999", "mamay_slow": "danielmamay/grokking, β₂ = 0.999",
    "grokfast_slow": "ironjr/grokfast, β₂ = 0.999", "power_slow": "openai/grok, β₂ = 0.999",
}
READINGS = {"": "train_accuracy", "; running mean": "epoch_accuracy"}


def configured(configuration: str, rungs: int) -> dict[str, str]:
    """Return the experiments that play each part under a configuration, on its first `rungs`."""
    played = {part: name for rung in RUNGS[:rungs] for part, name in rung.items()}
    return {part: name + suffix(configuration, part) * name.startswith("settings") for part, name in played.items()}


def suffix(configuration: str, part: str) -> str:
    """Return what the experiment of a part is called under a configuration besides its own name."""
    with_adam = part not in ("SGD", "Nesterov")  # which have neither β₂ nor warm-up
    own = configuration if with_adam else configuration.removesuffix("slow").removesuffix("_")
    return f"-{own}" if own not in ("ours", "") else ""


settings: dict[str, Claims] = {}
for configuration, rungs in REACHED.items():
    for reading, column in READINGS.items():
        settings[CALLED[configuration] + reading] = Claims()
        sentences(settings[CALLED[configuration] + reading], configured(configuration, rungs), column)

# The last rung, for the net that leads: longer sums from three states, with three sizes of the training set.
STARTS = {
    "generalised": "where pairs generalise", "end": "after 2000 epochs", "exact": "after 2000 epochs, exact softmax",
}
SIZES = {"": "5 000", "-10k": "10 000", "-20k": "20 000"}
for start, state in STARTS.items():
    for size, number in SIZES.items():
        three = f"settings_{start}{size}"
        longer = {"scratch": "settings_scratch", "K = 3": three, "K = 4": f"{three}-four", "K = 6": f"{three}-six"}
        sentences(settings.setdefault(f"ours; {number} samples {state}", Claims()), longer)
