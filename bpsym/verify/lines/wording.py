"""What is said about lines, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from bpsym.verify.lines.numpy_lines import ShapesError
from bpsym.verify.lines.tree_values import FormulaError

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.lines.result import FormulaReport

# Key -> English, Chinese.
PROBLEMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "shape": (
            "its shape is {shape}; {wanted} is asked for, m = {m}",
            "它的形状是 {shape},应为 {wanted}(m = {m})",
        ),
        "computing": ("it cannot be computed ({why})", "无法计算({why})"),
        "unfit": (
            "it cannot be computed: the shapes of its operands do not fit one another",
            "无法计算:运算对象的形状不匹配",
        ),
        "clash": (
            "it cannot be computed: operands of the shapes {one} and {other} do not fit",
            "无法计算:形状为 {one} 和 {other} 的运算对象不匹配",
        ),
        "not finite": ("it is not finite everywhere, m = {m}", "它不是处处有限(m = {m})"),
        "unbound": (
            "the index {letter} is neither on the left side nor summed over",
            "指标 {letter} 既不在左边出现,也没有对它求和",
        ),
        "subscripts": (
            "{name} has {count} indices here; it has {wanted}",
            "{name} 在这里有 {count} 个下标,应有 {wanted} 个",
        ),
        "range": (
            "an index of {name} runs past its end, {length}",
            "{name} 的下标超出了范围 {length}",
        ),
        "large": (
            "it has {entries} numbers, more than are computed at once",
            "它有 {entries} 个数,太多,无法一次算出",
        ),
        "shapes": (
            "factors side by side have the shapes {one} and {other}; entry by entry is \\odot",
            "并列的两个因子形状为 {one} 和 {other};逐元素相乘应写 \\odot",
        ),
        "no range": (
            "it is not said how far the index {letter} runs",
            "没有说明指标 {letter} 的取值范围",
        ),
        "axis": ("there is no axis {axis} in shape {shape}", "形状 {shape} 没有轴 {axis}"),
        "between matrices": (
            "the derivative of one matrix in another has more than two indices: write elements",
            "矩阵对矩阵的导数有两个以上的指标:请按元素写",
        ),
        "no value": ("a part of it has no value here", "其中有一部分在这里没有值"),
    }
)

READ_AS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "rows": ("samples are rows", "样本为行"),
        "columns": ("samples are columns", "样本为列"),
        "one": ("the formulas are for one sample, a column", "公式针对一个样本(一列)"),
        "delta": ("1/m is read as part of delta", "1/m 算在 delta 里"),
        "gradients": ("1/m is read in dW and db", "1/m 算在 dW 和 db 里"),
        "in,out": ("weights are (in, out)", "权重为 (in, out)"),
        "notation": ("the notation is {name}", "记号为 {name}"),
        "row": ("biases are (1, n)", "偏置为 (1, n)"),
    }
)

NOTES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "other notation": (
            "in the notation {name}, which counts layers or signs otherwise, line {lines} would be "
            "right: give --notation {name} if it is meant",
            "按记号 {name}(层的编号或符号不同)来读,第 {lines} 行是对的:"
            "如果是这个意思,请给出 --notation {name}",
        ),
        "update": (
            "line {line} is an update, not a gradient; it is right: a step along the negative "
            "gradient",
            "第 {line} 行是参数更新,不是梯度;它是对的:沿负梯度方向走一步",
        ),
        "other weights": (
            "with weights stored (in, out) line {lines} would be right: give --weights in,out if "
            "they are",
            "如果权重按 (in, out) 存放,第 {lines} 行是对的:如果是这样,请给出 --weights in,out",
        ),
    }
)


def problem(key: str, lang: Language, **fields: object) -> str:
    """Why a line has no value or not the right shape."""
    return PROBLEMS[key][lang == "zh"].format(**fields)


def computing_problem(error: Exception, lang: Language) -> str:
    """The same for what was raised when it was computed."""
    if isinstance(error, FormulaError):
        return problem(error.key, lang, **error.fields)
    if isinstance(error, ShapesError):
        return problem("clash", lang, one=error.one, other=error.other)
    if any(word in str(error) for word in ("broadcast", "mismatch", "align", "shape")):
        return problem("unfit", lang)
    return problem("computing", lang, why=type(error).__name__)


def note(key: str, lang: Language, **fields: object) -> str:
    """What is worth knowing beside the verdict."""
    return NOTES[key][lang == "zh"].format(**fields)


def assumed(report: FormulaReport) -> tuple[str, ...]:
    """How the lines were read."""
    at = report.lang == "zh"
    keys = [report.samples]
    if report.reduction == "mean" and report.samples != "one" and not report.notation:
        keys.append(report.mean)
    if report.weights == "in,out" and not report.notation:
        keys.append("in,out")
    if report.bias == "row":
        keys.append("row")
    found = [READ_AS[key][at] for key in keys]
    if report.notation:
        found.append(READ_AS["notation"][at].format(name=report.notation))
    return tuple(found)
