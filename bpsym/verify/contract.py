"""What holds before any number is compared: it returns the same twice, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from bpsym.verify.adapters.names import letter_of
from bpsym.verify.remarks import note
from bpsym.verify.report import Diagnosis

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.observe import Array, Language, Observation, Point
    from bpsym.verify.reference import Reference

# Two calls of one code may sum in another order, no more.
SAME = 1e-12
# A second call that gives the same but for rounding or noise adds nothing to the first.
NOTHING_ADDED = 1e-6


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "..."


# code -> what, evidence, fix in English; the same in Chinese
SENTENCES: Mapping[str, tuple[str, str, str, str, str, str]] = MappingProxyType(
    {
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


@dataclass(frozen=True, eq=False)
class Calls:
    """What repeated calls at one point gave: the first, and two calls in a row.

    adding: it makes steps, and to each it adds of the last one: all of it, or with a momentum.
    """

    first: Observation
    diagnosis: tuple[Diagnosis, ...]
    adding: bool = False


def repeated(reading: Reading, point: Point, lang: Language) -> Calls:
    """Call at a point, and again twice in a row, and compare."""
    search = reading.search
    first = reading.observe(point)
    mutated = search.mutated
    found = [
        diagnosis("input-mutated", "state", lang, {"name": name}) for name in dict.fromkeys(mutated)
    ]
    second = reading.observe(point, times=2)
    worst, change = most_changed(first.grads, second.grads)
    if change > SAME:
        third = reading.observe(point, times=2)
        steady = most_changed(second.grads, third.grads)[1] <= SAME
        ratio = _ratio(first.grads, second.grads)
        if steady or (ratio is not None and ratio > 1):
            again = _ratio(second.grads, third.grads)
            added = ratio is not None and abs(ratio - 1) > NOTHING_ADDED
            if ratio is not None and added and reading.route.update:
                return Calls(first, tuple(found), adding=True)
            if ratio is not None and added and (steady or again is not None):
                found.append(diagnosis("accumulated", "state", lang, {"ratio": ratio}))
                return Calls(first, tuple(found))
        fields = {"name": reading.spelling.get(worst, worst), "change": change}
        found.append(diagnosis("nondeterministic", "state", lang, fields))
    return Calls(first, tuple(found))


def added_to_a_step(reading: Reading, first: Observation, lang: Language) -> Diagnosis | str:
    """What a step adds of the last: a note if it is a momentum that begins anew with the code."""
    twice = reading.observe(first.point, times=2)
    ratio = _ratio(first.grads, twice.grads) or np.inf
    fields = {"ratio": ratio, "part": ratio - 1}
    if ratio > 2 - NOTHING_ADDED:
        return diagnosis("accumulated", "state", lang, fields)
    again = reading.observe(first.point)
    if most_changed(first.grads, again.grads)[1] > SAME:
        return diagnosis("accumulated momentum", "state", lang, fields)
    return note("momentum", lang, **fields)


def most_changed(first: Mapping[str, Array], second: Mapping[str, Array]) -> tuple[str, float]:
    """The gradient that differs most between two calls, and by how much of itself."""
    worst, change = "", 0.0
    for name in first:
        if name not in second:
            return name, np.inf
        scale = float(np.max(np.abs(first[name]), initial=0.0)) or 1.0
        both_nan = np.isnan(first[name]) & np.isnan(second[name])
        with np.errstate(invalid="ignore"):
            difference = np.where(both_nan, 0.0, np.abs(second[name] - first[name]))
        off = float(np.max(difference, initial=0.0)) / scale
        if not off <= change:
            worst, change = name, off
    return worst, change


def _ratio(first: Mapping[str, Array], second: Mapping[str, Array]) -> float | None:
    """c with ``second = c first`` everywhere, or None."""
    names = [name for name in first if name in second]
    a = np.concatenate([np.ravel(first[name]) for name in names])
    b = np.concatenate([np.ravel(second[name]) for name in names])
    square = float(a @ a)
    if not square or not np.isfinite(square):
        return None
    ratio = float(a @ b) / square
    return ratio if np.max(np.abs(b - ratio * a)) <= 1e-9 * np.max(np.abs(b)) else None


def missing(reading: Reading, observation: Observation, lang: Language) -> tuple[Diagnosis, ...]:
    """Gradients that did not come back."""
    network = reading.search.network
    there = [reading.spelling.get(n, f"d{n}") for n in network.names if n in observation.raw]
    found = []
    for name, shape in network.parameters.items():
        if name in observation.raw:
            continue
        fields = {
            "name": f"d{name}",
            "found": ", ".join(there),
            "shape": str(reading.form.shape(shape)),
        }
        code = "zero-gradient" if name in reading.unfilled else "missing-gradient"
        found.append(diagnosis(code, name, lang, fields))
    return tuple(found)


def swapped(
    reading: Reading, observation: Observation, reference: Reference, lang: Language
) -> tuple[Diagnosis, ...]:
    """Gradients that came back in an order in which their shapes do not fit.

    Where the shapes fit, the numbers tell, in the diagnosis of values.
    """
    network = reading.search.network
    if set(observation.grads) == set(network.names) or set(observation.raw) != set(network.names):
        return ()
    right = reference.at(observation.point).grads
    tolerance = reference.tolerance(observation.point, 2.0**-24 / 64)
    found: dict[str, str] = {}
    for place, value in observation.raw.items():
        for name, shape in network.parameters.items():
            if name in found.values():
                continue
            for array in _as_parameter(value, shape):
                if np.all(np.abs(array - right[name]) <= tolerance[name]):
                    found.setdefault(place, name)
            if place in found:
                break
    moved = [place for place, name in found.items() if place != name]
    if len(found) != len(network.names) or not moved:
        return ()
    spelled = {place: reading.spelling.get(place, place) for place in found}
    fields = {
        "pairs": ", ".join(f"{spelled[place]} = d{found[place]}" for place in moved),
        "order": ", ".join(f"d{name}" for name in network.names),
    }
    order = [found[place] for place in sorted(found, key=lambda each: spelled[each])]
    code = "blocks-swapped backwards" if _backwards(order, network.names) else "blocks-swapped"
    return (diagnosis(code, moved[-1], lang, fields),)


def _as_parameter(value: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """A gradient in the shape of another parameter than the one that it was handed back for."""
    if len(shape) == 1 and value.size == shape[0]:
        yield value.reshape(shape)
    elif len(shape) == 2:
        yield from (each for each in (value, value.T) if each.shape == shape)


def _backwards(order: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the layers come from the last to the first, each letter by itself."""
    letters: dict[str, list[str]] = {}
    for name in names:
        letters.setdefault(letter_of(name), []).append(name)
    return any(len(group) > 1 for group in letters.values()) and all(
        [each for each in order if each in group] == group[::-1] for group in letters.values()
    )


def not_finite(
    observations: Sequence[Observation], reference: Reference, reading: Reading, lang: Language
) -> tuple[Diagnosis, ...]:
    """The gradient nearest the loss that is not finite: below it others inherit the nan."""
    order = [each.tensor for each in reference.derivation.record.adjoints]
    names = sorted(reference.parameters, key=lambda name: _depth(name, reference, order))
    for name in names:
        for each in observations:
            value = each.grads.get(name)
            if value is None:
                continue
            count = int(np.sum(~np.isfinite(value)))
            if count:
                fields = {
                    "name": reading.spelling.get(name, f"d{name}"),
                    "count": count,
                    "m": each.point.m,
                }
                return (diagnosis("not-finite", name, lang, fields),)
    return ()


def _depth(name: str, reference: Reference, order: Sequence[str]) -> int:
    """How late in a backward pass a gradient can be computed."""
    reads = reference.derivation.record.by_tensor[name].reads
    adjoints = {reference.system.tensors[each].adjoint: each for each in order}
    return max((order.index(adjoints[read]) for read in reads if read in adjoints), default=0)
