"""The same planted mistakes before other gradient checkers, and how long each takes.

    pip install 'bpsym[bench]'
    python benchmarks/mutations/side_by_side.py

Every checker is used as its documentation shows, with its own defaults: the declared loss of all
parameters in one vector, and beside it the gradient that the code with the mistake gives. It says
right or wrong; a mistake that it calls right is accepted. Left out are mistakes that are no wrong
number in a gradient: shapes, state, and the loss itself.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
from planted import Implementation, Planted
from run import IMPLEMENTATIONS, judge, source_of

import bpsym
from bpsym.errors import BpsymError
from bpsym.verify.adapters.choose import read_target
from bpsym.verify.adapters.declared import declared
from bpsym.verify.adapters.route import Options
from bpsym.verify.numbers.points import choose_points
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.report import Verdict
from bpsym.verify.running.sandbox import LocalRunner

Array = npt.NDArray[np.float64]
LEFT_OUT = ("state", "loss")
SHAPES = ("shape", "bias-unsummed", "bias-axis", "not-finite")
# SciPy gives the norm of the difference and leaves the judgement to its user.
SCIPY_ACCEPTS = 1e-5


@dataclass(frozen=True)
class Question:
    """Is ``gradient`` the gradient of ``loss`` at ``at``?

    one_pass: loss and gradient of the emitted module, the unit of time.
    """

    loss: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    at: Array
    one_pass: Callable[[], object]


def by_torch(question: Question, *, fast: bool = False) -> bool:
    """``torch.autograd.gradcheck``."""
    import torch

    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):  # type: ignore[no-untyped-def]
            ctx.save_for_backward(x)
            return torch.tensor(question.loss(x.detach().numpy()), dtype=torch.float64)

        @staticmethod
        def backward(ctx, upstream):  # type: ignore[no-untyped-def]
            (x,) = ctx.saved_tensors
            return upstream * torch.from_numpy(question.gradient(x.detach().numpy()))

    x = torch.tensor(question.at, dtype=torch.float64, requires_grad=True)
    return bool(torch.autograd.gradcheck(Loss.apply, (x,), raise_exception=False, fast_mode=fast))


def by_jax(question: Question) -> bool:
    """``jax.test_util.check_grads``, in reverse."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    number = jax.ShapeDtypeStruct((), np.float64)
    vector = jax.ShapeDtypeStruct(question.at.shape, np.float64)

    @jax.custom_vjp
    def loss(x):  # type: ignore[no-untyped-def]
        return jax.pure_callback(lambda v: np.float64(question.loss(np.asarray(v))), number, x)

    def forward(x):  # type: ignore[no-untyped-def]
        return loss(x), x

    def backward(x, upstream):  # type: ignore[no-untyped-def]
        found = jax.pure_callback(lambda v: question.gradient(np.asarray(v)), vector, x)
        return (upstream * found,)

    loss.defvjp(forward, backward)
    try:
        check_grads(loss, (question.at,), order=1, modes=["rev"])
    except AssertionError:
        return False
    return True


def by_scipy(question: Question) -> bool:
    """``scipy.optimize.check_grad``."""
    from scipy.optimize import check_grad

    return bool(check_grad(question.loss, question.gradient, question.at) < SCIPY_ACCEPTS)


def by_autograd(question: Question) -> bool:
    """``autograd.test_util.check_grads``, in reverse."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    loss = primitive(question.loss)
    defvjp(loss, lambda _, x: lambda upstream: upstream * question.gradient(x))
    try:
        check_grads(loss, modes=["rev"], order=1)(question.at)
    except AssertionError:
        return False
    return True


CHECKERS: dict[str, Callable[[Question], bool]] = {
    "torch gradcheck": by_torch,
    "torch gradcheck, fast": lambda question: by_torch(question, fast=True),
    "JAX check_grads": by_jax,
    "SciPy check_grad": by_scipy,
    "autograd check_grads": by_autograd,
}


@dataclass
class Score:
    """What a checker accepted, by loss scale, and how long it took."""

    accepted: dict[float, int] = field(default_factory=dict)
    alarms: int = 0
    passes: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self, name: str, scales: list[float]) -> str:
        """A line of the table."""
        accepted = " | ".join(str(self.accepted.get(scale, 0)) for scale in scales)
        passes, seconds = np.median(self.passes), np.median(self.seconds)
        return f"| {name} | {accepted} | {self.alarms} | {passes:.0f} | {1e3 * seconds:.0f} ms |"


@cache
def declared_as(name: str, scale: float, folder: Path) -> tuple[Reference, ModuleType]:
    """The derivation of an implementation's network, and its emitted module."""
    network = folder / f"{name}_asked.toml"
    here = Path(__file__).resolve().parent / "networks" / f"{name}.toml"
    text = here.read_text(encoding="utf-8").replace("SCALE", repr(scale))
    # The loss is given rows of one-hot vectors, whatever the code takes.
    network.write_text(text.replace('targets = "labels"\n', ""), encoding="utf-8")
    derivation = bpsym.derive(str(network))
    return Reference(derivation), bpsym.load(str(network), prove=False)


