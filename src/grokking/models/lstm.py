"""The LSTM of the course report's Figure 2."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.models.token_net import TokenNet
from grokking.parts.fields import Size

if TYPE_CHECKING:
    from grokking.data.sums import SumData
    from grokking.nets.sum_objective import SumObjective


@dataclass(frozen=True, kw_only=True)
class LSTM(TokenNet):
    """An LSTM on one-hot tokens, which answers at the last token.

    It has `layers` layers of `width` units, initialised like torch.nn.LSTM.
    """

    layers: Size = 2
    width: Size = 512

    name: ClassVar = "lstm"

    def objective(self, data: "SumData", seed: int) -> "SumObjective":
        """Return the mean loss over the training set; parameters start from U(±1 / √width)."""
        from grokking.nets.recurrent_net import RecurrentNet
        from grokking.nets.sum_objective import SumObjective
        from grokking.nets.uniform_weights import uniform_weights

        net = RecurrentNet(data.p, self.layers, self.width)
        sizes = dict.fromkeys(net.layout.shapes, self.width)
        initial = uniform_weights(net.layout, sizes, seed, self.dtype)
        return SumObjective(data, net, initial, self.loss, self.exact_residuals)
