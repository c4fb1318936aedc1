"""The stable kernels against 60-digit arithmetic, over the whole range of the floats.

Every check is a function of a kernel, so that the planted faults at the end can be handed to it.
"""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from bpsym.arrays.kernels import (
    KERNELS,
    NUMPY_FUNCTIONS,
    ROWS,
    KernelRow,
    kernel_source,
    with_dependencies,
)
from bpsym.errors import EmitError
from bpsym.templates import PACKAGE, templates_dir

Kernel = Callable[..., Any]
DTYPES = (np.float64, np.float32)
DIGITS = 60
REPOSITORY = PACKAGE.parent


def kernel_module(names: Iterable[str]) -> str:
    """A module that carries the kernels named and what they call, as the emitter would write it."""
    sources = [kernel_source(name) for name in with_dependencies(names)]
    return "\n\n\n".join(['"""Stable kernels."""\n\nimport numpy as np', *sources]) + "\n"


@cache
def kernel(name: str) -> Kernel:
    """The kernel, from a module that carries it and nothing it does not declare to need."""
    namespace: dict[str, Any] = {}
    exec(compile(kernel_module([name]), f"<kernel {name}>", "exec"), namespace)
    return namespace[name]


# ---------------------------------------------------------------------------------------------
# Oracles
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Oracle:
    """The true value of an elementwise kernel, and what its rounding error may be.

    |computed - true| <= ulps * eps * size + subnormals * (the smallest subnormal). ``size`` is
    |true| unless the kernel is allowed the error of a rounded intermediate value; ``subnormals``
    is 1 unless a factor has become subnormal before it is multiplied.
    """

    true: Callable[..., mp.mpf]
    ulps: float
    size: Callable[..., mp.mpf] | None = None
    subnormals: int = 1


def exp(x: mp.mpf) -> mp.mpf:
    """e^x; beyond |x| = 10^6 no float tells the difference, and the digits would take long."""
    return mp.exp(min(max(x, -(10**6)), 10**6))


def logistic(x: mp.mpf) -> mp.mpf:
    return 1 / (1 + exp(-x))


def phi(z: mp.mpf) -> mp.mpf:
    return mp.ncdf(max(z, -(10**6)))


def log_of_cosh(d: mp.mpf) -> mp.mpf:
    """From the definition, with enough digits to see the d^2/2 beside the 1."""
    lost = 0 if d == 0 or abs(d) > 1 else -2 * int(mp.log10(abs(d)))
    with mp.workdps(DIGITS + lost):
        return mp.log(mp.cosh(d))


def gelu_argument(z: mp.mpf) -> mp.mpf:
    return mp.sqrt(8 / mp.pi) * (z + mp.mpf("0.044715") * z**3)


def gelu_argument_slope(z: mp.mpf) -> mp.mpf:
    return mp.sqrt(8 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * z**2)


def gelu_slope_parts(z: mp.mpf) -> tuple[mp.mpf, mp.mpf]:
    """The two terms of the derivative; they cancel where the function has its minimum."""
    v = gelu_argument(z)
    return logistic(v), z * gelu_argument_slope(z) * logistic(v) * logistic(-v)


def xlog(y: mp.mpf, a: mp.mpf) -> mp.mpf:
    return mp.mpf(0) if y == 0 else y * mp.log(a)


def soft(z: mp.mpf) -> mp.mpf:
    """log(1 + e^z)"""
    return z if z > 10**6 else mp.log1p(exp(z))


def square_part(z: mp.mpf) -> mp.mpf:
    """1 - e^(-z^2), with enough digits to see the z^2 beside the 1; inf at 0, which has no log."""
    if z == 0:
        return mp.inf
    lost = 0 if abs(z) > 1 else -2 * int(mp.log10(abs(z)))
    with mp.workdps(DIGITS + lost):
        return -mp.expm1(-min(z * z, mp.mpf(10**6)))


