"""Loss and all gradients of emitted modules, as ratios to a floor measured in the same process.

    python benchmarks/gradients.py [--net c]

The floor is what no numpy code can leave out: the matrix products (forward, dW, and dA of every
layer but the first) with ``out=``, and one pass of each activation with ``out=``. Beside it stands
what tutorials write. Times are CPU times of one thread, so that a busy machine disturbs them less;
each ratio is the median over rounds in which all candidates take turns.
"""

from __future__ import annotations

import os

# Read by OpenBLAS when numpy is imported: one thread, and the kernels of the machine at hand.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

import bpsym

Params = dict[str, np.ndarray]
ROUNDS = 15
ROUND_SECONDS = 0.03


@dataclass(frozen=True)
class Net:
    """A network to measure: act is the hidden activation, output that of the last layer."""

    sizes: tuple[int, ...]
    act: str
    output: str
    m: int
    at_most: float

    @property
    def spec(self) -> str:
        """The shorthand that bpsym takes."""
        hidden = "-".join(f"{size}:{self.act}" for size in self.sizes[1:-1])
        return f"{self.sizes[0]}-{hidden}-{self.sizes[-1]}:{self.output}"

    @property
    def title(self) -> str:
        """What the table says."""
        sizes = "-".join(map(str, self.sizes))
        if len(self.sizes) > 5:
            sizes = f"{self.sizes[0]} x {len(self.sizes) - 1} layers"
        return f"{sizes} {self.act}, {self.output}, m {self.m}"


# at_most: what the readable style may take, times the floor: its goal on c, elsewhere what careful
# hand-written numpy was once measured to take.
NETS = {
    "a": Net((2, 3, 3, 1), "sigmoid", "sigmoid", 1, at_most=3.6),
    "b": Net((2, 3, 3, 1), "sigmoid", "sigmoid", 256, at_most=3.2),
    "c": Net((784, 128, 10), "tanh", "softmax", 64, at_most=1.15),
    "d": Net((784, 512, 512, 10), "relu", "softmax", 128, at_most=1.67),
    "e": Net((64,) * 21, "tanh", "tanh", 32, at_most=1.40),
    "f": Net((1024,) * 4, "sigmoid", "sigmoid", 256, at_most=1.24),
}


def sigmoid(z: np.ndarray) -> np.ndarray:
    """As tutorials have it; it overflows for z < -709."""
    return 1 / (1 + np.exp(-z))


def softmax(z: np.ndarray) -> np.ndarray:
    """The rows of z as probabilities."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(0, z), lambda z: (z > 0).astype(z.dtype)),
}


def tutorial(net: Net, params: Params, X: np.ndarray, Y: np.ndarray) -> tuple[float, Params]:
    """Samples turned to columns, z kept, f'(z) computed from z again, 1/m at the end."""
    layers, m = len(net.sizes) - 1, len(X)
    A, Z = [X.T], []
    for l in range(1, layers + 1):
        z = np.dot(params[f"W{l}"], A[-1]) + params[f"b{l}"][:, None]
        last = l == layers
        if last and net.output == "softmax":
            a = softmax(z.T).T
        else:
            a = ACTIVATIONS[net.output if last else net.act][0](z)
        Z.append(z)
        A.append(a)
    if net.output == "softmax":
        C = -np.sum(Y.T * np.log(A[-1])) / m
        dZ = A[-1] - Y.T
    else:
        C = np.sum((A[-1] - Y.T) ** 2) / (2 * m)
        dZ = (A[-1] - Y.T) * ACTIVATIONS[net.output][1](Z[-1])
    grads = {}
    for l in range(layers, 0, -1):
        grads[f"W{l}"] = np.dot(dZ, A[l - 1].T) / m
        grads[f"b{l}"] = np.sum(dZ, axis=1) / m
        if l > 1:
            dZ = np.dot(params[f"W{l}"].T, dZ) * ACTIVATIONS[net.act][1](Z[l - 2])
    return C, grads


def floor(net: Net, params: Params, X: np.ndarray) -> Callable[[], None]:
    """The products and the activations alone, into arrays that are there already."""
    layers, m = len(net.sizes) - 1, len(X)
    a = [X, *(np.empty((m, size)) for size in net.sizes[1:])]
    d = [np.ones((m, size)) for size in net.sizes]
    dW = [np.empty((out, into)) for into, out in zip(net.sizes, net.sizes[1:], strict=False)]
    # Small, so that exp of exp does not overflow; a product takes as long for any finite numbers.
    W = [1e-4 * params[f"W{l}"] for l in range(1, layers + 1)]
    passes = {"relu": lambda x, out: np.maximum(x, 0, out=out), "tanh": np.tanh}
    names = [net.act] * (layers - 1) + [net.output]
    act = [passes.get(name, np.exp) for name in names]

    def run() -> None:
        for l in range(layers):
            np.matmul(a[l], W[l].T, out=a[l + 1])
            act[l](a[l + 1], out=a[l + 1])
        for l in range(layers - 1, -1, -1):
            np.matmul(d[l + 1].T, a[l], out=dW[l])
            if l:
                np.matmul(d[l + 1], W[l], out=d[l])
        for each in d:
            each.fill(1.0)  # products of products would overflow over many calls

    return run


def fills(net: Net, m: int) -> Callable[[], None]:
    """The fills of ``floor``, which are not part of it and are taken off."""
    d = [np.ones((m, size)) for size in net.sizes]

    def run() -> None:
        for each in d:
            each.fill(1.0)

    return run


def seconds(run: Callable[[], object], number: int) -> float:
    """CPU time of one call, over ``number`` of them."""
    start = time.process_time()
    for _ in range(number):
        run()
    return (time.process_time() - start) / number


def measure(net: Net) -> tuple[float, float, float]:
    """The floor in seconds; tutorial and emitted code as ratios to it."""
    rng = np.random.default_rng(0)
    module = bpsym.load(net.spec, prove=False)
    params = module.init_params(rng)
    X = rng.standard_normal((net.m, net.sizes[0]))
    Y = np.eye(net.sizes[-1])[rng.integers(net.sizes[-1], size=net.m)]

    C, grads = module.loss_and_grads(params, X, Y)
    other_C, other = tutorial(net, params, X, Y)
    np.testing.assert_allclose(other_C, C, rtol=1e-10)
    for name, value in grads.items():
        np.testing.assert_allclose(other[name], value, rtol=1e-8, atol=1e-12)

    candidates = (
        floor(net, params, X),
        fills(net, net.m),
        lambda: tutorial(net, params, X, Y),
        lambda: module.loss_and_grads(params, X, Y),
    )
    numbers = [max(1, round(ROUND_SECONDS / max(seconds(each, 1), 1e-6))) for each in candidates]
    lows, slow, ours = [], [], []
    for _ in range(ROUNDS):
        times = [seconds(run, n) for run, n in zip(candidates, numbers, strict=True)]
        low = times[0] - times[1]
        lows.append(low)
        slow.append(times[2] / low)
        ours.append(times[3] / low)
    return median(lows), median(slow), median(ours)


def main() -> None:
    """Measure the nets that are named, or all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--net", action="append", choices=NETS, help="only this one")
    names = parser.parse_args().net or NETS
    print("| net | | floor, us | tutorial | emitted, readable | at most |")
    print("|---|---|---|---|---|---|")
    for name in names:
        net = NETS[name]
        low, slow, ours = measure(net)
        ratios = f"{slow:.2f} | {ours:.2f} | {net.at_most:.2f}"
        print(f"| {name} | {net.title} | {low * 1e6:.1f} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
