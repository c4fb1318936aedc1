"""What is wrong with the top of a declaration, or with one layer by itself.

The signs of a case stand for where, what, expected, got and way out, each a pattern.
"""

import pytest

from tests.network.problems import between, chain, check, hidden, output

CASES = {
    "unknown key": (
        chain(reducton="sum"),
        "network | unknown key | reduction | 'reducton' | Did you mean 'reduction'",
    ),
    "unknown key, hinted": (
        chain(losses=[]),
        r"network | unknown key | loss | 'losses' | \[\[loss\]\]",
    ),
    "network name": (
        chain(name="two heads"),
        "network | not a name | letter | 'two heads' | two_heads",
    ),
    "network name, type": (
        chain(name=3),
        "network | name is not right | text | 3 | name =",
    ),
    "reduction": (
        chain(reduction="avg"),
        "network | reduction is not right | mean or sum | 'avg' | mean",
    ),
    "l2 below zero": (
        chain(l2=-1),
        "network | l2 is not right | 0 or a number above | -1 | l2 = 0.01",
    ),
    "l2 not finite": (
        chain(l2=float("inf")),
        "network | l2 is not right | a number | inf | l2 = 0.5",
    ),
    "l2 vast": (
        chain(l2=10**5000),
        "network | l2 is not right | a number | bits | l2 = 0.5",
    ),
    "l2 text": (
        chain(l2="much"),
        "network | l2 is not right | a number | 'much' | l2 = 0.5",
    ),
    "act": (
        chain(act="tahn"),
        "act of the network | unknown activation | tanh | 'tahn' | 'tanh'",
    ),
    "no input": (
        chain(inputs={}),
        r"network | there is no input | inputs | none | \[inputs\]",
    ),
    "inputs, type": (
        chain(inputs=3),
        r"network | inputs is not right | table | 3 | \[inputs\]",
    ),
    "input size": (
        chain(inputs={"x": 0}),
        "inputs of the network | x is not right | 1 to 1000000 | 0 | x = 3",
    ),
    "input size, type": (
        chain(inputs={"x": True}),
        "inputs | x is not right | integer | true | x = 3",
    ),
    "input name": (
        chain(inputs={"x-1": 4}),
        "inputs | not a name | letter | 'x-1' | x_1",
    ),
    "input name n": (
        chain(inputs={"n": 4}),
        "inputs | the sample index | else | 'n' | n_1",
    ),
    "input name keyword": (
        chain(inputs={"lambda": 4}),
        "inputs | word of Python | else | 'lambda' | lambda_1",
    ),
    "input unread": (
        between(inputs={"x": 4, "u": 2}) | {"layer": [{"units": 3, "from": "x"}]},
        "input 'u' | nothing reads this input | a layer | none | from",
    ),
    "no layer": (
        chain(layer=[]),
        r"network | there are no layers | list | none | \[\[layer\]\]",
    ),
    "layers, type": (
        chain(layer="h"),
        r"network | there are no layers | list | 'h' | \[\[layer\]\]",
    ),
    "too many layers": (
        chain(layer=[{"units": 1}] * 2001),
        "network | too many layers | 2000 | 2001 | fewer",
    ),
    "too many inputs": (
        chain(inputs={f"x{k}": 1 for k in range(101)}),
        "network | too many inputs | 100 | 101 | fewer",
    ),
    "layer, type": (
        chain(layer=[3]),
        r"layer 1 | not a layer | table | 3 | \[\[layer\]\]",
    ),
    "layer name": (
        hidden(name="h 1"),
        "layer 1 | not a name | letter | 'h 1' | h_1",
    ),
    "layer name keyword": (
        hidden(name="class"),
        "layer 1 | word of Python | else | 'class' | class_1",
    ),
    "layer name long": (
        hidden(name="h" * 33),
        "layer 1 | not a name | at most 32 | hhh | write hhh",
    ),
    "layer name look-alike": (
        hidden(name="\uff48"),
        r"layer 1 | not a name | ASCII | \\uff48 | choose",
    ),
    "layer name taken": (
        output(name="h"),
        "layer 2 'h' | the name is taken | nothing else | 'h', like layer 1 | h_2",
    ),
    "layer name of input": (
        output(name="x"),
        "layer 2 'x' | the name is taken | nothing else | an input | x_2",
    ),
    "kind": (
        hidden(kind="dens"),
        "layer 1 'h' | unknown kind | layer_norm | 'dens' | 'dense'",
    ),
    "layer key": (
        hidden(size=3),
        "layer 1 'h' | unknown key | units | 'size' | units = 3",
    ),
    "units missing": (
        chain(layer=[{"name": "h"}]),
        "layer 1 'h' | the width is missing | units | none | units = 3",
    ),
    "units zero": (
        hidden(units=0),
        "layer 1 'h' | units is not right | 1 to 1000000 | 0 | units = 3",
    ),
    "units huge": (
        hidden(units=10**9),
        "layer 1 'h' | units is not right | 1 to 1000000 | 1000000000 | units = 3",
    ),
    "units fraction": (
        hidden(units=2.5),
        "layer 1 'h' | units is not right | an integer | 2.5 | units = 3",
    ),
    "units elsewhere": (
        between({"kind": "softmax", "units": 3}),
        "layer 2 | unknown key | kind | 'units' | no width of its own",
    ),
    "bias": (
        hidden(bias="yes"),
        "layer 1 'h' | bias is not right | true or false | 'yes' | bias = true",
    ),
    "bias elsewhere": (
        between({"kind": "softmax", "bias": True}),
        "layer 2 | unknown key | kind | 'bias' | leave it out",
    ),
    "activation": (
        hidden(activation="ReLu6x"),
        "activation of layer 1 'h' | unknown activation | relu6 | 'ReLu6x' | 'relu6'",
    ),
    "activation formula as name": (
        hidden(activation="z*tanh(z)"),
        "activation | unknown activation | tanh | z.tanh | expression",
    ),
    "activation, type": (
        hidden(activation=3),
        'activation | not an activation | a name | 3 | activation = "tanh"',
    ),
    "activation option": (
        hidden(activation={"name": "tanh", "alpha": 1}),
        "activation | unknown key | name | 'alpha' | leave it out",
    ),
    "activation option range": (
        hidden(activation={"name": "elu", "alpha": -1}),
        "activation | alpha is not right | 0 or a number above | -1 | alpha = 1",
    ),
    "activation option zero": (
        hidden(activation={"name": "selu", "scale": 0}),
        "activation | scale is not right | above 0 | 0 | scale = 1.05",
    ),
    "activation nameless": (
        hidden(activation={"alpha": 1}),
        "activation | name is not right | name or expression | none | tanh",
    ),
    "activation name and formula": (
        hidden(activation={"name": "tanh", "expression": "z"}),
        "activation | unknown key | expression | 'name' | not both",
    ),
    "formula": (
        hidden(activation={"expression": "z^2"}),
        r"activation | character | digits | '\^' | \*\*",
    ),
    "formula with a read": (
        hidden(activation={"expression": "z*w[i]"}),
        "activation | no subscripts | z | w | equation",
    ),
    "formula with a sum": (
        hidden(activation={"expression": "sum(j, z)"}),
        "activation | no sums | z | sum | equation",
    ),
    "formula, name": (
        hidden(activation={"expression": "beta*z"}),
        "activation | unknown name | z and pi | 'beta' | a number for beta",
    ),
    "formula, e": (
        hidden(activation={"expression": "e*z"}),
        r"activation | unknown name | z and pi | 'e' | exp\(1\)",
    ),
    "formula without z": (
        hidden(activation={"expression": "3"}),
        "activation | does not read z | function of z | '3' | use z",
    ),
    "no activation there": (
        between({"kind": "softmax", "activation": "relu"}),
        "layer 2 | unknown key | kind | 'activation' | kind = \"activation\"",
    ),
    "kind option": (
        between({"kind": "layer_norm", "epsilon": 0}),
        "layer 2 | epsilon is not right | above 0 | 0 | epsilon = 1e-05",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problem(case):
    check(*CASES[case])