ORACLES: dict[str, Oracle] = {
    "sigmoid": Oracle(logistic, 4),
    "softplus": Oracle(lambda z: z if z > 10**6 else mp.log1p(exp(z)), 4),
    "gaussian": Oracle(lambda z: exp(-z * z), 6),
    # z e^(-z^2) with |z| <= 27: a subnormal of the Gaussian is multiplied by up to 54
    "gaussian_slope": Oracle(lambda z: -2 * z * exp(-z * z), 8, subnormals=60),
    "normal_pdf": Oracle(lambda z: exp(-z * z / 2) / mp.sqrt(2 * mp.pi), 6),
    "normal_cdf": Oracle(phi, 8),
    "erf": Oracle(lambda z: mp.erf(min(max(z, -100), 100)), 8),
    "gelu_tanh": Oracle(
        lambda z: z * logistic(gelu_argument(z)),
        4,
        # eps |v| is what rounding the argument v of an exponential costs
        lambda z: abs(z) * logistic(gelu_argument(z)) * (1 + abs(gelu_argument(z))),
        subnormals=12,  # z sigmoid(v), |z| <= 22
    ),
    "gelu_tanh_slope": Oracle(
        lambda z: sum(gelu_slope_parts(z)),
        4,
        lambda z: sum(map(abs, gelu_slope_parts(z))) * (1 + abs(gelu_argument(z))),
        subnormals=1100,  # z v' sigmoid(v), |z v'| <= 2200
    ),
    "reciprocal_one_plus_square": Oracle(lambda z: 1 / (1 + z * z), 4),
    "softsign": Oracle(lambda z: z / (1 + abs(z)), 4),
    "softsign_slope": Oracle(lambda z: 1 / (1 + abs(z)) ** 2, 4),
    "log_cosh": Oracle(log_of_cosh, 8),
    # a logarithm near 0 is as exact as the number 1 that it is taken of
    "log_softplus": Oracle(
        lambda z: mp.log(soft(z)) if z > -(10**4) else z, 6, lambda z: 1 + abs(mp.log(soft(z)))
    ),
    "log_softplus_slope": Oracle(
        lambda z: logistic(z) / soft(z) if z > -(10**4) else mp.mpf(1), 8, lambda z: mp.mpf(1)
    ),
    "log_gaussian": Oracle(lambda z: -z * z, 2),
    "log_gaussian_slope": Oracle(lambda z: -2 * z, 2),
    "log_one_minus_gaussian": Oracle(
        lambda z: mp.log1p(-exp(-z * z)) if abs(z) > 1 else mp.log(square_part(z)), 8
    ),
    "log_one_minus_gaussian_slope": Oracle(
        lambda z: mp.mpf(0) if z == 0 else 2 * z * exp(-z * z) / square_part(z), 12, subnormals=60
    ),
    "huber": Oracle(
        lambda d, delta: d * d / 2 if abs(d) <= delta else delta * (abs(d) - delta / 2), 4
    ),
    "xlogy": Oracle(xlog, 4),
    "xlogx": Oracle(lambda y: xlog(y, y), 4),
    # exp(u) and the logarithm's argument are rounded: near 1 that is an absolute error
    "log_plus": Oracle(
        lambda u, r: u if r == 0 else mp.log(exp(u) + r),
        4,
        lambda u, r: abs(u) if r == 0 else 1 + abs(u) + abs(mp.log(exp(u) + r)),
    ),
}

# The kernels over rows of logits: from one row z to its true values and their sizes.
RowOracle = Callable[[list[mp.mpf]], list[tuple[mp.mpf, mp.mpf]]]


def _row_parts(z: list[mp.mpf]) -> tuple[mp.mpf, list[mp.mpf], mp.mpf, mp.mpf]:
    """The largest entry, the gaps to it, log sum exp of the gaps, and what their rounding costs."""
    top = max(z)
    gaps = [entry - top for entry in z]
    others = list(gaps)
    others.remove(0)
    log_sum = mp.log1p(sum(map(exp, others)))
    return top, gaps, log_sum, sum(exp(gap - log_sum) * abs(gap) for gap in gaps)


def softmax_row(z: list[mp.mpf]) -> list[tuple[mp.mpf, mp.mpf]]:
    _, gaps, log_sum, cost = _row_parts(z)
    p = [exp(gap - log_sum) for gap in gaps]
    return [(value, value * (1 + abs(gap) + cost)) for value, gap in zip(p, gaps, strict=True)]


def logsumexp_row(z: list[mp.mpf]) -> list[tuple[mp.mpf, mp.mpf]]:
    top, _, log_sum, cost = _row_parts(z)
    return [(top + log_sum, abs(top + log_sum) + log_sum + cost)]


def log_softmax_row(z: list[mp.mpf]) -> list[tuple[mp.mpf, mp.mpf]]:
    _, gaps, log_sum, cost = _row_parts(z)
    return [(gap - log_sum, abs(gap) + log_sum + cost) for gap in gaps]


def log_one_minus_softmax_row(z: list[mp.mpf]) -> list[tuple[mp.mpf, mp.mpf]]:
    """log of what the others add up to, less log of what all add up to."""
    top, gaps, log_all, all_cost = _row_parts(z)
    found = []
    for k, gap in enumerate(gaps):
        second, _, log_others, cost = _row_parts(z[:k] + z[k + 1 :])
        if second < top:
            true = second - top + log_others - log_all
            found.append((true, abs(second - top) + log_others + log_all + cost + all_cost))
        else:  # p is at most 1/2
            true = mp.log1p(-exp(gap - log_all))
            found.append((true, abs(true) * (2 + abs(gap) + all_cost)))
    return found


EPSILON = 1e-5


def root_mean_square_row(d: list[mp.mpf]) -> list[tuple[mp.mpf, mp.mpf]]:
    value = mp.sqrt(sum(each * each for each in d) / len(d) + mp.mpf(EPSILON))
    return [(value, value)]


def of_columns(function: Kernel) -> Kernel:
    """A kernel over columns, fed with rows."""
    return lambda z: function(z.T).T


ROW_ORACLES: dict[str, RowOracle] = {
    name + suffix: oracle
    for name, oracle in (
        ("softmax", softmax_row),
        ("logsumexp", logsumexp_row),
        ("log_softmax", log_softmax_row),
        ("log_one_minus_softmax", log_one_minus_softmax_row),
        ("root_mean_square", root_mean_square_row),
    )
    for suffix in ("", "_columns")
}
ROW_ULPS = 4

