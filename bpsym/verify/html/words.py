"""What the page of a report says beside the report itself, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGE_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "title": "Gradients of {network}",
            "formulas": "Formulas for {network}",
            "parameters": "Every gradient",
            "lines": "Every line",
            "found": "What is wrong",
            "network": "Where",
            "flow": "The backward pass, from the cost to the gradients; one arrow is one equation.",
            "flow marked": "The backward pass, one arrow for each equation; the violated equation "
            "is that of {names}, drawn heavy and dashed, with a cross.",
            "picture marked": "In the network the lines or units that it belongs to are marked.",
            "remarks": "How it was read",
            "output": "What the code printed",
            "traceback": "What the code raised",
            "no verdict": "The code did not return, so there is no verdict.",
            "write": "Fix",
            "equation": "The equation that is violated",
            "how": "How one knows",
            "also": "Less likely",
            "times": "off by {excess} x the tolerance",
            "samples": "m = {m}",
            "line": "line",
            "verdict": "verdict",
        },
        "zh": {
            "title": "{network} 的梯度",
            "formulas": "{network} 的公式",
            "parameters": "各个梯度",
            "lines": "各行公式",
            "found": "错在哪里",
            "network": "位置",
            "flow": "反向传播:从代价到各梯度,一个箭头是一个公式。",
            "flow marked": "反向传播,一个箭头是一个公式;被违反的是 {names} 的公式,"
            "用粗虚线和叉号标出。",
            "picture marked": "网络图中标出了与它有关的连线或单元。",
            "remarks": "读法",
            "output": "代码的输出",
            "traceback": "代码抛出的异常",
            "no verdict": "代码没有返回,因此没有结论。",
            "write": "改法",
            "equation": "被违反的公式",
            "how": "依据",
            "also": "可能性较小",
            "times": "误差是容许值的 {excess} 倍",
            "samples": "m = {m}",
            "line": "公式",
            "verdict": "结论",
        },
    }
)
