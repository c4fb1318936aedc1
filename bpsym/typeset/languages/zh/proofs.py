"""The sentences on the whole loss, on what derivatives cost, and on what was proven, in Chinese."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.proofs import EnglishProofs, enumerated
from bpsym.typeset.languages.terms import CHINESE
from bpsym.typeset.languages.zh.induction import ChineseInduction

_T = CHINESE

_REMARKS: tuple[tuple[str, str], ...] = (
    (
        r"brute force: not done, no small sizes fit the equations",
        "没有合适的小规模，未做直接求导。",
    ),
    (r"brute force: not done, .+", "网络过大，未做直接求导。"),
    (r"brute force: on the network itself(.*)", r"直接求导用的就是本网络\1。"),
    (
        r"brute force: on the network with other widths, ([\d.-]+)(.*)",
        r"直接求导用的是结构相同、宽度改为 \1 的网络\2。",
    ),
    (
        r"brute force: on a shorter network \((\d+) equations for (\d+)\)(.*)",
        r"直接求导用的是层数较少的同类网络（方程 \1 个，原为 \2 个）\3。",
    ),
    (
        r"any depth: not applicable, each output of (.+) depends on .+",
        r"\1 的每个输出依赖于同层的所有单元，任意深度的归纳证明不适用。",
    ),
    (
        r"any depth: not applicable, (.+) has a parameter that is learned",
        r"\1 带有需要学习的参数，任意深度的归纳证明不适用。",
    ),
    (
        r"any depth: not applicable, .+",
        "本网络不是全连接层首尾相接的链，任意深度的归纳证明不适用。",
    ),
)

# Within a remark.
_PARTS: tuple[tuple[str, str], ...] = (
    (r", (\d+) samples?", rf"，\1 个{_T['sample']}"),
    (r", (\d+) of its (\d+) single parameters", rf"，取其 \2 个{_T['parameter']}中的 \1 个"),
    (r" in which (\d+) of its formulas do not occur", r"，其中缺原网络的 \1 个公式"),
    (r", ([\d.-]+)(?=，|$)", r"，宽度 \1"),
)


class ChineseProofs(ChineseInduction, EnglishProofs):
    """The words."""

    whole_loss = "展开的损失，以及递推省下了什么"
    count_table = ("计算内容", "运算次数", "相当于损失的倍数")
    nothing_proven = "应要求，本文未经证明：生成时跳过了全部证明。"

    scalar_rules: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "raw derivative": "求导",
            "common factors": "提取公因式",
            "name the units": "给各神经元的量命名",
            "slopes through the outputs": "用输出表示激活函数的导数",
            "collect the paths": "展开并合并同一路径前的项",
            "arrange the terms": "整理各项",
            "name the adjoint": "给对各神经元的导数命名",
            "centred sums vanish": "离差之和为零",
            "through the output": "换成前向传播已算出的量",
            "targets sum to one": "每个样本的目标值之和为 1",
            "constants out of sums": "把常数提到求和号外",
            "cancel": "约简",
        }
    )

    def whole_loss_is(self, cost: Formula, operations: int) -> Text:
        return (
            f"一个{_T['sample']}的 ",
            cost,
            f"，只用{_T['input']}、目标和单个{_T['parameter']}写出，共 {operations:,} 次运算：",
        )

    def not_written(self, operations: int, characters: int) -> Text:
        return (f"全部展开有 {operations:,} 次运算、{characters:,} 个字符，一页写不下，此处从略。",)

    def too_large(self) -> Text:
        return ("这个网络的损失或其导数展开后要写好几页，这里不写出，只统计运算次数。",)

    def raw_derivative(self, weight: Formula, code: str | None, operations: int) -> Text:
        named = (f"（程序里是 {code}）",) if code is not None else ()
        return (
            "对 ",
            weight,
            *named,
            ("" if named else " ") + f"直接求导，不作任何整理，共 {operations:,} 次运算：",
        )

    def rewritten_by(self, rules: Sequence[str], before: int, after: int) -> Text:
        said = "，再".join(self.scalar_rules.get(each, each) for each in rules)
        change = f"{after:,} 次运算" if before == after else f"运算次数 {before:,} → {after:,}"
        return (f"{said}：{change}。",)

    def units_named(self, units: Sequence[Formula]) -> Text:
        return ("记号：", *enumerated(units, " 和 ", "、"), "。")

    def first_shown(self, left_out: int) -> Text:
        if left_out > 1:
            return (f"前 {left_out} 个式子一页写不下，从这里起逐一写出。",)
        return ("最初的式子一页写不下，从这里起逐一写出。",)

    def delta_form_reached(self, raw: int, delta: int) -> Text:
        return (
            f"这正是{_T['backward pass']}的公式。运算次数由 {raw:,} 减为 {delta:,}；其中的中间量"
            f"只算一次，其余{_T['parameter']}的{_T['gradient']}也都用得上。",
        )

    def not_followed(self) -> Text:
        return ("这个式子的嵌套次序特殊，无法逐步指出链式法则；它的值与前面的公式相同。",)

    def independent(self, weight: Formula) -> Text:
        return ("损失与 ", weight, " 无关，导数为 0。")

    def counts(self, parameters: int) -> Text:
        return (
            f"对一个{_T['sample']}求全部 {parameters:,} 个{_T['parameter']}的导数，按公式统计的"
            "运算次数（加、乘、除、乘方和函数各算一次）：",
        )

    def count_rows(self, parameters: int) -> tuple[str, str, str, str]:
        return (
            "损失本身（每个量只算一次）",
            f"递推：{_T['forward pass']}、误差项和{_T['gradient']}",
            f"有限差分：计算损失 {parameters + 1:,} 次",
            "逐个直接求导",
        )

    uncounted = "多得无法统计"

    def about(self, number: int) -> str:
        return f"约 {number:,}"

    # The certificate

    def all_proven(self, number: int) -> Text:
        return (f"本文的公式都先证明、后写出；生成本文时共验证了 {number:,} 个等式。",)

    def by_brute_force(self, gradients: int, parameters: int, bound: Formula | None) -> Text:
        return (
            f"直接求导：{parameters} 组{_T['parameter']}中的 {gradients} 个{_T['gradient']}。把整个"
            f"{_T['cost']}写成一个式子求导，在素数域的随机点上与公式的值"
            "一致",
            *self._chance(bound),
            "。",
        )

    def exactly(self, number: int, bound: Formula | None) -> Text:
        said = f"精确成立：{number} 个等式，在素数域的随机点上验证"
        return (said, *self._chance(bound), "。")

    def _chance(self, bound: Formula | None) -> Text:
        return () if bound is None else ("，错误等式蒙混过关的概率小于 ", bound)

    def to_digits(self, number: int, digits: int) -> Text:
        return (
            f"数值验证：{number} 个等式，在随机点上 {digits} 位数字一致"
            "（证据很强，但不是有误差界的证明）；"
            "其中有根号的符号无法在素数域中确定，或分支太多而不能逐一验证。",
        )

    def by_induction(self, number: int) -> Text:
        return (f"递推公式对任意层数成立：用{_T['induction']}证明，共 {number} 个等式。",)

    def as_printed(self, number: int) -> Text:
        return (
            f"其中 {number} 个等式就是本文印出的各行：各导数的链式法则、化简的每一步、"
            "函数的导数，都从印出的公式读回后再作证明。",
        )

    def as_read(self, number: int) -> Text:
        return (
            f"此外，本文印出的 {number} 个等式，都照印出的字母代入随机数值逐一算过，各边相等。",
        )

    def proof_remark(self, remark: str) -> str | None:
        if remark.startswith("assumed: "):
            return None
        for pattern, said in _REMARKS:
            match = re.fullmatch(pattern, remark)
            if match is not None:
                text = match.expand(said)
                for part, put in _PARTS:
                    text = re.sub(part, put, text)
                return text
        return remark
