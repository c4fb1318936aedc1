"""A document with numbers: the same document, every formula followed by its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bpsym.calculus.system import Role
from bpsym.typeset.document import Block, Display, Document, Paragraph, Section
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import (
    ONE,
    Chain,
    Formula,
    Kind,
    Product,
    Symbol,
    Terms,
    equation,
    symbols,
)
from bpsym.typeset.languages.en.numbers import NumbersEnglish
from bpsym.typeset.languages.zh.numbers import NumbersChinese
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.updates import RATE
from bpsym.typeset.worked.decimals import decimal
from bpsym.typeset.worked.instances import Instances
from bpsym.typeset.worked.reading import NEXT, Reading
from bpsym.typeset.worked.running import first_of_run, is_running
from bpsym.worked.record import Worked, worked

WORDS: Mapping[str, NumbersEnglish] = MappingProxyType(
    {each.code: each for each in (NumbersEnglish(), NumbersChinese())}
)
_PLUS = Symbol("+", Kind.CONSTANT, "+")


@dataclass(frozen=True)
class Numbered:
    """Puts numbers into the document of a context.

    worked: values for the system of the context. sample: whose elements are written, from 1.
    only_of: of how many samples it is the only one that is worked, None if all are. instances:
    what writes the numbers, so that documents in several languages share them.
    """

    context: Context
    worked: Worked
    sample: int = 1
    only_of: int | None = None
    instances: Instances | None = None

    @property
    def words(self) -> NumbersEnglish:
        """The sentences in the language of the context."""
        return WORDS[self.context.words.code]

    def document(self, document: Document) -> Document:
        """The document with the given numbers, with numbers after each formula, and one step.

        Raises ProofError if a number is not what the derivation says.
        """
        instances = self.instances or instances_of(
            self.context, self.worked, self.sample, self.only_of
        )
        sections: list[Section] = []
        for section in document.sections:
            if section.title == self.context.words.summary:
                sections.append(section)  # its lines had their numbers where they were derived
                continue
            # That section is of one sample in every notation.
            of_one = section.title == self.context.words.whole_loss and self.worked.samples > 1
            own = self._of_the_sample() if of_one else instances
            blocks = tuple(self._blocks(section.blocks, own))
            sections.append(replace(section, blocks=blocks))
            if section.title == self.context.words.conventions:
                sections.append(Section(self.words.given, tuple(self._given(instances))))
        if self.worked.updated:
            step = Section(self.words.step, tuple(self._step(instances)))
            sections = list(before_certificate(self.context, sections, step))
        return replace(document, sections=tuple(sections))

    def _of_the_sample(self) -> Instances:
        return Instances(Reading(self.context, of_sample(self.context, self.worked, self.sample)))

    def _blocks(self, blocks: tuple[Block, ...], instances: Instances) -> Iterator[Block]:
        layer: int | None = None
        for block in blocks:
            if isinstance(block, Paragraph):
                layer = first_of_run(block.text) or layer
            if not isinstance(block, Display):
                yield block
                continue
            waiting: list[Formula] = []
            for formula in block.formulas:
                found = instances.of(formula, layer)
                if found and _has_free(formula):
                    yield replace(block, formulas=(*waiting, formula))
                    yield Display(found)
                    waiting = []
                elif found:
                    waiting.append(_extended(formula, found[0]))
                else:
                    waiting.append(formula)
            if waiting:
                yield replace(block, formulas=tuple(waiting))

    def _given(self, instances: Instances) -> Iterator[Block]:
        worked, words = self.worked, self.words
        only = None if self.only_of is None else (self.sample, self.only_of)
        said = [words.given_are(worked.digits, worked.samples, only=only)]
        if worked.samples > 1:
            said.append(words.elements_of(self.sample))
        said.append(words.checked(worked.checked))
        yield Paragraph((self.context.words.between_sentences.join(said),))
        tensors = self.context.built.system.of_role(Role.INPUT, Role.PARAMETER, Role.TARGET)
        chains = []
        for tensor in tensors:
            (shown,) = self.context.noted(Display((self.context.table.tensor(tensor.name),)))
            assert isinstance(shown, Display)
            symbol = shown.formulas[0]
            if isinstance(symbol, Symbol) and instances.is_matrix(symbol):
                chains.append(instances.array(symbol))
        yield Display(tuple(chains))

    # The step

    def _step(self, instances: Instances) -> Iterator[Block]:
        worked = self.worked
        frozen = [self._noted(self.context.table.tensor(name)) for name in worked.frozen]
        rate = decimal(worked.rate, worked.digits)
        yield Paragraph(self.words.step_with(RATE, rate, frozen))
        names = [each for each in worked.updated if each not in worked.frozen]
        for name in names:
            yield Display(tuple(self._corrected(name, instances)))
        before = decimal(worked.cost, worked.digits)
        after = decimal(worked.cost_after, worked.digits)
        yield Paragraph(self.words.cost_after(self.context.cost, before, after))

    def _corrected(self, name: str, instances: Instances) -> Iterator[Chain]:
        """The rule for a parameter, its elements with numbers, and all of it if that is more."""
        chain = self.rule(name)
        yield chain
        yield from instances.of(chain)

    def rule(self, name: str) -> Chain:
        """The new value of a parameter: ``W1+[i,j] = W1[i,j] - eta dC/dW1[i,j]``."""
        table, tensor = self.context.table, self.context.built.system.tensors[name]
        letters = tuple(index(letter) for letter in tensor.axes)
        derivative = table.derivative(name, letters)
        gradient = self._noted(equation(derivative, ONE))
        noted = self._noted(table.tensor(name, letters))
        assert isinstance(gradient, Chain)
        assert isinstance(noted, Symbol)
        descent = Product((RATE, gradient.first))
        new = replace(noted, name=NEXT + name, superscripts=(_PLUS,))
        return equation(new, Terms(((1, noted), (-1, descent))))

    def _noted(self, formula: Formula) -> Formula:
        (block,) = self.context.noted(Display((formula,)))
        assert isinstance(block, Display)
        return block.formulas[0]


def instances_of(context: Context, worked: Worked, sample: int, only_of: int | None) -> Instances:
    """What writes the numbers of a sample; options as those of ``Numbered``."""
    return Instances(Reading(context, worked), sample if only_of is None else 1)


def of_sample(context: Context, values: Worked, number: int) -> Worked:
    """The values of one sample alone, by its number from 1."""
    if values.samples == 1:
        return values
    return worked(context.built, values.numbers.sample(context.built, number))


def before_certificate(
    context: Context, sections: Sequence[Section], more: Section
) -> tuple[Section, ...]:
    """The sections with one more, which stands before the certificate."""
    titles = [each.title for each in sections]
    certificate = context.words.certificate
    at = titles.index(certificate) if certificate in titles else len(titles)
    return (*sections[:at], more, *sections[at:])


def _has_free(formula: Formula) -> bool:
    """Whether an index on the left makes it a rule and not a line of numbers."""
    assert isinstance(formula, Chain)
    return is_running(formula) or any(each.kind is Kind.INDEX for each in symbols(formula.first))


def _extended(formula: Formula, numbers: Chain) -> Formula:
    """A line without indices, with its numbers at its end."""
    assert isinstance(formula, Chain)
    rest = dict.fromkeys((*formula.rest, *numbers.rest))
    return Chain(formula.first, tuple(rest))


__all__ = ["WORDS", "Numbered", "NumbersEnglish"]
