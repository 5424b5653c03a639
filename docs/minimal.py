"""How this repository trains nets, a screen per idea: `python docs/minimal.py` (half a minute).

1. A two-layer ReLU net groks addition mod p (Lyu et al. 2024, arXiv 2311.18817). Its gradient flow,
   integrated with steps that grow, takes about a thousandth of the gradients that descent takes.
2. A transformer reads a batch of sums as a tree of prefixes, and computes shared prefixes once.

The file needs numpy and torch alone. The package computes the same numbers faster (docs/design.md).
"""

import math
import zlib

import numpy as np
import torch
from torch.func import grad
from torch.nn.functional import cross_entropy, one_hot, relu

P = 23
TRAIN, TEST = 1, 2  # columns of a curve, whose rows are (step, train and test accuracy, gradients)


# 0. Data, random numbers, curves ------------------------------------------------------------------


def stream(purpose):
    """The random numbers for one purpose: named streams, so that no draw moves another."""
    return np.random.default_rng([0, zlib.crc32(purpose.encode()), 0])


def addition(fraction):
    """All pairs (a, b) [p², 2], their sums mod p [p²], and the train mask [p²]."""
    # "… randomly split … into training and test sets, and train a neural net on the training set to
    # predict c given input pair (a, b)."
    pairs = torch.cartesian_prod(torch.arange(P), torch.arange(P))
    train = torch.zeros(P * P, dtype=torch.bool)
    train[stream("train").permutation(P * P)[: int(fraction * P * P)]] = True
    return pairs, pairs.sum(1) % P, train


def looks(decades):
    """The steps at which a net is looked at: 0, then 24 in each decade [looks]."""
    return np.unique(np.rint([0, *np.logspace(0, decades, 24 * decades + 1)])).astype(int)


def accuracies(outputs, sums, train):
    """The fractions of the training and of the test set whose largest output is the sum."""
    right = (outputs.argmax(1) == sums).double()
    return float(right[train].mean()), float(right[~train].mean())


def watched(curve, column, level):
    """Yield the rows up to the first that reaches the level; print it and every twelfth before."""
    for i, (step, train, test, gradients) in enumerate(curve):
        reached = (step, train, test)[column] >= level
        if reached or i % 12 == 0:
            print(f"   step {step:9,d}: training {train:4.0%}, test {test:4.0%}", flush=True)
        yield step, train, test, gradients
        if reached:
            return


def crossing(curve, column, level):
    """The step at which a curve first reaches the level, interpolated on a log axis."""
    i = next(i for i, row in enumerate(curve) if row[column] >= level)
    before, after = curve[i - 1], curve[i]
    share = (level - before[column]) / (after[column] - before[column])
    return before[0] * (after[0] / before[0]) ** share


# 1a. A net: f(θ; x) = W₂ ReLU(W₁x + b₁), x = (e_a, e_b) (Lyu et al. 2024, eq. (1)) ----------------

WIDTH, ALPHA, LAMBDA, ETA, TOLERANCE = 256, 8, 1e-3, 0.002, 3e-3


def initial():
    """θ(0) [3p + 1, h]: the transpose of W₁, then b₁, then W₂, with a column for each neuron."""
    # "… we scale up the standard He initialization by a factor of α."
    W1 = ALPHA * math.sqrt(1 / P) * torch.from_numpy(stream("init").standard_normal((2 * P, WIDTH)))
    # "… we set the weights in the second layer to 0 so that the initial model output is always 0."
    return torch.cat([W1, torch.zeros(1 + P, WIDTH)])


def inputs():
    """The inputs x [p², 2p] of all pairs, their sums, and the train mask."""
    # "… we represent the input as the concatenation of the one-hot representations of a and b."
    pairs, sums, train = addition(0.8)
    return one_hot(pairs + torch.tensor([0, P]), 2 * P).sum(1).double(), sums, train


def net(theta, x):
    """f [m, p] for inputs x [m, 2p]."""
    W1, b1, W2 = theta.split([2 * P, 1, P])
    return relu(x @ W1 + b1) @ W2.T


def velocity_on(x, sums):
    """The function θ → θ' on samples x [m, 2p]; its attribute `evaluations` counts its calls."""

    def loss(theta):
        # "The neural net output is treated as logits and is fed into the standard cross-entropy
        # loss in training."
        return cross_entropy(net(theta, x), sums)

    def velocity(theta):
        # "… we consider minimizing the loss via gradient flow": θ' = -∇L(θ) - λθ.
        velocity.evaluations += 1
        return -grad(loss)(theta) - LAMBDA * theta

    velocity.evaluations = 0
    return velocity


# 1b. A step of RKL2: explicit, second order, stable far beyond Euler's (Meyer, Balsara, Aslam 2014)


