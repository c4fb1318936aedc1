"""What students are told, by language: sentences, with names in braces."""

# ruff: noqa: RUF001 - the punctuation is Chinese

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        # the head of the file
        "title": "Assignment: loss and gradients of the network {network}.",
        "title solution": "Solution: loss and gradients of the network {network}.",
        "task": "Write the bodies of: {wanted}. Each gets right values of all that comes before "
        "it, in the tests too, and leaves its arguments as they are. "
        "``python {file}`` shows how far you are.",
        "task without example": "Write the bodies of: {wanted}. Each gets right values of all that "
        "comes before it, in the tests too, and leaves its arguments as they are.",
        "task solution": "The lines between the marks are the student's.",
        "rows": "one sample per row",
        "columns": "one sample per column",
        "delta mean": "delta is dC/dz of the cost C, the 1/m included; m is the number of samples.",
        "delta sum": "delta is dC/dz of the cost C, which is summed over the m samples.",
        "adjoint": "adj_T is dC/dT for any other tensor T.",
        "one hot": "{name} holds integer labels; loss_and_grads makes rows of zeros and a one.",
        "one hot columns": "{name} holds integer labels; loss_and_grads makes columns of zeros and "
        "a one.",
        "sum to one": "The rows of {name} sum to one.",
        "sum to one columns": "The columns of {name} sum to one.",
        "index": "In formulas n is the sample and indices count from 1.",
        "index columns": "In formulas n is the sample and indices count from 1; T[n,i] is stored "
        "in row i, column n.",
        "kink": "At a kink ({names}) the derivative is that of the left branch.",
        "given function": "The function {name}, given: call it.",
        # the blanks
        "returns": "Return {name}, of shape {shape}.",
        "returns number": "Return {name}, a number.",
        "returns derivative": "Return {name} = dC/d{of}, of shape {shape}.",
        "arguments": "Arguments: {arguments}.",
        "your code": "# Your code here.",
        "whole": "Return C, and a dict of gradients keyed and shaped like ``params``.",
        # checking oneself
        "example": "One example with m = {m}: what the functions get, to check yourself.",
        "expected": "function, its arguments, the shape of its result, an entry and its value",
        "check yourself": "Show an entry of each result beside the right one, at the example.",
        "not written": "not written yet",
        "compared": "{name}{at} is {yours}, expected {right}",
        # the tests
        "tests": "Tests of the assignment {network}: plain asserts, for pytest or without it.",
        "tests more": "Each function gets right arguments, so a wrong one does not make others "
        "fail. The examples have two numbers of samples, so that a missing or a second 1/m shows. "
        "``python {file}`` counts the points.",
        "points": "{got} of {most} points",
        "nothing returned": "{name} is None: is the return missing?",
        "no numbers": "{name} is no array of numbers",
        "wrong shape": "{name} has the shape {yours}, expected {right}",
        "wrong": "{name}{at} is {yours}, expected {right} (m = {m})",
        "changed": "{function} changed its argument {name}: work on a copy, not with +=",
        "wrong sign": "the sign is the other way round",
        "transposed": "it is right when transposed",
        "too large": "it is m times too large: is the 1/m missing?",
        "too small": "it is m times too small: is 1/m there twice?",
        "factor": "every entry is {factor} times the right one",
        "zero": "every entry is 0",
        "not finite": "it has entries that are nan or inf",
        "not summed": "it is right when summed over axis {axis}",
        "reshaped": "the numbers are right, their arrangement is not",
        "unknown": "only some entries are wrong: {count} of {size}",
        "likely": "The kind of mistake that all examples agree on, in words, or nothing.",
        "tolerance": "Rounding may move an entry by so much.",
        "same": "Whether two arrays are equal to rounding.",
        "compare": "Fail with the worst entry where a result is not the right one.",
        "check": "Give a function right arguments, at every example, and compare its result.",
        "test whole": "The parts fit together; no points of its own.",
        "score": "Print the points of each function; return their sum.",
    }
)

CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "title": "作业：网络 {network} 的损失与梯度。",
        "title solution": "作业答案：网络 {network} 的损失与梯度。",
        "task": "请补全下列函数：{wanted}。测试时，每个函数都会得到正确的前序结果；"
        "函数不得修改传入的参数。运行 ``python {file}`` 可以查看完成情况。",
        "task without example": "请补全下列函数：{wanted}。测试时，每个函数都会得到正确的前序结果；"
        "函数不得修改传入的参数。",
        "task solution": "两个标记之间是学生要写的代码。",
        "rows": "每行一个样本",
        "columns": "每列一个样本",
        "delta mean": "delta 表示代价 C 对 z 的导数 dC/dz，已包含因子 1/m；m 是样本数。",
        "delta sum": "delta 表示代价 C 对 z 的导数 dC/dz，代价是 m 个样本的损失之和。",
        "adjoint": "adj_T 表示代价 C 对其他张量 T 的导数 dC/dT。",
        "one hot": "{name} 是整数类别标签；loss_and_grads 先把它变成各行为独热向量的矩阵。",
        "one hot columns": "{name} 是整数类别标签；loss_and_grads 先把它变成各列为独热向量的矩阵。",
        "sum to one": "{name} 的每一行之和为 1。",
        "sum to one columns": "{name} 的每一列之和为 1。",
        "index": "公式中 n 是样本的编号，下标从 1 开始。",
        "index columns": "公式中 n 是样本的编号，下标从 1 开始；T[n,i] 存放在第 i 行第 n 列。",
        "kink": "在不可导点（{names}）取左导数。",
        "given function": "已给出的函数 {name}，可以直接调用。",
        "returns": "返回 {name}，形状为 {shape}。",
        "returns number": "返回 {name}，一个数。",
        "returns derivative": "返回 {name} = dC/d{of}，形状为 {shape}。",
        "arguments": "参数：{arguments}。",
        "your code": "# 在此处写代码。",
        "whole": "返回 C 和梯度字典；梯度的键与形状和 ``params`` 相同。",
        "example": "一个 m = {m} 的例子：各函数得到的参数，供自己检查。",
        "expected": "函数、它的参数、结果的形状、其中一个元素的位置和值",
        "check yourself": "在上面的例子中，把每个结果的一个元素与正确值并列显示。",
        "not written": "尚未完成",
        "compared": "{name}{at} 是 {yours}，应为 {right}",
        "tests": "作业 {network} 的测试：只用普通的 assert，可用 pytest，也可直接运行。",
        "tests more": "每个函数得到的参数都是正确的，所以一处错误不会牵连别处。"
        "例子有两种样本数，因此漏掉或多乘 1/m 都会显现。运行 ``python {file}`` 计算得分。",
        "points": "得分 {got}，满分 {most}",
        "nothing returned": "{name} 是 None：是否忘了 return？",
        "no numbers": "{name} 不是数值数组",
        "wrong shape": "{name} 的形状为 {yours}，应为 {right}",
        "wrong": "{name}{at} 是 {yours}，应为 {right}（m = {m}）",
        "changed": "{function} 修改了参数 {name}：请在副本上计算，不要用 +=",
        "wrong sign": "正负号反了",
        "transposed": "转置之后就是正确的",
        "too large": "结果是正确值的 m 倍：是否漏了 1/m？",
        "too small": "结果是正确值的 1/m：是否多乘了一次 1/m？",
        "factor": "每个元素都是正确值的 {factor} 倍",
        "zero": "所有元素都是 0",
        "not finite": "含有 nan 或 inf",
        "not summed": "沿第 {axis} 轴求和之后就是正确的",
        "reshaped": "数值正确，但排列方式不对",
        "unknown": "只有部分元素不对：{size} 个中的 {count} 个",
        "likely": "各个例子一致指向的错误类型；没有则为空。",
        "tolerance": "舍入误差的允许范围。",
        "same": "两个数组在舍入误差内是否相等。",
        "compare": "结果不对时报错，并给出相差最大的元素。",
        "check": "在每个例子中给函数正确的参数，再比较结果。",
        "test whole": "各部分合在一起的检查，不单独计分。",
        "score": "显示每个函数的得分，返回总分。",
    }
)

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH, "zh": CHINESE})
