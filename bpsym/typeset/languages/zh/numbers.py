"""The sentences around numbers in Chinese."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.numbers import NumbersEnglish

_NUMERALS = "一二三四五六七八九十"


class NumbersChinese(NumbersEnglish):
    """The words."""

    code: ClassVar[str] = "zh"

    given = "数值"
    step = "带数值走一步"
    gates = "计算图：逐门前向与反向"
    paths = "从一个权重出发的全部路径"

    def ordinal(self, number: int) -> str:
        return f"第{_NUMERALS[number - 1]}个" if number <= len(_NUMERALS) else f"第 {number} 个"

    def given_are(self, digits: int, samples: int, *, only: tuple[int, int] | None) -> str:
        which = "一个样本" if samples == 1 else f"{samples} 个样本"
        if only is not None:
            number, count = only
            which = f"{count} 个样本中的{self.ordinal(number)}（本记号的公式针对单个样本）"
        return (
            f"每个公式之后都代入{which}的数值，保留 {digits} 位有效数字。中间结果按更高精度计算，"
            "因此用所印数字验算时，末位可能略有出入。"
        )

    def elements_of(self, sample: int) -> str:
        return f"逐元素的算式取{self.ordinal(sample)}样本，全部样本见其后的矩阵。"

    def checked(self, count: int) -> str:
        return f"在这组数值处，{count} 个导数均已与代价函数的差商核对。"

    gates_computed: ClassVar = ("门", "运算", "值", "局部梯度")
    gates_signals: ClassVar = ("门", "局部梯度乘误差信号", "误差信号")

    def gates_title(self, network: str) -> str:
        return f"{network} 的计算图"

    def gates_said(self, *, drawn: bool = True) -> Text:
        if not drawn:
            return (
                "每个运算是一个门。门的误差信号是代价对它的值的导数，"
                "局部梯度是它的值对某个输入的导数。偏置看作常数 1 上的权重。",
            )
        return (
            "计算图中每个运算是一个门：上方是它的值，下方是误差信号，即代价对该值的导数（常数不标）。"
            "每条线上标的是局部梯度，即右端的门对左端的值的导数。偏置画成常数 1 上的权重。",
        )

    def gates_share(self, sample: int, root: Formula, parts: Formula) -> Text:
        return (
            f"这里取{self.ordinal(sample)}样本，最后一个门是它在代价中所占的一份 ",
            root,
            "，已含求平均的 1/m：",
            parts,
            "。因此各单元的误差信号与本文中的一致；参数处的误差信号只是这个样本对梯度的贡献，"
            "对所有样本求和才是梯度。",
        )

    def gates_of_one(self, sample: int, root: Formula) -> Text:
        return (
            f"这里取{self.ordinal(sample)}样本，最后一个门是这一个样本的代价 ",
            root,
            "，误差信号都是对它的导数。",
        )

    def gates_not_drawn(self, count: int, most: int) -> str:
        return (
            f"计算图从略：共有 {count} 个结点，画出来无法看清；最多画 {most} 个。"
            "下面两个表列出了所有的门；要看图，请取较小的网络，例如 2-3-3-1。"
        )

    def gates_forward(self) -> str:
        return "前向：每个门算出自己的值，以及对各个输入的局部梯度。"

    def gates_backward(self) -> str:
        return (
            "反向：最后一个门的误差信号为 1。误差信号沿一条线传回时乘以局部梯度；"
            "若一个门的值分给几个门使用，则把各路传回的误差信号相加。"
        )

    def no_path(self, weight: Formula, cost: Formula) -> Text:
        return ("没有路径从 ", weight, " 通向 ", cost, "，其梯度为 0。")

    def paths_are(self, weight: Formula, cost: Formula, count: int) -> Text:
        return ("对一个样本，", weight, " 经 ", f"{count} 条路径影响 ", cost, "：")

    def paths_multiply(self) -> Text:
        return ("沿每条路径把各步的偏导数相乘，再对所有路径求和。先写成偏导数，再代入各因子：",)

    def paths_proven(self, *, exact: bool) -> str:
        if exact:
            return (
                "输出之前，已用对偶数求出整个代价函数的导数，并在素数域的随机点上验证："
                "这个和与它精确相等。"
            )
        return "输出之前，已在随机点上以 60 位数字把这个和与整个代价函数的差商核对一致。"

    def paths_factored(self, *, shared: bool) -> Text:
        if not shared:
            return ("用误差项写出，就是反向传播的算法：",)
        return (
            "有些路径有共同的步骤。提取公因子，相同的部分只算一次，"
            "得到的正是反向传播公式在这些单元上的形式：",
        )

    def paths_counted(self, before: int, after: int) -> str:
        return (
            f"逐式清点乘法次数：对路径求和需 {before} 次，提取公因子后需 {after} 次，"
            "并且同时得到沿途的所有误差项。"
        )

    def step_with(self, rate: Formula, value: Formula, frozen: Sequence[Formula]) -> Text:
        text: Text = ("取学习率 ", rate, " = ", value, "，沿负梯度方向走一步")
        if not frozen:
            return (*text, "：")
        names: Text = ()
        for number, each in enumerate(frozen):
            names += ("、",) * (number > 0) + (each,)
        return (*text, "，其中 ", *names, " 保持不变：")

    def cost_after(self, cost: Formula, before: Formula, after: Formula) -> Text:
        return ("用更新后的参数重新计算，代价 ", cost, " 由 ", before, " 变为 ", after, "。")