def rkl2(velocity, y, dy, h, s):
    """y(t + h) in s stages, by the recursion of the Legendre polynomials (eqs. (15)–(17))."""
    b = [1 / 3, 1 / 3, *((j * j + j - 2) / (2 * j * (j + 1)) for j in range(2, s + 1))]
    w = 4 / (s * s + s - 2)
    before, now = y, y + b[1] * w * h * dy
    for j in range(2, s + 1):
        mu, nu = (2 * j - 1) / j * b[j] / b[j - 1], -(j - 1) / j * b[j] / b[j - 2]
        slope = velocity(now) - (1 - b[j - 1]) * dy
        before, now = now, mu * now + nu * before + (1 - mu - nu) * y + mu * w * h * slope
    return now


def stages(h_rho):
    """The least odd s ≥ 3 with hρ ≤ (s² + s - 2) / 2 (eq. (18)); s Euler steps reach hρ = 2s."""
    s = max(3, math.ceil((math.sqrt(9 + 8 * h_rho) - 1) / 2))
    return s + 1 - s % 2


def spectral_radius(velocity, y, dy, v):
    """ρ of the velocity's Jacobian, by power iteration from v, and the next v."""
    eps = 1e-8 * y.norm()
    for _ in range(2):  # enough: v is that of the last step, and turns slowly
        v = (velocity(y + eps * v / v.norm()) - dy) / eps
    return 1.2 * float(v.norm()), v  # the iteration approaches ρ from below


# 1c. A flow: steps as long as the error allows; observing it between them costs nothing ----------


def parabola(path, t):
    """y(t) on the parabola through the three points (t, y) of a path."""
    return sum(math.prod((t - s) / (r - s) for s, _ in path if s != r) * y for r, y in path)


def layer_norms(theta):
    """The norm of the layer that each row of θ belongs to, [3p + 1, 1]."""
    return torch.cat([part.norm().expand(len(part), 1) for part in theta.split([2 * P + 1, P])])


def local_error(path, t, y):
    """The error of a step to y(t), relative to each layer: h³y‴/15, with y‴ from y and the path.

    A 30th of what the parabola misses is the least: a short step hardly sees a jump in y‴. No slope
    enters, because a ReLU net slides along kinks, where y' jumps and y does not.
    """
    (t2, _), (t1, _), (t0, y0) = path
    share = max(0.4 * (t - t0) ** 2 / ((t - t1) * (t - t2)), 1 / 30)
    scale = torch.maximum(layer_norms(y0), layer_norms(y))
    return share * float(((y - parabola(path, t)) / scale).norm())


def flow(velocity, y):
    """Integrate y' = velocity(y) from t = 0; yield the last three points (t, y) after each step."""
    dy = velocity(y)
    rho, v = spectral_radius(velocity, y, dy, dy)
    h = 0.1 / rho
    path = [(-2 * h, y - 2 * h * dy), (-h, y - h * dy), (0.0, y)]  # straight before t = 0
    while True:
        t, y = path[-1]
        new = rkl2(velocity, y, dy, h, stages(h * rho))
        error = local_error(path, t + h, new) / TOLERANCE
        if error <= 1:
            y, dy = new, velocity(new)
            path = [*path[1:], (t + h, y)]
            yield path
        h *= min(2.0, max(0.2, 0.8 * (error + 1e-9) ** (-1 / 3)))
        rho, v = spectral_radius(velocity, y, dy, v)


def follow_flow():
    """Yield the rows of the net's curve, t = η · step; looks do not change the flow's steps."""
    x, sums, train = inputs()
    velocity = velocity_on(x[train], sums[train])
    paths = flow(velocity, initial())
    path = next(paths)
    for step in looks(7):
        while path[-1][0] < ETA * step:
            path = next(paths)
        theta = parabola(path, ETA * step)
        yield step, *accuracies(net(theta, x), sums, train), velocity.evaluations


# 2. A transformer on a tree of prefixes ("Penetrating the Grokking Phenomenon", 2024) -------------

LAYERS, HEADS, D = 2, 4, 32


def weights():
    """The parameters by name: embeddings N(0, 0.1²), other matrices N(0, 1 / fan-in)."""
    shapes = {"embedding": (P + 2, D), "positions": (4, D)}
    for i in range(LAYERS):
        shapes |= {f"query{i}": (D, D), f"key_value{i}": (2 * D, D), f"out{i}": (D, D)}
        shapes |= {f"up{i}": (4 * D, D), f"down{i}": (D, 4 * D)}
    init, W = stream("init"), {}
    for name, shape in (shapes | {"read_out": (P + 2, D)}).items():
        scale = 0.1 if name in ("embedding", "positions") else 1 / math.sqrt(shape[1])
        W[name] = (scale * torch.from_numpy(init.standard_normal(shape))).requires_grad_()
    return W


