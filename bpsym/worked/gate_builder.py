"""From scalar equations to gates: each operation one, its local gradients by sympy, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy as sp

from bpsym.arrays.index_values import Scope, compiled
from bpsym.calculus.scalars.unroll import Place, Row, Unrolled
from bpsym.calculus.slopes.activation import Opaque
from bpsym.calculus.system import Role
from bpsym.calculus.terms.functions import U, define
from bpsym.worked.gate import ADD, CONSTANT, GIVEN, TIMES, Gate, Gates
from bpsym.worked.problems import NumbersError
from bpsym.worked.record import Worked

MOST_GATES = 150
_COST = "C"


class GateBuilder:
    """Builds the gates from the scalar equations."""

    def __init__(self, unrolled: Unrolled, worked: Worked) -> None:
        self.unrolled = unrolled
        self.worked = worked
        self.found: list[Gate] = []
        self.at: dict[sp.Basic, int] = {}
        self.known = unrolled.elements(Role.PARAMETER, Role.INPUT, Role.TARGET)

    def gates(self) -> Gates:
        for symbol, row in self.unrolled.rows.items():
            position = self._computed(row.rhs, row)
            self._name(position, symbol.name, (row.tensor, row.subscripts))
            self.at[symbol] = position
        position = self._computed(self.unrolled.cost, None)
        if _COST not in self.found[position].names:
            self._name(position, _COST, None)
        return Gates(self._with_signals(self._reaching(position)))

    def _name(self, position: int, name: str, place: Place | None) -> None:
        gate = self.found[position]
        places = gate.places if place is None else (*gate.places, place)
        self.found[position] = replace(gate, names=(*gate.names, name), places=places)

    # Forward

    def _computed(self, expr: sp.Expr, row: Row | None) -> int:
        """The position of the gate that computes an expression; what is read twice is a fork."""
        if expr.is_number:
            return self._add(Gate(CONSTANT, (), float(expr)))
        if expr not in self.at:
            self.at[expr] = self._new(expr, row)
        return self.at[expr]

    def _new(self, expr: sp.Expr, row: Row | None) -> int:
        if expr in self.known:
            return self._given(expr)
        match expr:
            case sp.Add():
                return self._sum(expr, row)
            case sp.Mul():
                return self._product(expr, row)
            case sp.Piecewise():
                return self._chosen(expr, row)
            case sp.Pow() if expr.exp.is_number:
                return self._function(f"^{expr.exp}", expr, expr.args[:1], row)
            case Opaque() if expr.activation.expression == U:
                return self._computed(expr.args[0], row)
            case Opaque():
                return self._function(expr.activation.name, expr, expr.args, row)
            case _:
                name = {"Abs": "abs", "atan": "arctan"}.get(type(expr).__name__)
                return self._function(name or type(expr).__name__, expr, expr.args, row)

    def _given(self, symbol: sp.Symbol) -> int:
        name, place = self.known[symbol]
        value = float(self.worked.values[name][tuple(each - 1 for each in place)])
        return self._add(Gate(GIVEN, (), value, names=(symbol.name,), places=((name, place),)))

    def _sum(self, expr: sp.Add, row: Row | None) -> int:
        inputs, signs = [], []
        weighted = any(self._is_parameter(f) for t in expr.args for f in _factors(t))
        for term in _in_order(expr.args):
            sign, rest = (-1, -term) if term.could_extract_minus_sign() else (1, term)
            if weighted and self._is_parameter(rest) and rest.func is sp.Symbol:
                one = self._add(Gate(CONSTANT, (), 1.0))
                inputs.append(self._times((self._computed(rest, row), one)))
            else:
                inputs.append(self._computed(rest, row))
            signs.append(sign)
        value = sum(s * self.found[i].value for s, i in zip(signs, inputs, strict=True))
        local = tuple(float(sign) for sign in signs)
        return self._add(Gate(ADD, tuple(inputs), value, tuple(signs), local))

    def _is_parameter(self, expr: sp.Expr) -> bool:
        place = self.known.get(expr)
        system = self.unrolled.system
        return place is not None and system.tensors[place[0]].role is Role.PARAMETER

    def _product(self, expr: sp.Mul, row: Row | None) -> int:
        factors = _in_order(expr.args)
        return self._times(tuple(self._computed(each, row) for each in factors))

    def _times(self, inputs: tuple[int, ...]) -> int:
        values = [self.found[each].value for each in inputs]
        local = tuple(
            float(np.prod([*values[:at], *values[at + 1 :]])) for at in range(len(values))
        )
        return self._add(Gate(TIMES, inputs, float(np.prod(values)), local=local))

    def _chosen(self, expr: sp.Piecewise, row: Row | None) -> int:
        """``max(0, u)`` as a gate that is open or shut; else the branch that holds."""
        if _is_max(expr):
            read = self._computed(expr.args[0][0], row)
            value = self.found[read].value
            return self._add(Gate("max", (read,), max(value, 0.0), local=(float(value > 0),)))
        names = tuple(sorted(expr.free_symbols, key=str))
        values = tuple(self.found[self._computed(each, row)].value for each in names)
        for value, test in expr.args:
            if _value(sp.Piecewise((1, test), (0, True)), names, values):
                position = self._computed(value, row)
                # A gate of its own, so that the distinction can be seen.
                gate = Gate("case", (position,), self.found[position].value, local=(1.0,))
                return self._add(gate)
        raise ValueError("no case holds")

    def _function(
        self, name: str, expr: sp.Expr, arguments: Sequence[sp.Expr], row: Row | None
    ) -> int:
        inputs = tuple(self._computed(each, row) for each in arguments)
        letters = tuple(sp.Symbol(f"u{k}", real=True) for k in range(len(inputs)))
        inner = _in_letters(expr, letters)
        values = tuple(self.found[each].value for each in inputs)
        slopes = (sp.diff(define(inner), each) for each in letters)
        local = tuple(_value(each, letters, values) for each in slopes)
        return self._add(Gate(name, inputs, _value(inner, letters, values), local=local))

    def _add(self, gate: Gate) -> int:
        if len(self.found) >= MOST_GATES:
            raise NumbersError.single(
                where="--gates",
                what="there are too many gates to be drawn",
                expected=f"at most {MOST_GATES}",
                got="more",
                way_out="take a smaller network such as 2-2-1, or leave out --gates",
            )
        self.found.append(gate)
        return len(self.found) - 1

    # Backward

    def _reaching(self, last: int) -> list[Gate]:
        """The gates that the cost is computed from, in order, the cost last."""
        reached, waiting = set[int](), [last]
        while waiting:
            position = waiting.pop()
            if position not in reached:
                reached.add(position)
                waiting += self.found[position].inputs
        new = {old: at for at, old in enumerate(sorted(reached - {last}))}
        new[last] = len(new)
        ordered = [*sorted(reached - {last}), last]
        return [
            replace(self.found[old], inputs=tuple(new[each] for each in self.found[old].inputs))
            for old in ordered
        ]

    def _with_signals(self, gates: list[Gate]) -> tuple[Gate, ...]:
        """Error signals multiplied along edges and added at forks."""
        signals = [0.0] * len(gates)
        signals[-1] = 1.0
        for position in range(len(gates) - 1, -1, -1):
            gate = gates[position]
            for read, local in zip(gate.inputs, gate.local, strict=True):
                signals[read] += local * signals[position]
        return tuple(
            replace(gate, signal=signal) for gate, signal in zip(gates, signals, strict=True)
        )


def _is_max(expr: sp.Piecewise) -> bool:
    """Whether it is ``{u if u > 0, 0 otherwise}``."""
    if len(expr.args) != 2 or expr.args[1][0] != 0:
        return False
    then, test = expr.args[0]
    return isinstance(test, sp.Gt | sp.Ge | sp.Lt | sp.Le) and bool(
        sp.expand(test.gts - test.lts - then) == 0
    )


def _factors(term: sp.Expr) -> tuple[sp.Expr, ...]:
    return tuple(term.args) if isinstance(term, sp.Mul) else ()


def _in_order(parts: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Parts as they are drawn from top to bottom: by name, what is subtracted and numbers last."""

    def key(each: sp.Expr) -> tuple[bool, bool, bool, str]:
        negative = bool(each.could_extract_minus_sign())
        bare = isinstance(each, sp.Symbol)
        return bool(each.is_number), negative, bare and not each.name.startswith("W"), str(each)

    return sorted(parts, key=key)


def _in_letters(expr: sp.Expr, letters: tuple[sp.Symbol, ...]) -> sp.Expr:
    """A function applied to letters in place of its arguments, an activation written out."""
    if isinstance(expr, sp.Pow):
        return letters[0] ** expr.exp
    if isinstance(expr, Opaque):
        activation = expr.activation
        names = dict(zip((U, *activation.learned), letters, strict=True))
        return activation.expression.xreplace(names)
    return expr.func(*letters)


def _value(expr: sp.Expr, letters: tuple[sp.Symbol, ...], values: tuple[float, ...]) -> float:
    scope = Scope({each.name: np.asarray(v) for each, v in zip(letters, values, strict=True)}, {})
    return float(compiled(expr, (), ())(scope))
