"""The productions of questions and instructions.

Fields: {x} {y} {m} names, {x1} the treatment's word asked about and {x0} its contrast, {y1} the outcome's word and {y0}
the other; {xed} "low income", {x_is} "income is low" with the observed value; {event} "income being low" or
"low income"; {fixed} what CDE holds; {bound} lower or upper.
"""

from __future__ import annotations

import re

from caugym.causal.query import EFFECT_TASKS

SLOTS: dict[str, tuple[str, ...]] = {
    "more": (
        "will {y} be more <likely> to be {y1}", "would {y} be more <likely> to be {y1}",
        "would the <prob> of {event} <increase>", "does the <prob> of {event} <increase>",
        "will the <prob> of {event} <increase>", "would this <raise> the <prob> of {event}",
        "does this <raise> the <prob> of {event}", "would {y} have <a_higher> <prob> of being {y1}",
        "would the <prob> that {y} {y_be} {y1} <increase>", "would {event} become more <likely>",
        "does {event} become more <likely>", "would the <prob> of {event} be <higher>",
        "will {y} become more <likely> to be {y1}", "would this make {event} more <likely>",
        "does this make {event} more <likely>", "is {y} more <likely> to be {y1}", "is {event} more <likely>",
        "would there be <a_higher> <prob> of {event}", "would this change <raise> the <prob> of {event}",
        "would we see {event} more often", "would that <raise> the <prob> that {y} {y_be} {y1}",
        "would {event} be more <likely>", "would {y} be {y1} with <a_higher> <prob>",
    ),
    "more_perfect": (
        "would {y} have been more <likely> to be {y1}", "would the {y_short} have been more <likely> to be {y1}",
        "would their {y_short} have been more <likely> to be {y1}", "would the <prob> of {event} have been <higher>",
        "would the <prob> of {event} have <increased>", "would {event} have been more <likely>",
        "would {y} have had <a_higher> <prob> of being {y1}", "would there have been <a_higher> <prob> of {event}",
        "would this have <raised> the <prob> of {event}", "would the <prob> that {y} {y_be} {y1} have been <higher>",
        "would that have made {event} more <likely>", "would their <prob> of {event} have been <higher>",
        "would {event} have become more <likely>",
    ),
    "likely": ("likely", "likely", "probable"),
    "increase": (
        "increase", "rise", "go up", "grow", "become higher", "be higher", "be greater", "climb", "get larger",
    ),
    "increased": ("increased", "risen", "gone up", "grown", "become higher", "been greater"),
    "raise": ("increase", "raise", "enhance", "boost", "lift", "push up", "elevate", "heighten", "improve"),
    "raised": ("increased", "raised", "enhanced", "boosted", "pushed up", "heightened", "lifted"),
    "a_higher": (
        "a higher", "a greater", "a larger", "an increased", "a bigger", "an elevated",
    ),
    "higher": ("higher", "greater", "larger", "increased", "bigger", "elevated"),
    "changed": (
        "{x} {x_be} changed to be {x1}", "{x} {x_be} changed to {x1}", "{x} {x_be} set to {x1}", "{x} becomes {x1}",
        "{x} were {x1}", "{x} were set to {x1}", "{x} were changed to {x1}", "{x} {x_be} altered to be {x1}",
        "{x} changes from {x0} to {x1}", "{x} {x_be} {x1} instead of {x0}", "we set {x} to {x1}",
        "{x} shifts to {x1}", "{x} {x_be} made {x1}", "{x} {x_be} switched to {x1}", "{x} {x_be} forced to be {x1}",
        "{x} turns {x1}", "{x} moves from {x0} to {x1}", "someone sets {x} to {x1}", "{x} were {x1} rather than {x0}",
        "an intervention sets {x} to {x1}", "{x} {x_be} brought to {x1}", "one makes {x} {x1}",
        "{x} {x_be} fixed at {x1} by intervention",
    ),
    "changing": (
        "changing {x} to {x1}", "setting {x} to {x1}", "making {x} {x1}", "shifting {x} to {x1}",
        "switching {x} to {x1}", "changing {x} from {x0} to {x1}", "moving {x} from {x0} to {x1}",
        "making {x} {x1} instead of {x0}", "setting {x} to {x1} rather than {x0}", "altering {x} to be {x1}",
        "a change of {x} to {x1}", "a shift of {x} from {x0} to {x1}", "an intervention that makes {x} {x1}",
        "forcing {x} to be {x1}", "bringing {x} to {x1}", "having {x} at {x1} in place of {x0}",
    ),
    "had_been": (
        "if {x} had been {x1}", "if their {x_short} had been {x1}", "had {x} been {x1}", "had {x} been {x1} instead",
        "if {x} had instead been {x1}", "had their {x_short} instead been {x1}", "if the {x_short} had been {x1}",
        "had {x} been set to {x1}", "if {x} had been changed to {x1}", "if {x} had been {x1} rather than {x0}",
        "had it been the case that {x} was {x1}", "if {x} had been set to {x1}", "supposing {x} had been {x1}",
        "if their {x_short} had instead been {x1}", "had their {x_short} been {x1}", "in case {x} had been {x1}",
    ),
    "ATE": (
        "If <changed>, <more>?", "If <changed>, <more>?", "<suppose_ate> <changed>. <more>?",
        "Does <changing> <raise> the <prob> of {event}?", "Would <changing> <raise> the <prob> of {event}?",
        "Would <changing> make {event} more <likely>?", "Does <changing> make {event} more <likely>?",
        "<more> if <changed>?", "<more> when <changed>?", "Assuming that <changed>, <more>?",
        "Would <changing> <raise> the <prob> that {y} {y_be} {y1}?", "Will <changing> <raise> the <prob> of {event}?",
        "Is it true that <changing> <raise_s> the <prob> of {event}?", "In the event that <changed>, <more>?",
        "Does {event} become more <likely> as a result of <changing>?", "When <changed>, <more>?",
    ),
    "raise_s": ("increases", "raises", "enhances", "boosts", "pushes up", "heightens"),
    "suppose_ate": (
        "Suppose", "Assume", "Imagine that", "Say", "Suppose that", "Assume that", "Consider what happens if",
    ),
    "ETT": (
        "<seen_x>, <had_been>, <more_perfect>?", "<seen_x>, <had_been>, <more_perfect>?",
        "<seen_x>, <more_perfect> <had_been>?", "<seen_x>, <more_perfect> <had_been>?",
        "<take_x>. <had_been>, <more_perfect>?", "<take_x>. <more_perfect> <had_been>?",
        "<seen_x>, would <changing> have <raised> the <prob> of {event}?",
    ),
    "seen_x": (
        "<among> with {xed}", "<among> whose {x_plain}", "<among> with {x} being {x0}", "<among_cases> {x_is}",
        "<among> <now> with {xed}", "<among> experiencing {xed}", "<among> who actually have {xed}",
        "<among> observed with {xed}", "<among> whose {x} was observed to be {x0}", "given that {x} was in fact {x0}",
        "when {x} is actually {x0}", "<among> who have {xed}",
    ),
    "among": (
        "For individuals", "Among individuals", "For those", "Among those", "For people", "Among people",
        "For subjects", "For units", "Among cases", "For cases", "Among units", "Within the group of individuals",
        "For the individuals", "For the population",
    ),
    "among_cases": (
        "For cases where", "In cases where", "Among cases where", "In situations where", "For instances where",
        "In the cases in which", "In instances where",
    ),
    "now": ("currently", "actually", "initially", "presently", "at present"),
    "take_x": (
        "Consider individuals with {xed}", "Take those whose {x_plain}", "Look at cases where {x_is}",
        "Consider only those with {x} being {x0}", "Think of the units with {xed}", "Focus on people with {xed}",
        "Restrict attention to cases where {x_is}", "Suppose {x_is} in reality", "Let us look at those with {xed}",
    ),
    "CDE": (
        "<holding>, <had_been>, <more_perfect>?", "<holding>, if <changed>, <more>?",
        "<holding>, if <changed>, <more>?", "<holding>, would <changing> <raise> the <prob> of {event}?",
        "<holding>, <more> if <changed>?", "<holding>, does <changing> <raise> the <prob> of {event}?",
        "<more_perfect> <had_been>, <holding_low>?", "<holding>, would <changing> make {event} more <likely>?",
        "If <changed> <while_holding>, <more>?", "<holding>, <more_perfect> <had_been>?",
        "Would <changing> <raise> the <prob> of {event} <while_holding>?",
    ),
    "holding": (
        "Conditioned on {fixed_beings}", "Given that {fixed_held}", "With {fixed_at}", "Holding {fixed_const}",
        "Keeping {fixed_const}", "Under the condition that {fixed_is}", "When {fixed_held}",
        "While holding {fixed_const}", "If {fixed_held}", "Assuming that {fixed_held}", "Suppose {fixed_held}. Then",
        "Under the constraint that {fixed_is}", "Provided that {fixed_held}", "Fixing {fixed_const}",
        "With {fixed_beings}", "In a situation where {fixed_held}",
    ),
    "holding_low": (
        "given that {fixed_held}", "with {fixed_at}", "holding {fixed_const}", "keeping {fixed_const}",
        "under the condition that {fixed_is}", "when {fixed_held}",
    ),
    "while_holding": (
        "while {fixed_held}", "while holding {fixed_const}", "while keeping {fixed_const}", "with {fixed_at}",
        "and {fixed_held} at the same time",
    ),
    "held_at": (
        "is held at", "is kept at", "remains", "is fixed at", "is held constant at", "is maintained at", "stays",
        "is held fixed at", "is", "is kept constant at", "is pinned at", "is constrained to be",
    ),
    "const_at": ("constant at", "fixed at", "at", "steady at", "unchanged at"),
    "at_value": ("fixed at", "held at", "set to", "held constant at", "kept at", "held fixed at"),
    "NDE": (
        "If <mediator> <unchanged> while <changed>, <more>?", "If <mediator> <unchanged> when <changed>, <more>?",
        "Suppose <mediator> <unchanged> when <changed>, <more>?",
        "Suppose <mediator> <unchanged> while <changed>. <more>?",
        "If <changed> while <mediator> <unchanged>, <more>?", "If <changed> but <mediator> <unchanged>, <more>?",
        "Assuming <mediator> <unchanged>, would <changing> <raise> the <prob> of {event}?",
        "With <mediator> <unchanging>, if <changed>, <more>?", "<more> if <changed> while <mediator> <unchanged>?",
        "With <mediator> <unchanging>, would <changing> <raise> the <prob> of {event}?",
        "Holding <mediator> <as_was>, would <changing> <raise> the <prob> of {event}?",
        "Keeping <mediator> <as_was>, does <changing> make {event} more <likely>?",
        "If <changed> and <mediator> nevertheless <unchanged>, <more>?",
        "Provided that <mediator> <unchanged>, <more> when <changed>?",
        "Suppose that <changed> without any change in <mediator>. <more>?",
    ),
    "mediator": (
        "{the_mediator}", "{the_mediator}", "{the_mediator}", "the mediating variable{named}",
        "the mediating factor{named}", "the intermediate variable{named}", "any mediator{named}",
        "the mediator's value{named}", "the mediating pathway{named}",
    ),
    "unchanged": (
        "remains unchanged", "remains fixed", "keeps constant", "is held constant", "stays the same", "is held fixed",
        "is kept constant", "does not change", "remains constant", "is kept fixed", "stays fixed", "were held fixed",
        "is frozen at its former value", "keeps the value it had before", "remains at its natural level",
        "stays as it was under {x0} {x_short}",
    ),
    "unchanging": (
        "held constant", "held fixed", "kept fixed", "unchanged", "kept as it was", "kept at its natural level",
        "remaining fixed", "staying the same",
    ),
    "as_was": (
        "constant", "fixed", "unchanged", "as it was", "at its previous value", "at its natural level", "the same",
    ),
    "NIE": (
        "If {x} <x_held> while <mediator> <adjusts> <would_value>, <more>?",
        "If {x} <x_held> and <mediator> <adjusts> <would_value>, <more>?",
        "Suppose {x} <x_held> and <mediator> <adjusts> <would_value>, <more>?",
        "Suppose {x} <x_held> while <mediator> <adjusts> <would_value>. <more>?",
        "If <mediator> <adjusts> <would_value> while {x} <x_held>, <more>?",
        "With {x} <x_holding>, if <mediator> <adjusts> <would_value>, <more>?",
        "Holding {x} <x_const> while <mediator> <adjusts> <would_value>, <more>?",
        "Keeping {x} <x_const>, suppose <mediator> <adjusts> <would_value>. <more>?",
        "<more> if {x} <x_held> while <mediator> <adjusts> <would_value>?",
        "Assume that only <mediator> <adjusts> <would_value> and that {x} <x_held>. <more>?",
        "If {x} itself <x_held> but <mediator> <adjusts> <would_value>, <more>?",
    ),
    "x_held": (
        "remains fixed", "is held constant", "remains unchanged", "is held fixed", "stays fixed", "is kept constant",
        "does not change", "were held fixed", "is kept as it is", "remains constant", "stays the same",
        "is kept fixed", "stays as it is", "keeps its value",
    ),
    "x_holding": ("held constant", "held fixed", "unchanged", "kept fixed", "kept constant", "left as it is"),
    "x_const": ("constant", "fixed", "unchanged", "as it is", "steady"),
    "adjusts": (
        "adjusts to", "changes to", "shifts to", "moves to", "takes on", "takes", "is set to",
        "is allowed to adjust to", "responds by taking", "switches to", "assumes", "is changed to",
    ),
    "would_value": (
        "the value it would take if <were_x1>", "whatever value it would have attained under {x} changing to be {x1}",
        "the value it would have if <were_x1>", "the value that it would have had if <had_x1>",
        "the level it would reach if <were_x1>", "the state it would have under {x1} {x_short}",
        "whatever value it would take under {x1} {x_short}", "the value it would attain were {x} {x1}",
        "the value it would naturally take if <were_x1>", "what it would have been if <had_x1>",
        "its potential value under {x1} {x_short}", "the value it would assume if <were_x1>",
    ),
    "were_x1": (
        "{x} were {x1}", "{x} were set to {x1}", "{x} were changed to {x1}", "{x} became {x1}",
        "{x} was changed to be {x1}", "{x} changed to {x1}", "{x} were made {x1}", "{x} were to become {x1}",
    ),
    "had_x1": ("{x} had been {x1}", "{x} had been set to {x1}", "{x} had changed to {x1}", "{x} had become {x1}"),
    "PN": (
        "<seen_both>, what is the <bound> the <prob> that {y} would have been {y0} <had_been_0>?",
        "<seen_both>, what is the <bound> the <prob> that {y} would have been {y0} <had_been_0>?",
        "<seen_both>, <determine> the <bound> the <prob> that {y} would have been {y0} <had_been_0>.",
        "<seen_both>, <determine> the <bound> the <prob> that {y} would have been {y0} <had_been_0>.",
        "<observed>. What is the <bound> the <prob> that {y} would have been {y0} <had_been_0>?",
        "<observed>. <determine_up> the <bound> the <prob> that {y} would have been {y0} <had_been_0>.",
        "What is the <bound> the <prob> that {y} would have been {y0} <had_been_0>, <seen_low>?",
        "<determine_up> the <bound> the <prob> that {y} would have been {y0} <had_been_0>, <seen_low>.",
        "<seen_both>, <had_been_0>, what is the <bound> the <prob> that {y} would have been {y0}?",
        "<seen_both>, what is the <bound> the <prob> of {y} having been {y0} <had_been_0>?",
        "<observed>. <had_been_0>, what would be the <bound> the <prob> that {y} would have been {y0}?",
        "<seen_both>, what is the <bound> the <prob> that {y} would instead have been {y0} <had_been_0>?",
        "<seen_both>, find the <bound> the <prob> of the {y_short} would have been {y0} <had_been_0>.",
    ),
    "seen_both": (
        "Given that {x} was {x1} and {y} was {y1}", "If {x} was {x1} and {y} was {y1}",
        "Suppose {x} was {x1} and {y} was {y1}. Then", "Assuming {x} was {x1} and {y} was {y1}",
        "Under the condition that {x} was {x1} and {y} was {y1}", "When {x} was {x1} and {y} was {y1}",
        "If {x} was observed to be {x1} and {y} to be {y1}", "Given that we observed {seen}",
        "For an individual with {seen}", "For a case with {seen}", "In a case where {x} was {x1} and {y} was {y1}",
        "Knowing that {x} was {x1} and that {y} was {y1}", "Among those with {seen}",
        "If we observe that {x} was {x1} and {y} was {y1}", "If in fact {x} was {x1} and {y} was {y1}",
    ),
    "observed": (
        "Suppose {x} was {x1} and {y} was {y1}", "It was observed that {x} was {x1} and {y} was {y1}",
        "In reality, {x} was {x1} and {y} was {y1}", "We observed {seen}",
        "Assume that {x} was {x1} and {y} was {y1}", "An individual had {seen}", "Imagine a case with {seen}",
        "Say {x} was {x1} and {y} was {y1}", "The actual observations were {seen}",
    ),
    "seen_low": (
        "given that {x} was {x1} and {y} was {y1}", "if {x} was {x1} and {y} was {y1}",
        "given that in reality {x} was {x1} and {y} was {y1}", "knowing that {x} was {x1} and {y} was {y1}",
        "when {x} was {x1} and {y} was {y1}", "given the observation of {seen}",
        "given that the actual observations were {seen}",
    ),
    "had_been_0": (
        "if {x} had been {x0}", "had {x} been {x0}", "had {x} instead been {x0}", "had {x} been {x0} instead",
        "if {x} had instead been {x0}", "if the {x_short} had been {x0}", "had {x} been changed to {x0}",
        "if {x} had been set to {x0}", "supposing {x} had been {x0}",
    ),
    "bound": (
        "{bound} bound <of_for>", "{bound} bound <of_for>", "{extreme} possible value <of_for>",
        "{extreme} value <of_for>", "{extreme} possible value <of_for>", "{limit} limit <of_for>",
        "tightest {bound} bound <of_for>",
    ),
    "of_for": ("of", "for"),
    "lower_extreme": ("minimum", "smallest", "lowest", "minimal", "least"),
    "upper_extreme": ("maximum", "largest", "highest", "maximal", "greatest"),
    "determine": ("determine", "find", "compute", "calculate", "derive", "work out", "give", "establish", "state"),
    "determine_up": ("Determine", "Find", "Compute", "Calculate", "Derive", "Work out", "Give", "Establish", "State"),
    "instruction": (
        "<evaluate> the {estimand} of {x} on {y}.", "<evaluate> the {estimand} of {x} on {y}.",
        "<evaluate> the {estimand} <regarding> how {x} {affects} {y}.",
        "<evaluate> the {estimand} <regarding> {x_poss} <effect> on {y}.",
        "<evaluate> the {estimand} <regarding> the <effect> of {x} on {y}.",
        "<evaluate> the {estimand} for {x_poss} <effect> on {y}.",
        "<evaluate> the {estimand} with {x} as the treatment and {y} as the outcome.",
        "<evaluate> the {estimand} of {x} with respect to {y}.", "The {estimand} of {x} on {y} is to be <evaluated>.",
        "<evaluate> the {estimand} between {x} and {y}.", "This is about the {estimand} of {x} on {y}.",
        "<evaluate> the {estimand} that {x} has on {y}.",
    ),
    "evaluate": (
        "Evaluate", "Consider", "Examine", "Assess", "Determine", "Compute", "Calculate", "Estimate", "Analyze",
        "Focus on", "Investigate", "Look at", "Quantify", "Study", "Think about", "Work out",
    ),
    "evaluated": ("evaluated", "considered", "computed", "determined", "assessed", "found"),
    "regarding": ("regarding", "concerning", "with regard to", "as to", "in terms of", "for"),
    "effect": ("influence", "impact", "effect", "causal effect"),
    "affects": ("affects", "influences", "impacts", "acts on"),
    "affect": ("affect", "influence", "impact", "act on"),
    "estimand_form": (
        "{long} ({short})", "{long} ({short})", "{long} ({short})", "{long}", "{short}", "{short} ({long})",
    ),
    "focus": (
        "Focusing on the {estimand} of {x} on {y}, ", "Considering the {estimand} of {x} on {y}, ",
        "When examining the {estimand} of {x} on {y}, ", "With a focus on the {estimand} of {x} on {y}, ",
        "In terms of the {estimand} of {x} on {y}, ",
    ),
}  # fmt: skip
SLOTS["PS"] = SLOTS["PN"]

