"""The sentences on networks of any depth and on the proof by induction, in Chinese."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.induction import EnglishInduction
from bpsym.typeset.languages.listing import joined
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

    # The certificate

    def step_proven(self, above: Formula, by: Sequence[Formula]) -> Text:
        return (
            *(
                "递推步：不论后面各层如何，把代价看作 ",
                above,
                " 的任意可导函数，各偏导数作为未知量；",
            ),
            *("用 sympy 求它对 ", *joined([(each,) for each in by]), " 各分量的"),
            f"{_T['derivative']}，结果与公式一致。",
        )

    def base_proven(self, outputs: Formula, z: Formula) -> Text:
        return (
            *("奠基：同样，把代价看作 ", outputs, " 的任意可导函数，它对 ", z),
            f" 的{_T['derivative']}与公式一致。",
        )

    def widths_proven(self, pairs: Sequence[tuple[int, int]]) -> Text:
        said = "、".join(f"{lower} 和 {upper}" for lower, upper in pairs)
        return (f"相邻两层的神经元数分别取 {said}。",)

    def rule_proven(self, number: int) -> Text:
        said = "把层号当作下标，由链式法则得到的正是上面的递推公式："
        return (f"{said}{number} 个等式，层数取 1、2、3。",)

    def unrolled_proven(self, last: Formula, depths: Sequence[int], counts: Sequence[int]) -> Text:
        return (
            *(
                "另用直接求导核对：对 ",
                last,
                f" = {_numbers(depths)}，把整个代价写成一个式子求导，",
            ),
            f"与递推公式逐层展开的结果比较，全部 {_numbers(counts)} 个权重和偏置都一致。",
        )

    def thresholds_proven(
        self, last: Formula, depths: Sequence[int], counts: Sequence[int]
    ) -> Text:
        return (
            *("阈值取减号时同样核对：", last, f" = {_numbers(depths)}，"),
            f"全部 {_numbers(counts)} 个{_T['derivative']}都一致。",
        )

    def batch_proven(
        self, samples: int, last: Formula, depths: Sequence[int], counts: Sequence[int]
    ) -> Text:
        return (
            *(f"对含 {samples} 个样本的批量同样核对：", last, f" = {_numbers(depths)}，"),
            f"全部 {_numbers(counts)} 个{_T['derivative']}都一致。",
        )

    def any_depth_exact(self, number: int, chance: Formula) -> Text:
        return (
            f"这 {number} 项比较都是精确的，在素数域的随机点上进行；错误等式蒙混过关的概率小于 ",
            *(chance, "。"),
        )

    def induction_end(self, layers: Text) -> Text:
        return ("因此命题对 ", *layers, " 都成立。")


def _numbers(values: Sequence[int]) -> str:
    return "、".join(map(str, values))
