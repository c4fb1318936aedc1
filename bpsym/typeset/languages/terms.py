"""The terms of backpropagation in both languages: one table, so that each is said in one way."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# English -> Chinese, as textbooks in China have it.
CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "activation": "激活函数",
        "adjoint rule": "链式法则",
        "backpropagation": "误差逆传播",
        "backward pass": "反向传播",
        "batch": "批",
        "bias": "偏置",
        "certificate": "证明情况",
        "chain rule": "链式法则",
        "convention": "约定",
        "cost": "代价",
        "derivative": "导数",
        "forward pass": "前向传播",
        "function": "函数",
        "gradient": "梯度",
        "gradient descent": "梯度下降法",
        "hadamard product": "按元素相乘",
        "induction": "数学归纳法",
        "input": "输入",
        "layer": "层",
        "learning rate": "学习率",
        "loss": "损失",
        "mean": "平均值",
        "network": "网络",
        "output": "输出",
        "parameter": "参数",
        "recursion": "递推公式",
        "sample": "样本",
        "sum": "总和",
        "update": "更新",
        "weight": "权重",
        "weight decay": "权重衰减",
    }
)

# Losses of the catalogue, as textbooks call them.
LOSS_NAMES_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "half_squared_error": "half squared error",
        "squared_error": "squared error",
        "mean_squared_error": "mean squared error",
        "absolute_error": "absolute error",
        "huber": "Huber loss",
        "log_cosh": "log-cosh loss",
        "binary_cross_entropy": "binary cross-entropy",
        "cross_entropy": "cross-entropy",
        "kl_divergence": "Kullback-Leibler divergence",
        "poisson": "Poisson loss",
        "hinge": "hinge loss",
        "max_margin": "max-margin loss",
    }
)

# The same as textbooks in China have them.
LOSS_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "half_squared_error": "半平方误差",
        "squared_error": "平方误差",
        "mean_squared_error": "均方误差",
        "absolute_error": "绝对误差",
        "huber": " Huber 损失",
        "log_cosh": "对数双曲余弦损失",
        "binary_cross_entropy": "二元交叉熵",
        "cross_entropy": "交叉熵",
        "kl_divergence": " KL 散度",
        "poisson": "泊松损失",
        "hinge": "合页损失",
        "max_margin": "最大间隔损失",
    }
)
