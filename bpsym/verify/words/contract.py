"""The words for what is wrong before any number is compared."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from bpsym.verify.report import Diagnosis

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "..."


# code -> what, evidence, fix in English; the same in Chinese
SENTENCES: Mapping[str, tuple[str, str, str, str, str, str]] = MappingProxyType(
    {
        "shape not numbers": (
            "the gradient in {name} comes back as {came}",
            "{found} came back as real numbers, {name} did not",
            "Give {name} as an array of real numbers, of shape {shape}.",
            "{name} 的梯度不是实数数组",
            "返回的 {name} 是 {came}",
            "把 {name} 返回为形状 {shape} 的实数数组。",
        ),
        "missing-gradient": (
            "there is no gradient in {name}",
            "{found} came back, {name} did not",
            "Return it too: {name}, of shape {shape}.",
            "缺少 {name} 的梯度",
            "返回了 {found},没有 {name}",
            "也返回它:{name},形状 {shape}。",
        ),
        "zero-gradient": (
            "the gradient in {name} was never filled",
            "{name} came back as None or empty",
            "Assign it before returning.",
            "{name} 的梯度从未赋值",
            "{name} 返回 None 或空",
            "返回之前给它赋值。",
        ),
        "blocks-swapped": (
            "the gradients come back in the wrong order",
            "each is right for another parameter: {pairs}",
            "Return them in the order {order}.",
            "梯度返回的顺序不对",
            "每个都是另一个参数的正确梯度:{pairs}",
            "按 {order} 的顺序返回。",
        ),
        "blocks-swapped backwards": (
            "the gradients come back from the last layer to the first",
            "each is right for another parameter: {pairs}",
            "Return them from the first layer to the last.",
            "梯度按从最后一层到第一层的顺序返回",
            "每个都是另一个参数的正确梯度:{pairs}",
            "按从第一层到最后一层的顺序返回。",
        ),
        "blocks-swapped flat": (
            "the flat gradient holds its parts in another order than the parameters",
            "it holds {pairs}, each right, one after another",
            "Put them together in the order {order}.",
            "梯度向量各部分的顺序与参数的顺序不一致",
            "它依次是 {pairs},每一块本身都正确",
            "按 {order} 的顺序拼接。",
        ),
        "not-finite": (
            "nan or inf comes back",
            "{name} has {count} entries that are not finite at m = {m}; the right ones are finite",
            "Look for a division by zero, a log of zero or an overflow of exp in what leads to "
            "{name}.",
            "返回了 nan 或 inf",
            "m = {m} 时 {name} 有 {count} 个元素不是有限数,而正确值都是有限的",
            "检查通往 {name} 的计算中是否除以零、对零取对数或 exp 溢出。",
        ),
        "nondeterministic": (
            "two calls with the same arguments give different gradients",
            "{name} changes by {change:.1e} of itself from one call to the next",
            "Take random numbers out of the gradient, or fix their seed inside the call.",
            "相同参数的两次调用给出不同的梯度",
            "{name} 在两次调用之间的相对变化为 {change:.1e}",
            "去掉梯度中的随机数,或在调用内固定种子。",
        ),
        "accumulated": (
            "gradients are added to those of the last call",
            "the second call with the same arguments gives {ratio:.3f} x the first",
            "Set the gradients to zero at the beginning of every call.",
            "梯度累加在上一次调用的结果上",
            "相同参数的第二次调用是第一次的 {ratio:.3f} 倍",
            "每次调用开始时把梯度清零。",
        ),
        "accumulated some": (
            "a call adds to what the last one left in {names}",
            "a second call with the same arguments gives {ratio:.3f} x the first in {names}, and "
            "the same as before elsewhere",
            "Set {names} to zero at the beginning of every call, or write = in the place of +=.",
            "{names} 累加在上一次调用的结果上",
            "相同参数的第二次调用中 {names} 是第一次的 {ratio:.3f} 倍,其余梯度不变",
            "每次调用开始时把 {names} 清零,或用 = 而不是 +=。",
        ),
        "accumulated momentum": (
            "the step keeps a part of the last one, momentum, beyond the object or the call",
            "the second call with the same arguments gives {ratio:.3f} x the first",
            "Start every object with velocities of zero.",
            "这一步保留了上一步的一部分(动量),并且留到了调用之外",
            "相同参数的第二次调用是第一次的 {ratio:.3f} 倍",
            "新建对象时把速度清零。",
        ),
        "stale inputs": (
            "the inputs of an earlier call are kept and used again",
            "the gradients are right for the inputs of an earlier call",
            "Compute every call from its own X.",
            "保留并再次使用了先前一次调用的输入",
            "这些梯度对先前一次调用的输入是正确的",
            "每次调用都用本次的 X 计算。",
        ),
        "stale targets": (
            "the targets of an earlier call are kept and used again",
            "the gradients are right for the targets of an earlier call",
            "Compute every call from its own Y.",
            "保留并再次使用了先前一次调用的目标",
            "这些梯度对先前一次调用的目标是正确的",
            "每次调用都用本次的 Y 计算。",
        ),
        "stale params": (
            "the parameters of an earlier call are kept and used again",
            "the gradients are right for the parameters of an earlier call",
            "Compute every call from its own parameters.",
            "保留并再次使用了先前一次调用的参数",
            "这些梯度对先前一次调用的参数是正确的",
            "每次调用都用本次的参数计算。",
        ),
        "input-mutated": (
            "the call changes its argument {name}",
            "{name} is not the same after the call",
            "Work on a copy, and avoid +=, -= and *= on what was handed in.",
            "调用改变了参数 {name}",
            "调用之后 {name} 与之前不同",
            "在副本上计算,不要对传入的数组使用 +=、-=、*=。",
        ),
        "wrong-loss beside": (
            "the loss that comes back is not the declared one either",
            "at m = {m} your loss is {yours:.9g} and the declared one {right:.9g}{ratio}",
            "Return the declared loss, or declare yours with --loss and --reduction.",
            "返回的损失也不是声明的损失",
            "m = {m} 时你的损失是 {yours:.9g},声明的损失是 {right:.9g}{ratio}",
            "返回声明的损失,或用 --loss 和 --reduction 声明你的损失。",
        ),
        "wrong-loss": (
            "the gradients are right for the declared loss, but the loss that comes back is not it",
            "at m = {m} your loss is {yours:.9g} and the declared one {right:.9g}{ratio}",
            "Return the declared loss, or declare yours with --loss and --reduction.",
            "梯度对声明的损失是正确的,但返回的损失不是它",
            "m = {m} 时你的损失是 {yours:.9g},声明的损失是 {right:.9g}{ratio}",
            "返回声明的损失,或用 --loss 和 --reduction 声明你的损失。",
        ),
    }
)


def diagnosis(
    code: str,
    where: str,
    lang: Language,
    fields: Mapping[str, object],
    equation: str = "",
) -> Diagnosis:
    """A diagnosis of the contract in words; what follows a blank in ``code`` tells two apart."""
    row = SENTENCES[code]
    what, evidence, fix = (
        text.format_map(_Fields(fields)) for text in (row[3:] if lang == "zh" else row[:3])
    )
    data = {key: v for key, v in fields.items() if isinstance(v, str | int | float | bool)}
    return Diagnosis(code.split()[0], where, what, evidence, fix, equation, 0.98, data=data)
