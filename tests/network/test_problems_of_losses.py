"""What is wrong with a loss, its target, or what it reads.

The signs of a case stand for where, what, expected, got and way out, each a pattern.
"""

import pytest

from tests.network.problems import chain, check, scored

CASES = {
    "loss": (
        chain(loss="cross_entropi"),
        "loss of the network | unknown loss | cross_entropy | 'cross_entropi' | 'cross_entropy'",
    ),
    "loss, type": (
        chain(loss=3),
        "loss | not a loss | a name | 3 | half_squared_error",
    ),
    "loss key": (
        scored({"kind": "hinge", "delta": 1}),
        "loss | unknown key | weight | 'delta' | leave it out",
    ),
    "loss kind and formula": (
        scored({"kind": "mse", "expression": "sum(k, (a[k]-y[k])**4)"}),
        "loss | unknown key | expression | 'kind' | not both",
    ),
    "loss option": (
        scored({"kind": "huber", "delta": 0}),
        "loss | delta is not right | above 0 | 0 | delta = 1",
    ),
    "loss weight": (
        scored({"kind": "mse", "weight": 0}),
        "loss | weight is not right | other than 0 | 0 | leave the loss out",
    ),
    "loss weight, type": (
        scored({"kind": "mse", "weight": "x"}),
        "loss | weight is not right | a number | 'x' | weight = 0.5",
    ),
    "loss of nobody": (
        scored({"kind": "mse", "of": "q"}),
        "loss | not there | one of h, o | 'q' | name a layer",
    ),
    "loss of an input": (
        scored({"kind": "mse", "of": "x"}),
        "loss | not there | one of h, o | 'x' | name a layer",
    ),
    "loss of two": (
        scored({"kind": "mse", "of": ["h", "o"]}),
        "loss | another number | 1 in of | 2 | of = ",
    ),
    "loss of which": (
        chain(layer=[{"name": "p", "units": 2}, {"name": "q", "units": 2, "from": "x"}]),
        r"""loss | not said | 'p', 'q' | none | of = \["p"\]""",
    ),
    "loss formula": (
        scored({"expression": "sum(k, a[k].y[k])"}),
        r"loss | character | letters | '\.' | dots",
    ),
    "loss formula, unbound": (
        scored({"expression": "(a[k] - y[k])**2"}),
        r"loss | not bound | under a sum | k in a\[...\] | sum\(k, ...\)",
    ),
    "loss formula, name": (
        scored({"expression": "sum(k, (a[k] - t[k])**2)"}),
        "loss | unknown name | one of a, y | 't' | one of those",
    ),
    "loss formula, two subscripts": (
        scored({"expression": "sum(k, a[n,k]**2)"}),
        r"loss | do not fit | a\[k\], with one index | a\[n,k\] | write a\[k\]",
    ),
    "loss formula, no output": (
        scored({"expression": "sum(k, y[k])"}),
        r"loss | does not read the output | a\[k\] | y | a\[k\]",
    ),
    "loss formula, open index": (
        scored({"expression": "sum(k, sum(r, a[k]))"}),
        "loss | size of index r | a | r | leave its sum out",
    ),
    "loss formula, bare tensor": (
        scored({"expression": "a**2"}),
        r"loss | lacks its subscripts | a\[k\] | a | write a\[k\]",
    ),
    "target name": (
        scored({"kind": "mse", "target": "t-1"}),
        "loss | not a name | letter | 't-1' | t_1",
    ),
    "target of an input's name": (
        scored({"kind": "mse", "target": "x"}),
        "loss | name of an input | of its own | 'x' | x_t",
    ),
    "target of a layer's name": (
        scored({"kind": "mse", "target": "h"}),
        "loss | name of a layer | of its own | 'h' | h_t",
    ),
    "targets": (
        scored({"kind": "ce", "targets": "ints"}, "softmax"),
        "loss | targets is not right | rows or labels or weights | 'ints' | .",
    ),
    "labels for numbers": (
        scored({"kind": "mse", "targets": "labels"}),
        "loss | as numbers | rows | labels | cross_entropy, kl_divergence",
    ),
    "labels for an expression": (
        scored({"expression": "sum(k, (a[k] - y[k])**2)", "targets": "labels"}),
        "loss | an expression takes its targets as numbers | rows | labels | leave targets out",
    ),
    "index of a loss": (
        scored({"expression": "sum(n, a[n])"}),
        "loss | index name | else | 'n' | n_1",
    ),
    "no target": (
        chain(
            layer=[{"name": "s", "units": 1}, {"name": "c", "units": 1, "from": "x"}],
            loss={"kind": "max_margin", "of": ["s", "c"], "target": "y"},
        ),
        "loss | target is not right | no target | 'y' | leave target out",
    ),
    "one scorer": (
        chain(loss="max_margin"),
        "loss | not said | 2 of the layers | none | two scorers",
    ),
    "the same scorer": (
        scored({"kind": "max_margin", "of": ["o", "o"]}),
        "loss | with itself | 2 different | o | two scorers",
    ),
    "scorers of two widths": (
        chain(
            layer=[{"name": "s", "units": 1}, {"name": "c", "units": 2, "from": "x"}],
            loss={"kind": "max_margin", "of": ["s", "c"]},
        ),
        "loss | differ in width | 1, like 's' | 2 in 'c' | same units",
    ),
    "target in two ways": (
        chain(
            layer=[{"name": "p", "units": 2}, {"name": "q", "units": 3, "from": "x"}],
            loss=[{"of": "p", "kind": "mse"}, {"of": "q", "kind": "mse"}],
        ),
        "loss 2 | in two ways | 2 columns of rows | 3 columns of rows | two names",
    ),
    "target as rows and labels": (
        chain(
            layer=[
                {"name": "p", "units": 2, "activation": "softmax"},
                {"name": "q", "units": 2, "from": "x"},
            ],
            loss=[{"of": "p", "kind": "ce", "targets": "labels"}, {"of": "q", "kind": "mse"}],
        ),
        "loss 2 | in two ways | 2 columns of labels | 2 columns of rows | two names",
    ),
    "too many losses": (
        chain(loss=[{"kind": "mse"}] * 101),
        "network | too many losses | 100 | 101 | fewer",
    ),
    "cross_entropy without softmax": (
        scored("cross_entropy", "sigmoid"),
        "loss | does not suit 'o' | softmax | unit values | binary_cross_entropy",
    ),
    "cross_entropy of scores": (
        scored("ce"),
        "loss | does not suit 'o' | softmax | real values | activation = \"softmax\"",
    ),
    "kl_divergence of scores": (
        scored("kl_divergence", "tanh"),
        "loss | does not suit 'o' | softmax | symmetric values | softmax",
    ),
    "bce of scores": (
        scored("bce"),
        "loss | does not suit 'o' | between 0 and 1 | real values | sigmoid",
    ),
    "bce of tanh": (
        scored("bce", "tanh"),
        "loss | does not suit 'o' | between 0 and 1 | symmetric values | sigmoid",
    ),
    "bce of relu": (
        scored("bce", "relu"),
        "loss | does not suit 'o' | between 0 and 1 | nonnegative values | sigmoid",
    ),
    "poisson of scores": (
        scored("poisson"),
        "loss | does not suit 'o' | positive values | real values | softplus",
    ),
    "poisson of relu, whose 0 has no log": (
        scored("poisson", "relu"),
        "loss | does not suit 'o' | positive values | 0 for half of all z | softplus",
    ),
    "poisson of a sum of relus": (
        chain(
            layer=[
                {"name": "p", "units": 2, "activation": "relu"},
                {"name": "q", "units": 2, "from": "x", "activation": "relu6"},
                {"name": "s", "kind": "add", "from": ["p", "q"]},
            ],
            loss={"kind": "poisson", "of": "s"},
        ),
        "loss | does not suit 's' | positive values | 0 for half of all z | softplus",
    ),
    "poisson of a softmax": (
        scored("poisson", "softmax"),
        "loss | does not suit 'o' | as they are | softmax | cross_entropy",
    ),
    "hinge of a softmax": (
        scored("hinge", "softmax"),
        "loss | does not suit 'o' | as they are | softmax | take the softmax away",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problem(case):
    check(*CASES[case])