ONE_HOT = ("one_hot", "one_hot_columns")
ALONG = ("softmax_along", "logsumexp_along")
WEIGHTED = ("log_weighted_sum_exp",)
OF_OTHERS = ("softmax_of_others", "softmax_of_others_columns")


def test_every_kernel_has_an_oracle() -> None:
    assert sorted([*ORACLES, *ROW_ORACLES, *ONE_HOT, *OF_OTHERS, *ALONG, *WEIGHTED]) == sorted(
        KERNELS
    )


def over_rows(name: str) -> Kernel:
    function = kernel(name)
    if KERNELS[name].arity == 2:
        function = partial(function, epsilon=EPSILON)
    return of_columns(function) if name.endswith("_columns") else function


# ---------------------------------------------------------------------------------------------
# Points
# ---------------------------------------------------------------------------------------------

# The largest argument, as a power of the largest float, where the value is finite no further.
LARGEST = {"log_gaussian": 0.5, "log_gaussian_slope": 0.99}
NOT_NEGATIVE = {"xlogx": (0,), "xlogy": (0, 1)}  # positions of the arguments that are >= 0


def moderate(dtype: type) -> np.ndarray:
    """A dense grid, the range where exponentials underflow, small numbers, random numbers."""
    random = np.random.default_rng(20_240_117)
    tail = np.linspace(40, 760, 181)
    small = np.logspace(-30, 0, 61)
    values = [np.linspace(-40, 40, 641), tail, -tail, small, -small, 10 * random.normal(size=200)]
    return np.concatenate(values).astype(dtype)


def extreme(dtype: type) -> np.ndarray:
    """Zeros of both signs, subnormals, the smallest and the largest numbers, powers of ten."""
    info = np.finfo(dtype)
    largest = int(np.log10(info.max))
    powers = 10.0 ** np.arange(-largest, largest + 1, 4 if dtype is np.float64 else 1)
    ends = [0, info.smallest_subnormal, 3 * info.smallest_subnormal, info.tiny, info.max]
    positive = np.concatenate([ends, powers, [10.0**largest, 3 * 10.0 ** (largest - 1)]])
    return np.concatenate([positive, -positive]).astype(dtype)


def arguments(name: str, points: np.ndarray) -> tuple[np.ndarray, ...]:
    """The points as arguments of a kernel of one or two arguments, within its domain."""
    allowed = NOT_NEGATIVE.get(name, ())
    first = np.abs(points) if 0 in allowed else points
    largest = np.finfo(points.dtype).max ** LARGEST.get(name, 1.0)
    first = first[np.abs(first) <= largest]
    if KERNELS[name].arity == 1:
        return (first,)
    if name == "huber":
        delta = np.array([0.5, 1, 1.5], dtype=points.dtype)
        first, delta = (grid.ravel() for grid in np.meshgrid(first[::2], delta))
        return first, delta
    if name == "log_plus":  # the logarithm of a probability and a number that is 0 or more
        return -np.abs(first), np.where(np.arange(len(first)) % 3, np.roll(np.abs(first), 17), 0)
    second = np.roll(np.abs(points), 17)
    ties = np.zeros(2, dtype=points.dtype)  # y = 0 beside a = 0 and beside a = 3
    first = np.concatenate([first, ties])
    second = np.concatenate([second, np.array([0, 3], dtype=points.dtype)])
    keep = (second > 0) | (first == 0)
    return first[keep], second[keep]


def logit_rows(dtype: type) -> np.ndarray:
    """Rows of 3 logits: near, far, tied, surer and surer, at random, and at the ends."""
    random = np.random.default_rng(7)
    sure = [[gap, 0, -3] for gap in range(0, 120, 3)]
    tied = [[0, 0, 0], [5, 5, -40], [-1e4, -1e4, -1e4], [1, 1, 1 + 1e-3]]
    scaled = [scale * random.normal(size=(25, 3)) for scale in (1e-5, 1, 10, 100, 1000)]
    named = [[1e4, 0, -1e4], [710, 709, -1e4], [1000, 1000, 1000]]
    return np.concatenate([named, sure, tied, *scaled]).astype(dtype)


def extreme_rows(dtype: type) -> np.ndarray:
    info = np.finfo(dtype)
    big, least = info.max, info.smallest_subnormal
    rows = [
        [big, -big, 0],
        [-big, big, big],
        [big, big, big],
        [-big, -big, -big],
        [0, -big, -big],
        [big / 2, -big / 2, big / 4],
        [-big, -big / 2, 1],
        [least, 0, -least],
        [0.0, -0.0, 0.0],
    ]
    return np.array(rows, dtype=dtype)


# ---------------------------------------------------------------------------------------------
# Checks
# ---------------------------------------------------------------------------------------------


def call(function: Kernel, *args: np.ndarray) -> np.ndarray:
    """The kernel's value: nothing may overflow, divide by 0 or be invalid; nothing is written."""
    for argument in args:
        argument.setflags(write=False)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        return function(*args)


