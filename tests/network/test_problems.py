"""Every kind of mistake in a declaration: one problem, at its place, with a way out."""

import copy
import re

import pytest

from bpsym.errors import NetworkError
from bpsym.network import parse

CHAIN = {
    "inputs": {"x": 4},
    "layer": [{"name": "h", "units": 3}, {"name": "o", "units": 2}],
    "loss": "half_squared_error",
    "reduction": "mean",
}


def chain(**changes):
    """A sound declaration with other values at its top."""
    return copy.deepcopy(CHAIN) | changes


def hidden(**keys):
    """A sound declaration with other keys in its hidden layer."""
    declared = chain()
    declared["layer"][0] |= keys
    return declared


def output(**keys):
    """A sound declaration with other keys in its output layer."""
    declared = chain()
    declared["layer"][1] |= keys
    return declared


def between(*layers, **changes):
    """A sound declaration with other layers between hidden and output layer."""
    declared = chain(**changes)
    declared["layer"][1:1] = layers
    return declared


def equation(text, **keys):
    """A sound declaration with a layer of that equation between hidden and output layer."""
    return between({"kind": "equation", "equation": text, **keys})


def scored(loss, activation="identity"):
    """A sound declaration with another loss and output activation."""
    return output(activation=activation) | {"loss": loss}


DEEP = "sum(j, U[i,j]*h[n,j])"

