"""The visitor: each node of a formula as a piece of text, with the brackets that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from bpsym.typeset.formulas.numerals import digits_of, is_decimal
from bpsym.typeset.formulas.strength import Strength, strength
from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Cases,
    Chain,
    Comparison,
    Conjunction,
    Decimal,
    Formula,
    Joint,
    Matrix,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
)
from bpsym.typeset.printers import piece as metrics
from bpsym.typeset.printers.language import Fence, Language
from bpsym.typeset.printers.names import BIG, BIGG, EMPTY, LARGEST, Names, with_commas
from bpsym.typeset.printers.piece import Piece, letters
from bpsym.typeset.printers.styles import (
    NO_SHAPES,
    ConditionWords,
    Labels,
    Shapes,
    Style,
    smaller,
)

_HALF = Fraction(1, 2)

# Their powers are written tanh^2(z).
_POWER_AT_THE_NAME = frozenset(("cos", "cosh", "sin", "sinh", "tanh"))


class Pieces(Names):
    """Writes formulas, each in one line."""

    def __init__(self, language: Language, labels: Labels, words: ConditionWords) -> None:
        self.language = language
        self.labels = labels
        self.words = words
        self._shapes: Shapes = NO_SHAPES
        # The same few symbols make up all formulas of a document.
        self._known: dict[Symbol, Piece] = {}

    def _piece(self, formula: Formula, style: Style) -> Piece:
        bare = self._bare(formula, style)
        if not self._shapes or style is not Style.DISPLAY or formula not in self._shapes:
            return bare
        sizes = [self._piece(each, Style.SCRIPT) for each in self._shapes[formula]]
        label = self._joined(
            [part for each in sizes for part in (self.language.times, each.text)][1:]
        )
        wide = sum(each.width for each in sizes) + metrics.SIGN * (len(sizes) - 1)
        return Piece(
            self.language.under(bare.text, label),
            max(bare.width, metrics.SCRIPT * wide),
            bare.tall,
            bare.nested,
        )

    def _bare(self, formula: Formula, style: Style) -> Piece:
        match formula:
            case Symbol():
                if formula not in self._known:
                    self._known[formula] = self._symbol(formula)
                return self._known[formula]
            case Number(value):
                return self._number(value, style)
            case Decimal(_, digits):
                if "e" in digits:
                    return self._number(Fraction(digits), style)
                return self._digits(digits)
            case Terms(terms):
                return self._terms(terms, style)
            case Product(factors, joint):
                return self._product(factors, joint, style)
            case Quotient(numerator, denominator):
                return self._quotient(numerator, denominator, style)
            case Power():
                return self._power(formula, style)
            case Summation():
                body = self._between(formula.body, Strength.SUM, style)
                return self._beside((self._sigma(formula, style), body))
            case Apply(function, arguments):
                return self._application(function, arguments, style)
            case Comparison(first, rest) | Chain(first, rest):
                parts = [self._between(first, Strength.TERMS, style)]
                for relation, side in rest:
                    parts.append(Piece(self.language.relations[relation], metrics.RELATION))
                    parts.append(self._between(side, Strength.TERMS, style))
                return self._beside(parts)
            case Conjunction(conditions):
                return self._listed([self._piece(each, style) for each in conditions])
            case Bracket(condition):
                inner = self._piece(condition, smaller(style))
                return self._fenced(inner, Fence.SQUARE)
            case Cases():
                return self._cases(formula, closed=True)
            case Transpose(argument):
                return self._transpose(argument, style)
            case Matrix(rows):
                return self._matrix(rows)
            case Partial(of, by):
                return self._partial(of, by, style)

    def _matrix(self, rows: Sequence[Sequence[Formula]]) -> Piece:
        cells = [[self._piece(each, Style.TEXT) for each in row] for row in rows]
        columns = zip(*cells, strict=True)
        width = sum(max(each.width for each in column) for column in columns)
        text = self.language.matrix([[each.text for each in row] for row in cells])
        between = metrics.COLUMN * (len(cells[0]) - 1) + metrics.FENCE
        tall = min(LARGEST, 2 + len(rows) // 2) if len(rows) > 1 else 0
        return Piece(text, width + between + metrics.BRACE, tall)

    def _number(self, value: Fraction, style: Style) -> Piece:
        if value < 0:
            rest = self._number(-value, style)
            return self._beside((self._sign(-1, first=True), rest))
        if not is_decimal(value):
            top = self._digits(str(value.numerator))
            if value.denominator == 1:
                return top
            return self._rule(top, self._digits(str(value.denominator)), style, small=True)
        digits, exponent = digits_of(value)
        if exponent == 0:
            return self._digits(digits)
        power = Piece(
            self.language.scripts(
                self.language.digits("10"),
                "",
                self._joined((self.language.leading_minus, self.language.digits(str(-exponent)))),
            ),
            letters("10") + metrics.SCRIPT * (metrics.LEADING_SIGN + letters(str(-exponent))),
        )
        if digits == "1":
            return power
        dot = Piece(self.language.joints[Joint.DOT], metrics.SIGN)
        return self._beside((self._digits(digits), dot, power))

    def _terms(self, terms: Sequence[tuple[int, Formula]], style: Style) -> Piece:
        parts: list[Piece] = []
        for number, (sign, term) in enumerate(terms):
            parts.append(self._sign(sign, first=number == 0))
            parts.append(self._between(term, Strength.SUM, style))
        return self._beside(parts)

    def _sign(self, sign: int, *, first: bool) -> Piece:
        if first:
            return Piece(self.language.leading_minus, metrics.LEADING_SIGN) if sign < 0 else EMPTY
        return Piece(self.language.plus if sign > 0 else self.language.minus, metrics.SIGN)

    def _product(self, factors: Sequence[Formula], joint: Joint, style: Style) -> Piece:
        parts: list[Piece] = []
        for number, factor in enumerate(factors):
            last = number == len(factors) - 1
            if number:
                parts.append(self._gap(factors[number - 1], factor, joint, style))
            inner = self._piece(factor, style)
            free = self._stands_free(factor, style, first=number == 0, last=last)
            parts.append(inner if free else self._fenced(inner, Fence.ROUND))
        return self._beside(parts)

    def _gap(self, left: Formula, right: Formula, joint: Joint, style: Style) -> Piece:
        """What stands between two factors: nothing beside a bracket or after a number."""
        if joint is not Joint.BESIDE:
            return Piece(self.language.joints[joint], metrics.SIGN)
        bracketed = not self._stands_free(right, style, first=False, last=True)
        if isinstance(left, Number) and left.value.denominator == 1:
            return EMPTY
        if isinstance(right, Summation) or (bracketed and not isinstance(left, Apply)):
            return EMPTY
        if self.language.spaced and isinstance(right, Apply) and self._is_word(right.function):
            return EMPTY
        return Piece(self.language.joints[Joint.BESIDE], metrics.GAP)

    def _is_word(self, function: str | Prime) -> bool:
        """Whether a function has a name of several letters, not a letter such as sigma."""
        name = function.function if isinstance(function, Prime) else function
        return len(name) > 1 and name not in ("abs", "sigmoid", "normal_cdf", "normal_pdf")

    def _stands_free(self, factor: Formula, style: Style, *, first: bool, last: bool) -> bool:
        """Whether a factor needs no brackets."""
        if isinstance(factor, Summation):
            return last
        if isinstance(factor, Number) and not first:
            return False
        return self._strength(factor, style) >= Strength.POWER

    def _strength(self, formula: Formula, style: Style) -> Strength:
        """How it holds together here, where small fractions and derivatives have a rule."""
        match formula:
            case Partial() if style is Style.DISPLAY:
                return Strength.ATOM
            case Quotient() if _is_ratio(formula) and style is not Style.SCRIPT:
                return Strength.ATOM
            case Number(value) if value > 0 and not is_decimal(value):
                return Strength.ATOM if style is not Style.SCRIPT else Strength.QUOTIENT
            case Power(exponent=exponent) if exponent == _HALF:
                return Strength.ATOM
            case _:
                return strength(formula, stacked=style is Style.DISPLAY)

    def _quotient(self, above: Formula, below: Formula, style: Style) -> Piece:
        small = _is_ratio(Quotient(above, below))
        if style is Style.DISPLAY or (small and style is Style.TEXT):
            inner = smaller(style)
            return self._rule(self._piece(above, inner), self._piece(below, inner), style)
        return self._slashed(
            self._between(above, Strength.PRODUCT, style),
            self._between(below, Strength.POWER, style),
        )

    def _rule(self, above: Piece, below: Piece, style: Style, *, small: bool = False) -> Piece:
        """A fraction with a rule; in raised text a slash, for which there is room."""
        if style is Style.SCRIPT:
            return self._slashed(above, below)
        small = small or style is Style.TEXT
        text = self.language.fraction(above.text, below.text, small=small)
        width = max(above.width, below.width) * (metrics.SCRIPT if small else 1)
        tall = 0 if small else max(BIGG, above.tall + 1, below.tall + 1)
        return Piece(text, width + metrics.FRACTION_MARGIN, min(tall, LARGEST))

    def _slashed(self, above: Piece, below: Piece) -> Piece:
        return self._beside((above, Piece(self.language.slash, 0.5), below))

    def _partial(self, of: Formula, by: Formula, style: Style) -> Piece:
        sign = Piece(self.language.partial, 0.55)
        inner = smaller(style)
        above = self._beside((sign, self._between(of, Strength.ATOM, inner)))
        below = self._beside((sign, self._between(by, Strength.ATOM, inner)))
        if style is Style.DISPLAY:
            return self._rule(above, below, style)
        return self._slashed(above, below)

    def _power(self, power: Power, style: Style) -> Piece:
        if power.exponent == _HALF:
            inner = self._piece(power.base, style)
            text = self.language.root(inner.text)
            return Piece(text, inner.width + metrics.ROOT, inner.tall, inner.nested)
        exponent = [self._number(power.exponent, Style.SCRIPT)]
        match power.base:
            case Apply(str(function), arguments) if function in _POWER_AT_THE_NAME:
                name = self._scripted(self._function(function), (), exponent)
                return self._beside((name, self._arguments(arguments, style)))
            case Symbol() as symbol if not self._has_superscript(symbol):
                return self._scripted(self._symbol(symbol), (), exponent)
            case Apply() | Number() | Decimal() as base if self._is_atom(base):
                return self._scripted(self._piece(base, style), (), exponent)
        inner = self._fenced(self._piece(power.base, style), Fence.ROUND)
        return self._scripted(inner, (), exponent)

    def _is_atom(self, formula: Formula) -> bool:
        return self._strength(formula, Style.DISPLAY) is Strength.ATOM

    def _transpose(self, argument: Formula, style: Style) -> Piece:
        mark = Piece(self.language.transpose, 0.6)
        match argument:
            case Symbol(label=label, superscripts=()) if not (
                label and self.labels is Labels.BARE and self._has_superscript(argument)
            ):
                below: list[Piece] = []
                base = self._letter(argument, below)
                above = [mark]
                if label and self._has_superscript(argument):
                    above.insert(0, self._placed(self._label(argument)))
                elif label:
                    below.append(self._label(argument))
                places = [self._piece(each, Style.SCRIPT) for each in argument.subscripts]
                below += with_commas(places, argument.subscripts, self.language.comma)
                return self._scripted(base, below, above)
        inner = self._piece(argument, style)
        return self._scripted(self._fenced(inner, Fence.ROUND), (), (mark,))

    def _sigma(self, summation: Summation, style: Style) -> Piece:
        equals = Piece(self.language.relations["="], metrics.RELATION)
        parts = (
            self._piece(summation.index, Style.SCRIPT),
            equals,
            self._piece(summation.lower, Style.SCRIPT),
        )
        below = self._beside(parts)
        above = self._piece(summation.upper, Style.SCRIPT)
        display = style is Style.DISPLAY
        limits = metrics.SCRIPT * max(below.width, above.width)
        width = max(metrics.SUM, limits) if display else 1.1 + limits
        text = self.language.summation(below.text, above.text, display=display)
        return Piece(text, width + metrics.GAP, BIG if display else 0)

    def _application(
        self, function: str | Prime, arguments: Sequence[Formula], style: Style
    ) -> Piece:
        if function == "abs":
            parts = [self._piece(each, smaller(style)) for each in arguments]
            return self._fenced(self._listed(parts), Fence.BARS)
        return self._beside((self._function(function), self._arguments(arguments, style)))

    def _arguments(self, arguments: Sequence[Formula], style: Style) -> Piece:
        """The arguments of a function; those that are fractions of numbers are small."""
        parts = []
        for each in arguments:
            is_number = isinstance(each, Number) or _is_ratio(each)
            parts.append(self._piece(each, smaller(style) if is_number else style))
        return self._fenced(self._listed(parts), Fence.ROUND)

    def _cases(self, cases: Cases, *, closed: bool) -> Piece:
        rows, values, tests = list[tuple[str, str]](), [0.0], [0.0]
        for value, test in cases.branches:
            shown = self._piece(value, Style.TEXT)
            when = self._test(test)
            tests.append(when.width)
            values.append(shown.width)
            rows.append((shown.text, when.text))
        width = metrics.BRACE * (1 + closed) + max(values) + 1.0 + max(tests)
        return Piece(self.language.cases(rows, closed=closed), width, LARGEST)

    @property
    def _when_width(self) -> float:
        return letters(self.words.when) + 0.4

    def _test(self, test: Formula | None) -> Piece:
        """The condition of a case, with its word."""
        if test is None:
            return Piece(self.language.words(self.words.otherwise), letters(self.words.otherwise))
        condition = self._piece(test, Style.TEXT)
        when = self.language.words(f"{self.words.when} ")
        return Piece(self._joined((when, condition.text)), self._when_width + condition.width)

    def _between(self, formula: Formula, least: Strength, style: Style) -> Piece:
        """A formula, in round brackets if it is weaker than ``least``."""
        inner = self._piece(formula, style)
        if self._strength(formula, style) >= least:
            return inner
        return self._fenced(inner, Fence.ROUND)


def _is_ratio(formula: Formula) -> bool:
    """Whether it is a fraction of two numbers."""
    match formula:
        case Quotient(Number(), Number()):
            return True
        case _:
            return False
