"""The words of the interactive page in Chinese."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from bpsym.typeset.languages.en.page import PageEnglish, Slope
from bpsym.typeset.languages.terms import CHINESE

_T = CHINESE


class PageChinese(PageEnglish):
    """The words."""

    code: ClassVar[str] = "zh"
    between_sentences = ""

    skip = "跳到推导"
    sample = _T["sample"]
    notation = "记号"
    code_names = "代码中的名字"
    languages = "语言"
    dark = "深色"
    back = "上一步"
    next = "下一步"
    find = "在推导中查看"
    way = "连同沿途的误差信号"
    steps = "一次训练，逐步演示"
    explorer = "网络与数值"
    numbers = "代入数值的公式"
    formula = "公式"

    phases: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "forward": "前向",
            "cost": _T["cost"],
            "deltas": "误差信号",
            "gradients": _T["gradient"],
            "update": _T["update"],
        }
    )

    no_letters = "没有表示这种网络的字母"

    def left_out(self, reasons: Sequence[tuple[str, str]]) -> str:
        listed = "；".join(f"{name}（{why}）" for name, why in reasons)
        return f"未列出：{listed}" if reasons else ""

    def network(self, title: str) -> str:
        return (
            f"{title}。连线是{_T['weight']}，越粗绝对值越大，虚线为负。"
            "用方向键在神经元与权重之间移动，按回车选中。"
        )

    def layer(self, label: str) -> str:
        return f"第 {label} 层" if label.isdigit() else f"{label} 层"

    def unit(self, label: str, number: int, *, is_input: bool, alone: bool) -> str:
        if not is_input:
            return f"{self.layer(label)}的 {number} 号神经元"
        return f"第 {number} 个{_T['input']}" if alone else f"{label} 的第 {number} 个{_T['input']}"

    def weight(self, source: str, target: str) -> str:
        return f"从{source}到{target}的{_T['weight']}"

    def bias(self, unit: str) -> str:
        return f"{unit}的{_T['bias']}"

    def parameter(self, name: str, label: str) -> str:
        return f"{self.layer(label)}的{_T['parameter']} {name}"

    def capitalised(self, words: str) -> str:
        return words

    cost = f"{_T['cost']}"

    def values_of(self, label: str) -> str:
        return f"{self.layer(label)}的值"

    def signals_of(self, label: str) -> str:
        return f"{self.layer(label)}的误差信号"

    def signals_of_input(self, label: str) -> str:
        return f"对{_T['input']} {label} 的{_T['derivative']}"

    def gradients_of(self, label: str) -> str:
        return f"{self.layer(label)}的{_T['gradient']}"

    def weight_said(self, uses: int, *, decays: bool, samples: int) -> str:
        over = f"，再对各{_T['sample']}求和" if samples > 1 else ""
        said = f"它的梯度等于所到神经元的误差信号，乘以它传过去的值{over}。"
        if uses > 1:
            said = (
                f"有 {uses} 个层共用它，每一层为它的梯度贡献一项："
                f"该层中所到神经元的误差信号，乘以它在那里传过去的值{over}。"
            )
        return said + ("权重衰减还会加上该权重本身的一个倍数。" if decays else "")

    def bias_said(self, uses: int, *, samples: int) -> str:
        over = f"，再对各{_T['sample']}求和" if samples > 1 else ""
        first = f"{_T['bias']}是常数 1 上的{_T['weight']}"
        if uses > 1:
            return (
                f"{first}。有 {uses} 个层共用它，它的梯度是各层中所在神经元的误差信号之和{over}。"
            )
        return f"{first}，它的梯度就是所在神经元的误差信号{over}。"

    parameter_said = "凡用到它的地方传回来的，全部相加，就是它的梯度。"
    unit_said = "它接收什么、输出什么，以及传回到它的误差信号。"

    def input_said(self, *, multiplied: bool) -> str:
        more = f"；读入它的层把它乘以{_T['weight']}" if multiplied else ""
        return f"{_T['input']}是给定的{more}。"

    def cost_said(self, *, targets: bool, decays: bool) -> str:
        measures = f"衡量{_T['output']}与目标的差距" if targets else f"评价{_T['output']}"
        decay = "，并加上权重衰减项" if decays else ""
        return f"{_T['cost']}{measures}{decay}；误差信号都从这里出发。"

    formula_said = "同一个公式，对每个神经元或每个权重分别代入数值。"
    large_said = "这里只列出图上画出的神经元和权重的数值。"

    def paths(self, count: int, samples: int) -> str:
        if samples > 1:
            return f"对单个{_T['sample']}，它沿 {count:,} 条路径影响{_T['cost']}。"
        if count == 1:
            return f"它沿 1 条路径影响{_T['cost']}；沿这条路径的乘积就是它的梯度。"
        return f"它沿 {count:,} 条路径影响{_T['cost']}；各路径的乘积相加就是它的梯度。"

    given = "给定的值"
    start = "概览"

    def samples_said(self, count: int, last: int, *, of_one: bool) -> str:
        among = f"（可选前 {last} 个）" if last < count else ""
        if of_one:
            return (
                f"共 {count} 个{_T['sample']}。这些公式针对单个{_T['sample']}，"
                f"数值取上方所选的{_T['sample']}{among}。"
            )
        return (
            f"共 {count} 个{_T['sample']}：神经元和各分量取上方所选{_T['sample']}{among}的值，"
            f"{_T['cost']}和{_T['gradient']}则由全部{_T['sample']}算出。"
        )

    def start_said(self, source: str, samples: int) -> str:
        count = f"一个{_T['sample']}" if samples == 1 else f"{samples} 个{_T['sample']}"
        return (
            f"数值取自{source}，{count}。把指针移到权重、神经元或公式上：蓝色是所选的，"
            f"橙色是误差传回它所经过的路。也可以逐步走完一次训练。线越粗{_T['weight']}越大，"
            "虚线为负。"
        )

    def seed(self, number: int) -> str:
        return f"随机种子 {number}"

    def forward_title(self, label: str) -> str:
        return f"{_T['forward pass']}：{self.layer(label)}"

    def forward_said(self, reads: Sequence[str], *, dense: bool, bias: bool, slope: Slope) -> str:
        if dense:
            then = {Slope.UNIT: "，再经过激活函数", Slope.ROW: "，再经过 softmax"}
            own = f"，加上{_T['bias']}" if bias else ""
            return f"每个神经元把读入的值按{_T['weight']}加权求和{own}{then.get(slope, '')}。"
        return f"由 {'、'.join(reads)} 算出。"

    cost_title = _T["cost"]

    def step_cost_said(self, *, targets: bool, decays: bool) -> str:
        compared = f"把{_T['output']}与目标比较" if targets else f"由{_T['output']}算出{_T['cost']}"
        return f"{compared}{'，加上权重衰减项' if decays else ''}，得到一个数。"

    def delta_title(self, label: str) -> str:
        return f"{self.layer(label)}的误差信号"

    def delta_said(
        self,
        readers: Sequence[str],
        *,
        last: bool,
        along_weights: bool,
        slope: Slope,
        difference: bool,
    ) -> str:
        into = {
            Slope.UNIT: "，再乘以该处激活函数的导数",
            Slope.ROW: (
                "，再经 softmax 传回：每个加权和都影响同一行的所有输出，"
                "因此要把同一行各输出传回的量相加"
            ),
            Slope.EQUATIONS: "，再经本层的公式传回",
            Slope.NONE: "",
        }[slope]
        if not readers:
            rest = f"大部分会抵消，剩下{_T['output']}减去目标（系数由{_T['cost']}决定）。"
            own = f"{_T['cost']}对各{_T['output']}的{_T['derivative']}{into}。"
            return own + (rest if difference else "")
        layers = "、".join(self.layer(each) for each in readers)
        also = f"{_T['cost']}也直接用到它，因此还多一项。" if last else ""
        back = f"{layers}的误差信号沿{_T['weight']}传回" if along_weights else f"从{layers}传回的量"
        return f"{back}，在每个神经元处相加{into}。{also}"

    def gradients_title(self, label: str) -> str:
        return f"{self.layer(label)}的{_T['gradient']}"

    def gradients_said(
        self, *, dense: bool, bias: bool, others: bool, uses: int, decays: bool, samples: int
    ) -> str:
        if not dense:
            return f"传回到每个{_T['parameter']}的量，全部相加。"
        said = [f"每个{_T['weight']}：终点的误差信号乘以起点的值。"]
        if bias:
            said.append(f"每个{_T['bias']}：所在神经元的误差信号。")
        if others:
            said.append(f"其余每个{_T['parameter']}：传回到它的量，全部相加。")
        if uses > 1:
            said.append(f"有 {uses} 个层共用这些{_T['parameter']}，各层贡献的项相加。")
        if samples > 1:
            said.append(f"以上都对各{_T['sample']}求和。")
        if decays:
            said.append(f"权重衰减再为每个{_T['weight']}加上它本身的一个倍数。")
        return "".join(said)

    def update_title(self, label: str) -> str:
        return f"{_T['update']}{self.layer(label)}"

    def update_said(self, rate: str) -> str:
        return f"每个{_T['parameter']}沿负梯度方向走一步，{_T['learning rate']}为 {rate}。"

    after_title = f"再算一次{_T['cost']}"

    def after_said(self, before: str, after: str, *, less: bool) -> str:
        verdict = "变小了。" if less else "没有变小：这一步太长了。"
        return f"更新前 {before}，更新后 {after}。{verdict}"

    def gap_said(self, first: str, last: str) -> str:
        return f"从{self.layer(first)}到{self.layer(last)}未画出，做法相同。"
