"""The sentences of a document in Chinese, as a teacher would write them on the board.

Words and formulas are set with a space between them. No sentence is a translation word by word.
"""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.languages.en.words import English
from bpsym.typeset.languages.listing import ONE_BY_M, M, joined, layers
from bpsym.typeset.languages.terms import CHINESE, LOSS_NAMES
from bpsym.typeset.languages.zh.layers import ChineseLayers
from bpsym.typeset.languages.zh.proofs import ChineseProofs
from bpsym.typeset.languages.zh.signals import ChineseSignals
from bpsym.typeset.notations.notation import Samples, Scale
from bpsym.typeset.pictures.parts import PictureWords

_T = CHINESE

# What the checker assumes is said in English there.
_ASSUMED: Mapping[str, str] = MappingProxyType(
    {
        r"Reduction: the mean over the samples, as none was given\.": "未指定汇总方式，"
        f"对各{_T['sample']}取{_T['mean']}。",
        r"Activation: (?P<name>.+) where none was given\.": f"未指定{_T['activation']}的层"
        "采用 {name}。",
        r"Loss: (?P<name>\w+), as none was given, after an output softmax\.": f"未指定{_T['loss']}"
        "函数；输出层是 softmax，故采用 {name}。",
        r"Loss: (?P<name>\w+), as none was given.*\.": f"未指定{_T['loss']}函数，采用 {{name}}。",
    }
)

# Kinds of layers; those that are not here have no Chinese name in use.
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "dense": "全连接",
        "activation": "激活",
        "add": "相加",
        "multiply": "逐元素相乘",
        "concat": "拼接",
        "layer_norm": "层归一化",
        "equation": "自定义公式",
    }
)

# What the proof by induction says of its parts.
_KINKS: Mapping[str, str] = MappingProxyType(
    {
        "derivative 0 where a = y": "a = y 处导数取 0",
        "derivative 0 where the margin is exactly met": "恰好等于间隔处导数取 0",
    }
)


