"""The sentences on networks of any depth and on the proof by induction, in Chinese."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.induction import EnglishInduction
from bpsym.typeset.languages.terms import CHINESE

_T = CHINESE


class ChineseInduction(EnglishInduction):
    """The words."""

    def any_depth_layers(
        self, layers: Text, layer: Formula, width: Formula, f: Formula, *, batch: bool = False
    ) -> Text:
        samples: Text = ("公式针对一个样本；",)
        if batch:
            samples = ("一列是一个样本，", index("n"), " = 1, ..., ", index("m"), "；")
        return (
            *(
                "层号 ",
                *layers,
                "；第 ",
                layer,
                " 层有 ",
                width,
                f" 个神经元，{_T['activation']}为 ",
            ),
            *(f, "，可导，逐元素作用，各层可以不同。"),
            *samples,
            "求和号作用于其右边的全部因子。",
        )

    def recursion_base(self, last: Formula) -> Text:
        return ("最后一层（第 ", last, " 层）：")

    def recursion_step(self, layers: Text) -> Text:
        return ("由后一层推出前一层，", *layers, "：")

    def recursion_gradients(self, layers: Text) -> Text:
        return ("各层的权重和偏置，", *layers, "：")

    def softmax_at_the_end(self, z: Formula) -> Text:
        return (
            "最后一层若用 softmax，它不是逐元素作用的，对 ",
            z,
            f" 的{_T['derivative']}就不是乘以激活函数{_T['derivative']}的形式，需要另外求出；"
            "由它推出的其余公式不变。",
        )

    def induction_claim(self, layers: Text, delta: Formula | None, derivative: Formula) -> Text:
        named: Text = ("由上面的公式求得的就是 ", derivative)
        if delta is not None:
            named = (delta, " = ", derivative)
        return (
            *("命题：对 ", *layers, "，", *named, "，并且对权重和偏置的"),
            f"{_T['derivative']}也如上面的公式。从最后一层起，逐层往前证明。",
        )

    def induction_base(self, z: Formula, a: Formula, cost: Formula) -> Text:
        return (
            *("奠基：激活函数逐元素作用，所以 ", z, " 的每个分量只通过 ", a, " 的同一分量影响 "),
            *(cost, "，由链式法则只剩一个乘积："),
        )

    def induction_base_in_outputs(self, derivative: Formula, cost: Formula) -> Text:
        return (
            "奠基：",
            derivative,
            " 是 ",
            cost,
            f" 对{_T['output']}的{_T['derivative']}，是已知的。",
        )

    def induction_step(
        self,
        layers: Text,
        above: Formula,
        partial: Formula,
        z: Formula,
        a: Formula,
        next_z: Formula,
    ) -> Text:
        return (
            *("递推：对 ", *layers, "，设 ", above, " = ", partial, "。", z, " 的每个分量只通过 "),
            *(
                a,
                " 的同一分量起作用，而后者通过下一层 ",
                next_z,
                " 的全部分量影响代价。由链式法则，",
            ),
            "各自的贡献相加；再对前向公式求导，并代入归纳假设：",
        )

    def induction_in_outputs(self, layers: Text, a: Formula, next_z: Formula) -> Text:
        return (
            *("递推：对 ", *layers, "，设命题对后一层成立。", a, " 的每个分量通过 ", next_z),
            " 的全部分量影响代价，而后者的每个分量只通过后一层输出的同一分量起作用。由链式法则，"
            "各自的贡献相加；再对前向公式求导：",
        )

    def induction_gradients(
        self, weights: Formula, biases: Formula, z: Formula, *, batch: bool = False
    ) -> Text:
        return (
            *("权重和偏置：", weights, " 和 ", biases, " 的每个分量只出现在 ", z),
            " 的一行中，每个样本一次：" if batch else " 的一个分量中：",
        )

    def induction_end(self, layers: Text) -> Text:
        return ("因此命题对 ", *layers, " 都成立。")