def question_of(each: Implementation, source: str, scale: float, folder: Path) -> Question:
    """The declared loss and the gradient of a source, of one vector."""
    file = folder / f"{each.name}_asked.py"
    file.write_text(source, encoding="utf-8")
    reference, module = declared_as(each.name, scale, folder)
    derivation = reference.derivation
    point = choose_points(reference).generic[0]
    runner = LocalRunner()
    answer = runner.request({"do": "load", "path": str(file), "name": each.target}, each.target)
    reading = read_target(
        runner, answer["value"], reference, declared(derivation), point, Options()
    )
    names = list(point.params)
    shapes = [point.params[name].shape for name in names]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def params_of(x: Array) -> dict[str, Array]:
        parts = np.split(np.asarray(x, float), ends[:-1])
        return {n: p.reshape(s) for n, p, s in zip(names, parts, shapes, strict=True)}

    (X,), (Y,) = point.inputs.values(), point.targets.values()

    def gradient(x: Array) -> Array:
        seen = reading.observe(replace(point, params=params_of(x))).grads
        return np.concatenate([np.ravel(seen[name]) for name in names])

    start = np.concatenate([np.ravel(point.params[name]) for name in names])
    return Question(
        lambda x: float(module.loss(params_of(x), X, Y)),
        gradient,
        start,
        lambda: module.loss_and_grads(params_of(start), X, Y),
    )


def asked(one: Planted) -> bool:
    """Whether a mistake is a wrong number in a gradient."""
    return not set(one.codes) & set(SHAPES) and not set(one.where) & set(LEFT_OUT)


def seconds_of(call: Callable[[], object]) -> tuple[float, object]:
    """Processor time, and the result."""
    started = time.process_time()
    result = call()
    return time.process_time() - started, result


def unit_of(question: Question) -> float:
    """The processor time of one forward and backward pass."""
    return seconds_of(lambda: [question.one_pass() for _ in range(20)])[0] / 20


def rows(only: str | None, every: int) -> Iterator[tuple[Implementation, Planted | None]]:
    """Every mistake that is asked about, and every implementation without one."""
    for each in IMPLEMENTATIONS:
        if only and each.name != only:
            continue
        yield each, None
        for one in [one for one in each.planted if asked(one)][::every]:
            yield each, one


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0, 1e-3, 1e-5])
    parser.add_argument("--only")
    parser.add_argument("--every", type=int, default=1, help="Ask about every so many mistakes.")
    options = parser.parse_args()
    scores = {name: Score() for name in (*CHECKERS, "bpsym verify")}
    count = 0
    tools = ("torch", "jax", "scipy", "autograd")
    print(", ".join(f"{tool} {version(tool)}" for tool in tools), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, scale in enumerate(options.scales, start=1):
            count = 0
            for each, one in rows(options.only, options.every):
                count += one is not None
                _ask(scores, each, one, scale, Path(folder))
            done = options.scales[:number]
            print(f"{count} mistakes; accepted at loss x " + ", ".join(f"{s:g}" for s in done))
            for name, score in scores.items():
                print(score.row(name, done), flush=True)


def _ask(
    scores: dict[str, Score], each: Implementation, one: Planted | None, scale: float, folder: Path
) -> None:
    source = source_of(each, one.edits if one else (), scale)

    def note(name: str, seconds: float, passes: float, *, right: bool) -> None:
        score = scores[name]
        score.seconds.append(seconds)
        score.passes.append(passes)
        if one is None:
            score.alarms += not right
        else:
            score.accepted[scale] = score.accepted.get(scale, 0) + right

    try:
        question = question_of(each, source, scale, folder)
        question.gradient(question.at)
    except (BpsymError, KeyError, ValueError):  # two targets are asked about by bpsym alone
        return
    unit = unit_of(question)
    for name, check in CHECKERS.items():
        seconds, right = seconds_of(lambda check=check: check(question))  # type: ignore[misc]
        note(name, seconds, seconds / unit, right=bool(right))
    seconds, report = seconds_of(lambda: judge(each, source, scale, 0, folder))
    right = getattr(report, "verdict", None) is Verdict.PASS
    note("bpsym verify", seconds, seconds / unit, right=right)


if __name__ == "__main__":
    main()
