"""The stable kernels: functions of arrays that an emitted module carries as source text.

A formula of the mathematics may overflow, or lose every digit, where its value is harmless. Each
row names a function that does not; its text is ``templates/numpy/kernels/<name>.py`` and is pasted
as it stands. All keep the floating type of their argument, take arrays of any shape unless the
row says otherwise, and give neither a warning nor a nan where the true value is finite.

To add a kernel, add its file and a row; the tests ask for an oracle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bpsym.templates import templates_dir


@dataclass(frozen=True)
class KernelRow:
    """What the table knows of one kernel.

    name: of the function, and of its file.
    arity: how many arguments it takes (``gaussian`` has an optional second one, its rate).
    summary: what it computes, in one line.
    needs: the kernels that it calls.
    source: where its method comes from.
    """

    name: str
    arity: int
    summary: str
    needs: tuple[str, ...] = ()
    source: str = "elementary"

    @property
    def file(self) -> str:
        """Path of its text below the templates folder."""
        return f"numpy/kernels/{self.name}.py"


_LARGEST_OUT = "Blanchard, Higham, Higham, IMA J. Numer. Anal. 41 (2021) 2311: shift by the largest"
_OTHERS = "1 - p_k = sum over the others / sum over all; " + _LARGEST_OUT
_LOG1P = "Maechler, Accurately computing log(1 - exp(-|a|)), 2012, a note to R package Rmpfr"
_SPLIT_SQUARE = "z^2 split as in Cody, SPECFUN, ACM TOMS 19 (1993) 22"

ROWS: tuple[KernelRow, ...] = (
    KernelRow("sigmoid", 1, "1 / (1 + exp(-z))"),
    KernelRow("softplus", 1, "log(1 + exp(z))", source=_LOG1P),
    KernelRow("gaussian", 1, "exp(-z^2)", source=_SPLIT_SQUARE),
    KernelRow("gaussian_slope", 1, "-2 z exp(-z^2), derivative of gaussian", ("gaussian",)),
    KernelRow("normal_pdf", 1, "exp(-z^2 / 2) / sqrt(2 pi)", ("gaussian",), _SPLIT_SQUARE),
    KernelRow(
        "normal_cdf",
        1,
        "Phi(z), integral of normal_pdf up to z",
        ("gaussian",),
        "rational fit of the Mills ratio, tools/fit_erfc.py; tail as in gaussian",
    ),
    KernelRow("erf", 1, "2 Phi(sqrt(2) z) - 1", ("normal_cdf",), "power series, DLMF 7.6.1"),
    KernelRow(
        "gelu_tanh",
        1,
        "z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3)))",
        ("sigmoid",),
        "Hendrycks, Gimpel, Gaussian error linear units, arXiv 1606.08415",
    ),
    KernelRow(
        "gelu_tanh_slope",
        1,
        "derivative of gelu_tanh",
        ("sigmoid",),
        "derivative of gelu_tanh, with 1 - sigmoid(v) written sigmoid(-v)",
    ),
    KernelRow("reciprocal_one_plus_square", 1, "1 / (1 + z^2), derivative of arctan"),
    KernelRow("softsign", 1, "z / (1 + |z|)"),
    KernelRow("softsign_slope", 1, "1 / (1 + |z|)^2, derivative of softsign"),
    KernelRow("log_cosh", 1, "log cosh d", source="cosh d - 1 = 2 sinh^2(d/2)"),
    KernelRow(
        "log_softplus",
        1,
        "log of softplus",
        ("softplus",),
        "log(1 + x) = x (1 - x/2 + ...) at x = exp(z)",
    ),
    KernelRow(
        "log_softplus_slope",
        1,
        "sigmoid(z) / softplus(z), derivative of log softplus",
        ("sigmoid", "softplus"),
        "log(1 + x) = x (1 - x/2 + ...) at x = exp(z)",
    ),
    KernelRow("log_gaussian", 1, "-z^2, log of gaussian"),
    KernelRow("log_gaussian_slope", 1, "-2 z, derivative of log gaussian"),
    KernelRow("log_one_minus_gaussian", 1, "log(1 - exp(-z^2))", ("gaussian",), _LOG1P),
    KernelRow(
        "log_one_minus_gaussian_slope",
        1,
        "2 z / (exp(z^2) - 1), derivative of log(1 - gaussian)",
        ("gaussian",),
    ),
    KernelRow("huber", 2, "d^2 / 2 up to |d| = delta, delta (|d| - delta/2) beyond"),
    KernelRow("xlogy", 2, "y log a, 0 where y = 0"),
    KernelRow("xlogx", 1, "y log y, 0 where y = 0"),
    KernelRow("softmax", 1, "exp(z) / sum exp(z) over the last axis", source=_LARGEST_OUT),
    KernelRow("softmax_columns", 1, "exp(z) / sum exp(z) over axis 0", source=_LARGEST_OUT),
    KernelRow("logsumexp", 1, "log sum exp(z) over the last axis, kept", source=_LARGEST_OUT),
    KernelRow("logsumexp_columns", 1, "log sum exp(z) over axis 0, kept", source=_LARGEST_OUT),
    KernelRow(
        "softmax_along", 2, "exp(z) / sum exp(z) over any one axis", ("softmax",), _LARGEST_OUT
    ),
    KernelRow(
        "logsumexp_along", 2, "log sum exp(z) over any one axis", ("logsumexp",), _LARGEST_OUT
    ),
    KernelRow("log_weighted_sum_exp", 3, "log sum w exp(z) over any one axis", source=_LARGEST_OUT),
    KernelRow("log_softmax", 1, "z - logsumexp(z) over the last axis", source=_LARGEST_OUT),
    KernelRow("log_softmax_columns", 1, "z - logsumexp(z) over axis 0", source=_LARGEST_OUT),
    KernelRow("log_one_minus_softmax", 1, "log(1 - softmax(z)) over the last axis", source=_OTHERS),
    KernelRow(
        "log_one_minus_softmax_columns",
        1,
        "log(1 - softmax(z)) over axis 0",
        ("log_one_minus_softmax",),
        _OTHERS,
    ),
    KernelRow(
        "softmax_of_others",
        2,
        "sum_k v_k q[k] over the last axis, q[k] the softmax of all entries but the k-th",
        ("softmax",),
        _OTHERS,
    ),
    KernelRow(
        "softmax_of_others_columns",
        2,
        "sum_k v_k q[k] over axis 0, q[k] the softmax of all entries but the k-th",
        ("softmax_of_others",),
        _OTHERS,
    ),
    KernelRow("log_plus", 2, "log(exp(u) + r)"),
    KernelRow(
        "root_mean_square",
        2,
        "sqrt(mean d^2 + epsilon) over the last axis, kept",
        source="scaled by the largest, as in Blue, ACM TOMS 4 (1978) 15",
    ),
    KernelRow(
        "root_mean_square_columns",
        2,
        "sqrt(mean d^2 + epsilon) over axis 0, kept",
        ("root_mean_square",),
        "scaled by the largest, as in Blue, ACM TOMS 4 (1978) 15",
    ),
    KernelRow("one_hot", 3, "labels (m,), K, dtype -> rows (m, K) of 0 and 1"),
    KernelRow("one_hot_columns", 3, "labels (m,), K, dtype -> columns (K, m)", ("one_hot",)),
)

KERNELS: Mapping[str, KernelRow] = MappingProxyType({row.name: row for row in ROWS})

# Functions of numpy, with their number of arguments, that are stable as they are.
NUMPY_FUNCTIONS: Mapping[str, int] = MappingProxyType(
    {
        "exp": 1,
        "expm1": 1,
        "log": 1,
        "log1p": 1,
        "tanh": 1,
        "sqrt": 1,
        "abs": 1,
        "sign": 1,
        "sin": 1,
        "cos": 1,
        "arctan": 1,
        "maximum": 2,
        "minimum": 2,
        "where": 3,
        "zeros_like": 1,
        "full_like": 2,
    }
)


def kernel_source(name: str) -> str:
    """The text of a kernel, from its ``def`` to its last character, without a final newline.

    Errors: KeyError for a name that is not in the table.
    """
    path = templates_dir() / KERNELS[name].file
    return path.read_text(encoding="utf-8").strip("\n")


def with_dependencies(names: Iterable[str]) -> tuple[str, ...]:
    """The kernels named and all that they call, each once, callees before their callers.

    Errors: KeyError for a name that is not in the table.
    """
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for callee in KERNELS[name].needs:
                visit(callee)
            ordered[name] = None

    for name in names:
        visit(name)
    return tuple(ordered)
