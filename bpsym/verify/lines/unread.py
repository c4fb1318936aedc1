"""Why a formula could not be read, in the language of the report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from bpsym.errors import BpsymError, ExpressionError, Problem

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language

# The reading of formulas speaks English; these are its words, and what stands for them.
_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "this name means nothing here": "这个名字在这里没有意义",
        "this has no meaning here": "这在这里没有意义",
        "this has no meaning in a formula": "这在公式中没有意义",
        "this character has no meaning in a formula": "公式中不能有这个字符",
        "there is no such layer": "没有这一层",
        "two letters stand for layers": "有两个字母表示层",
        "the left side is not one symbol": "等号左边不是单个符号",
        "the formula nests too deeply": "公式嵌套太深",
        "the formula is too long": "公式太长",
        "the formula is too large": "公式太大",
        "the formula breaks off": "公式不完整",
        "the file is too long": "文件太长",
        "there are too many formulas": "公式太多",
        "there is nothing to judge": "没有可以判断的内容",
        "it cannot be seen which activation is meant": "看不出指的是哪个激活函数",
        "an exponent is too large": "指数太大",
        "a number is too long": "数字太长",
        "a number is too large": "数太大",
        "a line names what it gives": "每一行要写明它给出什么",
        "the line is too long": "这一行太长",
        "the brackets nest too deeply": "括号嵌套太深",
        "a tensor of the network with the number of its layer": "网络中的张量,并带层号",
        "a tensor of the network, or a derivative of the cost": "网络中的张量,或损失的导数",
        "an equation, left = right": "等式:左边 = 右边",
        "a formula of the network": "网络的公式",
        "a formula": "公式",
        "a condition, z > 0": "条件,例如 z > 0",
        "a condition, or otherwise": "条件,或“其他”",
        "a letter to sum over": "求和的指标字母",
        "a letter to sum over, k = 1": "求和的指标字母,例如 k = 1",
        "an index to sum over, \\sum_{k}": "求和指标,例如 \\sum_{k}",
        "letters and numbers as subscripts": "由字母和数字组成的下标",
        "one letter for the layer at hand": "用一个字母表示当前层",
        "the derivative of one symbol in another": "一个符号对另一个符号的导数",
        "the z of a layer with an elementwise activation": "逐元素激活的层的 z",
        "cases with values": "带有取值的分段",
        "fewer levels": "较少的层次",
        "the end of the formula": "公式结尾",
        "name = formula": "名字 = 公式",
        "operands with operators between them": "运算数之间有运算符",
        "letters, digits, + - * / ** @ ( ) , . = < > & and |": (
            "字母、数字、+ - * / ** @ ( ) , . = < > & 和 |"
        ),
        "a number": "数",
        "more": "更多",
        "none": "没有",
        "compare bpsym derive with --notation for the names": (
            "名字可对照 bpsym derive 加 --notation 的输出"
        ),
        "look for a missing operand, operator or bracket": "检查是否缺少运算数、运算符或括号",
        "write at least one": "至少写一行",
        "split it": "拆开写",
        "split the line": "拆成几行",
        "write * for an elementwise product, @ for a matrix product, .T for a transpose": (
            "逐元素乘积写 *,矩阵乘积写 @,转置写 .T"
        ),
    }
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"write for example (.*)", r"例如写 \1"),
        (r"a number up to (\d+), or the name of a layer", r"不超过 \1 的层号,或层名"),
        (r"at most (\d+) characters", r"最多 \1 个字符"),
        (r"at most (\d+) levels", r"最多 \1 层"),
        (r"at most (\d+) levels of brackets and (\d+) signs", r"最多 \1 层括号、\2 个符号"),
        (r"at most (\d+) sums", r"最多 \1 个求和号"),
        (r"up to (\S+) digits", r"最多 \1 位"),
        (r"(\S+) here", r"这里应为 \1"),
        (r"line (\d+)", r"第 \1 行"),
        (r"(.+), line (\d+)", r"\1 第 \2 行"),
    )
)


class _Told(Problem):
    """A problem whose sentence is Chinese."""

    def __str__(self) -> str:
        stop = "" if self.way_out.endswith(("。", "?", "?")) else "。"
        found = f"应为 {self.expected},实际为 {self.got}。{self.way_out}{stop}"
        return f"{self.where}:{self.what}。\n  {found}"


def reason(error: BpsymError, lang: Language) -> str:
    """Why, in a sentence: what has no meaning, and what it is."""
    problem = error.problems[0]
    got = problem.got.replace("\\\\", "\\")  # it is shown, not pasted
    if lang == "en":
        return f"{problem.what}: {got}"
    return f"{_in_chinese(problem.what)}:{_in_chinese(got)}"


def told(error: ExpressionError, lang: Language) -> ExpressionError:
    """An error in a language."""
    if lang == "en":
        return error
    return ExpressionError(
        *(
            _Told(*map(_in_chinese, (each.where, each.what, each.expected, each.got, each.way_out)))
            for each in error.problems
        )
    )


def _in_chinese(text: str) -> str:
    found = _CHINESE.get(text)
    if found is not None:
        return found
    for pattern, chinese in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return match.expand(chinese)
    return text
