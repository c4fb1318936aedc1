"""Array programs and index expressions computed directly, against the modules that are emitted."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import bpsym
from bpsym.arrays.evaluate import kernel_functions, run
from bpsym.arrays.index_values import Scope, compiled
from bpsym.arrays.kernels import KERNELS
from bpsym.arrays.layout import LAYOUTS
from bpsym.arrays.program import lower_derivation
from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import Iverson, element, index, size
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.observe import Point

SPECS = (
    "2-3-4-1",
    "5-4:relu-3:softmax,l2=0.01",
    "3-4:gelu-2:tanh,loss=huber",
    "3-4:mish-5:prelu-2:leaky_relu,reduction=sum",
    "3-2:elu-4:softsign-2:sigmoid,loss=bce",
)
M = 7


def values_of(spec: str) -> tuple[object, dict[str, np.ndarray], dict[str, np.ndarray]]:
    derivation = bpsym.derive(spec)
    system = derivation.record.system
    rng = np.random.default_rng(1)

    def value(tensor: object) -> np.ndarray:
        shape = tuple(M if label == "m" else system.sizes[label] for label in tensor.sizes)
        if tensor.sums_to_one:
            return rng.dirichlet(np.ones(shape[1]), size=M)
        return (
            rng.uniform(0.1, 0.9, shape) if tensor.role is Role.TARGET else rng.normal(size=shape)
        )

    params = {each.name: value(each) for each in system.of_role(Role.PARAMETER)}
    data = {each.name: value(each) for each in system.of_role(Role.INPUT, Role.TARGET)}
    return derivation, params, data


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("spec", SPECS)
def test_a_program_gives_what_its_module_gives(spec: str, layout: str) -> None:
    derivation, params, data = values_of(spec)
    module = bpsym.load(spec, layout=layout, prove=False)
    if layout == "columns":
        data = {name: value.T.copy() for name, value in data.items()}
        params = {n: v[:, None] if v.ndim == 1 else v for n, v in params.items()}
    program = lower_derivation(derivation.record, LAYOUTS[layout])
    found = run(program, {**params, **data})
    loss, grads = module.loss_and_grads(params, data["X"], data["Y"])
    assert float(found["C"]) == pytest.approx(loss, rel=1e-14)
    for name, grad in grads.items():
        assert found[f"d{name}"].shape == grad.shape
        np.testing.assert_allclose(found[f"d{name}"], grad, rtol=1e-13, atol=1e-15)


def test_nothing_is_rounded_on_the_way() -> None:
    derivation, params, data = values_of("3-4:gelu-2:tanh,loss=huber,l2=0.1")
    program = lower_derivation(derivation.record, LAYOUTS["rows"])
    wide = {name: value.astype(np.longdouble) for name, value in {**params, **data}.items()}
    found = run(program, wide)
    assert {value.dtype for value in found.values()} == {np.dtype(np.longdouble)}


@pytest.mark.parametrize("spec", SPECS)
def test_the_terms_add_up_to_the_gradients_of_the_module(spec: str) -> None:
    derivation, params, data = values_of(spec)
    module = bpsym.load(spec, prove=False)
    _, grads = module.loss_and_grads(params, data["X"], data["Y"])
    chain = Chain(derivation.record)
    scope = chain.scope(Point(M, params, {"X": data["X"]}, {"Y": data["Y"]}))
    for name, grad in chain.gradients(scope, ()).items():
        np.testing.assert_allclose(grad, grads[name], rtol=1e-11, atol=1e-13)


def test_an_index_expression_with_a_shift_and_a_bracket() -> None:
    t, r = index("t"), index("r")
    last = size("T")
    shifted = sp.Sum(
        element("w", r) * element("x", t - r) * Iverson(sp.Ge(t - r, 1)),
        (r, sp.Integer(1), size("R")),
    )
    w, x = np.array([2.0, 3.0]), np.array([1.0, 10.0, 100.0, 1000.0])
    found = compiled(shifted, (t,), (last,))(Scope({"w": w, "x": x}, {"T": 4, "R": 2}))
    wanted = [sum(w[k] * x[s - k - 1] for k in range(2) if s - k - 1 >= 0) for s in range(4)]
    np.testing.assert_allclose(found, wanted)


def test_every_kernel_is_a_function() -> None:
    assert set(kernel_functions()) == set(KERNELS)
