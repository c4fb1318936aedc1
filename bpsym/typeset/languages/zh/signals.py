"""Sentences on an error signal that is passed back, in Chinese."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.signals import EnglishSignals
from bpsym.typeset.languages.listing import joined


class ChineseSignals(EnglishSignals):
    """The words."""

    error_signals = "误差信号的逐步回传"

    def signal_of(self, weight: Formula, cost: Formula) -> Text:
        return (
            "以一个权重 ",
            weight,
            " 为例，沿网络逆向追踪误差信号，求出它的梯度：信号穿过神经元时乘以该处的局部梯度，"
            "沿连接边回传时乘以边上的权重，几条边汇合处把各份信号相加。信号在某处的值，就是 ",
            cost,
            " 对该处变量的偏导数。",
        )

    def signal_pass(self, weight: Formula, reader: Formula) -> Text:
        return (weight, " 用于计算 ", reader, " 的那一遍：")

    def signal_starts(self, here: Formula, cost: Formula, terms: Sequence[Formula]) -> Text:
        if terms:
            through = joined([(each,) for each in terms])
            return ("误差信号从 ", here, " 出发，它经 ", *through, " 进入 ", cost, "。")
        return ("误差信号从 ", here, " 出发，它直接出现在 ", cost, " 中。")

    def signal_across(self, here: Formula, output: Formula) -> Text:
        return (
            "信号穿过由 ",
            here,
            " 得到 ",
            output,
            " 的神经元，要乘以这个神经元的局部梯度。",
        )

    def signal_at(self, here: Formula) -> Text:
        return ("于是到达 ", here, " 处的误差信号就是它的 δ。")

    def signal_is_shared_out(self, above: Sequence[Formula]) -> Text:
        return (
            *joined([(each,) for each in above]),
            " 处的信号要沿连入它的各条边分摊下去：每条边回传的一份，是信号乘以边上的权重。",
        )

    def signal_gathered(self, here: Formula, count: int) -> Text:
        if count > 1:
            return (here, " 被读取几次，就有几项：把各份信号相加。")
        return (here, " 处的信号，是从它出发的各条边回传的份额之和。")

    def signal_through(self, here: Formula, above: Sequence[Formula]) -> Text:
        return (
            here,
            " 用于计算 ",
            *joined([(each,) for each in above]),
            "：每一处回传的是那里的信号乘以局部梯度，再相加。"
            if len(above) > 1
            else "：回传的是那里的信号乘以局部梯度。",
        )

    def signal_through_softmax(self, here: Formula, output: Formula) -> Text:
        return (
            here,
            " 经 softmax 的分母影响 ",
            output,
            " 的每个单元：每个单元回传各自的信号乘以各自的局部梯度，再相加。",
        )

    def signal_to_weight(self, delta: Formula, value: Formula, weight: Formula) -> Text:
        return (
            "最后轮到权重本身：把 ",
            delta,
            " 处的信号乘以 ",
            value,
            "，即前向传播时与 ",
            weight,
            " 相乘的那个输入。",
        )

    def signal_of_decay(self, weight: Formula, decay: Formula, cost: Formula) -> Text:
        return (
            weight,
            " 还通过权重衰减项 ",
            decay,
            " 直接出现在 ",
            cost,
            " 中，与误差信号无关，再加上 ",
            decay,
            " 的导数。",
        )

    def signal_arrived(self, weight: Formula) -> Text:
        return ("这就是 ", weight, " 的梯度：")

    def signal_share_of_pass(self, weight: Formula, share: Formula) -> Text:
        return ("这一遍给 ", weight, " 的梯度贡献一项 ", share, "。")

    def signal_passes_add_up(self, weight: Formula, count: int) -> Text:
        number = "零一两三四五六七八九"[count] if count < 10 else str(count)
        return (f"同一个权重用了{number}次，故梯度有{number}项，相加得 ", weight, " 的梯度：")