def assert_close(
    got: np.floating, true: mp.mpf, size: mp.mpf, dtype: type, at: object, subnormals: int = 1
) -> None:
    """``got`` is a number, and within eps ``size`` of the true value where that is finite."""
    info = np.finfo(dtype)
    assert not np.isnan(got), f"nan at {at}"
    if abs(true) > info.max:
        return
    assert np.isfinite(got), f"{got} at {at}, true {mp.nstr(true, 17)}"
    error = abs(mp.mpf(float(got)) - true)
    allowed = size * mp.mpf(float(info.eps)) + subnormals * mp.mpf(float(info.smallest_subnormal))
    times = mp.nstr(error / allowed, 3)
    assert error <= allowed, f"{got} at {at}, true {mp.nstr(true, 17)}: {times} x what is allowed"


def check_values(function: Kernel, oracle: Oracle, args: tuple[np.ndarray, ...]) -> None:
    """An elementwise kernel, entry by entry, wherever its true value is finite."""
    dtype = args[0].dtype.type
    with mp.workdps(DIGITS):
        exact = [[mp.mpf(float(entry)) for entry in argument] for argument in args]
        true = [oracle.true(*at) for at in zip(*exact, strict=True)]
        finite = np.array([abs(value) <= np.finfo(dtype).max for value in true])
        assert finite.mean() > 0.9
        args = tuple(argument[finite] for argument in args)
        got = iter(call(function, *args))
        for value, *at in zip(true, *exact, strict=True):
            if abs(value) <= np.finfo(dtype).max:
                size = abs(value) if oracle.size is None else oracle.size(*at)
                place = [float(argument) for argument in at]
                assert_close(next(got), value, oracle.ulps * size, dtype, place, oracle.subnormals)
        assert next(got, None) is None


def check_rows(function: Kernel, oracle: RowOracle, rows: np.ndarray) -> None:
    """A kernel over rows of logits, entry by entry."""
    got = call(function, rows)
    with mp.workdps(DIGITS):
        for values, row in zip(got, rows, strict=True):
            expected = oracle([mp.mpf(float(entry)) for entry in row])
            for value, (true, size) in zip(values, expected, strict=True):
                assert_close(value, true, ROW_ULPS * size, rows.dtype.type, row)


def check_dtype(function: Kernel, arity: int, shapes: Iterable[tuple[int, ...]]) -> None:
    """float32 stays float32, float64 stays float64, and the shape stays."""
    for dtype in DTYPES:
        for shape in shapes:
            got = call(function, *[np.full(shape, 0.5, dtype=dtype) for _ in range(arity)])
            assert got.dtype == dtype, f"{got.dtype} from {dtype.__name__} of shape {shape}"
            assert np.shape(got) == shape, f"shape {np.shape(got)} from {shape}"


def check_labels(function: Kernel) -> None:
    """Labels that are no class numbers are refused, with what was expected and what came."""
    bad: dict[str, list[object]] = {
        "expected integers from 0 to 2, got 3 at position 1": [0, 3, 1],
        "expected integers from 0 to 2, got -1 at position 2": [0, 1, -1],
        "expected integers of shape (m,), got float64": [0.0, 1.0],
        "expected integers of shape (m,), got int64 of shape (2, 1)": [[0], [1]],
        "expected integers of shape (m,), got bool": [True, False],
    }
    for message, labels in bad.items():
        with pytest.raises(ValueError, match="labels: expected") as caught:
            function(np.array(labels), 3, np.float64)
        assert message in str(caught.value)


# ---------------------------------------------------------------------------------------------
# The kernels pass
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ORACLES)
def test_values(name: str, dtype: type) -> None:
    check_values(kernel(name), ORACLES[name], arguments(name, moderate(dtype)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ORACLES)
def test_extremes(name: str, dtype: type) -> None:
    check_values(kernel(name), ORACLES[name], arguments(name, extreme(dtype)))


def test_normal_cdf_is_exact_to_the_last_subnormal() -> None:
    tail = np.linspace(-38.6, -36, 400)
    check_values(kernel("normal_cdf"), ORACLES["normal_cdf"], (tail,))
    assert kernel("normal_cdf")(-38.4) > 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ROW_ORACLES)
def test_rows(name: str, dtype: type) -> None:
    check_rows(over_rows(name), ROW_ORACLES[name], logit_rows(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ROW_ORACLES)
def test_extreme_rows(name: str, dtype: type) -> None:
    check_rows(over_rows(name), ROW_ORACLES[name], extreme_rows(dtype))


@pytest.mark.parametrize("suffix", ["", "_columns"])
def test_an_impossible_class_may_be_weighted_with_0(suffix: str) -> None:
    """0 log p is 0 even where log p is below every float: the loss has no nan."""
    far = np.array([[1e308, -1e308]])
    log_p = over_rows("log_softmax" + suffix)(far)
    assert call(np.multiply, np.array([[1.0, 0.0]]), log_p).sum() == 0


@pytest.mark.parametrize("name", ["softmax", "logsumexp", "log_softmax"])
def test_rows_may_be_stacked(name: str) -> None:
    rows = logit_rows(np.float64)[:24]
    stacked = call(kernel(name), rows.reshape(2, 3, 4, 3))
    np.testing.assert_array_equal(stacked, kernel(name)(rows).reshape(2, 3, 4, -1))


@pytest.mark.parametrize("name", ORACLES)
def test_dtype(name: str) -> None:
    scalar = [()] if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else []
    # (numpy 1 widens a float32 that is no array, whatever is done with it)
    check_dtype(kernel(name), KERNELS[name].arity, [(3,), (2, 3), *scalar])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ROW_ORACLES)