def sentences(pairs):
    """The tokens [m, 4] of pairs [m, 2]."""
    # "Each token "x", "+", "y", "=" … is embedded into a one-hot vector with length p+2."
    return torch.stack([pairs, torch.tensor([P, P + 1]).expand_as(pairs)], 2).flatten(1)


def prefix_tree(tokens):
    """The tree of samples `tokens` [m, T], with a row for each distinct prefix.

    In a causal net the state at a token depends on its prefix alone. Returns each row's last token
    and position [rows], the rows on its path from the root [rows, T], which of these exist
    [rows, T], and the row of each whole sample [m].
    """
    T, rows, total = tokens.shape[1], [], 0
    for t in range(T):
        distinct, number = tokens[:, : t + 1].unique(dim=0, return_inverse=True)
        rows.append(total + number)
        total += len(distinct)
    rows = torch.stack(rows, 1)  # [m, T]
    sample, position = torch.empty((2, total), dtype=torch.int64)
    sample[rows] = torch.arange(len(tokens))[:, None].expand_as(rows)  # any that passes through
    position[rows] = torch.arange(T).expand_as(rows)
    exists = torch.arange(T) <= position[:, None]
    return tokens[sample, position], position, rows[sample], exists, rows[:, -1]


def attention(q, k, v, paths, exists):
    """Each row's mean of v on its path, weighted by softmax(⟨q, k⟩ / √(d / heads)), [rows, d]."""
    q, k, v = (x.unflatten(1, (HEADS, -1)) for x in (q, k, v))  # [rows, heads, d / heads]
    scores = torch.einsum("rhd,rthd->rth", q, k[paths]) / math.sqrt(q.shape[2])
    shares = scores.masked_fill(~exists[:, :, None], -math.inf).softmax(1)
    return torch.einsum("rth,rthd->rhd", shares, v[paths]).flatten(1)


def outputs(W, tree):
    """The outputs [m, p + 2] of a decoder without norms or biases, read at the tokens "="."""
    token, position, paths, exists, sample = tree
    x = W["embedding"][token] + W["positions"][position]  # [rows, d]
    for i in range(LAYERS):
        k, v = (x @ W[f"key_value{i}"].T).chunk(2, 1)
        x = x + attention(x @ W[f"query{i}"].T, k, v, paths, exists) @ W[f"out{i}"].T
        x = x + relu(x @ W[f"up{i}"].T) @ W[f"down{i}"].T
    return x[sample] @ W["read_out"].T


def take_steps():
    """Yield the rows of the transformer's curve; each step sees the whole training set."""
    pairs, sums, train = addition(0.5)
    tokens, W = sentences(pairs), weights()
    whole, batch = prefix_tree(tokens), prefix_tree(tokens[train])
    # "… using the AdamW optimizer with weight decay 0.05 and learning rate 10^-3."
    adamw = torch.optim.AdamW(W.values(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.05)
    seen = set(looks(4))
    for step in range(10**4 + 1):
        if step in seen:
            yield step, *accuracies(outputs(W, whole).detach(), sums, train), step
        adamw.zero_grad()
        cross_entropy(outputs(W, batch), sums[train]).backward()
        adamw.step()


# 3. Both ------------------------------------------------------------------------------------------


def grok():
    """Print when the two-layer net memorises and generalises, and what the flow saves."""
    print(f"1. Gradient flow of a two-layer net on a + b mod {P}; step = t / η with η = {ETA}")
    curve = list(watched(follow_flow(), TEST, 0.8))
    fitted, grokked = crossing(curve, TRAIN, 0.99), crossing(curve, TEST, 0.5)
    gradients = next(row[3] for row in curve if row[TEST] >= 0.5)
    print(f"   training 99 % at step {fitted:.1e}, test 50 % at step {grokked:.1e}")
    print(f"   {grokked:.1e} gradients by descent, {gradients:.1e} by the flow")


def memorise():
    """Print what a tree saves, that it changes no output, and when the transformer memorises."""
    pairs, _, train = addition(0.5)
    tokens, W = sentences(pairs[train]), weights()
    tree = prefix_tree(tokens)
    states = len(tree[0])
    print(f"2. A transformer on {len(tokens)} sums: {states} states for {tokens.numel()} tokens")
    alone = torch.cat([outputs(W, prefix_tree(sample[None])) for sample in tokens])
    difference = (outputs(W, tree) - alone).abs().max()
    print(f"   outputs differ from those of each sum alone by {difference:.0e}")
    curve = list(watched(take_steps(), TRAIN, 0.99))
    fitted, test = crossing(curve, TRAIN, 0.99), curve[-1][TEST]
    print(f"   training 99 % at step {fitted:.1e}, test accuracy then {test:.0%}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    grok()
    memorise()
