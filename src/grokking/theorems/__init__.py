"""What the papers prove or say of many nets at once, put to the test: frozen dataclasses of sizes with a `table(seed)`.

The table is the evidence: a theorem's two sides, a closed form's accuracy, the end of every net of a sweep. No run is
behind it that anyone would want to resume: it takes seconds to minutes. To add one: a file here and a line in
`THEOREMS`.
"""

from typing import Protocol

import pandas as pd

from grokking.theorems.classification import ClassificationTransition
from grokking.theorems.decay_error import DecayError
from grokking.theorems.generalisation import Generalisation
from grokking.theorems.ipr_values import IPRValues
from grokking.theorems.label_noise import LabelNoise
from grokking.theorems.neuron_phases import NeuronPhases
from grokking.theorems.preactivations import Preactivations
from grokking.theorems.recovery import Recovery
from grokking.theorems.regression import RegressionTransition
from grokking.theorems.regularised_training import RegularisedTraining
from grokking.theorems.training_sweep import TrainingSweep
from grokking.theorems.wave_accuracy import WaveAccuracy


class Theorem(Protocol):
    """Sizes, and what is computed at them."""

    def table(self, seed: int) -> pd.DataFrame:
        """The evidence for one draw of the data, tidy."""


THEOREMS: dict[str, type[Theorem]] = {
    "classification_transition": ClassificationTransition,
    "regression_transition": RegressionTransition,
    "recovery": Recovery,
    "decay_error": DecayError,
    "generalisation": Generalisation,
    "label_noise": LabelNoise,
    "wave_accuracy": WaveAccuracy,
    "training_sweep": TrainingSweep,
    "preactivations": Preactivations,
    "neuron_phases": NeuronPhases,
    "ipr_values": IPRValues,
    "regularised_training": RegularisedTraining,
}

__all__ = ["THEOREMS", "Theorem"]
