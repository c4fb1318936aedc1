"""What is wrong with who reads whom, who shares with whom, and with sizes.

The signs of a case stand for where, what, expected, got and way out, each a pattern.
"""

import pytest

from tests.network.problems import DEEP, between, chain, check, equation, output

CASES = {
    "from": (
        output(**{"from": ["hh"]}),
        "layer 2 'o' | not there | h | 'hh' | 'h'",
    ),
    "from a number": (
        output(**{"from": [1]}),
        r"""layer 2 'o' | from is not right | quotes | list | \["1"\]""",
    ),
    "from, type": (
        output(**{"from": 1}),
        "layer 2 'o' | from is not right | a list of names | 1 | from =",
    ),
    "from unsaid": (
        chain(
            inputs={"x": 4, "u": 4}, layer=[{"units": 3}, {"kind": "add", "from": ["1", "u", "x"]}]
        ),
        r'layer 1 | not said | several inputs | none | from = \["x"\]',
    ),
    "circle": (
        chain(
            layer=[
                {"name": "h", "units": 3, "from": "o"},
                {"name": "o", "units": 2},
                {"name": "p", "units": 2, "from": "x"},
            ],
            loss=[{"of": "p", "kind": "mse"}],
        ),
        "layer 1 'h' | circle | one after the other | h reads o reads h | take one",
    ),
    "reads itself": (
        chain(
            layer=[{"name": "h", "units": 3}, {"name": "o", "kind": "concat", "from": ["h", "o"]}]
        ),
        "layer 2 'o' | circle | one after | o reads o | take one",
    ),
    "too few read": (
        between({"kind": "add", "from": "h"}),
        "layer 2 | another number of layers | 2 to 32 | 1 | from = ",
    ),
    "too many read": (
        between({"kind": "softmax", "from": ["h", "x"]}),
        "layer 2 | another number of layers | 1 in from | 2 | concat",
    ),
    "far too many read": (
        between({"kind": "add", "from": ["h"] * 33}),
        "layer 2 | another number | 2 to 32 | 33 | nest",
    ),
    "layer unread": (
        between({"name": "side", "units": 3})
        | {"loss": [{"of": "o", "kind": "mse"}]}
        | {"layer": [{"name": "side", "units": 3}, {"name": "o", "units": 2, "from": "x"}]},
        "layer 1 'side' | nothing reads this layer | a loss | none | of = \"side\"",
    ),
    "share": (
        output(share="hh"),
        "layer 2 'o' | share names no other | h | 'hh' | 'h'",
    ),
    "share in a circle": (
        chain(layer=[{"name": "h", "units": 4, "share": "h"}]),
        "layer 1 'h' | share names no other | another layer | 'h' | name the layer",
    ),
    "share with a layer above": (
        chain(layer=[{"name": "h", "units": 4, "share": "o"}, {"name": "o", "units": 4}]),
        "layer 1 'h' | circle | one after | h shares o reads h | the first of them",
    ),
    "share another kind": (
        between({"kind": "layer_norm", "share": "h"}),
        "layer 2 | different kinds | dense | layer_norm | same kind",
    ),
    "share another width": (
        chain(layer=[{"name": "h", "units": 4}, {"name": "o", "units": 2, "share": "h"}]),
        "layer 2 'o' | same units | units = 4 | 2 | make units the same",
    ),
    "share another fan-in": (
        chain(layer=[{"name": "h", "units": 3}, {"name": "o", "units": 3, "share": "h"}]),
        r"layer 2 'o' | do not fit | W \(3, 3\) | W \(3, 4\) in 'h' | fan-in",
    ),
    "share, bias": (
        chain(layer=[{"name": "h", "units": 4}, {"name": "o", "bias": False, "share": "h"}]),
        "layer 2 'o' | same bias | bias = true | false | make bias the same",
    ),
    "share a slope": (
        chain(
            layer=[{"name": "h", "units": 4}, {"name": "o", "share": "h", "activation": "prelu"}]
        ),
        r"layer 2 'o' | do not fit | alpha \(4,\) | no alpha in 'h' | activation",
    ),
    "share nothing": (
        between({"name": "s", "kind": "softmax"}, {"kind": "softmax", "share": "s"}),
        "layer 3 | nothing to share | with parameters | without | leave share out",
    ),
    "share an equation": (
        between(
            {"name": "g", "equation": f"g[n,i] = {DEEP} + h[n,i]"},
            {"equation": f"f[n,i] = {DEEP} + h[n,i]", "share": "g"},
            {"kind": "add", "from": ["g", "f"]},
        ),
        "layer 3 'f' | cannot share | of its own | share = 'g' | leave share out",
    ),
    "add of widths": (
        between({"kind": "add", "from": ["h", "x"]}),
        "layer 2 | sizes do not fit | index i | 3 from 'h' and 4 from 'x' | equal",
    ),
    "too wide": (
        chain(
            inputs={"x": 10**6},
            layer=[{"kind": "concat", "from": ["x", "x"]}, {"kind": "softmax"}],
            loss="ce",
        ),
        "layer 1 | too wide | at most 1000000 | 2000000 | narrower",
    ),
    "too many parameters": (
        chain(inputs={"x": 10**6}, layer=[{"units": 1000}]),
        "layer 1 | too many parameters | 100000000 | "
        r"1000001000, most of them in W1 \(1000, 1000000\) | fewer units",
    ),
    "a softmax over one unit": (
        output(units=1, activation="softmax") | {"loss": "cross_entropy"},
        "layer 2 'o' | softmax over one unit is constant | two units or more | 1 | sigmoid",
    ),
    "a softmax layer over one unit": (
        between({"units": 1}, {"kind": "softmax"}),
        "layer 3 | softmax over one unit is constant | two units or more | 1 | sigmoid",
    ),
    "a layer_norm over one unit": (
        between({"units": 1}, {"kind": "layer_norm"}),
        "layer 3 | layer_norm over one unit is constant | two units or more | 1 | out",
    ),
    "read by a name that cannot be one": (
        between({"name": "2nd", "units": 3}, {"from": ["2nd"], "units": 3}),
        "layer 2 | not a name | a letter | '2nd' | Write",
    ),
    "parameter name taken": (
        between({"name": "b_c", "units": 3}, {"equation": "c[n,i] = W_b[i]*b_c[n,i]"}),
        "layer 3 'c' | name of a parameter is taken | together are new | W_b_c | rename",
    ),
    "parameter name emitted": (
        equation("params[n,i] = init[i]*h[n,i]"),
        "layer 2 'params' | name of a parameter is taken | new | init_params | rename",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problem(case):
    check(*CASES[case])
