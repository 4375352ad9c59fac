"""Fluent prose: thinking between <think> and </think>, then a short explanation before the answer.

It speaks in the problem's own names and words. Which of several phrases is used follows from the problem's numbers, so
that the same problem always reads the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice

from caugym.causal.admg import project
from caugym.causal.estimand import P, Terms, expand, steps_of, text, value
from caugym.gym import conventions, solution
from caugym.gym.conventions import DEAD_ZONE
from caugym.gym.problem import LACK_CONDITION, Assignment
from caugym.gym.styles import Case, number
from caugym.gym.wording.published import ESTIMAND_NAMES, join_words
from caugym.gym.workings import workings

RULES = {
    "complement": "the probabilities of all values add up to 1",
    "certain": "it is certain",
    "chain rule": "the chain rule",
    "quotient": "the definition of conditional probability",
    "total probability": "the law of total probability",
    "remainder": "what is left of the whole",
    "independence in the graph": "the graph makes the conditions that differ irrelevant",
}


def write(case: Case, scratchpad: bool = False) -> str:
    says = _Prose(case, scratchpad)
    thinking = "\n\n".join(says.thinking())
    return f"<think>\n{thinking}\n</think>\n\n{says.conclusion()}"


class _Prose:
    def __init__(self, case: Case, scratchpad: bool) -> None:
        self.case, self.scratchpad = case, scratchpad
        self.found, self.query = case.found, case.found.query
        self.x, self.y = self.query.treatment, self.query.outcome
        seed = f"{case.graph}{self.query}{list(case.knowledge.printed.values())}"
        self._draws = iter(hashlib.sha256(seed.encode()).digest())

    def _one_of(self, phrases: Sequence[str]) -> str:
        return phrases[next(self._draws) % len(phrases)]

    def _word(self, node: str, value: int) -> str:
        return self.case.by_name[node].words[value]

    def _being(self, assignment: Assignment) -> str:
        return join_words(f"{node} being {self._word(node, v)}" for node, v in assignment)

    def symbol(self, p: P) -> str:
        """P(income=high | talent=low); a variable that a sum runs over stands without a value."""

        def side(part: Terms) -> str:
            return ", ".join(node if v is None else f"{node}={self._word(node, v)}" for node, v in part)

        condition = ([f"do({side(p.do)})"] if p.do else []) + ([side(p.condition)] if p.condition else [])
        return f"P({side(p.event)} | {', '.join(condition)})" if condition else f"P({side(p.event)})"

    def thinking(self) -> list[str]:
        if self.found.no_effect:
            return [self.question(), self.graph()]
        reasoning = [self.question(), self.graph(), *filter(None, [self.adjustment()]), self.formula()]
        if self.case.missing:
            return [*reasoning, self.lack()]
        return [*reasoning, self.numbers(), self.calculation(), *filter(None, [self.verdict()])]

    def question(self) -> str:
        """What is asked, in words."""
        query = self.query
        opening = self._one_of(["Let me first see what is asked.", "What is the question?", "First, what am I asked?"])
        to, other = (self._word(self.x, v) for v in (query.treatment_value, query.control_value))
        outcome = f"{self.y} being {self._word(self.y, query.outcome_value)}"
        bound = f"the {query.bound} bound of " if query.bound else ""
        name = f"{bound}the {ESTIMAND_NAMES[query.task]} ({query.task}) of {self.x} on {self.y}"
        match query.task:
            case "CDE":
                meaning = (
                    f"how much the probability of {outcome} changes when {self.x} is set from {other} to {to} "
                    f"while we hold {self._being(query.mediator_values)}"
                )
            case "ETT":
                meaning = (
                    f"for those with {self.x} being {other}, the probability of {outcome} as it is, minus what it "
                    f"would be had their {self.x} been {to}"
                )
            case "NDE":
                meaning = (
                    f"how much the probability of {outcome} changes when {self.x} goes from {other} to {to} but every "
                    f"mediator stays as it would be with {self.x} being {other}"
                )
            case "NIE":
                meaning = (
                    f"how much the probability of {outcome} changes when {self.x} stays {other} but every mediator "
                    f"responds as if {self.x} were {to}"
                )
            case "PN" | "PS":
                changed = self._word(self.y, 1 - query.outcome_value)
                meaning = (
                    f"among those with {self.x} being {to} and {outcome}, how many would have had {self.y} being "
                    f"{changed} had {self.x} been {other}"
                )
            case "PNS":
                meaning = (
                    f"how likely it is that {self.x} makes all the difference, that {outcome} would come with {self.x} "
                    f"being {to} and would not with {self.x} being {other}"
                )
            case _:
                meaning = f"how much the probability of {outcome} changes when {self.x} is set from {other} to {to}"
        return f"{opening} It is {name}: {meaning}."

    def graph(self) -> str:
        """Whether the graph lets the treatment act in the way asked about."""
        x, y, found = self.x, self.y, self.found
        opening = self._one_of(["Now the graph.", "Then I look at the graph.", "What does the graph say?"])
        match found.no_effect:
            case "no directed path":
                return f"{opening} No directed path leads from {x} to {y}, so changing {x} does nothing to {y}."
            case "no edge":
                return (
                    f"{opening} There is no edge from {x} to {y}: {x} acts on {y} through other variables only, and "
                    "those are held. So the direct effect is zero, whatever the numbers are."
                )
            case "no indirect path":
                return f"{opening} No directed path from {x} to {y} has a variable in between, so nothing mediates."
        paths = self.case.graph.directed_paths(x, y)
        length = 3 if self.query.task == "NIE" else 2
        path = next(islice((path for path in paths if len(path) >= length), 1), None)
        if path is None:  # only PN and PS may be asked of what is no cause
            return f"{opening} No directed path leads from {x} to {y}."
        text = f"{opening} {x.capitalize()} can act on {y} along {' -> '.join(path)}."
        if self.query.task in ("CDE", "NDE") and self.case.graph.has_edge(x, y):
            text = f"{opening} {x.capitalize()} has a direct effect on {y}."
        if found.mediators:
            verb = "stands" if len(found.mediators) == 1 else "stand"
            text += f" Between the two {verb} {join_words(found.mediators)}."
        return text

    def adjustment(self) -> str:
        between = f"{' or '.join((self.x, *self.found.mediators))} and {self.y}"
        if self.found.rule != "adjustment":
            return self._beyond(f"{self.x} and {self.y}")
        if not self.found.adjustment_set:
            return self._one_of(
                [
                    f"Nothing confounds {between}, so observed frequencies can be compared as they are.",
                    f"Every backdoor path between {between} is blocked already, so there is nothing to adjust for.",
                ]
            )
        z = join_words(self.found.adjustment_set)
        return self._one_of(
            [
                f"The two also hang together by other ways than the effect. Holding {z} fixed blocks every backdoor "
                f"path between {between}, so I compare within each value of {z}.",
                f"A plain comparison would be confounded. The backdoor paths between {between} are blocked by {z}, "
                f"so I adjust for {z}.",
            ]
        )

    def _beyond(self, between: str) -> str:
        """How latent confounding is dealt with."""
        latent = self.case.graph.latent
        hidden = f"{join_words(latent)} {'is' if len(latent) == 1 else 'are'} unobserved"
        opening = f"{hidden.capitalize()}, so no observed set blocks every backdoor path between {between}."
        if self.found.rule == "front door":
            m = join_words(self.found.mediators)
            return (
                f"{opening} But the whole effect passes through {m}, which nothing unobserved confounds with {self.x}, "
                f"and {self.x} blocks the backdoor paths from {m} to {self.y}. So the front door is open: first the "
                f"effect of {self.x} on {m}, then that of {m} on {self.y}."
            )
        if self.found.rule == "instrument":
            z = self.found.instrument
            return (
                f"{opening} But {z} acts on {self.y} through {self.x} alone and shares no cause with {self.y}: it is "
                "an instrument. It does not determine the effect, but it bounds it (Balke and Pearl)."
            )
        parts = project(self.case.graph).c_components()
        shown = "; ".join(join_words(self.case.graph.in_order(part)) for part in parts)
        return (
            f"{opening} There is no front door either, so I follow the ID algorithm. Latent causes tie the observed "
            f"variables together in these components: {shown}. Each has a factor of its own, a product of conditional "
            "probabilities, and the effect is made of these factors."
        )

    def formula(self) -> str:
        opening = self._one_of(["So the formula is", "This gives the formula", "What I need is therefore"])
        steps = [
            f"{self.symbol(s.name)} = {text(s.body, leaf=self.symbol)}"
            for s in dict.fromkeys(steps_of(self.found.estimand))
        ]
        written = text(self.found.estimand, leaf=self.symbol)
        return "\n".join([f"{opening}", f"{self._asked()} = {written}", *(f"with {step}" for step in steps)])

    def _asked(self) -> str:
        return solution.asked(self.found)

    def lack(self) -> str:
        needed = join_words(self.symbol(p) for p in self.case.missing)
        verb = "is" if len(self.case.missing) == 1 else "are"
        return f"But {needed} {verb} not given, and nothing that is given determines it: the question has no answer."

    def numbers(self) -> str:
        lines = [self._one_of(["The numbers:", "From the text I take", "Now the numbers."])]
        for term, known in self.case.sources().items():
            left = self.symbol(self.case.symbol(term))
            if known.rule == "printed":
                lines.append(f"{left} = {known.value:.4f}")
                continue
            sources = [self.symbol(self.case.symbol(source)) for source in known.sources]
            right = solution.RULES[known.rule](sources)
            lines.append(f"{left} = {right} = {number(round(known.value, 8))}, since {RULES[known.rule]}")
        return "\n".join(lines)

    def calculation(self) -> str:
        case = self.case
        opening = self._one_of(["Putting them in:", "Now I calculate.", "Step by step:"])
        leaves = text(expand(self.found.estimand), leaf=lambda p: self.symbol(p) if p.do else number(case.knowledge(p)))
        lines = workings(self.found.estimand, case.knowledge, case.places, self._value(), self.symbol, self.scratchpad)
        return "\n".join([opening, f"{self._asked()} = {leaves}", *lines, f"so {self._asked()} = {self._result()}"])

    def _value(self) -> Decimal:
        return Decimal(value(self.found.estimand, self.case.knowledge, self.case.places))

    def _result(self) -> str:
        return conventions.shown(self._value())

    def verdict(self) -> str:
        """Yes or no, for effects."""
        if self.query.bound:
            return ""
        effect = self._value()
        if abs(effect) < DEAD_ZONE:
            not_so = f"no, not {self.query.direction} likely"
            return f"That is smaller than {DEAD_ZONE} in size, as good as no effect: {not_so}."
        side = "above" if effect > 0 else "below"
        turned = ", and it is the factual probability minus the counterfactual one" if self.query.task == "ETT" else ""
        answer = ("yes, " if self.case.answer.decision else "no, not ") + f"{self.query.direction} likely"
        return f"That is {side} zero{turned}: {answer}."

    def conclusion(self) -> str:
        of = f"{self._asked()} of {self.x} on {self.y}"
        if self.case.missing:
            return f"The given conditions do not determine the {of}, so the answer is {LACK_CONDITION}."
        if self.found.no_effect:
            return f"There is {self.found.no_effect} from {self.x} to {self.y}, so the {of} is 0 and the answer is no."
        by = {
            "adjustment": f"Adjusting for {join_words(z)}"
            if (z := self.found.adjustment_set)
            else "Without adjustment",
            "front door": f"Through the front door, {join_words(self.found.mediators or ('nothing',))}",
            "instrument": f"With {self.found.instrument} as instrument",
            "ID algorithm": "By the ID algorithm",
        }[self.found.rule]
        means = "" if self.query.bound else f", so the answer is {'yes' if self.case.answer.decision else 'no'}"
        return f"{by}, the {of} is {self._result()}{means}."
