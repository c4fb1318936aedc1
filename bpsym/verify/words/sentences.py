"""What each mistake is called in a sentence, and what mends it, in English and in Chinese.

Fields: {where} the place, {line} the right line in numpy, {grad} the user's name of the gradient,
and the words of the variant (weight, input, activation, fits, used, path, ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bpsym.verify.lines.slips import SLIPS


class _Fields(dict[str, object]):
    """Fields of a sentence; one that is not known is left out."""

    def __missing__(self, key: str) -> str:
        return "..."


def sentence(kind: str, code: str, lang: str, fields: Mapping[str, object]) -> str:
    """The sentence of a mistake. kind: ``what`` or ``fix``."""
    row = SENTENCES.get(code, SENTENCES["unknown"])
    what_en, fix_en, what_zh, fix_zh = row
    chosen = {
        ("what", "en"): what_en,
        ("fix", "en"): fix_en,
        ("what", "zh"): what_zh,
        ("fix", "zh"): fix_zh,
    }[kind, lang]
    return chosen.format_map(_Fields(fields)).strip()


_LINE = "Write {line}."
_LINE_ZH = "写成 {line}。"

# code -> what and fix in English, what and fix in Chinese
SENTENCES: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "sign": (
            "the sign is turned round at {where}",
            "Turn the sign round: {line}.",
            "{where} 的符号反了",
            "改变符号:{line}。",
        ),
        "factor-two": (
            "there is a factor 2 too many at {where}: that of a square without its 1/2",
            "Take the 2 out: {line}.",
            "{where} 多了一个因子 2(平方求导的 2 没有与 1/2 相消)",
            "去掉因子 2:{line}。",
        ),
        "factor-half": (
            "there is a factor 1/2 too many at {where}",
            "Take the 1/2 out: {line}.",
            "{where} 多了一个因子 1/2",
            "去掉因子 1/2:{line}。",
        ),
        "scaled": (
            "{where} is {factor} times what it should be",
            "Take the factor out: {line}.",
            "{where} 是正确值的 {factor} 倍",
            "去掉这个因子:{line}。",
        ),
        "missing-batch-mean": (
            "1/m is missing at {where}: summed over the samples where the mean is meant",
            "Divide by m once: {line}.",
            "{where} 缺少 1/m:对样本求了和,而应当取平均",
            "除以一次 m:{line}。",
        ),
        "double-batch-mean": (
            "1/m stands twice at {where}",
            "Divide by m only once: {line}.",
            "{where} 多除了一次 m",
            "只除以一次 m:{line}。",
        ),
        "mean-over-outputs": (
            "{where} is averaged over all entries, the outputs included, not over the samples",
            "Divide by m alone, not by m K: {line}.",
            "{where} 对所有元素(含 K 个输出)取了平均,而应当只对样本取平均",
            "只除以 m,不要除以 m K:{line}。",
        ),
        "divided-by-features": (
            "{where} is divided by the length of the wrong axis: {factor} times what is right",
            "Divide by m, the number of samples: {line}.",
            "{where} 除以了错误的轴的长度(是正确值的 {factor} 倍)",
            "应除以样本数 m:{line}。",
        ),
        "missing-derivative": (
            "f' is left out at {where}: the derivative of {activation} is missing",
            "Multiply by the derivative of {activation}: {line}.",
            "{where} 漏乘了激活函数 {activation} 的导数 f'",
            "乘上 {activation} 的导数:{line}。",
        ),
        "derivative-at-activation": (
            "f' is taken at a instead of z at {where} ({activation} applied twice)",
            "Take f' at z: {line}.",
            "{where} 的 f' 代入了 a,而应当代入 z({activation} 作用了两次)",
            "在 z 处取 f':{line}。",
        ),
        "wrong-derivative": (
            "the derivative of {fits} stands at {where}, where that of {activation} belongs",
            "Use the derivative of {activation}: {line}.",
            "{where} 用了 {fits} 的导数,而这里的激活函数是 {activation}",
            "改用 {activation} 的导数:{line}。",
        ),
        "derivative-formula": (
            "the derivative of {activation} is written {used} at {where}",
            "Write the derivative of {activation} in full: {line}.",
            "{where} 把 {activation} 的导数写成了 {used}",
            "写出正确的导数:{line}。",
        ),
        "derivative-twice": (
            "f' of {activation} stands twice at {where}",
            "Multiply by f' once: {line}.",
            "{where} 把 {activation} 的导数 f' 乘了两次",
            "只乘一次 f':{line}。",
        ),
        "wrong-cache": (
            "{where} uses {fits}, which belongs to another layer",
            _LINE,
            "{where} 用了别的层的 {fits}",
            _LINE_ZH,
        ),
        "mask-inverted": (
            "the mask of {activation} is inverted at {where}: it lets through what it should stop",
            "Turn the mask round: {line}.",
            "{where} 的 {activation} 掩码反了:该保留的被置零,该置零的被保留",
            "把掩码反过来:{line}。",
        ),
        "leak-lost": (
            "the slope of {activation} for z < 0 is dropped at {where}: zero stands there",
            "Keep the slope for z < 0: {line}.",
            "{where} 丢掉了 {activation} 在 z < 0 处的斜率",
            "保留 z < 0 处的斜率:{line}。",
        ),
        "gradient-transposed": (
            "the gradient in {weight} is handed back transposed",
            "Swap the factors, or transpose: {line}.",
            "{weight} 的梯度转置了",
            "交换两个因子,或者转置:{line}。",
        ),
        "weight-not-transposed": (
            "{weight} is used the wrong way round at {where}: W for its transpose",
            "Turn {weight} round: {line}.",
            "{where} 中 {weight} 没有转置",
            "把 {weight} 转置:{line}。",
        ),
        "wrong-weight": (
            "{where} is pulled back through {fits}; it comes through {weight}",
            "Use {weight}: {line}.",
            "{where} 用了 {fits},而应当用 {weight}",
            "改用 {weight}:{line}。",
        ),
        "updated-weight": (
            "{weight} was updated before {where} was computed, and is used as W - eta dW",
            "Compute all gradients first, then update: {line}.",
            "计算 {where} 之前 {weight} 已经更新过,用的是 W - eta dW",
            "先算完所有梯度,再更新权重:{line}。",
        ),
        "input-preactivation": (
            "the gradient in {weight} takes {fits} for its input, where {input} is meant",
            "Use the activation {input}: {line}.",
            "{weight} 的梯度用了未激活的 {fits},而应当用 {input}",
            "改用激活值 {input}:{line}。",
        ),
        "wrong-input": (
            "the gradient in {weight} takes {fits} for its input, where {input} is meant",
            "Use {input}: {line}.",
            "{weight} 的梯度用了 {fits} 作为输入,而应当用 {input}",
            "改用 {input}:{line}。",
        ),
        "blocks-swapped": (
            "the gradients in {weight} and {fits} are handed back in each other's place",
            "Swap them.",
            "{weight} 与 {fits} 的梯度位置互换了",
            "把两者换回来。",
        ),
        "not-propagated": (
            "the delta above does not come down through {weight} to {where} ({how})",
            "Pull the delta back through {weight}: {line}.",
            "上层的 delta 没有经过 {weight} 传到 {where}",
            "让 delta 乘以 {weight} 传下来:{line}。",
        ),
        "bias-mean": (
            "the gradient in {weight} is the mean over the samples, and 1/m is in delta already",
            "Sum over the samples: {line}.",
            "{weight} 的梯度对样本取了平均,而 delta 里已经有 1/m",
            "对样本求和:{line}。",
        ),
        "bias-axis": (
            "the gradient in {weight} is summed over the wrong axis: over the units",
            "Sum over the samples: {line}.",
            "{weight} 的梯度沿错误的轴求了和(沿神经元而不是样本)",
            "沿样本轴求和:{line}。",
        ),
        "bias-sum-all": (
            "the gradient in {weight} is one number everywhere: summed over units and samples",
            "Sum over the samples only: {line}.",
            "{weight} 的梯度处处是同一个数:对所有轴都求了和",
            "只对样本轴求和:{line}。",
        ),
        "bias-last-sample": (
            "the gradient in {weight} is that of the {which} sample alone",
            "Sum over all samples: {line}.",
            "{weight} 的梯度只算了一个样本",
            "对所有样本求和:{line}。",
        ),
        "bias-unsummed": (
            "the gradient in {weight} is not summed over the samples: one row for each",
            "Sum over the samples: {line}.",
            "{weight} 的梯度没有对样本求和",
            "对样本求和:{line}。",
        ),
        "shape": (
            "the gradient in {weight} has the shape {shape}; {wanted} is asked for",
            "{reading}: {line}.",
            "{weight} 的梯度形状是 {shape},应为 {wanted}",
            "改成所要的形状:{line}。",
        ),
        "zero-gradient": (
            "the gradient in {where} is zero throughout",
            "Compute it: {line}.",
            "{where} 的梯度全为零",
            "计算它:{line}。",
        ),
        "target-ignored": (
            "the target is left out of {where}: p for p - y",
            "Subtract the target: {line}.",
            "{where} 漏掉了目标值 y:写成了 p 而不是 p - y",
            "减去目标值:{line}。",
        ),
        "jacobian-twice": (
            "the derivative of the last activation is applied again at {where}: "
            "p - y has it already",
            "Leave the second derivative out: {line}.",
            "{where} 又乘了一次输出层激活的导数,而 p - y 已经包含了它",
            "去掉多余的导数:{line}。",
        ),
        "jacobian-diagonal": (
            "softmax is differentiated as if it were elementwise at {where}: only the diagonal",
            "Use the whole Jacobian, which with this loss gives {line}.",
            "{where} 把 softmax 当作逐元素函数求导,只用了雅可比矩阵的对角线",
            "使用完整的雅可比矩阵,即 {line}。",
        ),
        "softmax-axis": (
            "the softmax in {where} is normalised over the samples, not over the classes",
            "Normalise each sample by itself: sum over the classes.",
            "{where} 的 softmax 沿样本归一化了,而应当沿类别归一化",
            "对每个样本的各类别归一化。",
        ),
        "label-shift": (
            "the targets in {where} are off by one {by}",
            "Line the targets up with the outputs: {line}.",
            "{where} 的目标值错位了一个({by})",
            "把目标值与输出对齐:{line}。",
        ),
        "clipped-probability": (
            "the probabilities in {where} are guarded by an epsilon of {number}, inside the "
            "logarithm or by a clip",
            "Differentiate the loss as declared: {line}.",
            "{where} 的概率用 epsilon = {number} 作了保护(加在对数里,或作了截断)",
            "按声明的损失求导:{line}。",
        ),
        "sample-dropped": (
            "the {which} sample is left out at {where}, or counts alone",
            "Let every sample count: {line}.",
            "{where} 漏掉了样本(或只算了一个样本)",
            "让每个样本都计入:{line}。",
        ),
        "batch-cut": (
            "only the samples X{slice} count",
            "Let all samples count: no slice of X and Y, no return inside the loop over the "
            "samples, and += in it, not =.{returns}",
            "只有样本 X{slice} 计入了梯度",
            "让每个样本都计入:不要截取 X 和 Y,不要在样本循环内 return,"
            "循环内用 += 而不是 =。{returns}",
        ),
        "regularisation-missing": (
            "the decay term is left out of {weights}",
            "Add l2 W to the gradient of every weight: {line}.",
            "{weights} 的梯度漏掉了正则化项",
            "给每个权重的梯度加上 l2 W:{line}。",
        ),
        "regularisation-partial": (
            "the decay term is in some weights and not in {weights}",
            "Add l2 W to the gradient of every weight: {line}.",
            "只有部分权重有正则化项,{weights} 没有",
            "给每个权重的梯度加上 l2 W:{line}。",
        ),
        "regularisation-twice": (
            "the decay term counts double in {weights}: 2 l2 W for l2 W",
            "The cost has l2/2: the gradient has l2 W: {line}.",
            "{weights} 的正则化项多了一倍",
            "损失里是 l2/2,梯度里是 l2 W:{line}。",
        ),
        "regularisation-sign": (
            "the decay term is subtracted in {weights}",
            "Add it: {line}.",
            "{weights} 的正则化项符号反了",
            "应为加:{line}。",
        ),
        "regularisation-scale": (
            "the decay term in {weights} is {factor} times the declared one",
            "The gradient has l2 W, not divided by m: {line}.",
            "{weights} 的正则化项是声明值的 {factor} 倍",
            "梯度里是 l2 W,不除以 m:{line}。",
        ),
        "regularisation-on-bias": (
            "the decay term is added to {weights}; biases are not decayed",
            "Leave it out there: {line}.",
            "{weights} 也加了正则化项,而偏置不应正则化",
            "去掉它:{line}。",
        ),
        "fan-out-overwritten": (
            "{tensor} is read more than once, and the path through {path} is lost at {where}",
            "Add the paths up (+= for =): {line}.",
            "{tensor} 被读取多次,{where} 丢掉了经过 {path} 的一路",
            "把各路相加(用 += 而不是 =):{line}。",
        ),
        "skip-lost": (
            "the gradient of the skip path through {path} is left out at {where}",
            "Add it: {line}.",
            "{where} 漏掉了经过 {path} 的跳跃连接的梯度",
            "加上它:{line}。",
        ),
        "tied-weight-once": (
            "{tensor} is shared, and its use in {path} does not count",
            "Add up the gradients of all uses: {line}.",
            "{tensor} 是共享权重,而在 {path} 中的使用没有计入",
            "把各次使用的梯度相加:{line}。",
        ),
        "layer-norm-mean": (
            "the way through the mean is left out at {where}",
            "Let the mean depend on every entry: {line}.",
            "{where} 漏掉了经过均值的一项",
            "均值依赖于每个元素:{line}。",
        ),
        "layer-norm-variance": (
            "the way through the variance is left out at {where}",
            "Let the variance depend on every entry: {line}.",
            "{where} 漏掉了经过方差的一项",
            "方差依赖于每个元素:{line}。",
        ),
        "scale-missing": (
            "the factor {factor} of {tensor} is left out at {where}",
            "Multiply by {factor}: {line}.",
            "{where} 漏掉了 {tensor} 的因子 {factor}",
            "乘以 {factor}:{line}。",
        ),
        "gradient-clipped": (
            "the gradient is clipped ({how})",
            "Hand back the gradient itself; clip in the update.",
            "梯度被裁剪了({how})",
            "返回梯度本身,在更新时再裁剪。",
        ),
        "precision": (
            "the gradient is right to about seven digits only: float32 somewhere inside",
            "Compute in float64, or return float32.",
            "梯度只有约 7 位有效数字:中间用了 float32",
            "用 float64 计算,或返回 float32。",
        ),
        "finite-difference": (
            "the gradient is a finite difference of the loss, not a derivative",
            _LINE,
            "梯度是损失的有限差分,而不是导数",
            _LINE_ZH,
        ),
        "wrong-loss": (
            "the gradient is right for your own loss ({fits}), which is not the declared one",
            "Declare {fits}, or write {line}.",
            "梯度对你自己的损失({fits})是对的,但它不是声明的损失",
            "声明 {fits},或写成 {line}。",
        ),
        "wrong-activation": (
            "the forward pass is not the declared one: {used} stands where {activation} is "
            "declared; the gradients are right for it",
            "Take {activation} on the way up, or declare {used}: {line}.",
            "前向传播与声明的不同:声明的是 {activation},写的是 {used};梯度对后者是对的",
            "前向传播改用 {activation},或改为声明 {used}:{line}。",
        ),
        "bias-left-out": (
            "the forward pass leaves {fits} out; the gradients are right for it",
            "Add the bias on the way up: {line}.",
            "前向传播漏掉了 {fits};梯度对这样的网络是对的",
            "在前向传播中加上偏置:{line}。",
        ),
        "wrong-forward": (
            "the forward pass is not the declared one: in {where} stands {used}, where {declared} "
            "is declared",
            "Write {declared} on the way up: {line}.",
            "前向传播与声明的不同:{where} 中写的是 {used},声明的是 {declared}",
            "前向传播中改为 {declared}:{line}。",
        ),
        "single-entry": (
            "one entry of the gradient in {weight} is off: {index}",
            "Look at how that entry is written; the rest is right.",
            "{weight} 的梯度只有一个元素不对:{index}",
            "检查这个元素;其余都正确。",
        ),
        **SLIPS,
        "unknown": (
            "{where} is wrong, and no mistake of the catalogue explains it",
            "The right line is {line}.",
            "{where} 不对,但没有一种已知的错误能解释它",
            "正确的一行是 {line}。",
        ),
    }
)