# id: (declaration, where, what, expected, got, way out), each a pattern that must be found.
CASES = {
    # the top
    "unknown key": (chain(reducton="sum"), "network", "unknown key", "reduction", "'reducton'", "Did you mean 'reduction'"),
    "unknown key, hinted": (chain(losses=[]), "network", "unknown key", "loss", "'losses'", r"\[\[loss\]\]"),
    "network name": (chain(name="two heads"), "network", "not a name", "letter", "'two heads'", "two_heads"),
    "network name, type": (chain(name=3), "network", "name is not right", "text", "3", "name ="),
    "reduction": (chain(reduction="avg"), "network", "reduction is not right", "mean or sum", "'avg'", "mean"),
    "l2 below zero": (chain(l2=-1), "network", "l2 is not right", "0 or a number above", "-1", "l2 = 0.01"),
    "l2 not finite": (chain(l2=float("inf")), "network", "l2 is not right", "a number", "inf", "l2 = 0.5"),
    "l2 vast": (chain(l2=10**5000), "network", "l2 is not right", "a number", "bits", "l2 = 0.5"),
    "l2 text": (chain(l2="much"), "network", "l2 is not right", "a number", "'much'", "l2 = 0.5"),
    "act": (chain(act="tahn"), "act of the network", "unknown activation", "tanh", "'tahn'", "'tanh'"),
    "no input": (chain(inputs={}), "network", "there is no input", "inputs", "none", r"\[inputs\]"),
    "inputs, type": (chain(inputs=3), "network", "inputs is not right", "table", "3", r"\[inputs\]"),
    "input size": (chain(inputs={"x": 0}), "inputs of the network", "x is not right", "1 to 1000000", "0", "x = 3"),
    "input size, type": (chain(inputs={"x": True}), "inputs", "x is not right", "integer", "true", "x = 3"),
    "input name": (chain(inputs={"x-1": 4}), "inputs", "not a name", "letter", "'x-1'", "x_1"),
    "input name n": (chain(inputs={"n": 4}), "inputs", "the sample index", "else", "'n'", "n_1"),
    "input name keyword": (chain(inputs={"lambda": 4}), "inputs", "word of Python", "else", "'lambda'", "lambda_1"),
    "input unread": (between(inputs={"x": 4, "u": 2}) | {"layer": [{"units": 3, "from": "x"}]}, "input 'u'", "nothing reads this input", "a layer", "none", "from"),
    "no layer": (chain(layer=[]), "network", "there are no layers", "list", "none", r"\[\[layer\]\]"),
    "layers, type": (chain(layer="h"), "network", "there are no layers", "list", "'h'", r"\[\[layer\]\]"),
    "too many layers": (chain(layer=[{"units": 1}] * 2001), "network", "too many layers", "2000", "2001", "fewer"),
    "too many inputs": (chain(inputs={f"x{k}": 1 for k in range(101)}), "network", "too many inputs", "100", "101", "fewer"),
    # one layer
    "layer, type": (chain(layer=[3]), "layer 1", "not a layer", "table", "3", r"\[\[layer\]\]"),
    "layer name": (hidden(name="h 1"), "layer 1", "not a name", "letter", "'h 1'", "h_1"),
    "layer name keyword": (hidden(name="class"), "layer 1", "word of Python", "else", "'class'", "class_1"),
    "layer name long": (hidden(name="h" * 33), "layer 1", "not a name", "at most 32", "hhh", "write hhh"),
    "layer name look-alike": (hidden(name="ｈ"), "layer 1", "not a name", "ASCII", r"\\uff48", "choose"),
    "layer name taken": (output(name="h"), "layer 2 'h'", "the name is taken", "nothing else", "'h', like layer 1", "h_2"),
    "layer name of input": (output(name="x"), "layer 2 'x'", "the name is taken", "nothing else", "an input", "x_2"),
    "kind": (hidden(kind="dens"), "layer 1 'h'", "unknown kind", "layer_norm", "'dens'", "'dense'"),
    "layer key": (hidden(size=3), "layer 1 'h'", "unknown key", "units", "'size'", "units = 3"),
    "units missing": (chain(layer=[{"name": "h"}]), "layer 1 'h'", "the width is missing", "units", "none", "units = 3"),
    "units zero": (hidden(units=0), "layer 1 'h'", "units is not right", "1 to 1000000", "0", "units = 3"),
    "units huge": (hidden(units=10**9), "layer 1 'h'", "units is not right", "1 to 1000000", "1000000000", "units = 3"),
    "units fraction": (hidden(units=2.5), "layer 1 'h'", "units is not right", "an integer", "2.5", "units = 3"),
    "units elsewhere": (between({"kind": "softmax", "units": 3}), "layer 2", "unknown key", "kind", "'units'", "no width of its own"),
    "bias": (hidden(bias="yes"), "layer 1 'h'", "bias is not right", "true or false", "'yes'", "bias = true"),
    "bias elsewhere": (between({"kind": "softmax", "bias": True}), "layer 2", "unknown key", "kind", "'bias'", "leave it out"),
    "activation": (hidden(activation="ReLu6x"), "activation of layer 1 'h'", "unknown activation", "relu6", "'ReLu6x'", "'relu6'"),
    "activation formula as name": (hidden(activation="z*tanh(z)"), "activation", "unknown activation", "tanh", "z.tanh", "expression"),
    "activation, type": (hidden(activation=3), "activation", "not an activation", "a name", "3", 'activation = "tanh"'),
    "activation option": (hidden(activation={"name": "tanh", "alpha": 1}), "activation", "unknown key", "name", "'alpha'", "leave it out"),
    "activation option range": (hidden(activation={"name": "elu", "alpha": -1}), "activation", "alpha is not right", "0 or a number above", "-1", "alpha = 1"),
    "activation option zero": (hidden(activation={"name": "selu", "scale": 0}), "activation", "scale is not right", "above 0", "0", "scale = 1.05"),
    "activation nameless": (hidden(activation={"alpha": 1}), "activation", "name is not right", "name or expression", "none", "tanh"),
    "activation name and formula": (hidden(activation={"name": "tanh", "expression": "z"}), "activation", "unknown key", "expression", "'name'", "not both"),
    "formula": (hidden(activation={"expression": "z^2"}), "activation", "character", "digits", r"'\^'", r"\*\*"),
    "formula with a read": (hidden(activation={"expression": "z*w[i]"}), "activation", "no subscripts", "z", "w", "equation"),
    "formula with a sum": (hidden(activation={"expression": "sum(j, z)"}), "activation", "no sums", "z", "sum", "equation"),
    "formula, name": (hidden(activation={"expression": "beta*z"}), "activation", "unknown name", "z and pi", "'beta'", "a number for beta"),
    "formula, e": (hidden(activation={"expression": "e*z"}), "activation", "unknown name", "z and pi", "'e'", r"exp\(1\)"),
    "formula without z": (hidden(activation={"expression": "3"}), "activation", "does not read z", "function of z", "'3'", "use z"),
    "no activation there": (between({"kind": "softmax", "activation": "relu"}), "layer 2", "unknown key", "kind", "'activation'", 'kind = "activation"'),
    "kind option": (between({"kind": "layer_norm", "epsilon": 0}), "layer 2", "epsilon is not right", "above 0", "0", "epsilon = 1e-05"),
    # the graph
    "from": (output(**{"from": ["hh"]}), "layer 2 'o'", "not there", "h", "'hh'", "'h'"),
    "from a number": (output(**{"from": [1]}), "layer 2 'o'", "from is not right", "quotes", "list", r'\["1"\]'),
    "from, type": (output(**{"from": 1}), "layer 2 'o'", "from is not right", "a list of names", "1", 'from ='),
    "from unsaid": (chain(inputs={"x": 4, "u": 4}, layer=[{"units": 3}, {"kind": "add", "from": ["1", "u", "x"]}]), "layer 1", "not said", "several inputs", "none", r'from = \["x"\]'),
    "circle": (chain(layer=[{"name": "h", "units": 3, "from": "o"}, {"name": "o", "units": 2}, {"name": "p", "units": 2, "from": "x"}], loss=[{"of": "p", "kind": "mse"}]), "layer 1 'h'", "circle", "one after the other", "h reads o reads h", "take one"),
    "reads itself": (output(**{"from": ["h", "o"]}, kind="concat", units=None), "layer 2 'o'", "circle", "one after", "o reads o", "take one"),
    "too few read": (between({"kind": "add", "from": "h"}), "layer 2", "another number of layers", "2 to 32", "1", "from = "),
    "too many read": (between({"kind": "softmax", "from": ["h", "x"]}), "layer 2", "another number of layers", "1 in from", "2", "concat"),
    "far too many read": (between({"kind": "add", "from": ["h"] * 33}), "layer 2", "another number", "2 to 32", "33", "nest"),
    "layer unread": (between({"name": "side", "units": 3}) | {"loss": [{"of": "o", "kind": "mse"}]} | {"layer": [{"name": "side", "units": 3}, {"name": "o", "units": 2, "from": "x"}]}, "layer 1 'side'", "nothing reads this layer", "a loss", "none", 'of = "side"'),
    # sharing
    "share": (output(share="hh"), "layer 2 'o'", "share names no other", "h", "'hh'", "'h'"),
    "share in a circle": (chain(layer=[{"name": "h", "units": 4, "share": "h"}]), "layer 1 'h'", "share names no other", "another layer", "'h'", "name the layer"),
    "share another kind": (between({"kind": "layer_norm", "share": "h"}), "layer 2", "different kinds", "dense", "layer_norm", "same kind"),
    "share another width": (chain(layer=[{"name": "h", "units": 4}, {"name": "o", "units": 2, "share": "h"}]), "layer 2 'o'", "same units", "units = 4", "2", "make units the same"),
    "share another fan-in": (chain(layer=[{"name": "h", "units": 3}, {"name": "o", "units": 3, "share": "h"}]), "layer 2 'o'", "do not fit", r"W \(3, 3\)", r"W \(3, 4\) in 'h'", "fan-in"),
    "share, bias": (chain(layer=[{"name": "h", "units": 4}, {"name": "o", "bias": False, "share": "h"}]), "layer 2 'o'", "same bias", "bias = true", "false", "make bias the same"),
    "share a slope": (chain(layer=[{"name": "h", "units": 4}, {"name": "o", "share": "h", "activation": "prelu"}]), "layer 2 'o'", "do not fit", r"alpha \(4,\)", "no alpha in 'h'", "activation"),
    "share nothing": (between({"name": "s", "kind": "softmax"}, {"kind": "softmax", "share": "s"}), "layer 3", "nothing to share", "with parameters", "without", "leave share out"),
    "share an equation": (between({"name": "g", "equation": f"g[n,i] = {DEEP} + h[n,i]"}, {"equation": f"f[n,i] = {DEEP} + h[n,i]", "share": "g"}, {"kind": "add", "from": ["g", "f"]}), "layer 3 'f'", "cannot share", "of its own", "share = 'g'", "leave share out"),
    # sizes
    "add of widths": (between({"kind": "add", "from": ["h", "x"]}), "layer 2", "sizes do not fit", "index i", "3 from 'h' and 4 from 'x'", "equal"),
    "too wide": (chain(inputs={"x": 10**6}, layer=[{"kind": "concat", "from": ["x", "x"]}, {"kind": "softmax"}], loss="ce"), "layer 1", "too wide", "at most 1000000", "2000000", "narrower"),
    "too many parameters": (chain(inputs={"x": 10**6}, layer=[{"units": 1000}]), "layer 1", "too many parameters", "100000000", r"1000001000, most of them in W1 \(1000, 1000000\)", "fewer units"),
    "parameter name taken": (between({"name": "b_c", "units": 3}, {"equation": "c[n,i] = W_b[i]*b_c[n,i]"}), "layer 3 'c'", "name of a parameter is taken", "together are new", "W_b_c", "rename"),
    "parameter name emitted": (equation("params[n,i] = init[i]*h[n,i]"), "layer 2 'params'", "name of a parameter is taken", "new", "init_params", "rename"),
    # equations
    "equation missing": (between({"kind": "equation"}), "layer 2", "the equation is missing", "equation =", "none", "write the equation"),
    "equation, type": (between({"kind": "equation", "equation": 3}), "layer 2", "equation is not right", "text", "3", "equation ="),
    "equation elsewhere": (hidden(kind="dense", equation="g[n,i] = x[n,i]"), "layer 1 'h'", "unknown key", "units", "'equation'", 'kind = "equation"'),
    "equation with units": (equation("g[n,i] = h[n,i]", units=3), "layer 2 'g'", "unknown key", "sizes", "'units'", "sizes ="),
    "no equals sign": (equation("h[n,i]"), "equation of layer 2", "one equals sign", "=", "0 equals", "on the left"),
    "two equals signs": (equation("g[n,i] = h[n,i] = 2"), "equation of layer 2", "one equals sign", "=", "2 equals", "on the left"),
    "left side": (equation("g[i,n] = h[n,i]"), "equation of layer 2 'g'", "left side", r"g\[n,i\]", r"g\[i, n\]", "n first"),
    "left side, one index": (equation("g[n] = sum(j, h[n,j])"), "equation", "left side", r"g\[n,i\]", r"g\[n\]", "n first"),
    "left side, shifted": (equation("g[n,i+1] = h[n,i]"), "equation", "left side", r"g\[n,i\]", "a formula", "n first"),
    "left side, scalar": (equation("g = 1"), "equation of layer 2", "one element", r"name\[n,i\]", "'g'", r"g\[n,i\]"),
    "unbound index": (equation("g[n,i] = U[i,j]*h[n,i]"), "equation of layer 2 'g'", "not bound", "i, n", r"j in U\[...\]", r"sum\(j, ...\)"),
    "shadowing sum": (equation("g[n,i] = sum(i, h[n,i])"), "equation", "in use", "other than i, n", r"sum\(i, ...\)", "i2"),
    "sum over samples": (equation("g[n,i] = sum(n, h[n,i])"), "equation", "over the samples", "within one", r"sum\(n, ...\)", "another index"),
    "index name": (equation("g[n,i] = sum(pi, h[n,pi]) + c[i]", sizes={"i": 3}), "equation", "index name", "else", "'pi'", "pi_1"),
    "index of a tensor's name": (equation("g[n,i] = sum(x, h[n,x]) + c[i]", sizes={"i": 3}), "equation", "taken", "another", "'x'", "rename"),
    "index as value": (equation("g[n,i] = i*h[n,i]"), "equation", "no value", "number or a tensor", "i", r"in \[ \] only"),
    "tensor without subscripts": (equation("g[n,i] = h*h[n,i]"), "equation", "lacks its subscripts", r"h\[n,j\]", "h", r"write h\[n,j\]"),
    "layer without the sample": (equation("g[n,i] = h[i]"), "equation", "do not fit", "n, the sample, first", "1 subscripts", r"h\[n,j\]"),
    "parameter with the sample": (equation("g[n,i] = c[n,i]*h[n,i]"), "equation", "sample as a subscript", "same for every sample", "c", "leave n out"),
    "parameter of two ranks": (equation("g[n,i] = c[i]*h[n,i] + c"), "equation", "different numbers", "1", "0", "two names"),
    "parameter name": (equation("g[n,i] = a[i]*h[n,i]"), "equation", "own values", "else", "'a'", "a_1"),
    "parameter named as a gradient": (equation("g[n,i] = W[i]*dW[i]*h[n,i]"), "equation", "gradient of W", "other names", "both W and dW", "rename dW"),
    "equation reads itself": (equation("g[n,i] = h[n,i] + g[n,i]"), "equation", "reads itself", "h", "g", "below"),
    "equation beside from": (equation("g[n,i] = h[n,i]*x[n,i]", **{"from": "h"}), "equation", "not among", "h", "x", "to from"),
    "from beside equation": (equation("g[n,i] = h[n,i]", **{"from": ["h", "x"]}), "equation", "all of from", "h, x", "'x'", "out of from"),
    "equation reads nothing": (equation("g[n,i] = c[i]"), "layer 2", "reads no layer", "one of x", "c", "by its name"),
    "open index": (equation("g[n,i] = c[i]*sum(j, h[n,j])"), "layer 2 'g'", "size of index i", "runs over", "parameters only", "sizes = { i = 16 }"),
    "index of two sizes": (equation("g[n,i] = sum(j, x[n,j]) + sum(j, h[n,j]) + h[n,i]"), "layer 2 'g'", "do not fit", "index j", "4 from 'x' and 3 from 'h'", "rename j"),
    "declared size": (equation("g[n,i] = h[n,i]", sizes={"i": 5}), "layer 2 'g'", "do not fit", "index i", "5 from sizes and 3 from 'h'", "equal"),
    "size of no index": (equation("g[n,i] = h[n,i]", sizes={"k": 5}), "sizes of layer 2 'g'", "unknown key", "i", "'k'", "leave it out"),
    "size of zero": (equation("g[n,i] = h[n,i]", sizes={"i": 0}), "sizes of layer 2", "i is not right", "1 to", "0", "i = 3"),
    "sizes, type": (equation("g[n,i] = h[n,i]", sizes=3), "layer 2", "sizes is not right", "table", "3", "sizes ="),
    "name of the left side taken": (equation("x[n,i] = h[n,i]"), "layer 2", "the name is taken", "nothing else", "'x', like an input", "x_2"),
    # losses
    "loss": (chain(loss="cross_entropi"), "loss of the network", "unknown loss", "cross_entropy", "'cross_entropi'", "'cross_entropy'"),
    "loss, type": (chain(loss=3), "loss", "not a loss", "a name", "3", "half_squared_error"),
    "loss key": (scored({"kind": "hinge", "delta": 1}), "loss", "unknown key", "weight", "'delta'", "leave it out"),
    "loss kind and formula": (scored({"kind": "mse", "expression": "sum(k, (a[k]-y[k])**4)"}), "loss", "unknown key", "expression", "'kind'", "not both"),
    "loss option": (scored({"kind": "huber", "delta": 0}), "loss", "delta is not right", "above 0", "0", "delta = 1"),
    "loss weight": (scored({"kind": "mse", "weight": 0}), "loss", "weight is not right", "other than 0", "0", "leave the loss out"),
    "loss weight, type": (scored({"kind": "mse", "weight": "x"}), "loss", "weight is not right", "a number", "'x'", "weight = 0.5"),
    "loss of nobody": (scored({"kind": "mse", "of": "q"}), "loss", "not there", "one of h, o", "'q'", "name a layer"),
    "loss of an input": (scored({"kind": "mse", "of": "x"}), "loss", "not there", "one of h, o", "'x'", "name a layer"),
    "loss of two": (scored({"kind": "mse", "of": ["h", "o"]}), "loss", "another number", "1 in of", "2", "of = "),
    "loss of which": (chain(layer=[{"name": "p", "units": 2}, {"name": "q", "units": 2, "from": "x"}]), "loss", "not said", "'p', 'q'", "none", r'of = \["p"\]'),
    "loss formula": (scored({"expression": "sum(k, a[k].y[k])"}), "loss", "character", "letters", r"'\.'", "dots"),
    "loss formula, unbound": (scored({"expression": "(a[k] - y[k])**2"}), "loss", "not bound", "under a sum", r"k in a\[...\]", r"sum\(k, ...\)"),
    "loss formula, name": (scored({"expression": "sum(k, (a[k] - t[k])**2)"}), "loss", "unknown name", "one of a, y", "'t'", "one of those"),
    "loss formula, two subscripts": (scored({"expression": "sum(k, a[n,k]**2)"}), "loss", "do not fit|not bound", "", "", ""),
    "loss formula, no output": (scored({"expression": "sum(k, y[k])"}), "loss", "does not read the output", r"a\[k\]", "y", r"a\[k\]"),
    "loss formula, open index": (scored({"expression": "sum(k, sum(r, a[k]))"}), "loss", "size of index r", "a", "r", "leave its sum out"),
    "loss formula, bare tensor": (scored({"expression": "a**2"}), "loss", "lacks its subscripts", r"a\[k\]", "a", r"write a\[k\]"),
    "target name": (scored({"kind": "mse", "target": "t-1"}), "loss", "not a name", "letter", "'t-1'", "t_1"),
    "target of an input's name": (scored({"kind": "mse", "target": "x"}), "loss", "name of an input", "of its own", "'x'", "x_t"),
    "target of a layer's name": (scored({"kind": "mse", "target": "h"}), "loss", "name of a layer", "of its own", "'h'", "h_t"),
    "targets": (scored({"kind": "ce", "targets": "ints"}, "softmax"), "loss", "targets is not right", "rows or labels or weights", "'ints'", "."),
    "labels for numbers": (scored({"kind": "mse", "targets": "labels"}), "loss", "as numbers", "rows", "labels", "cross_entropy, kl_divergence"),
    "no target": (chain(layer=[{"name": "s", "units": 1}, {"name": "c", "units": 1, "from": "x"}], loss={"kind": "max_margin", "of": ["s", "c"], "target": "y"}), "loss", "target is not right", "no target", "'y'", "leave target out"),
    "one scorer": (chain(loss="max_margin"), "loss", "not said", "2 of the layers", "none", "two scorers"),
    "the same scorer": (scored({"kind": "max_margin", "of": ["o", "o"]}), "loss", "with itself", "2 different", "o", "two scorers"),
    "scorers of two widths": (chain(layer=[{"name": "s", "units": 1}, {"name": "c", "units": 2, "from": "x"}], loss={"kind": "max_margin", "of": ["s", "c"]}), "loss", "differ in width", "1, like 's'", "2 in 'c'", "same units"),
    "target in two ways": (chain(layer=[{"name": "p", "units": 2}, {"name": "q", "units": 3, "from": "x"}], loss=[{"of": "p", "kind": "mse"}, {"of": "q", "kind": "mse"}]), "loss 2", "in two ways", "2 columns of rows", "3 columns of rows", "two names"),
    "target as rows and labels": (chain(layer=[{"name": "p", "units": 2, "activation": "softmax"}, {"name": "q", "units": 2, "from": "x"}], loss=[{"of": "p", "kind": "ce", "targets": "labels"}, {"of": "q", "kind": "mse"}]), "loss 2", "in two ways", "2 columns of labels", "2 columns of rows", "two names"),
    "too many losses": (chain(loss=[{"kind": "mse"}] * 101), "network", "too many losses", "100", "101", "fewer"),
    # losses and outputs that do not go together
    "cross_entropy without softmax": (scored("cross_entropy", "sigmoid"), "loss", "does not suit 'o'", "softmax", "unit values", "binary_cross_entropy"),
    "cross_entropy of scores": (scored("ce"), "loss", "does not suit 'o'", "softmax", "real values", 'activation = "softmax"'),
    "kl_divergence of scores": (scored("kl_divergence", "tanh"), "loss", "does not suit 'o'", "softmax", "symmetric values", "softmax"),
    "bce of scores": (scored("bce"), "loss", "does not suit 'o'", "between 0 and 1", "real values", "sigmoid"),
    "bce of tanh": (scored("bce", "tanh"), "loss", "does not suit 'o'", "between 0 and 1", "symmetric values", "sigmoid"),
    "bce of relu": (scored("bce", "relu"), "loss", "does not suit 'o'", "between 0 and 1", "positive values", "sigmoid"),
    "poisson of scores": (scored("poisson"), "loss", "does not suit 'o'", "positive values", "real values", "softplus"),
    "poisson of a softmax": (scored("poisson", "softmax"), "loss", "does not suit 'o'", "as they are", "softmax", "cross_entropy"),
    "hinge of a softmax": (scored("hinge", "softmax"), "loss", "does not suit 'o'", "as they are", "softmax", "take the softmax away"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_problem(case):
    declared, *patterns = CASES[case]
    with pytest.raises(NetworkError) as caught:
        parse(declared)
    assert len(caught.value.problems) == 1, str(caught.value)
    (problem,) = caught.value.problems
    fields = ("where", "what", "expected", "got", "way_out")
    for field, pattern in zip(fields, patterns, strict=True):
        value = getattr(problem, field)
        assert value
        assert re.search(pattern, value, re.IGNORECASE), (field, pattern, value)
        assert value in str(caught.value) or field == "way_out"
    assert str(caught.value).isascii()


def test_the_base_declaration_is_sound():
    assert parse(CHAIN).width("o") == 2


def test_all_problems_at_once():
    declared = chain(reduction="avg", l2=-1)
    declared["layer"] = [
        {"name": "h", "units": 3, "activation": "tahn"},
        {"name": "g", "equation": "g[n,i] = sum(j, U[i,k]*h[n,j])"},
        {"kind": "add", "from": ["h", "q"]},
        {"units": 2, "share": "h", "bias": 1},
    ]
    declared["loss"] = [{"of": "4", "kind": "hinge", "margin": 2}, {"of": "h"}]
    with pytest.raises(NetworkError) as caught:
        parse(declared)
    text = str(caught.value)
    for sign in ("reduction", "l2", "'tahn'", "k in U[...]", "'q'", "same units", "bias", "'margin'"):
        assert sign in text
    assert text.startswith(f"{len(caught.value.problems)} problems\n")