SLOTS |= {
    "decrease": (
        "decrease", "fall", "go down", "drop", "become lower", "be lower", "be smaller", "decline", "get smaller",
    ),
    "decreased": ("fallen", "gone down", "dropped", "declined", "become lower", "been smaller"),
    "reduce": ("decrease", "reduce", "lower", "diminish", "cut", "bring down", "push down", "lessen"),
    "reduced": ("lowered", "cut", "pushed down", "brought down", "lessened"),
    "reduce_s": ("decreases", "reduces", "lowers", "diminishes", "cuts", "lessens"),
    "a_smaller": ("a smaller", "a lesser"),
    "smaller": ("lower", "smaller"),
}  # fmt: skip
_OPPOSITES = {
    "<more>": "<less>", "<more_perfect>": "<less_perfect>", "more <likely>": "less <likely>",
    "more often": "less often", "<increase>": "<decrease>", "<increased>": "<decreased>", "<raise>": "<reduce>",
    "<raised>": "<reduced>", "<raise_s>": "<reduce_s>", "<a_higher>": "<a_smaller>", "<higher>": "<smaller>",
}  # fmt: skip


def _turned(slot: str) -> tuple[str, ...]:
    """The alternatives of ``slot`` with the question's direction turned round, each in one place."""
    pattern = re.compile("|".join(map(re.escape, _OPPOSITES)))
    turned = tuple(pattern.sub(lambda match: _OPPOSITES[match[0]], text) for text in SLOTS[slot])
    assert all(pattern.search(text) for text in SLOTS[slot])
    return turned


SLOTS |= {"less": _turned("more"), "less_perfect": _turned("more_perfect")}
SLOTS |= {f"{task}_less": _turned(task) for task in EFFECT_TASKS}
