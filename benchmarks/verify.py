# ruff: noqa: E402 - the number of threads is set before numpy is imported
"""How long the judgement takes: all gradients by differences, and a homework from start to end.

    python benchmarks/verify.py

Differences are given in forward and backward passes of the emitted module, the homework in seconds
of processor time of the whole process, the process of the judged code included.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is imported

import numpy as np

import bpsym
from bpsym.verify.numbers.crosscheck import by_nodes
from bpsym.verify.numbers.entries import by_entries
from bpsym.verify.numbers.points import random_point
from bpsym.verify.numbers.reference import Reference

ROUNDS = 5
LARGE, SAMPLES = "784-128:tanh-10:softmax", 16
HOMEWORK = "8-12:tanh-6:tanh-2"  # 200 parameters
CODE = """
import numpy as np

def backprop(params, X, Y):
    a1 = np.tanh(X @ params["W1"].T + params["b1"])
    a2 = np.tanh(a1 @ params["W2"].T + params["b2"])
    a3 = 1 / (1 + np.exp(-(a2 @ params["W3"].T + params["b3"])))
    d3 = (a3 - Y) * a3 * (1 - a3) / len(X)
    d2 = d3 @ params["W3"] * (1 - a2{power})
    d1 = d2 @ params["W2"] * (1 - a1**2)
    return {{"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0),
            "W3": d3.T @ a2, "b3": d3.sum(0)}}
"""


def seconds_of(call: Callable[[], object], times: int) -> float:
    """The mean processor time of a few calls."""
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) / times


def differences() -> None:
    """All gradients of a large network by differences, as multiples of one pass."""
    reference = Reference(bpsym.derive(LARGE))
    point = random_point(reference, SAMPLES, np.random.default_rng(0))
    reference.at(point)
    module = bpsym.load(LARGE)
    X, Y = point.inputs["X"], point.targets["Y"]
    count = sum(each.size for each in point.params.values())
    for name, check, goal in (("nodes", by_nodes, 25), ("entries", by_entries, 500)):
        ratios = []
        for _ in range(ROUNDS):  # side by side, so that a busy machine slows down both
            unit = seconds_of(lambda: module.loss_and_grads(dict(point.params), X, Y), 100)
            taken = seconds_of(lambda check=check: check(reference, point), 1)  # type: ignore[misc]
            ratios.append(taken / unit)
        print(f"| {count} entries by {name} | {np.median(ratios):.0f} passes | {goal} |")


def homework() -> None:
    """A command from start to end, for right code and for code with a mistake."""
    for what, power in (("right", "**2"), ("with a mistake", "")):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "homework.py"
            file.write_text(CODE.format(power=power), encoding="utf-8")
            command = [sys.executable, "-m", "bpsym", "verify", HOMEWORK, f"{file}:backprop"]
            found = []
            for _ in range(3):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        print(f"| homework of 200 parameters, {what} | {min(found):.2f} s | 2 s |")


if __name__ == "__main__":
    print("| what | time | goal |\n|---|---|---|")
    differences()
    homework()
