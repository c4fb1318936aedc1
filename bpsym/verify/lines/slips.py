"""Slips of the pen in a written formula: what each is called, and what mends it.

Fields as in ``bpsym.verify.words.sentences``: {where}, {line} the user's formula with the one
change made, {index}, {symbol}.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LINE = "Write {line}."
_LINE_ZH = "写成 {line}。"

# code -> what and fix in English, what and fix in Chinese
SLIPS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "wrong-index": (
            "an index is wrong: {index} is meant",
            _LINE,
            "有一个指标写错了,应为 {index}",
            _LINE_ZH,
        ),
        "index-order": (
            "two indices are the wrong way round",
            _LINE,
            "两个指标的次序反了",
            _LINE_ZH,
        ),
        "sum-missing": (
            "the sum over {index} is left out",
            _LINE,
            "漏掉了对 {index} 的求和",
            _LINE_ZH,
        ),
        "sum-extra": (
            "there is nothing to sum over: the sum over {index} is too many",
            _LINE,
            "多了对 {index} 的求和",
            _LINE_ZH,
        ),
        "square-missing": ("a square is left out", _LINE, "漏掉了平方", _LINE_ZH),
        "square-extra": ("a square is too many", _LINE, "多了一个平方", _LINE_ZH),
        "factor-order": (
            "the factors of a matrix product stand in the wrong order",
            _LINE,
            "矩阵乘积中因子的次序反了",
            _LINE_ZH,
        ),
        "factor-extra": ("a factor is too many", _LINE, "多了一个因子", _LINE_ZH),
        "grouping": (
            "the brackets stand in the wrong place: which factors are multiplied as matrices and "
            "which entry by entry is turned round",
            _LINE,
            "括号的位置不对:矩阵乘法与逐元素相乘弄反了",
            _LINE_ZH,
        ),
        "product-kind": (
            "a product of matrices is written for one entry by entry, or the other way round",
            _LINE,
            "矩阵乘法与逐元素相乘用错了",
            _LINE_ZH,
        ),
        "transpose-missing": ("a transpose is left out", _LINE, "漏掉了转置", _LINE_ZH),
        "transpose-extra": ("a transpose is too many", _LINE, "多了一个转置", _LINE_ZH),
        "prime-missing": (
            "the function stands where its derivative is meant",
            _LINE,
            "应写函数的导数,却写成了函数本身",
            _LINE_ZH,
        ),
        "prime-extra": (
            "the derivative stands where the function itself is meant",
            _LINE,
            "应写函数本身,却写成了它的导数",
            _LINE_ZH,
        ),
        "wrong-symbol": (
            "another symbol is meant: {symbol}",
            _LINE,
            "有一个符号写错了,应为 {symbol}",
            _LINE_ZH,
        ),
    }
)