def test_dtype_of_rows(name: str, dtype: type) -> None:
    got = over_rows(name)(np.ones((4, 3), dtype=dtype))
    assert got.dtype == dtype
    assert got.shape == ((4, 1) if name.startswith(("logsumexp", "root")) else (4, 3))


@pytest.mark.parametrize("name", ORACLES)
def test_python_floats(name: str) -> None:
    for value in (0.0, 0.75, 30.0):
        args = (value,) * KERNELS[name].arity
        from_array = kernel(name)(*(np.array([argument]) for argument in args))[0]
        assert float(kernel(name)(*args)) == pytest.approx(from_array, rel=1e-15)


@pytest.mark.parametrize("name", ORACLES)
def test_nan_is_not_hidden(name: str) -> None:
    args = (np.array([np.nan, 1.0]),) * KERNELS[name].arity
    assert np.isnan(kernel(name)(*args)).tolist() == [True, False]


@pytest.mark.parametrize("name", ONE_HOT)
@pytest.mark.parametrize("dtype", DTYPES)
def test_one_hot(name: str, dtype: type) -> None:
    expected = np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    for integer in (np.int64, np.int8, np.uint8):
        got = kernel(name)(np.array([2, 0, 3], dtype=integer), 4, dtype)
        assert got.dtype == dtype
        np.testing.assert_array_equal(got.T if name == "one_hot_columns" else got, expected)
    nobody = kernel(name)(np.zeros(0, dtype=int), 4, dtype)
    assert nobody.shape == ((4, 0) if name == "one_hot_columns" else (0, 4))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", ALONG)
