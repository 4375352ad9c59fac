"""How the openai backend waits, gives up and goes on, against a real server on loopback."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("openai")

from caugym.errors import InputError
from caugym.evaluation.backends import Completion, Failure, Request, Sampling, Server
from caugym.evaluation.backends.openai import GIVE_UP_AFTER, Hold, OpenAIBackend
from caugym.gym.thinking import final_text
from loopback import LoopbackServer, QuietHandler, running

REQUESTS = [Request(f"p{place}", 0, f"{place}") for place in range(40)]
Answer = tuple[int, dict[str, Any], dict[str, str]]


class Numbered(LoopbackServer):
    """Answers by the number of the request, which counts from 0: with a code, a body and headers."""

    def __init__(self, answer: Callable[[int], Answer]) -> None:
        super().__init__(Handler)
        self.answer, self.times = answer, list[float]()
        self.open, self.most_open = 0, 0


class Handler(QuietHandler):
    server: Numbered

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            number = len(self.server.times)
            self.server.times.append(time.monotonic())
            self.server.open += 1
            self.server.most_open = max(self.server.most_open, self.server.open)
        code, body, headers = self.server.answer(number)
        with self.server.lock:
            self.server.open -= 1
        self.send(code, json.dumps(body).encode(), headers)


def said(text: str | None = "x", reason: str = "stop", headers: dict[str, str] | None = None, **more: Any) -> Answer:
    message = {"role": "assistant", "content": text} | more
    return 200, {"choices": [{"index": 0, "finish_reason": reason, "message": message}]}, headers or {}


def refused(code: int = 500, **headers: str) -> Answer:
    return code, {"error": {"message": "no"}}, {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def serving(answer: Callable[[int], Answer]) -> Iterator[Numbered]:
    server = Numbered(answer)
    with running(server):
        yield server


def outcomes(server: Numbered, requests: list[Request], **options: Any) -> Iterator[Completion | Failure]:
    settings = {"base_url": server.url, "backoff": 0.001, "retries": 1, "concurrency": 1} | options
    batches = OpenAIBackend("numbered", Server(**settings)).generate(requests, Sampling(), lambda r: False)
    return itertools.chain.from_iterable(batches)


def text_of(answer: Answer, **options: Any) -> str:
    with serving(lambda number: answer) as server:
        (made,) = outcomes(server, REQUESTS[:1], **options)
    assert isinstance(made, Completion)
    return made.text


def test_a_servers_wait_holds_back_every_request() -> None:
    with serving(lambda number: refused(429, Retry_After="1") if number == 0 else said()) as server:
        assert all(isinstance(made, Completion) for made in outcomes(server, REQUESTS[:20], concurrency=2))
        late = [moment for moment in server.times if moment > server.times[0] + 0.5]
    assert len(late) >= 10 and min(late) >= server.times[0] + 0.98 and server.most_open <= 2


def test_a_hold_that_grows_while_it_is_waited_for() -> None:
    hold, start = Hold(), time.monotonic()
    hold.extend(0.1)
    threading.Timer(0.05, hold.extend, [0.3]).start()
    assert not hold.wait(threading.Event()) and time.monotonic() - start >= 0.35
    stop = threading.Event()
    stop.set()
    assert hold.wait(stop)


@pytest.mark.parametrize("after", ["0", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_no_wait_asked_for_is_the_backoff(after: str) -> None:
    with serving(lambda number: refused(503, Retry_After=after) if number < 3 else said()) as server:
        (made,) = outcomes(server, REQUESTS[:1], retries=3, backoff=0.1)
    assert isinstance(made, Completion)
    waits = [later - before for before, later in itertools.pairwise(server.times)]
    assert all(wait >= 0.05 * 2**attempt for attempt, wait in enumerate(waits)), waits


def test_a_long_wait_ends_the_run_and_its_completions_are_kept() -> None:
    with serving(lambda number: said() if number < 3 else refused(429, Retry_After="3600")) as server:
        made: list[Completion | Failure] = []
        with pytest.raises(InputError, match=r"asks to wait 3600 s .*; the completions so far are kept, the same"):
            collect(made, outcomes(server, REQUESTS))
        assert len(made) == 3 and len(server.times) == 4


def collect(made: list[Completion | Failure], source: Iterator[Completion | Failure]) -> None:
    """As ``extend``, which keeps nothing where the source raises."""
    for outcome in source:
        made.append(outcome)


def test_limits_that_a_good_reply_names_hold_the_next_request() -> None:
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "300ms"}
    a_day = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20h"}
    with serving(lambda number: said(headers=(used_up, a_day, {})[number])) as server:
        assert all(isinstance(made, Completion) for made in outcomes(server, REQUESTS[:3]))
    first, second, third = server.times
    assert second - first >= 0.29 and third - second < 5


@pytest.mark.parametrize(("concurrency", "limit"), [(1, GIVE_UP_AFTER), (6, 12)])
def test_a_server_that_breaks_down_ends_the_run(concurrency: int, limit: int) -> None:
    with serving(lambda number: said() if number < 10 else refused()) as server:
        made: list[Completion | Failure] = []
        with pytest.raises(InputError, match=r"the last \d+ requests to .* \(Error code: 500.*goes on when"):
            collect(made, outcomes(server, REQUESTS, concurrency=concurrency))
    failed = sum(isinstance(outcome, Failure) for outcome in made)
    assert len(made) - failed == 10 and limit - concurrency <= failed <= limit


def test_a_resumed_run_gives_up_too() -> None:
    with serving(lambda number: refused()) as server:
        backend = OpenAIBackend("x", Server(server.url, backoff=0.001, retries=1, concurrency=1))
        with pytest.raises(InputError, match=f"the last {GIVE_UP_AFTER} requests"):
            list(backend.generate(REQUESTS, Sampling(), lambda request: request.problem_id == "p0"))


def test_requests_refused_for_themselves_do_not_end_the_run() -> None:
    """As prompts that are too long for the model, one after the other."""
    with serving(lambda number: said() if number == 0 else refused(400)) as server:
        made = list(outcomes(server, REQUESTS))
    assert sum(isinstance(outcome, Failure) for outcome in made) == len(REQUESTS) - 1


def test_a_filtered_reply_and_an_empty_one_are_asked_for_once() -> None:
    filtered = said("0.5 is", "content_filter")
    thought = said(None, reasoning_content="hm")
    with serving(lambda number: (filtered, thought)[number]) as server:
        first, second = outcomes(server, REQUESTS[:2])
    assert isinstance(first, Completion) and (first.text, first.finish_reason) == ("0.5 is", "content_filter")
    assert isinstance(second, Completion) and (second.text, second.finish_reason) == ("", "stop")


def test_thinking_that_the_servers_template_opened() -> None:
    thinking = 'They want {"PROB": "0.5"}, so'
    assert final_text(text_of(said(thinking, "length"))) == thinking
    assert final_text(text_of(said(thinking, "length"), thinking_opened=True)) is None
    closed = text_of(said(f"{thinking}</think>0.7"), thinking_opened=True)
    assert closed == f"<think>\n{thinking}</think>0.7"
    for whole in (said("0.7"), said(f"<think>{thinking}", "length"), said("0.7", "length", reasoning_content="hm")):
        assert text_of(whole, thinking_opened=True) == whole[1]["choices"][0]["message"]["content"]


def test_thinking_that_was_opened_is_another_evaluation() -> None:
    with serving(lambda number: said()) as server:
        plain, opened = (OpenAIBackend("x", Server(server.url, thinking_opened=said)) for said in (False, True))
        assert opened.description() == plain.description() | {"thinking_opened": True}
