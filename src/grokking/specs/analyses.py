"""Analyses: tables computed from theory, or from the final weights of finished runs. They train nothing.

`table(analysis, …)` in the module of the analysis's name computes it. An analysis with a field `of` names an experiment
whose runs it reads, one of the same seed: those of a model or on a kind of data that it `reads`, if it says so.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from grokking.specs.fields import Count, Factor, Fraction, NonNegative, Positive
from grokking.specs.part import registry
from grokking.tasks.expression import evaluate


@dataclass(frozen=True)
class ClassificationTransition:
    """Diagonal nets of a `depth` with exponential loss for each α of `scales`, λ = α^-p with p = `decay_exponent`."""

    n: Count
    d: Count
    k: Count
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    depth: Literal[2, 3] = 2

    name: ClassVar = "classification_transition"

    def __post_init__(self) -> None:
        if self.k % 2 == 0 or self.k > self.d:
            raise ValueError("k must be odd and at most d")


@dataclass(frozen=True)
class RegressionTransition:
    """A planted matrix [d, d] of a `rank`, a share `observed` of its pairs, for each α of `scales`; λ = α^-p.

    `perturbation` is σ of Theorem 3.12.
    """

    d: Count
    rank: Count
    observed: Fraction
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    perturbation: NonNegative = 0.0

    name: ClassVar = "regression_transition"

    def __post_init__(self) -> None:
        check_rank(self.rank, self.d)


@dataclass(frozen=True)
class DecayError:
    """A planted matrix [d, d] of a `rank`, a share `observed` of its pairs, for each λ of `weight_decays`.

    The flow starts from U, V ~ N(α I, σ²) entrywise, with α = `init_scale` and σ = `perturbation`.
    """

    d: Count
    rank: Count
    observed: Fraction
    weight_decays: tuple[Positive, ...]
    init_scale: Positive = 1.0
    perturbation: Positive = 0.1

    name: ClassVar = "decay_error"

    def __post_init__(self) -> None:
        check_rank(self.rank, self.d)


@dataclass(frozen=True)
class Recovery:
    """Planted matrices [d, d] of each rank of `ranks`, each share of `observed` of their pairs known."""

    d: Count
    ranks: tuple[Count, ...]
    observed: tuple[Fraction, ...]

    name: ClassVar = "recovery"

    def __post_init__(self) -> None:
        check_rank(max(self.ranks), self.d)


@dataclass(frozen=True)
class SampleComplexity:
    """The L`norm` max-margin classifier for each d of `dimensions` and k of `sparsities`.

    n runs over `multiples` of the scale that the theory names, k² log d for L1 and k d for L2. With probability
    1 - `failure` each bound of E.4 and E.5 holds.
    """

    norm: Literal[1, 2]
    dimensions: tuple[Count, ...]
    sparsities: tuple[Count, ...]
    multiples: tuple[Positive, ...]
    n_test: Count = 10_000
    failure: Fraction = 0.05

    name: ClassVar = "sample_complexity"

    def __post_init__(self) -> None:
        if any(k % 2 == 0 or k > min(self.dimensions) for k in self.sparsities):
            raise ValueError("sparsities must be odd and at most the smallest of the dimensions")


@dataclass(frozen=True)
class WaveAccuracy:
    """The closed-form net for outer(first(n) + second(m)) on `function`, with each activation, amplitude and width."""

    p: Count
    widths: tuple[Count, ...]
    activations: tuple[Literal["square", "relu", "gelu"], ...] = ("square",)
    amplitudes: tuple[Literal["printed", "unit_peak"], ...] = ("unit_peak",)
    first: str = "n"
    second: str = "m"
    outer: str = "x"
    function: str = "n + m"

    name: ClassVar = "wave_accuracy"

    def __post_init__(self) -> None:
        evaluate(self.function, self.p, ("n", "m"))
        check_waves(self.p, self.first, self.second, self.outer)


@dataclass(frozen=True)
class IPRValues:
    """The inverse participation ratio of the exact solution and of random weights, nets of a `width` modulo p."""

    p: Count
    width: Count

    name: ClassVar = "ipr_values"

    def __post_init__(self) -> None:
        if self.p < 3:
            raise ValueError("p must be at least 3: below there is no wave")


@dataclass(frozen=True)
class Preactivations:
    """One output and one hidden neuron on all pairs: of the initial net, of the runs of `of`, and, unless `first` is
    empty, of the closed-form solution.

    `output` is the class q that is shown, and number k of the hidden neuron, which in the closed form has frequency k;
    of the trained ones, whose order means nothing, it is the one that comes nearest to a wave in n, m and q.
    """

    of: str
    first: str = ""
    second: str = ""
    outer: str = "x"
    output: Count = 6

    name: ClassVar = "preactivations"
    reads: ClassVar = ("quadratic_net",)


@dataclass(frozen=True)
class NeuronPhases:
    """Which wave each neuron of the trained nets of `of` carries, and whether its phases add up."""

    of: str

    name: ClassVar = "neuron_phases"
    reads: ClassVar = ("quadratic_net",)


@dataclass(frozen=True)
class KinkStationarity:
    """How near a Clarke subgradient of the loss comes to balancing θ, at the end of the runs of `of`: ReLU nets.

    A pre-activation counts as on the kink within each of `thresholds` of 0, in units of its neuron's root mean square.
    """

    of: str
    thresholds: tuple[NonNegative, ...]

    name: ClassVar = "kink_stationarity"
    reads: ClassVar = ("two_layer_net",)


@dataclass(frozen=True)
class TangentKernel:
    """How far the tangent kernel on so many `samples` has moved at the snapshots of the runs of `of`.

    It is the mean over so many random `directions` of the outputs.
    """

    of: str
    samples: Count = 64
    directions: Count = 4

    name: ClassVar = "tangent_kernel"
    reads_snapshots: ClassVar = True


@dataclass(frozen=True)
class CriticalSamples:
    """How many samples the nets of the sweep `of` need for every modulus: the fewest from which on all generalise."""

    of: str

    name: ClassVar = "critical_samples"
    reads: ClassVar = ("operation",)


@dataclass(frozen=True)
class SlowPart:
    """How slow gradient and updates are in windows of `length` steps of the runs of `of`, and what that is worth.

    Power spectra in time of some `coordinates` of the gradient; and what the validation loss gains by parts of the
    updates that are told apart by exponential averages over `times` steps, measured `every` so many steps.
    """

    of: str
    length: Count = 1024
    coordinates: Count = 1000
    times: tuple[Count, ...] = (10, 100, 1000)
    every: Count = 32

    name: ClassVar = "slow_part"
    reads: ClassVar = ("sum",)

    def __post_init__(self) -> None:
        if list(self.times) != sorted(set(self.times)):
            raise ValueError("times must be ascending")
        if self.length % self.every:
            raise ValueError("length must be a multiple of every")


@dataclass(frozen=True)
class PopulationLoss:
    """The squared loss on all pairs at the snapshots of the runs of `of`, beside what a kernel has."""

    of: str

    name: ClassVar = "population_loss"
    reads: ClassVar = ("quadratic_net", "sum")
    reads_snapshots: ClassVar = True


@dataclass(frozen=True)
class LinearisedNet:
    """What the nets of `of`, linearised at initialisation, learn in so many `iterations` of a least-squares fit."""

    of: str
    iterations: Count = 100

    name: ClassVar = "linearised_net"
    reads: ClassVar = ("sum",)


@dataclass(frozen=True)
class FourierProgress:
    """What the snapshots of the runs of `of`, nets for x₁ + x₂ on all pairs, have in Fourier modes of the sum.

    Symmetricity is averaged over `samples` random triples of a, b and an answer.
    """

    of: str
    samples: Count = 100

    name: ClassVar = "fourier_progress"
    reads: ClassVar = ("sum",)
    reads_snapshots: ClassVar = True


@dataclass(frozen=True)
class FourierSpectrum:
    """The power of each frequency in embedding and outputs at the end of the runs of `of`, nets for x₁ + x₂."""

    of: str

    name: ClassVar = "fourier_spectrum"
    reads: ClassVar = ("sum",)
    reads_snapshots: ClassVar = True


@dataclass(frozen=True)
class EmbeddingSpectrum:
    """The power of each frequency in the embedding of the runs of `of`, nets for sums, where they start and end."""

    of: str

    name: ClassVar = "embedding_spectrum"
    reads: ClassVar = ("sum",)


Analysis = (
    ClassificationTransition
    | RegressionTransition
    | DecayError
    | Recovery
    | SampleComplexity
    | WaveAccuracy
    | IPRValues
    | Preactivations
    | NeuronPhases
    | KinkStationarity
    | TangentKernel
    | CriticalSamples
    | SlowPart
    | PopulationLoss
    | LinearisedNet
    | FourierProgress
    | FourierSpectrum
    | EmbeddingSpectrum
)

ANALYSES: dict[str, type[Analysis]] = registry(
    ClassificationTransition,
    RegressionTransition,
    DecayError,
    Recovery,
    SampleComplexity,
    WaveAccuracy,
    IPRValues,
    Preactivations,
    NeuronPhases,
    KinkStationarity,
    TangentKernel,
    CriticalSamples,
    SlowPart,
    PopulationLoss,
    LinearisedNet,
    FourierProgress,
    FourierSpectrum,
    EmbeddingSpectrum,
)


def check_waves(p: int, first: str, second: str, outer: str) -> None:
    """Raise `ValueError` unless the three are polynomials in n, in m and in x."""
    for text, variable in ((first, "n"), (second, "m"), (outer, "x")):
        evaluate(text, p, (variable,))


def check_rank(rank: int, d: int) -> None:
    """Raise `ValueError` for a rank that no matrix [d, d] has."""
    if rank > d:
        raise ValueError(f"a rank of {rank} must be at most d, {d}")
