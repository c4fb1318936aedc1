"""Wrong derivations, and which of the proofs catches each of them.

A fault is planted in the calculus; the network is derived with it and proven by the untouched
proofs. ``steps`` are the equals signs of a derivation, ``rows`` the derivatives of activations,
``direction`` the whole network against dual numbers, ``brute_force`` against sympy's ``diff``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import sympy as sp

from bpsym.calculus import adjoint, delta
from bpsym.calculus.adjoint import Contribution
from bpsym.calculus.derivation import derive_system
from bpsym.calculus.rewrites import REWRITES, Rewrite
from bpsym.calculus.slopes.activation import A
from bpsym.calculus.system import SAMPLES, System
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.proof.prove import prove
from tests.proof.faults import failing, fresh, system_of
from tests.proof.networks import OTHERS, chain, dense

WHOLE = {"direction", "brute_force"}
TWO_LAYERS = "3-4:tanh-2:identity"
CLASSIFIER = "3-4:tanh-2:softmax,loss=cross_entropy"


@dataclass(frozen=True)
class Fault:
    """What is done to the calculus, to what network, and the proofs that must fail for it."""

    plant: Callable[[pytest.MonkeyPatch, System], None]
    declared: object
    caught_by: set[str]


def lose_reader(tensor: str, kind: str) -> Callable[[pytest.MonkeyPatch, System], None]:
    """The derivation does not see that this relation reads the tensor."""

    def plant(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
        kept = tuple(each for each in system.readers[tensor] if each.schema.label != kind)
        assert len(kept) < len(system.readers[tensor])
        monkeypatch.setitem(system.__dict__, "readers", {**system.readers, tensor: kept})

    return plant


def change_contributions(
    change: Callable[[list[Contribution]], list[Contribution]],
) -> Callable[[pytest.MonkeyPatch, System], None]:
    """The rule gives other contributions than it should."""

    def plant(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
        right = delta.pull_back
        monkeypatch.setattr(delta, "pull_back", lambda *args: change(right(*args)))

    return plant


def transpose(expr: sp.Expr) -> sp.Expr:
    """t[j,i] for every t[i,j] that is read beside an adjoint in a sum."""
    return expr.replace(
        lambda node: (
            isinstance(node, sp.Sum)
            and any(name_of(each).startswith("d") for each in node.atoms(sp.Indexed))
        ),
        lambda node: node.func(
            node.function.replace(
                lambda part: isinstance(part, sp.Indexed) and name_of(part).startswith("t"),
                lambda part: element(name_of(part), *reversed(part.indices)),
            ),
            *node.limits,
        ),
    )


def in_solved(change: Callable[[sp.Expr], sp.Expr]) -> Callable[..., list[Contribution]]:
    return lambda found: [replace(each, solved=change(each.solved)) for each in found]


def in_both(change: Callable[[sp.Expr], sp.Expr]) -> Callable[..., list[Contribution]]:
    return lambda found: [Contribution(change(each.stated), change(each.solved)) for each in found]


def activation(name: str, **forms: sp.Expr) -> Callable[[pytest.MonkeyPatch, System], None]:
    """An activation's derivative, or its form in the output, is another one."""

    def plant(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
        found = {
            each.schema.activation
            for each in system.relations
            if each.schema.activation is not None and each.schema.activation.name == name
        }
        assert found
        for each in found:
            for form, wrong in forms.items():
                monkeypatch.setitem(each.__dict__, form, wrong)
            if "short_slope" not in forms:
                short = type(each).__dict__["short_slope"].func(each)
                monkeypatch.setitem(each.__dict__, "short_slope", short)

    return plant


def rewrite(
    name: str, change: Callable[[sp.Expr, object], sp.Expr]
) -> Callable[[pytest.MonkeyPatch, System], None]:
    """A named rewrite does something else; ``change`` gets its result."""

    def plant(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
        assert name in {each.name for each in REWRITES}

        def wrong(right: Rewrite) -> Rewrite:
            def apply(expr: sp.Expr, context: object) -> sp.Expr:
                result = right.apply(expr, context)
                return change(result, context) if result != expr else result

            return replace(right, apply=apply)

        changed = tuple(wrong(each) if each.name == name else each for each in REWRITES)
        monkeypatch.setattr(delta, "REWRITES", changed)

    return plant


def flip_targets(expr: sp.Expr, context: object) -> sp.Expr:
    """p + y for p - y."""
    place = next(n for n in expr.atoms(sp.Indexed) if name_of(n) in context.sum_to_one)
    return expr.xreplace({place: -place})


def drop_guards(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    monkeypatch.setattr(adjoint, "_guards", lambda *arguments: [])


def drop_batch_mean(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    right = delta._upstream
    samples = sp.Symbol(SAMPLES, integer=True, positive=True)

    def upstream(reading, equation):
        value = right(reading, equation)
        return value * samples if value.is_number else value

    monkeypatch.setattr(delta, "_upstream", upstream)


def assume_all_sums(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """The rewrite takes every row for one that sums to one."""
    right = next(each for each in REWRITES if each.assumes)

    def apply(expr, context):
        names = {name_of(node) for node in expr.atoms(sp.Indexed)}
        return right.apply(expr, replace(context, sum_to_one=frozenset(names)))

    changed = tuple(replace(each, apply=apply) if each.assumes else each for each in REWRITES)
    monkeypatch.setattr(delta, "REWRITES", changed)


def elementwise_softmax(found: list[Contribution]) -> list[Contribution]:
    """Only the first of several contributions of one reader."""
    return found[:1]


def without_deltas(expr: sp.Expr) -> sp.Expr:
    """A condition [s = v] left out."""
    return expr.replace(sp.KroneckerDelta, lambda *subscripts: sp.S.One)


FAULTS = {
    "a lost reader": Fault(lose_reader("a_h1", "add"), OTHERS["add"], WHOLE),
    "decay forgotten": Fault(lose_reader("W1", "decay"), OTHERS["decay"], WHOLE),
    "one use of a shared weight": Fault(lose_reader("W_h1", "dense"), OTHERS["shared"], WHOLE),
    "one head of two": Fault(lose_reader("a_gate", "dense"), OTHERS["two heads"], WHOLE),
    "W[i,j] for W[j,i]": Fault(
        change_contributions(in_solved(transpose)), TWO_LAYERS, {"steps"} | WHOLE
    ),
    "W[i,j] for W[j,i], in the rule itself": Fault(
        change_contributions(in_both(transpose)), TWO_LAYERS, {"steps"} | WHOLE
    ),
    "a sign of the rule": Fault(change_contributions(in_both(lambda e: -e)), TWO_LAYERS, WHOLE),
    "a sign": Fault(change_contributions(in_solved(lambda e: -e)), TWO_LAYERS, {"steps"} | WHOLE),
    "a condition not solved": Fault(
        change_contributions(lambda f: [replace(c, solved=without_deltas(c.stated)) for c in f]),
        TWO_LAYERS,
        {"steps"} | WHOLE,
    ),
    "softmax taken elementwise": Fault(
        change_contributions(elementwise_softmax), "3-4:softmax-2", WHOLE
    ),
    "f' with a wrong sign": Fault(
        activation("tanh", slope=1 + sp.tanh(U) ** 2, slope_in_output=None),
        TWO_LAYERS,
        {"rows"},  # the formulas keep f'(z), which is right
    ),
    "f' of another function": Fault(
        activation("tanh", slope_in_output=A * (1 - A)), TWO_LAYERS, {"rows", "steps"} | WHOLE
    ),
    "f' left out": Fault(
        activation("tanh", slope_in_output=sp.S.One), TWO_LAYERS, {"rows", "steps"} | WHOLE
    ),
    "the mask inverted": Fault(
        activation("relu", slope_in_output=sp.Piecewise((0, A > 0), (1, True))),
        "3-4:relu-2:identity",
        {"rows"},  # a form that the formulas do not take
    ),
    "the mask inverted in the formula": Fault(
        activation("relu", short_slope=sp.Piecewise((0, A > 0), (1, True))),
        "3-4:relu-2:identity",
        {"steps"} | WHOLE,
    ),
    "the leak lost": Fault(
        activation("leaky_relu", slope_in_output=sp.Piecewise((1, A > 0), (0, True))),
        "3-4:leaky_relu-2:identity",
        {"rows", "steps"} | WHOLE,
    ),
    "an elimination of two values": Fault(
        activation("sin", slope_in_output=sp.sqrt(1 - A**2)),
        "3-4:sin-2:identity",
        {"rows", "steps"} | WHOLE,
    ),
    "a wrong fusion": Fault(rewrite("cancel", flip_targets), CLASSIFIER, {"steps"} | WHOLE),
    "the derivative of softmax applied again": Fault(
        rewrite("cancel", lambda expr, context: expr * element("t1", *_free(expr))),
        CLASSIFIER,
        {"steps"} | WHOLE,
    ),
    "a dropped guard": Fault(drop_guards, OTHERS["a window"], {"steps"} | WHOLE),
    "the mean over samples forgotten": Fault(drop_batch_mean, TWO_LAYERS, WHOLE),
    "an assumption that was not made": Fault(
        assume_all_sums, OTHERS["targets are weights"], {"steps"} | WHOLE
    ),
    "the mean of a normalisation": Fault(
        lose_reader("mean2", "layer_norm"), OTHERS["layer_norm"], WHOLE
    ),
    "the deviation of a normalisation": Fault(
        lose_reader("sd2", "layer_norm"), OTHERS["layer_norm"], WHOLE
    ),
    "a rewrite that forgets a factor": Fault(
        rewrite("constants out of sums", lambda expr, context: expr * 2),
        "3-4:tanh-2:softmax,loss=squared_error",
        {"steps"} | WHOLE,
    ),
}


def _free(expr: sp.Expr) -> tuple[sp.Expr, ...]:
    return next(iter(expr.atoms(sp.Indexed))).indices


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_caught(name, monkeypatch):
    fault = FAULTS[name]
    with fresh():
        system = system_of(fault.declared)
        with monkeypatch.context() as patch:
            fault.plant(patch, system)
            derivation = derive_system(system, inputs=True)
            certificate = prove(derivation)
    assert not certificate.ok
    assert failing(certificate) == fault.caught_by, str(certificate)


@pytest.mark.parametrize(
    "declared", sorted({f.declared for f in FAULTS.values() if isinstance(f.declared, str)})
)
def test_without_the_fault_all_is_well(declared):
    """The other networks are those of test_prove."""
    certificate = prove(derive_system(system_of(declared), inputs=True))
    assert certificate.ok, str(certificate)


def crossed(derivation, first: str, second: str):
    """The derivation with the tensors of two adjoints exchanged: formulas right, names wrong."""
    by_name = {each.name: each for each in derivation.adjoints}
    swapped = {
        first: by_name[second].tensors,
        second: by_name[first].tensors,
    }
    adjoints = tuple(
        replace(each, tensors=swapped[each.name]) if each.name in swapped else each
        for each in derivation.adjoints
    )
    return replace(derivation, adjoints=adjoints)


@pytest.mark.parametrize("depth", [8, 60])
def test_names_crossed_deep_inside_are_caught_along_the_whole_depth(depth):
    """Every formula is right and the short network too; only the depth itself tells."""
    derivation = derive_system(system_of("-".join(["6"] * (depth + 1))))
    wrong = crossed(derivation, f"dW{depth - 3}", f"dW{depth - 2}")
    assert prove(derivation).ok
    certificate = prove(wrong)
    assert "direction" in failing(certificate)
    (direction,) = (each for each in certificate.failures if "direction" in each.rule)
    assert f"dW{depth - 3} reads" in direction.note or f"dW{depth - 2} reads" in direction.note


def test_a_counterexample_names_the_place():
    with fresh(), pytest.MonkeyPatch.context() as patch:
        system = system_of(chain(dense(3), dense(2)))
        change_contributions(in_solved(lambda e: -e))(patch, system)
        certificate = prove(derive_system(system))
    brute = next(each for each in certificate.failures if each.kind == "brute_force")
    assert brute.counterexample is not None
    assert set(brute.counterexample.sizes) >= {"m", "n0", "n1"}
    assert brute.where == f"W1{list(brute.counterexample.indices)}".replace(" ", "")
    step = next(each for each in certificate.failures if each.kind == "exact")
    assert step.counterexample is not None
    assert "FAILED" in str(certificate)
