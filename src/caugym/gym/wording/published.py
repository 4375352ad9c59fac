"""The published CauGym/CaLM wording, to the letter: the one place where its sentences stand.

A base problem is five lines: premise with edges, statements, instruction, question, request.
Source: the released files of OpenCausaLab/CauGym and OpenCausaLab/CaLM.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from caugym.causal.graph import DAG
from caugym.gym.problem import EFFECT_TASKS, Assignment, Given, Query, Variable

PREMISE = (
    "Imagine a self-contained, hypothetical world with only the following conditions, "
    "and without any unmentioned factors or causal relationships:"
)
ESTIMAND_NAMES = {
    "ATE": "average treatment effect",
    "CDE": "controlled direct effect",
    "ETT": "effect of treatment on the treated",
    "NDE": "natural direct effect",
    "NIE": "natural indirect effect",
    "PN": "probability of necessity",
    "PS": "probability of sufficiency",
    "PNS": "probability of necessity and sufficiency",
    "IV": "average treatment effect by an instrument",
}
EFFECT_REQUEST = (
    'Provide the calculation result to four decimal places and a final "yes" or "no" answer in JSON '
    'format, like {"ANSWER": "Yes", "PROB": "0.1234"}:'
)
BOUND_REQUEST = 'Provide the calculation result to four decimal places in JSON format, like {"PROB": "0.1234"}:'
STEP_BY_STEP = "Let's think step by step."
LACK_HINT = 'If the condition is not enough to solve the question, output "LACK_CONDITION" as final answer.'

Variables = Mapping[str, Variable]


def join_words(parts: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    items = list(parts)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def phrase(assignment: Assignment, variables: Variables, letters: Mapping[str, str] | None = None) -> str:
    """ "x being low and y being high"; with ``letters``, each followed by " (A=0)"."""
    return join_words(
        f"{variables[node].name} being {variables[node].words[value]}"
        + (f" ({letters[node]}={value})" if letters else "")
        for node, value in assignment
    )


def edges_text(graph: DAG, variables: Variables, tight: bool = False, grouped: bool = True) -> str:
    """One sentence an edge, heads capitalised; ``grouped`` by head in topological order, else as the graph has them.

    ``tight`` leaves out the spaces between the sentences.
    """
    order = {node: rank if grouped else 0 for rank, node in enumerate(graph.topological_order())}
    heads = sorted(graph.edges, key=lambda edge: order[edge[0]])
    return ("" if tight else " ").join(
        f"{variables[a].name.capitalize()} has a direct effect on {variables[b].name}." for a, b in heads
    )


def statement(given: Given, variables: Variables, letters: Mapping[str, str] | None = None) -> str:
    """ "For those with ..., the probability of ... is 0.1234." or the form without a condition."""
    event = phrase(given.event, variables, letters)
    if given.condition:
        condition = phrase(given.condition, variables, letters)
        return f"For those with {condition}, the probability of {event} is {given.value:.4f}."
    return f"The probability of {event} is {given.value:.4f}."


def instruction(query: Query, variables: Variables) -> str:
    x, y = variables[query.treatment].name, variables[query.outcome].name
    return f"Instruction: Consider the {ESTIMAND_NAMES[query.task]} ({query.task}) of {x} on {y}."


def question(query: Query, variables: Variables) -> str:
    treatment, outcome = variables[query.treatment], variables[query.outcome]
    x, y = treatment.name, outcome.name
    to, observed = treatment.words[query.treatment_value], treatment.words[query.control_value]
    value, other = outcome.words[query.outcome_value], outcome.words[1 - query.outcome_value]
    more = query.direction
    match query.task:
        case "ATE":
            text = f"If {x} is changed to be {to}, will {y} be {more} likely to be {value}?"
        case "CDE":
            fixed = phrase(query.mediator_values, variables)
            text = (
                f"Conditioned on {fixed}, if the {x} had been {to}, "
                f"would the {y} have been {more} likely to be {value}?"
            )
        case "ETT":
            text = (
                f"For those with {x} being {observed}, if their {x} had been {to}, "
                f"would the {y} have been {more} likely to be {value}?"
            )
        case "NDE":
            text = (
                f"Suppose the mediator keeps constant when {x} is changed to be {to}, "
                f"would the {y} have been {more} likely to be {value}?"
            )
        case "NIE":
            text = (
                f"Suppose {x} is held constant and the mediator changes to whatever value it would have attained "
                f"under {x} changing to be {to}, would {y} have been {more} likely to be {value}?"
            )
        case "PN":
            text = (
                f"Given that {x} was {to} and {y} was {value}, what is the {query.bound} bound of the probability "
                f"of the {y} would have been {other} if the {x} had been {observed}?"
            )
        case "PS":
            text = (
                f"Given that {x} was {to} and {y} was {value}, what is the {query.bound} bound of the probability "
                f"that {y} would have been {other} if the {x} had been {observed}?"
            )
        case "PNS":
            text = (
                f"What is the {query.bound} bound of the probability that {y} would have been {value} if the {x} had "
                f"been {to}, and would have been {other} if the {x} had been {observed}?"
            )
        case "IV":
            text = (
                f"If {x} is changed from {observed} to {to}, what is the {query.bound} bound of the change in the "
                f"probability of {y} being {value}?"
            )
        case _:
            raise ValueError(f"unknown task {query.task!r}")
    return "Question: " + text


def unobserved(graph: DAG, variables: Variables) -> str:
    """One sentence a latent variable (no published file has one)."""
    return " ".join(f"{variables[node].name.capitalize()} is unobserved." for node in graph.latent)


def request(task: str) -> str:
    return EFFECT_REQUEST if task in EFFECT_TASKS else BOUND_REQUEST


def prompt(
    graph: DAG,
    variables: Variables,
    givens: Iterable[Given],
    query: Query,
    letters: Mapping[str, str] | None = None,
    tight: bool = False,
    final_stop: bool = True,
    grouped: bool = True,
) -> str:
    """The five lines of a published base problem. With ``letters``, the annotated form.

    The published annotated files are ``tight``: no space around edge sentences. Insufficient has no ``final_stop``.
    """
    statements = "".join(statement(given, variables, letters) + " " for given in givens)
    space = "" if tight else " "
    hidden = space + unobserved(graph, variables) if graph.latent else ""
    return "\n".join(
        (
            f"Input Info: {PREMISE}{space}{edges_text(graph, variables, tight, grouped)}{hidden}",
            statements if final_stop else statements.removesuffix(". "),
            instruction(query, variables),
            question(query, variables),
            request(query.task),
        )
    )
