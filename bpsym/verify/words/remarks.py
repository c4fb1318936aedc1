"""What a report says beside the verdict: how the code was read, notes, what is not told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.numbers.points import Points
    from bpsym.verify.numbers.reference import Reference
    from bpsym.verify.report import LossResult

NOTES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "coarse": (
            "the error bar of {names} is above 1 % of the gradient: nothing smaller is seen",
            "{names} 的误差界大于其自身的 1%:更小的差异看不出来",
        ),
        "loss": (
            "the loss is off by {off:.0e} of itself: an epsilon inside a logarithm?",
            "损失的相对差为 {off:.0e}:对数里有 epsilon?",
        ),
        "kink": (
            "kink-convention: exactly on a kink the right-hand derivative is used, where the "
            "derivation uses the left-hand one; both are right",
            "kink-convention:恰好在折点处用了右导数,推导用左导数;两者都对",
        ),
        "kink nan": (
            "the gradient is not finite where a pre-activation lies exactly on a kink",
            "预激活恰好在折点上时梯度不是有限数",
        ),
        "other widths raise": (
            "at other widths ({twin}) the code raises: it is for the declared widths alone",
            "在其他宽度({twin})下代码报错:它只适用于所声明的宽度",
        ),
        "other widths": (
            "at other widths ({twin}) the gradients of {names} are wrong: the code is right for "
            "the declared widths alone",
            "在其他宽度({twin})下 {names} 的梯度不对:代码只在所声明的宽度下正确",
        ),
        "left raised": (
            "line {line} of the file raised {type}: {message}; what is judged does not need it",
            "文件第 {line} 行引发 {type}:{message};所判断的代码用不到它",
        ),
        "left long": (
            "line {line} of the file, below what is judged, takes long and was left out; put it "
            'below if __name__ == "__main__":',
            "文件第 {line} 行在所判断的代码之下,运行时间长,已跳过;请放到 "
            'if __name__ == "__main__": 之下',
        ),
        "momentum": (
            "the step keeps a part of the last one, momentum {part:.3g}: a second call with the "
            "same arguments gives {ratio:.3f} x the first; the first call is judged",
            "这一步保留了上一步的一部分(动量 {part:.3g}):相同参数的第二次调用是第一次的 "
            "{ratio:.3f} 倍;判断的是第一次调用",
        ),
        "branch": (
            "no point has {z} between {low:g} and {high:g}: that branch is not seen",
            "没有一个点的 {z} 落在 {low:g} 与 {high:g} 之间:看不出这一分支",
        ),
        "lines": ("the lines are those of {path}", "行号是 {path} 的行号"),
        "crowded": (
            "no batch has more than {m} samples: a slice such as X[:32] is not seen",
            "每批最多 {m} 个样本:看不出 X[:32] 这样的截取",
        ),
        "single": (
            "one sample per call: a 1/m over a batch is not seen",
            "每次调用一个样本:看不出对批量取平均的 1/m",
        ),
        "dead": (
            "the gradients of {names} are zero at every point",
            "{names} 的梯度在所有点上都是零",
        ),
        "square": (
            "all weights are square: whether they are (out, in) or (in, out) was told by numbers",
            "所有权重都是方阵:(out, in) 还是 (in, out) 由数值判断",
        ),
        "hot": (
            "targets are one-hot: whether y is summed over the classes is not seen",
            "目标是 one-hot:看不出是否对类别求了 y 的和",
        ),
    }
)


def note(key: str, lang: Language, **fields: object) -> str:
    """A note in a language."""
    return NOTES[key][lang == "zh"].format(**fields)


def notes(loss: LossResult, coarse: Sequence[str], epsilon: float, lang: Language) -> Iterator[str]:
    """What is worth knowing and no failure."""
    if coarse:
        yield note("coarse", lang, names=", ".join(coarse))
    if loss.ok and loss.yours is not None and loss.right:
        off = abs(loss.yours - loss.right) / abs(loss.right)
        if off > 64 * epsilon:
            yield note("loss", lang, off=off)


def left_note(left: Mapping[str, Any], lang: Language) -> str:
    """What is said of a statement of the file that was left out."""
    if left["type"] == "TooLongError":
        return note("left long", lang, line=left["line"])
    return note("left raised", lang, line=left["line"], type=left["type"], message=left["message"])


def cannot_tell(
    reading: Reading, reference: Reference, points: Points, lang: Language
) -> Iterator[str]:
    """What looks the same at every point of this network."""
    network = reading.search.network
    if reading.form.single:
        yield note("single", lang)
    dead = [
        name
        for name in network.names
        if all(not np.any(reference.at(point).grads[name]) for point in points.generic)
    ]
    if dead:
        yield note("dead", lang, names=", ".join(dead))
    matrices = [shape for shape in network.parameters.values() if len(shape) == 2]
    told = reading.search.options.weights is not None
    if not told and all(rows == columns and rows > 1 for rows, columns in matrices):
        yield note("square", lang)
    labels = any(each.targets == "labels" for each in reference.derivation.network.losses)
    if (
        network.classes
        and not labels
        and all(
            np.all((point.targets[name] == 0) | (point.targets[name] == 1))
            for point in points.generic
            for name in network.classes
        )
    ):
        yield note("hot", lang)


# How code was read, in Chinese; adapters speak English.
_ASSUMED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"samples are rows, X \(m, n0\)", "样本为行,X (m, n0)"),
        (r"samples are columns, X \(n0, m\)", "样本为列,X (n0, m)"),
        (r"one sample per call, x (\(.*\))", r"每次调用一个样本,x \1"),
        (r"weights are (\(.*\))", r"权重为 \1"),
        (r"biases are (\(.*\))", r"偏置为 \1"),
        (r"biases are the first column of W", "偏置是 W 的第一列"),
        (r"biases are the last column of W", "偏置是 W 的最后一列"),
        (r"biases are the first row of W", "偏置是 W 的第一行"),
        (r"biases are the last row of W", "偏置是 W 的最后一行"),
        (r"the bias is a number", "偏置是一个数"),
        (r"thresholds, subtracted, stand for biases: each is -b", "用减去的阈值代替偏置,阈值为 -b"),
        (r"the target of the one output is \(m,\)", "单输出的目标为 (m,)"),
        (r"targets are integer labels, \(1, m\)", "目标为整数标签,(1, m)"),
        (r"targets are integer labels", "目标为整数标签"),
        (r"parameters come as a dict by name", "参数为按名字的字典"),
        (r"parameters come as one list, in order", "参数按顺序放在一个列表里"),
        (r"parameters come as a list with a tuple for each layer", "参数为列表,每层一个元组"),
        (r"parameters come as a list with a dict for each layer", "参数为列表,每层一个字典"),
        (r"parameters come as \(weights, biases\), two lists", "参数为 (weights, biases) 两个列表"),
        (
            r"parameters come as one flat vector, in order, each in C order",
            "参数为一个向量,按顺序,各按 C 顺序",
        ),
        (
            r"parameters come as one flat vector, weights before biases, each in C order",
            "参数为一个向量,权重在偏置之前,各按 C 顺序",
        ),
        (r"parameters come as the code asks for them, (.*)", r"参数按代码的取法给出,如 \1"),
        (r"weights and biases come as two lists", "权重和偏置为两个列表"),
        (r"the global variable (.*) is (X|Y|m|1)", r"全局变量 \1 为 \2"),
        (
            r"weights and biases come as dicts by number of the layer, (.*)",
            r"权重和偏置为按层号的字典,如 \1",
        ),
        (
            r"weights and biases come as lists that begin with None, (.*)",
            r"权重和偏置为以 None 开头的列表,如 \1",
        ),
        (r"the learning rate is the global variable (.*)", r"学习率为全局变量 \1"),
        (r"(.*) is dC/dz of the output", r"\1 为输出的 dC/dz"),
        (r"(.*) is (.*) of the forward pass", r"\1 为前向计算的 \2"),
        (
            r"the strength of decay is handed over times m, since the code divides it by m",
            "正则化系数乘以 m 传入,因为代码把它除以 m",
        ),
        (r"gradients are global variables", "梯度为全局变量"),
        (r"parameters are the global variables (.*)", r"参数为全局变量 \1"),
        (r"parameters are (.*)", r"参数为 \1"),
        (r"(.*) is called first and its result handed on", r"先调用 \1 并传递其结果"),
        (r"(.*) is called before (.*)", r"在 \2 之前调用 \1"),
        (r"set before the call: (.*)", r"调用之前设置:\1"),
        (
            r"gradients are recovered from the change of the weights, over the rate",
            "梯度由权重的变化除以学习率得到",
        ),
        (
            r"gradients are recovered from what (.*) does to the weights",
            r"梯度由 \1 对权重的改变得到",
        ),
        (r"the step has the length (.*) times the gradient", r"步长为梯度的 \1 倍"),
        (
            r"no learning rate was found, so 1 is assumed; give the rate if it is another",
            "没有找到学习率,假设为 1;如果不是,请给出",
        ),
        (r"the results of the samples are averaged", "对各样本的结果取平均"),
        (r"the results of the samples are added", "对各样本的结果求和"),
        (r"gradients come as a dict by name", "梯度为按名字的字典"),
        (r"gradients come in the order (.*)", r"梯度的顺序为 \1"),
        (r"gradients come as two lists, weights first", "梯度为两个列表,权重在前"),
        (r"gradients come as two lists, biases first", "梯度为两个列表,偏置在前"),
        (r"gradients come as a list with a tuple per layer", "梯度为列表,每层一个元组"),
        (r"gradients come as a list with a dict per layer", "梯度为列表,每层一个字典"),
        (r"gradients come as a list for each letter", "梯度为每个字母一个列表"),
        (r"gradients come as a dict with a dict per layer", "梯度为字典,每层一个字典"),
        (r"gradients come as a dict, in the order of the parameters", "梯度为字典,按参数的顺序"),
        (r"gradients are attributes of the object", "梯度为对象的属性"),
        (r"the flat vector holds (.*)", r"向量依次为 \1"),
        (r"one gradient", "一个梯度"),
    )
)


def assumed(sentences: Sequence[str], lang: Language) -> tuple[str, ...]:
    """How the code was read, in a language."""
    if lang == "en":
        return tuple(sentences)
    return tuple(_translated(each) for each in sentences)


def _translated(sentence: str) -> str:
    for pattern, text in _ASSUMED:
        found = pattern.fullmatch(sentence)
        if found:
            return found.expand(text)
    return sentence
