"""The adapters, each against the real framework where that is installed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from caugym.errors import InputError
from caugym.gym.problem import TASKS
from caugym.integrations import chosen_tasks, problem_at

WRONG = '{"ANSWER": "Yes", "PROB": "7"}'


def test_a_set_has_its_tasks_in_turn() -> None:
    named = chosen_tasks("ate, pns")
    assert named == ("ATE", "PNS") and chosen_tasks("all") == TASKS and chosen_tasks(["ID"]) == ("ID",)
    drawn = [problem_at(i, named, split="train", seed=4) for i in range(4)]
    assert [p.id for p in drawn] == [f"base-{task}-train-4-0000{i}" for i in (0, 1) for task in named]
    with pytest.raises(InputError, match="unknown task 'XYZ'"):
        chosen_tasks("XYZ")
    with pytest.raises(InputError, match="no task named"):
        chosen_tasks(",")


def test_reasoning_gym() -> None:
    factory = pytest.importorskip("reasoning_gym")
    import caugym.integrations.reasoning_gym  # noqa: F401  # registers the dataset

    data = factory.create_dataset("caugym", size=9, seed=1, tasks="ATE,PN,FRONTDOOR")
    again = factory.create_dataset("caugym", size=9, seed=1, tasks="ATE,PN,FRONTDOOR")
    entries = list(data)
    assert entries == list(again) and len(entries) == len(data) == 9
    assert [entry["metadata"]["task"] for entry in entries[:3]] == ["ATE", "PN", "FRONTDOOR"]
    for entry in entries:
        assert data.score_answer(answer=f"So {entry['answer']}", entry=entry) == 1.0
        assert data.score_answer(answer=WRONG, entry=entry) == data.score_answer(answer=None, entry=entry) == 0.0
    for field, value in (("tasks", "XYZ"), ("split", "dev"), ("variation", "odd"), ("preset", "huge")):
        with pytest.raises(ValueError, match=f"'{value}'"):
            factory.create_dataset("caugym", **{field: value})


def test_inspect(tmp_path: Path) -> None:
    inspect_ai = pytest.importorskip("inspect_ai")
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from caugym.integrations.inspect_ai import caugym

    asked = caugym(tasks="ATE,PN", count=6, seed=2)
    keys = {sample.input: sample.target for sample in asked.dataset}
    pn = {sample.input for sample in asked.dataset if sample.metadata["task"] == "PN"}

    def reply(messages, *_):  # knows PN only
        prompt = messages[-1].text
        output = ModelOutput.from_content("mockllm/model", keys[prompt] if prompt in pn else WRONG)
        output.usage = ModelUsage()  # without it the mock would fetch a tokenizer to count tokens
        return output

    model = get_model("mockllm/model", custom_outputs=reply)
    log = inspect_ai.eval(asked, model=model, log_dir=str(tmp_path), display="none")[0]
    assert log.status == "success", log.error
    metrics = {name: metric.value for score in log.results.scores for name, metric in score.metrics.items()}
    assert (metrics["PN"], metrics["ATE"], metrics["all"]) == (1.0, 0.0, 0.5)
    wrong = next(sample for sample in log.samples if sample.input not in pn)
    assert next(iter(wrong.scores.values())).explanation.startswith("wrong_value: ")


def test_verifiers() -> None:
    vf = pytest.importorskip("verifiers.v1")
    from verifiers.v1.graph import MessageNode
    from verifiers.v1.types import AssistantMessage, UserMessage
    from verifiers.v1.utils.loaders import taskset_class

    taskset = taskset_class("caugym-verifiers")
    from caugym.integrations.verifiers import CauGymConfig

    tasks = list(taskset(CauGymConfig(tasks="ATE,PN", count=4)))
    assert [task.data.task for task in tasks] == ["ATE", "PN", "ATE", "PN"]
    assert [task.data.idx for task in tasks] == [0, 1, 2, 3]
    for task in tasks:
        for text, reward in ((f"So\n{task.data.answer}", 1.0), (WRONG, 0.0)):
            nodes = [
                MessageNode(message=UserMessage(content=task.data.prompt)),
                MessageNode(parent=0, message=AssistantMessage(content=text), sampled=True),
            ]
            trace = vf.Trace(task={"type": "CauGymTask", "data": task.data}, agent={"config": {}}, nodes=nodes)
            asyncio.run(task.score(trace))
            assert trace.reward == reward and trace.metrics == {"published": reward, "requested_form": 1.0}


def test_lm_eval() -> None:
    pytest.importorskip("lm_eval")
    from lm_eval import simple_evaluate
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    import caugym.integrations.lm_eval as folder

    class Knows(LM):
        """Answers every second request with the key that it finds in the document."""

        def generate_until(self, requests):
            return [request.doc["answer"] if i % 2 else WRONG for i, request in enumerate(requests)]

        def loglikelihood(self, requests):
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    manager = TaskManager(include_path=folder.__path__[0], metadata={"tasks": "ATE,PN", "count": 8})
    found = simple_evaluate(Knows(), tasks=["caugym"], task_manager=manager, bootstrap_iters=0)
    scores = found["results"]["caugym"]
    assert scores["strict,none"] == scores["published,none"] == 0.5
    assert [sample["doc"]["task"] for sample in found["samples"]["caugym"]] == ["ATE", "PN"] * 4
