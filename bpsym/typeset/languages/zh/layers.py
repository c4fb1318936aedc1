"""Sentences on the way from one weight to the matrix, in Chinese."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.layers import EnglishLayers
from bpsym.typeset.languages.listing import ONE_BY_M, M, joined


class ChineseLayers(EnglishLayers):
    """The words."""

    summary = "小结"
    at_output = "输出层的误差项："
    passed_back = "误差逐层逆传播："
    of_biases = "偏置的梯度："
    of_thresholds = "阈值的梯度："
    of_others = "权重以外各参数的梯度："
    of_weights = "权重的梯度："
    to_matrix = "从单个权重到矩阵形式"
    gradient_shapes = ("变量", "梯度", "形状")

    def one_weight(
        self, weight: Formula, unit: Formula, decays: Sequence[Formula], *, batch: bool
    ) -> Text:
        left = "对每个样本只剩一项" if batch else "只剩一项"
        apart: Text = ()
        if decays:
            apart = ("除权重衰减项 ", *joined([(each,) for each in decays]), " 外，")
            left += "，另加衰减项的导数"
        return (
            "先看一个权重。",
            *apart,
            weight,
            " 只通过 ",
            unit,
            f" 影响代价，本层其他神经元都用不到它，所以链式法则{left}：",
        )

    def any_weight(self) -> Text:
        return ("这一推导与取哪个权重无关，故对每个权重都有：",)

    def all_weights(self, weight: Formula, decays: Sequence[Formula], *, batch: bool) -> Text:
        said = "就是每个样本一个列向量乘以行向量，再对样本求和" if batch else "就是列向量乘以行向量"
        factors = "乘积的两个因子中" if decays else "两个因子中"
        text: Text = (
            f"{factors}，一个属于权重所指向的神经元，另一个属于它出发的神经元。按各权重在 ",
            weight,
            f" 中的位置排成矩阵，{said}",
        )
        if not decays:
            return (*text, "：")
        return (*text, "；衰减项的导数是 ", weight, " 的倍数，位置相同，直接相加：")

    def only_order(self, shapes: Sequence[Text], decays: Sequence[Formula], *, batch: bool) -> Text:
        weight, unit, value = shapes
        said = "从形状看，这个乘积也只能如此写" if decays else "从形状看也只能如此"
        text: Text = (
            f"{said}：梯度与 ",
            *weight,
            " 同形，乘积的两个因子分别与 " if decays else " 同形，两个因子分别与 ",
            *joined([unit, value]),
            " 同形；只有按这个次序、这样转置，内侧的维数才能相等，外侧的维数才恰好是 ",
            weight[0],
            " 的形状。",
        )
        if batch:
            text += ("内侧的维数是样本数，所以这个矩阵乘积已经对各样本求了和。",)
        return text

    def comes_back(self, value: Formula, unit: Formula) -> Text:
        return (
            "再看前一层。",
            unit,
            " 的每个神经元都要用到 ",
            value,
            " 的全部分量，所以每个神经元回传一项，各项相加：",
        )

    def sum_as_product(self, weight: Formula, *, transposed: bool) -> Text:
        text: Text = ("矩阵乘法是对内侧下标求和。",)
        if transposed:
            return (*text, "这里是对 ", weight, " 的行下标求和，所以要转置：")
        return (*text, "这里求和的下标在 ", weight, " 中已处于内侧，所以不必转置：")

    def fractions(self) -> Text:
        return ("矩阵之间的分式按元素相除。",)

    def ones(self, one: Formula, *, rows: bool) -> Text:
        text: Text = (
            one,
            " 表示元素全为 1 的列向量，长度依上下文而定；矩阵右乘 ",
            one,
            " 即对每一行求和。",
        )
        if not rows:
            return text
        return (*text, "矩阵与向量相加，是把向量加到每一行；与列相加，是加到每一列。")

    def no_matrix_form(self, left: Formula) -> Text:
        return (left, " 的公式仍按分量书写：它不能写成矩阵的乘积。")

    def reads_a_block(self, left: Formula, whole: Formula, *, rows: bool) -> Text:
        return (
            left,
            " 的公式仍按分量书写：它只用到 ",
            whole,
            f" 的一部分{'行' if rows else '列'}。",
        )

    def entry_by_entry(self) -> Text:
        return ("激活函数的导数是各神经元自己的因子，所以按元素相乘（Hadamard 积）。",)

    def mean_of_samples(self, gradient: Formula) -> Text:
        return (
            gradient,
            " 中的矩阵乘积把 ",
            M,
            " 个样本的贡献加了起来，而代价是它们的平均值，所以前面有 ",
            *ONE_BY_M,
            "。",
        )

    def no_single_layer(self) -> Text:
        return (
            "本网络的每个权重矩阵都在多处使用，或用在非全连接的层中，其梯度不是单个乘积，"
            "故不再从单个权重推到矩阵；能写成矩阵形式的公式见前面各节。",
        )

    def slope_of(self, function: Formula, output: Formula | None, *, by_cases: bool) -> Text:
        text: Text = ("以下要用到 ", function, " 的导数")
        if output is not None:
            text += ("，其中 ", output, " 表示输出 ", function)
        return (*text, "。分段求导：" if by_cases else "。由求导法则：")

    def softmax_slope(self, output: Formula, entering: Formula) -> Text:
        return (
            "softmax 的每个输出都依赖于全部输入：",
            output,
            " 的每个分量与同一样本的 ",
            entering,
            " 的所有分量都有关。由商的求导法则，对每一对下标都有一个偏导数；"
            "分子上的指数只有在两个下标相同时才有变化，分母上的和则总有变化：",
        )

    def softmax_slope_again(self, output: Formula, entering: Formula) -> Text:
        return (output, " 是 ", entering, " 的 softmax，其偏导数同前：")

    def softmax_joins(self, outer: Formula, cost: Formula) -> Text:
        return ("由损失函数求出 ", outer, "，再把上式代入 ", cost, " 的链式法则：")

    def softmax_cancels(self, output: Formula) -> Text:
        return (
            "每一项中 ",
            output,
            " 在分子、分母各出现一次，约去。方括号在和式中只留下该单元自己的目标值；"
            "其余部分是同一样本各目标值之和，按假设等于 1。最后只剩输出与目标值之差：",
        )

    def thresholds(self, thresholds: Sequence[Formula], inner: Sequence[Formula]) -> Text:
        return (
            *joined([(each,) for each in thresholds]),
            " 是阈值，取减号。这里的 ",
            *joined([(each,) for each in inner]),
            " 已减去阈值；书中把阈值写在激活函数的自变量里，求出的导数完全一样。",
        )

    def same_shapes(self) -> Text:
        return ("梯度总与对应的变量同形：",)