class Chinese(ChineseProofs, ChineseSignals, ChineseLayers, English):
    """The words."""

    code: ClassVar[str] = "zh"
    when, otherwise = "若", "其他情形"

    between_sentences = ""

    network = _T["network"]
    conventions = _T["convention"]
    functions = "所用的函数"
    forward = _T["forward pass"]
    cost = f"{_T['cost']}函数"
    backward = f"{_T['backward pass']}：从输出层到输入层"
    gradients = f"各{_T['parameter']}的{_T['gradient']}"
    updates = f"{_T['parameter']}{_T['update']}"
    recursion = _T["recursion"]
    proof = f"{_T['induction']}证明"
    certificate = _T["certificate"]

    picture: ClassVar[PictureWords] = PictureWords("共 {} 个", "省略 {} 层", "网络结构：{}", _KINDS)

    layer_table = (
        _T["layer"],
        "类型",
        _T["activation"],
        "输入来自",
        _T["output"],
        _T["parameter"],
        "个数",
    )
    input_kind = _T["input"]
    in_all = "合计"
    assumed = "以下各项未作说明，取默认值："

    rules: ClassVar[dict[str, str]] = {
        "adjoint rule": _T["chain rule"],
        "substitute the adjoint": "代入",
        "activation slope": f"代入{_T['activation']}的{_T['derivative']}",
        "through the output": f"换成{_T['forward pass']}已算出的量",
        "constants out of sums": "把常数提到求和号外",
        "targets sum to one": f"每个{_T['sample']}的目标值之和为 1",
        "centred sums vanish": "离差之和为零",
        "cancel": "约简",
    }

    remarks: ClassVar[dict[str, str]] = {
        "targets sum to one": f"这里用到每个{_T['sample']}的目标值之和为 1。",
        "centred sums vanish": "这里用到离差之和为零。",
    }

    def title(self, name: str, spec: str | None) -> str:
        return f"{spec if spec is not None else name} 网络的{_T['backpropagation']}推导"

    def kind(self, kind: str) -> str:
        return _KINDS.get(kind, kind)

    def number(self, value: int) -> str:
        return "零一两三四五六七八九十"[value] if value <= 10 else str(value)

    def each(self, count: int) -> str:
        return f"每层 {count}"

    def shares(self, label: str) -> str:
        return f"与 {label} 共用"

    def assumption(self, sentence: str) -> str:
        for pattern, said in _ASSUMED.items():
            match = re.fullmatch(pattern, sentence)
            if match is not None:
                found = match.groupdict()
                name = found.get("name", "")
                loss = LOSS_NAMES.get(name)
                if loss is None:
                    return said.format(name=name)
                return said.replace(" {name}", f"{loss}（{name}）")
        return sentence

    def rows_sum_to_one(self, target: Formula, samples: Samples) -> Text:
        what = {Samples.ROWS: " 的每一行", Samples.ONE: " 的各元素", Samples.COLUMNS: " 的每一列"}
        return ("假定 ", target, f"{what[samples]}之和为 1。")

    any_depth_title = f"任意深度网络的{_T['backpropagation']}"

    def any_depth_cost_of_batch(self, cost: Formula, outputs: Formula, slope: Formula) -> Text:
        return (
            cost,
            " 是 ",
            M,
            " 个样本损失的平均值，每个样本的损失是 ",
            outputs,
            " 中对应一列的任意可导函数，",
            slope,
            " 由它们的导数组成。带 d 的字母，对中间量表示 ",
            cost,
            " 的偏导数的 ",
            M,
            " 倍，对权重和偏置就是偏导数本身。",
        )

    def in_last_layer(self, names: Sequence[tuple[Formula, Formula]]) -> Text:
        spoken: list[Text] = [(general, " 写作 ", own) for general, own in names]
        text: Text = ()
        for number, each in enumerate(spoken):
            text += (("，",) if number else ()) + each
        return ("层数给定时，最后一层的 ", *text, "。")

    def any_depth_cost(self, cost: Formula, outputs: Formula, slope: Formula) -> Text:
        return (cost, " 是 ", outputs, " 的任意可导函数，", slope, f" 是它的{_T['derivative']}。")

    def update(self, rate: Formula) -> Text:
        return (f"用{_T['gradient descent']}更新一步，{_T['learning rate']}为 ", rate, "：")

    def one_hot(self, target: Formula) -> Text:
        return (target, " 是独热编码：标签所在的列为 1，其余为 0。")

    def samples(self, first: Formula, count: Formula) -> Text:
        return self._indices("行", first, count)

    def columns(self, first: Formula, count: Formula) -> Text:
        return self._indices("列", first, count)

    def _indices(self, line: str, first: Formula, count: Formula) -> Text:
        return (
            f"一{line}是一个{_T['sample']}，",
            first,
            " = 1, ..., ",
            count,
            "。等号左边的下标取遍所有值，等式都成立；下标从 1 取到所在维度的大小。",
        )

    def one_sample(self, *, mean: bool) -> Text:
        together = _T["mean"] if mean else _T["sum"]
        return (
            f"以下公式都针对一个{_T['sample']}；一{_T['batch']}{_T['sample']}的{_T['gradient']}是各"
            f"{_T['sample']}{_T['gradient']}的{together}。等号左边的下标取遍所有值，等式都成立；"
            "下标从 1 取到所在维度的大小。",
        )

    def inputs_are(self, inputs: Sequence[Formula]) -> Text:
        return (*joined([(each,) for each in inputs]), f" 就是{_T['input']}。")

    def from_to(self, weight: Formula) -> Text:
        return (
            f"{_T['weight']}的下标先写起点、后写终点：",
            weight,
            " 的行对应前一层的神经元。",
        )

    def differential(self, partial: Formula, gradient: Formula) -> Text:
        return ("把 ", partial, " 简记为 ", gradient, "。")

    def delta_is(self, delta: Formula, derivative: Formula, scale: Scale) -> Text:
        text: Text = ("记 ", delta, " = ", derivative)
        match scale:
            case Scale.MINUS:
                return (*text, "，即导数取负号，这样权重的更新量前是正号。")
            case Scale.SAMPLES:
                return (
                    *text,
                    f"；{_T['mean']}的 ",
                    *ONE_BY_M,
                    f" 不在其中，而出现在{_T['parameter']}的梯度里。",
                )
            case _:
                return (*text, "。")

    def sizes(self, sizes: Sequence[Text]) -> Text:
        text: Text = ()
        for number, part in enumerate(sizes):
            text += (("，",) if number else ()) + part
        return ("各层神经元数为 ", *text, "。")

    def shared_size(self, size: Formula, layers: Sequence[str]) -> Text:
        return (*joined([(each,) for each in layers]), " 的大小都是 ", size, "。")

    def running(self, letter: Formula) -> Text:
        return ("结构相同的各层只写一次，", letter, " 是层号。")

    def mean_inside(self, delta: Formula, partial: Formula) -> Text:
        said = f"，是整{_T['batch']}代价的导数，已含平均的 "
        return ("记 ", delta, " = ", partial, said, *ONE_BY_M, "。")

    def sum_inside(self, delta: Formula, partial: Formula) -> Text:
        return ("记 ", delta, " = ", partial, f"，是对整{_T['batch']}求和的代价的导数。")

    def in_code(self, gradient: tuple[Formula, str] | None) -> Text:
        text: Text = ("程序里希腊字母写成英文拼写，",)
        if gradient is not None:
            text += (gradient[0], f" 即 {gradient[1]}，")
        return (*text, "下标从 0 起；这里从 1 起。")

    def sums(self) -> Text:
        return ("求和号作用于其右边的全部因子。",)

    def bracket(self, bracket: Formula) -> Text:
        return ("方括号在其中的条件成立时为 1，否则为 0。",)

    def kink_at(self, slopes: Sequence[Formula]) -> Text:
        return ("在不可导点取左导数：", *joined([(slope,) for slope in slopes]), "。")

    def error_function(self, value: Formula, slope: Formula) -> Text:
        return ("erf 是误差函数：", value, "，导数为 ", slope, "。")

    def likewise(self, deltas: Sequence[tuple[Formula, Formula]]) -> Text:
        text: Text = ("同样，",)
        for number, (delta, derivative) in enumerate(deltas):
            text += ("，",) * (number > 0) + (delta, " 为 ", derivative)
        return (*text, "。")

    def number_to_vector(self) -> Text:
        return ("行向量乘列向量得一个数；它与向量相加减时，对向量的每个分量进行。",)

    def loss_kink(self, sentence: str) -> Text:
        return (f"{_T['loss']}函数的不可导点：{_KINKS.get(sentence, sentence)}。",)

    def error_signal(self, error: Formula) -> Text:
        return ("输出单元的误差信号 ", error, " 是目标值减去实际输出：")

    def zero_log_zero(self) -> Text:
        return ("约定 0 log 0 = 0。",)

    def output_letter(self, output: Formula, value: Formula) -> Text:
        return (f"{_T['derivative']}中的 ", output, " 表示输出，即 ", output, " = ", value, "。")

    def loss_of(self, kind: str, outputs: Sequence[Formula], target: Formula | None) -> Text:
        reads = joined([(each,) for each in outputs])
        said = LOSS_NAMES.get(kind, f" {kind}" if kind else "所给损失")
        if target is None:
            return (*reads, f" 的{said}")
        return (*reads, " 对 ", target, f" 的{said}")

    def cost_is(self, losses: Sequence[Text], *, mean: bool, decay: str | None) -> Text:
        over = _T["mean"] if mean else _T["sum"]
        text: Text = (f"{_T['cost']}是各{_T['sample']}{_T['loss']}的{over}，{_T['loss']}为 ",)
        return (*text, *joined(losses), *self._decay(decay), "。")

    def cost_of_one_sample(self, losses: Sequence[Text], *, decay: str | None) -> Text:
        text: Text = (f"一个{_T['sample']}的{_T['cost']}就是其{_T['loss']}：",)
        return (*text, *joined(losses), *self._decay(decay), "。")

    def _decay(self, decay: str | None) -> Text:
        if decay is None:
            return ()
        return (
            f"，再加上{_T['weight decay']}项：{_T['weight']}平方和的 {decay}/2 倍"
            f"（不含{_T['bias']}，不除以 m）",
        )

    def layers(self, first: Formula | str, start: int, following: int, last: int) -> Text:
        return ("对 ", first, f" = {layers(start, following, last)}：")

    def route(self, hops: Sequence[tuple[Formula, Sequence[Formula]]], cost: Formula) -> Text:
        text: Text = ()
        for number, (tensor, readers) in enumerate(hops):
            text += ("，",) if number else ()
            text += self._hop(tensor, readers, cost, first=number == 0)
        return (*text, "。")

    def _hop(
        self, tensor: Formula, readers: Sequence[Formula], cost: Formula, *, first: bool
    ) -> Text:
        if list(readers) == [cost]:
            return (tensor, " 直接出现在 ", cost, " 中")
        others = [each for each in readers if each != cost]
        through = joined([(each,) for each in others])
        text: Text = (tensor, " 只通过 " if len(readers) == 1 else " 通过 ", *through)
        text += (" 影响 ", cost) if first else (" 起作用",)
        if len(others) < len(readers):
            text += ("，也直接出现在 ", cost, " 中")
        if len(readers) > 1:
            count = self.number(len(readers))
            text += (f"：被用到{count}处，导数就有{count}项，相加即得",)
        return text

    def routes_of_parameters(
        self, parameters: Sequence[Formula], readers: Sequence[Formula], cost: Formula
    ) -> Text:
        subject = joined([(each,) for each in parameters])
        through = joined([(each,) for each in readers])
        if len(readers) == 1:
            return (*subject, " 只通过 ", *through, " 影响 ", cost, "。")
        count = self.number(len(readers))
        ways = f"：被用到{count}处，梯度就有{count}项，相加即得。"
        return (*subject, " 通过 ", *through, " 影响 ", cost, ways)