def test_along_any_axis(name: str, axis: int) -> None:
    """Moved to the end, the axis is that of the kernel over rows, which is held to its oracle."""
    rows = logit_rows(np.float32)[:24].reshape(4, 6, 3)
    expected = kernel(name.removesuffix("_along"))(rows)
    got = call(kernel(name), np.moveaxis(rows, 2, axis), np.array(float(axis)))
    assert got.dtype == np.float32
    if name == "softmax_along":
        np.testing.assert_array_equal(np.moveaxis(got, axis, 2), expected)
    else:
        np.testing.assert_array_equal(got, expected[..., 0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_log_weighted_sum_exp(axis: int, dtype: type) -> None:
    """Weights of every size, zeros among them; they broadcast along the samples."""
    rows = np.concatenate([logit_rows(dtype), extreme_rows(dtype)])
    weights = np.array([0, 1, 1e-30, 3e30, 0.5, 2, 1e-5, 7], dtype)[: rows.shape[1]]
    weights = np.resize(weights, rows.shape[1])
    z, w = np.moveaxis(rows[None], 2, axis), np.moveaxis(weights[None, None], 2, axis)
    got = call(kernel("log_weighted_sum_exp"), z, w, np.array(float(axis)))
    assert got.dtype == dtype
    with mp.workdps(DIGITS):
        for found, logits in zip(got.ravel(), rows, strict=True):
            pairs = [(float(u), float(v)) for u, v in zip(logits, weights, strict=True) if v]
            top = max(mp.mpf(u) for u, _ in pairs)
            total = mp.fsum(v * mp.exp(mp.mpf(u) - top) for u, v in pairs)
            true = top + mp.log(total)
            size = max(abs(top), abs(mp.log(total)), 1)
            assert abs(mp.mpf(float(found)) - true) <= 8 * np.finfo(dtype).eps * size


@pytest.mark.parametrize("dtype", DTYPES)
def test_log_weighted_sum_exp_without_a_weight(dtype: type) -> None:
    z, w = np.array([[1e4, -1e4], [0, np.inf]], dtype), np.zeros((1, 2), dtype)
    assert kernel("log_weighted_sum_exp")(z, w, 1).tolist() == [-np.inf, -np.inf]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_OTHERS)
def test_softmax_of_others(name: str, dtype: type) -> None:
    """The weight of each entry is shared out among the others, as their own softmax has it."""
    rows = np.concatenate([logit_rows(dtype), extreme_rows(dtype)])
    weights = np.random.default_rng(3).uniform(-1, 1, rows.shape).astype(dtype)
    columns = name.endswith("_columns")
    got = call(kernel(name), *((rows.T, weights.T) if columns else (rows, weights)))
    assert got.dtype == dtype
    with mp.workdps(DIGITS):
        for found, z, v in zip(got.T if columns else got, rows, weights, strict=True):
            logits, shared = [mp.mpf(float(each)) for each in z], [mp.mpf(0)] * len(z)
            cost = mp.mpf(1)
            for k, weight in enumerate(v):
                at = [i for i in range(len(z)) if i != k]
                row = softmax_row([logits[i] for i in at])
                for i, (q, size) in zip(at, row, strict=True):
                    shared[i] += float(weight) * q
                    cost += size
            for i, true in enumerate(shared):
                assert_close(found[i], true, ROW_ULPS * cost, dtype, (z, v))


@pytest.mark.parametrize("name", ONE_HOT)
def test_one_hot_refuses(name: str) -> None:
    check_labels(kernel(name))


# ---------------------------------------------------------------------------------------------
# Values that must come out right (60-digit arithmetic, rounded to float64)
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A formula made of kernels, at a point, with its value."""

    what: str
    formula: Callable[..., Any]
    point: tuple[float, ...]
    value: float | list[float]


sigmoid, softplus = kernel("sigmoid"), kernel("softplus")
normal_cdf, normal_pdf = kernel("normal_cdf"), kernel("normal_pdf")
softmax, log_softmax = kernel("softmax"), kernel("log_softmax")


def bce(z: Any, y: Any) -> Any:
    """Binary cross-entropy from the pre-activation."""
    return y * softplus(-z) + (1 - y) * softplus(z)


def bce_slope(z: Any, y: Any) -> Any:
    return sigmoid(z) - y


def mish_slope(z: Any) -> Any:
    a = np.tanh(softplus(z))
    return a + z * (1 - a * a) * sigmoid(z)


def silu_slope(z: Any) -> Any:
    return sigmoid(z) * (1 + z * sigmoid(-z))


def rows_of(function: Kernel) -> Kernel:
    """A kernel over rows, as a function of the entries of one row."""
    return lambda *entries: function(np.array([entries]))[0]


KNOWN = (
    Known("BCE", bce, (1000, 0), 1000),
    Known("BCE", bce, (1000, 1), 0),
    Known("BCE", bce, (1000, 0.9), 100),
    Known("BCE", bce, (-1000, 0), 0),
    Known("BCE", bce, (-1000, 1), 1000),
    Known("BCE", bce, (-1000, 0.9), 900),
    Known("BCE'", bce_slope, (1000, 0), 1),
    Known("BCE'", bce_slope, (1000, 1), 0),
    Known("BCE'", bce_slope, (1000, 0.9), 0.1),
    Known("BCE'", bce_slope, (-1000, 0), 0),
    Known("BCE'", bce_slope, (-1000, 1), -1),
    Known("BCE'", bce_slope, (-1000, 0.9), -0.9),
    Known("sigmoid", sigmoid, (-37,), 8.533047625744065e-17),
    Known("sigmoid", sigmoid, (-745,), 5e-324),
    Known(
        "sigmoid' = s(z) s(-z)", lambda z: sigmoid(z) * sigmoid(-z), (40,), 4.248354255291589e-18
    ),
    Known("softplus", softplus, (1000,), 1000),
    Known("softplus", softplus, (-1000,), 0),
    Known("softplus", softplus, (-40,), 4.248354255291589e-18),
    Known("softplus'", sigmoid, (1000,), 1),
    Known("softplus'", sigmoid, (-1000,), 0),
    Known("softplus'", sigmoid, (-40,), 4.248354255291589e-18),
    Known("log sigmoid", lambda z: -softplus(-z), (1000,), 0),
    Known("log sigmoid", lambda z: -softplus(-z), (-1000,), -1000),
    Known("log sigmoid'", lambda z: sigmoid(-z), (1000,), 0),
    Known("log sigmoid'", lambda z: sigmoid(-z), (-1000,), 1),
    Known("log softmax", rows_of(log_softmax), (1e4, 0, -1e4), [0, -1e4, -2e4]),
    Known("CE, class 2", lambda *z: -rows_of(log_softmax)(*z)[2], (1e4, 0, -1e4), 2e4),
    Known("CE', class 2", lambda *z: rows_of(softmax)(*z) - [0, 0, 1], (1e4, 0, -1e4), [1, 0, -1]),
    Known(
        "log softmax", rows_of(log_softmax), (710, 709), [-0.3132616875182228, -1.3132616875182228]
    ),
    Known("softmax", rows_of(softmax), (710, 709), [0.7310585786300049, 0.2689414213699951]),
    Known("log-sum-exp", rows_of(kernel("logsumexp")), (1000, 1000, 1000), [1001.0986122886682]),
    Known("log-sum-exp'", rows_of(softmax), (1000, 1000, 1000), [1 / 3, 1 / 3, 1 / 3]),
    Known("GELU", lambda z: z * normal_cdf(z), (-10,), -7.619853024160526e-23),
    Known("GELU", lambda z: z * normal_cdf(z), (-1000,), 0),
    Known("GELU", lambda z: z * normal_cdf(z), (0,), 0),
    Known("GELU'", lambda z: normal_cdf(z) + z * normal_pdf(z), (-10,), -7.618400096464814e-22),
    Known("GELU'", lambda z: normal_cdf(z) + z * normal_pdf(z), (-1000,), 0),
    Known("GELU'", lambda z: normal_cdf(z) + z * normal_pdf(z), (0,), 0.5),
    Known("GELU-tanh", kernel("gelu_tanh"), (3,), 2.996362607918227),
    Known("GELU-tanh'", kernel("gelu_tanh_slope"), (3,), 1.0115841666309697),
    Known("SiLU", lambda z: z * sigmoid(z), (-30,), -2.8072868906517896e-12),
    Known("SiLU'", silu_slope, (-30,), -2.713710660963134e-12),
    Known("Mish", lambda z: z * np.tanh(softplus(z)), (1000,), 1000),
    Known("Mish", lambda z: z * np.tanh(softplus(z)), (-1000,), 0),
    Known("Mish'", mish_slope, (1000,), 1),
    Known("Mish'", mish_slope, (-1000,), 0),
    Known("log cosh", kernel("log_cosh"), (1000,), 999.3068528194401),
    Known("log cosh", kernel("log_cosh"), (-1000,), 999.3068528194401),
    Known("log cosh'", np.tanh, (1000,), 1),
    Known("log cosh'", np.tanh, (-1000,), -1),
    Known("ELU", np.expm1, (-1e-10,), -9.9999999995e-11),
)


def check_known(known: Known, dtype: type) -> None:
    relative = 1e-14 if dtype is np.float64 else 1e-6
    least = 0 if dtype is np.float64 else np.finfo(dtype).smallest_subnormal
    args = [np.array(number, dtype=dtype) for number in known.point]
    got = call(known.formula, *args)
    np.testing.assert_allclose(got, known.value, rtol=relative, atol=least)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.what} at {known.point}")
def test_known_values(known: Known, dtype: type) -> None:
    check_known(known, dtype)


# ---------------------------------------------------------------------------------------------
# Planted faults: each check catches the formula that it is there for
# ---------------------------------------------------------------------------------------------


def naive_softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def shifted_log_softmax(z: Any) -> Any:
    """The usual form: no overflow, but log p of a sure class is 0."""
    gap = z - z.max(axis=-1, keepdims=True)
    return gap - np.log(np.exp(gap).sum(axis=-1, keepdims=True))


def unchecked_one_hot(labels: Any, K: int, dtype: type) -> Any:
    return np.eye(K, dtype=dtype)[labels]


def centred_normal_cdf(z: Any) -> Any:
    """(1 + erf) / 2: all of the left tail is lost in the 1."""
    return 0.5 * (1 + np.vectorize(mp.erf, otypes=[float])(z / 2**0.5))


def far_log_cosh(d: Any) -> Any:
    """Right from about 1 on; below, three numbers of order 1 leave d^2/2."""
    return np.abs(d) + np.log1p(np.exp(-2 * np.abs(d))) - np.log(2)


GRID = np.linspace(-30, 30, 121)


def values(name: str, fault: Kernel, points: np.ndarray) -> None:
    check_values(fault, ORACLES[name], arguments(name, points))


@dataclass(frozen=True)
class Fault:
    """A wrong formula, the check that is to catch it, and the words in which it does."""

    what: str
    words: str
    check: Callable[[], None]


TOO_FAR = "x what is allowed"
OVERFLOW = "overflow encountered"

FAULTS = (
    Fault(
        "exponent held at 500",
        TOO_FAR,
        lambda: values("sigmoid", lambda z: sigmoid(np.clip(z, -500, 500)), moderate(np.float64)),
    ),
    Fault(
        "softplus by log",
        TOO_FAR,
        lambda: values("softplus", lambda z: np.log(1 + np.exp(z)), np.linspace(-60, 60, 100)),
    ),
    Fault(
        "rounded square",
        TOO_FAR,
        lambda: values("gaussian", lambda z: np.exp(-z * z), np.linspace(-26, 26, 100)),
    ),
    Fault(
        "erf loses the tail",
        TOO_FAR,
        lambda: values("normal_cdf", centred_normal_cdf, np.linspace(-20, 5, 60)),
    ),
    Fault(
        "log cosh of a small number",
        TOO_FAR,
        lambda: values("log_cosh", far_log_cosh, np.linspace(0.01, 1, 30)),
    ),
    Fault(
        "square without its half",
        TOO_FAR,
        lambda: values("huber", lambda d, delta: np.minimum(np.abs(d), delta) * np.abs(d), GRID),
    ),
    Fault(
        "exp(-z) overflows",
        OVERFLOW,
        lambda: values("sigmoid", lambda z: 1 / (1 + np.exp(-z)), extreme(np.float64)),
    ),
    Fault(
        "z^2 overflows",
        OVERFLOW,
        lambda: values(
            "reciprocal_one_plus_square", lambda z: 1 / (1 + z * z), extreme(np.float32)
        ),
    ),
    Fault(
        "0 log 0",
        "divide by zero encountered",
        lambda: values("xlogx", lambda y: y * np.log(y), extreme(np.float64)),
    ),
    Fault(
        "silent nan",
        "nan at",
        lambda: values("softplus", lambda z: np.where(z == 0, np.nan, softplus(z)), GRID),
    ),
    Fault(
        "silent inf",
        "inf at",
        lambda: values("softplus", lambda z: np.where(z == 0, np.inf, softplus(z)), GRID),
    ),
    Fault(
        "writes its argument",
        "read-only",
        lambda: values("softsign", lambda z: np.divide(z, 1 + np.abs(z), out=z), GRID),
    ),
    Fault(
        "exp of a logit overflows",
        OVERFLOW,
        lambda: check_rows(naive_softmax, softmax_row, logit_rows(np.float64)),
    ),
    Fault(
        "log p of a sure class",
        TOO_FAR,
        lambda: check_rows(
            shifted_log_softmax, log_softmax_row, np.array([[40.0, 0, -3], [60, 0, -3]])
        ),
    ),
    Fault(
        "gap of two logits overflows",
        OVERFLOW,
        lambda: check_rows(shifted_log_softmax, log_softmax_row, extreme_rows(np.float64)),
    ),
    Fault(
        "softmax over the samples",
        TOO_FAR,
        lambda: check_rows(of_columns(softmax), softmax_row, logit_rows(np.float64)),
    ),
    Fault(
        "a float64 constant",
        "float64 from float32",
        lambda: check_dtype(lambda z: z * np.full(3, np.pi), 1, [(3,)]),
    ),
    Fault(
        "an axis too many",
        "shape",
        lambda: check_dtype(lambda z: z[None], 1, [(3,)]),
    ),
    Fault(
        "a (1 - a) loses the tail",
        "Not equal to tolerance",
        lambda: check_known(
            Known("", lambda z: sigmoid(z) * (1 - sigmoid(z)), (40,), 4.248354255291589e-18),
            np.float64,
        ),
    ),
    Fault(
        "labels that nobody looks at",
        "index 3 is out of bounds",
        lambda: check_labels(unchecked_one_hot),
    ),
    Fault(
        "labels cast to integers",
        "DID NOT RAISE",
        lambda: check_labels(lambda labels, K, _: np.eye(K)[labels.astype(int) % K]),
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_planted_fault_is_caught(fault: Fault) -> None:
    caught = (AssertionError, FloatingPointError, ValueError, IndexError, pytest.fail.Exception)
    with pytest.raises(caught) as failure:
        fault.check()
    assert fault.words in str(failure.value)


# ---------------------------------------------------------------------------------------------
# The table and the texts
# ---------------------------------------------------------------------------------------------


def definition(name: str) -> ast.FunctionDef:
    """The one function of a kernel's text."""
    (function,) = ast.parse(kernel_source(name)).body
    assert isinstance(function, ast.FunctionDef)
    return function


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row_and_text_agree(row: KernelRow) -> None:
    function = definition(row.name)
    called = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    assert function.name == row.name
    assert len(function.args.args) - len(function.args.defaults) == row.arity
    assert called & set(KERNELS) == set(row.needs)
    assert ast.get_docstring(function)
    assert row.summary
    assert row.source
    assert not row.summary.endswith(".")


def test_every_text_has_a_row() -> None:
    files = {path.name for path in (templates_dir() / "numpy" / "kernels").iterdir()}
    assert files - {"__pycache__"} == {row.file.rpartition("/")[2] for row in ROWS}
    assert len(ROWS) == len(KERNELS)


def test_texts_pass_the_linter_as_they_are_pasted() -> None:
    module = kernel_module(KERNELS)
    for command in (["check", "--quiet"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache"]
        place = ["--stdin-filename", "generated/kernels.py", "-"]
        run = subprocess.run(
            [*ruff, *place],
            input=module,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr


def test_dependencies_come_first_and_once() -> None:
    assert with_dependencies([]) == ()
    assert with_dependencies(["normal_cdf", "gaussian", "normal_pdf", "normal_cdf"]) == (
        "gaussian",
        "normal_cdf",
        "normal_pdf",
    )
    ordered = with_dependencies(reversed(KERNELS))
    assert sorted(ordered) == sorted(KERNELS)
    for position, name in enumerate(ordered):
        assert set(KERNELS[name].needs) <= set(ordered[:position])


def test_unknown_kernel() -> None:
    with pytest.raises(KeyError, match="sigmoud"):
        kernel_source("sigmoud")
    with pytest.raises(KeyError, match="sigmoud"):
        with_dependencies(["sigmoud"])


@pytest.mark.parametrize("name", NUMPY_FUNCTIONS)
def test_numpy_functions_are_there(name: str) -> None:
    args = [np.full(3, 0.5, dtype=np.float32)] * NUMPY_FUNCTIONS[name]
    if name == "where":
        args[0] = args[0] > 0
    assert getattr(np, name)(*args).dtype == np.float32


def _fit_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit_erfc", REPOSITORY / "tools" / "fit_erfc.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_coefficients_of_normal_cdf_are_the_fitted_ones() -> None:
    script = _fit_script()
    table = script.fit()
    (literal,) = (
        node.value for node in ast.walk(definition("normal_cdf")) if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "coefficients"
    )  # fmt: skip
    assert ast.literal_eval(literal) == tuple(table)
    assert min(min(pair) for pair in table) > 0
    assert script.worst_error(table, samples=150) < 1.5e-16


# ---------------------------------------------------------------------------------------------
# Where the texts are read
# ---------------------------------------------------------------------------------------------


def test_working_copy_reads_its_live_templates(tmp_path: Any) -> None:
    assert templates_dir() == REPOSITORY / "templates"
    package = tmp_path / "bpsym"
    (package / "_templates" / "numpy").mkdir(parents=True)  # a stale copy
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "bpsym"\n')
    with pytest.raises(EmitError, match="folder of the templates is missing"):
        templates_dir(package)
    (tmp_path / "templates" / "numpy").mkdir(parents=True)
    assert templates_dir(package) == tmp_path / "templates"


def test_wheel_reads_the_templates_it_carries(tmp_path: Any) -> None:
    package = tmp_path / "bpsym"
    (tmp_path / "templates" / "numpy").mkdir(parents=True)  # of another package
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\n')
    with pytest.raises(EmitError, match="Install bpsym again"):
        templates_dir(package)
    (package / "_templates" / "numpy").mkdir(parents=True)
    assert templates_dir(package) == package / "_templates"
