"""What is wrong with the equation of a layer.

The signs of a case stand for where, what, expected, got and way out, each a pattern.
"""

import pytest

from tests.network.problems import between, check, equation, hidden

CASES = {
    "equation missing": (
        between({"kind": "equation"}),
        "layer 2 | the equation is missing | equation = | none | write the equation",
    ),
    "equation, type": (
        between({"kind": "equation", "equation": 3}),
        "layer 2 | equation is not right | text | 3 | equation =",
    ),
    "equation elsewhere": (
        hidden(kind="dense", equation="g[n,i] = x[n,i]"),
        "layer 1 'h' | unknown key | units | 'equation' | kind = \"equation\"",
    ),
    "equation with units": (
        equation("g[n,i] = h[n,i]", units=3),
        "layer 2 'g' | unknown key | sizes | 'units' | sizes =",
    ),
    "no equals sign": (
        equation("h[n,i]"),
        "equation of layer 2 | one equals sign | = | 0 equals | on the left",
    ),
    "two equals signs": (
        equation("g[n,i] = h[n,i] = 2"),
        "equation of layer 2 | one equals sign | = | 2 equals | on the left",
    ),
    "left side": (
        equation("g[i,n] = h[n,i]"),
        r"equation of layer 2 'g' | left side | g\[n,i\] | g\[i, n\] | n first",
    ),
    "left side, one index": (
        equation("g[n] = sum(j, h[n,j])"),
        r"equation | left side | g\[n,i\] | g\[n\] | n first",
    ),
    "left side, shifted": (
        equation("g[n,i+1] = h[n,i]"),
        r"equation | left side | g\[n,i\] | a formula | n first",
    ),
    "left side, scalar": (
        equation("g = 1"),
        r"equation of layer 2 | one element | name\[n,i\] | 'g' | g\[n,i\]",
    ),
    "unbound index": (
        equation("g[n,i] = U[i,j]*h[n,i]"),
        r"equation of layer 2 'g' | not bound | i, n | j in U\[...\] | sum\(j, ...\)",
    ),
    "shadowing sum": (
        equation("g[n,i] = sum(i, h[n,i])"),
        r"equation | in use | other than i, n | sum\(i, ...\) | i2",
    ),
    "sum over samples": (
        equation("g[n,i] = sum(n, h[n,i])"),
        r"equation | over the samples | within one | sum\(n, ...\) | another index",
    ),
    "index name": (
        equation("g[n,i] = sum(exp, h[n,i]) + c[i]", sizes={"i": 3}),
        "equation | index name | else | 'exp' | exp_1",
    ),
    "index of a tensor's name": (
        equation("g[n,i] = sum(x, h[n,x]) + c[i]", sizes={"i": 3}),
        "equation | taken | another | 'x' | rename",
    ),
    "index as value": (
        equation("g[n,i] = i*h[n,i]"),
        r"equation | no value | number or a tensor | i | in \[ \] only",
    ),
    "tensor without subscripts": (
        equation("g[n,i] = h*h[n,i]"),
        r"equation | lacks its subscripts | h\[n,j\] | h | write h\[n,j\]",
    ),
    "layer without the sample": (
        equation("g[n,i] = h[i]"),
        r"equation | do not fit | n, the sample, first | h\[i\] | h\[n,j\]",
    ),
    "another sample": (
        equation("g[n,i] = h[n,i] - h[n-1,i]"),
        r"equation | cannot read another | h\[n,j\], with n alone | h\[n-1,i\] | of their own",
    ),
    "an index in a shifted subscript only": (
        equation("g[n,i] = sum(j, K[j]*h[n,i+j-1])", sizes={"j": 2}),
        r"layer 2 'g' | size of index i | runs over | i\+j-1 of h | sizes = { i = 16 }",
    ),
    "a size out of bounds": (
        equation("g[n,i] = sum(j, K[i,j]*h[n,j])", sizes={"i": 10**9}),
        "sizes of layer 2 'g' | i is not right | 1000000 | 1000000000 | i = 3",
    ),
    "parameter with the sample": (
        equation("g[n,i] = c[n,i]*h[n,i]"),
        "equation | sample as a subscript | same for every sample | c | leave n out",
    ),
    "parameter without subscripts": (
        equation("g[n,i] = c*h[n,i]"),
        r"equation | not possible yet | c\[i\] | 'c' | a number",
    ),
    "parameter with a shift": (
        equation("g[n,i] = w[i+1]*h[n,i]"),
        r"equation | not possible yet | w\[i\] | a sum or a number | the layer that is read",
    ),
    "parameter of two ranks": (
        equation("g[n,i] = c[i]*sum(j, c[i,j]*h[n,j]) + h[n,i]"),
        "equation | different numbers | 1 | 2 | two names",
    ),
    "parameter name": (
        equation("g[n,i] = a[i]*h[n,i]"),
        "equation | own values | else | 'a' | a_1",
    ),
    "parameter named as a gradient": (
        equation("g[n,i] = W[i]*dW[i]*h[n,i]"),
        "equation | gradient of W | other names | both W and dW | rename dW",
    ),
    "equation reads itself": (
        equation("g[n,i] = h[n,i] + g[n,i]"),
        "equation | reads itself | h | g | below",
    ),
    "equation beside from": (
        equation("g[n,i] = h[n,i]*x[n,i]", **{"from": "h"}),
        "equation | not among | h | x | to from",
    ),
    "from beside equation": (
        equation("g[n,i] = h[n,i]", **{"from": ["h", "x"]}),
        "equation | all of from | h, x | 'x' | out of from",
    ),
    "equation reads nothing": (
        equation("g[n,i] = c[i]"),
        "layer 2 | reads no layer | one of x | c | by its name",
    ),
    "open index": (
        equation("g[n,i] = c[i]*sum(j, h[n,j])"),
        "layer 2 'g' | size of index i | runs over | parameters only | sizes = { i = 16 }",
    ),
    "index of two sizes": (
        equation("g[n,i] = sum(j, x[n,j]) + sum(j, h[n,j]) + h[n,i]"),
        "layer 2 'g' | do not fit | index j | 4 from 'x' and 3 from 'h' | rename j",
    ),
    "declared size": (
        equation("g[n,i] = h[n,i]", sizes={"i": 5}),
        "layer 2 'g' | do not fit | index i | 5 from sizes and 3 from 'h' | equal",
    ),
    "size of no index": (
        equation("g[n,i] = h[n,i]", sizes={"k": 5}),
        "sizes of layer 2 'g' | unknown key | i | 'k' | leave it out",
    ),
    "size of zero": (
        equation("g[n,i] = h[n,i]", sizes={"i": 0}),
        "sizes of layer 2 | i is not right | 1 to | 0 | i = 3",
    ),
    "sizes, type": (
        equation("g[n,i] = h[n,i]", sizes=3),
        "layer 2 | sizes is not right | table | 3 | sizes =",
    ),
    "name of the left side taken": (
        equation("x[n,i] = h[n,i]"),
        "layer 2 | the name is taken | nothing else | 'x', like an input | x_2",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problem(case):
    check(*CASES[case])
