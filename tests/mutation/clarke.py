"""Mutants of the Clarke subgradients of a net with kinks, and of how near they come to balancing it."""

from tests.mutation import Mutant

SOLVED, READ = ("test_clarke.py",), ("test_kink_stationarity.py",)

MUTANTS = (
    Mutant(
        "a free derivative moves the weights of one token alone",
        "theory/clarke.py",
        "return flat[first] + flat[second] + flat[bias]",
        "return flat[first] + flat[bias]",
        SOLVED,
    ),
    Mutant(
        "the derivative of ReLU on a kink may lie between -1 and 1",
        "theory/clarke.py",
        "return self.span.clamp(max=0), self.span.clamp(min=0)",
        "return -self.span.abs(), self.span.abs()",
        SOLVED,
    ),
    Mutant(
        "free pre-activations count twice",
        "theory/clarke.py",
        "span * (x > 0) * ~free",
        "span * (x > 0)",
        SOLVED,
    ),
    Mutant(
        "the bias is left out of the first layer's gradient",
        "theory/clarke.py",
        "    gradient[2 * p] = span.sum(0)\n",
        "",
        SOLVED,
    ),
    Mutant(
        "the certificate asks for the largest instead of the least corner",
        "theory/clarke.py",
        "torch.where(self.slopes(y) * self.span < 0, self.span, 0.0)",
        "torch.where(self.slopes(y) * self.span > 0, self.span, 0.0)",
        SOLVED,
    ),
    Mutant(
        "the solver never looks at its certificate",
        "theory/nearest_gradient.py",
        "found = Nearest(u, float(rest.norm()) / size, along(rest, lowest) / size)",
        "found = Nearest(u, float(rest.norm()) / size, float(rest.norm()) / size)",
        SOLVED,
    ),
    Mutant(
        "the cone's bound is not made feasible",
        "theory/nearest_gradient.py",
        "return along(rest + lack / gain * g if lack else rest, theta)",
        "return along(rest, theta)",
        SOLVED,
    ),
    Mutant(
        "the cone's scale is not optimised",
        "theory/nearest_gradient.py",
        "rest = theta - inner(theta, g) / inner(g, g) * g",
        "rest = theta + g",
        SOLVED,
    ),
    Mutant(
        "nearness to a kink is not relative to the neuron",
        "analyses/kink_stationarity.py",
        "x.square().mean(0).sqrt()",
        "x.square().mean().sqrt()",
        READ,
    ),
    Mutant(
        "the control frees the same pre-activations",
        "analyses/kink_stationarity.py",
        "kthvalue(count).values) & ~near",
        "kthvalue(count).values) & near",
        READ,
    ),
    Mutant(
        "the speed forgets weight decay's share of the loss",
        "analyses/kink_stationarity.py",
        "    fall += decay / 2 * (squares.iloc[0] - squares.iloc[1])\n",
        "",
        READ,
    ),
    Mutant(
        "the residual is measured against the loss's force instead of weight decay's",
        "theory/nearest_gradient.py",
        "size, u = float(force.norm()), gradients.own",
        "size, u = float(gradients.at(gradients.own).norm()), gradients.own",
        SOLVED,
    ),
)
