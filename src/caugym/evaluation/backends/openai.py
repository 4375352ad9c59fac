"""Any OpenAI-compatible server through the official client: vLLM, SGLang, Ollama, OpenRouter, OpenAI and others.

The retries are ours, not the client's: a server's wait holds back every request of the run, and a reply that is cut
off or makes no sense is asked for again like one that never came.
"""

from __future__ import annotations

import os
import queue
import random
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import openai

from caugym.errors import InputError
from caugym.evaluation.backends import OPTIONAL_PARAMETERS, Completion, Failure, Request, Sampling, Server
from caugym.evaluation.backends.openai_reply import Reply, read_reply, requested_wait, wait_for_limits
from caugym.gym.thinking import begins_within

DEFAULT_KEY = "OPENAI_API_KEY"
LONGEST_BACKOFF, LONGEST_WAIT = 60.0, 600.0
GIVE_UP_AFTER = 8
"""So many first requests without one success, and the run ends with a clear word instead of failing to its end.

So it does where the server breaks down later: after as many requests in a row that failed in all their tries, or two
for each that may be open at once where that is more. A request that is refused for itself is not among them.
"""

_REFUSED = {401: "refused the key", 403: "denied access", 404: "does not know the model or has no chat completions"}
_RETRIED = (408, 409, 425, 429)


class Hold:
    """Until when no request of a run may start."""

    def __init__(self) -> None:
        self._until, self._lock = 0.0, threading.Lock()

    def extend(self, seconds: float) -> None:
        """To ``seconds`` from now at least."""
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def wait(self, stop: threading.Event) -> bool:
        """Wait until the hold is over, also where it is extended meanwhile; True where ``stop`` is set before."""
        while (left := self._until - time.monotonic()) > 0:
            # Not all at once when it is over: the server would ask them to wait again.
            if stop.wait(left * random.uniform(1.0, 1.1)):
                return True
        return stop.is_set()


class OpenAIBackend:
    """Checks key and address at once. Raises InputError for a missing key, a bad address or a server not there."""

    def __init__(self, model: str, server: Server) -> None:
        if not model:
            raise InputError("--model openai: names no model; write openai:NAME")
        _check(server)
        self.name, self.server = model, server
        self._key = _key(server)
        self._client = openai.OpenAI(
            api_key=self._key or "none", base_url=server.base_url, timeout=server.timeout, max_retries=0
        )
        self._hold = Hold()
        self._failed_in_a_row, self._lock = 0, threading.Lock()
        _knock(str(self._client.base_url))

    @property
    def address(self) -> str:
        """The base URL without a password or query in it."""
        parts = urlsplit(str(self._client.base_url))
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")

    def description(self) -> dict[str, Any]:
        return {
            "model": f"openai:{self.name}",
            "weights": None,
            "server": self.address,
            "reasoning_effort": self.server.reasoning_effort,
            **({"left_out": sorted(self.server.leave_out)} if self.server.leave_out else {}),
            **({"thinking_opened": True} if self.server.thinking_opened else {}),
        }

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[list[Completion | Failure]]:
        """One by one, as they come. Raises InputError where the server refuses the run as a whole or is broken."""
        wanted = [request for request in requests if not done(request)]
        succeeded, failed = len(wanted) < len(requests), 0
        self._failed_in_a_row = 0
        tasks: queue.SimpleQueue[Request] = queue.SimpleQueue()
        made: queue.SimpleQueue[Completion | Failure | Exception] = queue.SimpleQueue()
        for request in wanted:
            tasks.put(request)
        stop = threading.Event()
        for _ in range(min(self.server.concurrency, len(wanted))):
            # Daemons: an interrupted evaluation ends at once, not when its open requests do.
            threading.Thread(target=self._work, args=(tasks, made, sampling, stop), daemon=True).start()
        try:
            for _ in wanted:
                outcome = made.get()
                if isinstance(outcome, Exception):
                    raise outcome
                succeeded |= isinstance(outcome, Completion)
                failed += isinstance(outcome, Failure)
                if isinstance(outcome, Failure) and not succeeded and failed >= GIVE_UP_AFTER:
                    raise InputError(
                        f"the first {failed} requests to {self.address} all failed; the last: {outcome.error}"
                    )
                yield [outcome]
                in_a_row = self._failed_in_a_row
                if isinstance(outcome, Failure) and in_a_row >= max(GIVE_UP_AFTER, 2 * self.server.concurrency):
                    raise InputError(
                        f"the last {in_a_row} requests to {self.address} all failed ({outcome.error}); the completions "
                        "so far are kept, the same command goes on when the server answers again"
                    )
        finally:
            stop.set()

    def _work(
        self,
        tasks: queue.SimpleQueue[Request],
        made: queue.SimpleQueue[Completion | Failure | Exception],
        sampling: Sampling,
        stop: threading.Event,
    ) -> None:
        while not stop.is_set():
            try:
                made.put(self._complete(tasks.get_nowait(), sampling, stop))
            except queue.Empty:
                return
            except Exception as error:
                made.put(error)
                return

    def _complete(self, request: Request, sampling: Sampling, stop: threading.Event) -> Completion | Failure:
        """One completion, or what the last of all tries ran into."""
        problem = "interrupted"
        for attempt in range(self.server.retries + 1):
            if self._hold.wait(stop):
                return Failure(request.problem_id, request.run, problem)
            wait = None
            try:
                made = self._ask(request, sampling)
                self._note(answered=True)
                return made
            except openai.APIStatusError as error:
                problem = self._explain(error)
                if error.status_code not in _RETRIED and error.status_code < 500:
                    self._note(answered=True)
                    return Failure(request.problem_id, request.run, problem)
                wait = requested_wait(error.response.headers)
            except openai.APITimeoutError:
                problem = f"no reply within {self.server.timeout:g} s"
            except openai.APIConnectionError as error:
                problem = self._clean(f"connection lost ({error.__cause__ or error})")
            except ValueError as error:
                problem = f"malformed reply: {error}"
            if wait is not None and wait > LONGEST_WAIT:
                raise InputError(
                    f"{self.address} asks to wait {wait:.0f} s ({problem}); the completions so far are kept, "
                    "the same command goes on later"
                )
            self._hold.extend(wait or 0.0)
            if attempt < self.server.retries:
                # Also where the server asks for a wait: it may ask for none, and the hold runs meanwhile.
                stop.wait(min(LONGEST_BACKOFF, self.server.backoff * 2**attempt) * random.uniform(0.5, 1.0))
        self._note(answered=False)
        return Failure(request.problem_id, request.run, problem)

    def _ask(self, request: Request, sampling: Sampling) -> Completion:
        reply = self._client.chat.completions.with_raw_response.create(**self._body(request, sampling))
        said = read_reply(reply.text)
        wait = wait_for_limits(reply.headers)
        if wait is not None and wait <= LONGEST_WAIT:  # a longer one ends the run where the next request is refused
            self._hold.extend(wait)
        return Completion(
            request.problem_id,
            request.run,
            self._opened(said) + said.text,
            said.finish_reason,
            tokens=said.tokens("completion_tokens") or 0,
            prompt_tokens=said.tokens("prompt_tokens"),
        )

    def _opened(self, said: Reply) -> str:
        """The opening tag that the model's chat template put before this reply; "" where none is missing."""
        if not self.server.thinking_opened or said.thinking_apart:
            return ""
        return "<think>\n" if begins_within(said.text, cut_off=said.finish_reason != "stop") else ""

    def _body(self, request: Request, sampling: Sampling) -> dict[str, Any]:
        # OpenAI's own models want the new name; other servers know the old one.
        own = urlsplit(self.address).hostname == "api.openai.com"
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": "user", "content": request.prompt}],
            "temperature": sampling.temperature,
            "max_completion_tokens" if own else "max_tokens": sampling.max_new_tokens,
        }
        if sampling.temperature > 0:
            body |= {"top_p": sampling.top_p, "seed": request.own_seed(sampling.seed)}
        if self.server.reasoning_effort:
            body["reasoning_effort"] = self.server.reasoning_effort
        left_out = {name.replace("max_tokens", "max_completion_tokens") for name in self.server.leave_out}
        return {name: value for name, value in body.items() if name not in left_out.union(self.server.leave_out)}

    def _note(self, answered: bool) -> None:
        """Count the requests in a row that failed in all their tries."""
        with self._lock:
            self._failed_in_a_row = 0 if answered else self._failed_in_a_row + 1

    def _explain(self, error: openai.APIStatusError) -> str:
        """The error in words. Raises InputError where no request of this run can succeed."""
        problem = self._clean(error.message)
        refused = _REFUSED.get(error.status_code) or ("has no quota left" if _quota_is_spent(error) else None)
        if refused:
            raise InputError(f"{self.address} {refused} ({problem})")
        named = ",".join(name for name in OPTIONAL_PARAMETERS if re.search(rf"\b{name}\b", problem))
        if named and error.status_code == 400:
            problem += f" (caugym ask, evaluate and rephrase do without it with --leave-out {named})"
        return problem

    def _clean(self, text: str) -> str:
        """One line without the key: some servers print it in their errors."""
        text = text.replace(self._key, "***") if self._key else text
        return " ".join(text.split())[:300]


def _check(server: Server) -> None:
    if server.base_url is not None:
        parts = urlsplit(server.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"--base-url {server.base_url}: expected an address like http://localhost:8000/v1")
    if server.concurrency < 1:
        raise InputError(f"--concurrency is {server.concurrency}; it must be 1 or more")
    if server.timeout <= 0:
        raise InputError(f"--request-timeout is {server.timeout}; it must be above 0")
    for name in server.leave_out:
        if name not in OPTIONAL_PARAMETERS:
            raise InputError(f"--leave-out {name}: expected names of {', '.join(OPTIONAL_PARAMETERS)}, commas between")
    if server.retries < 0:
        raise InputError(f"--retries is {server.retries}; it must be 0 or more")


def _key(server: Server) -> str:
    """The key from the environment; empty for a server of one's own, which may need none."""
    name = server.api_key_env or DEFAULT_KEY
    key = os.environ.get(name, "").strip()
    if not key and (server.api_key_env or server.base_url is None):
        raise InputError(f"the environment variable {name} is not set: put the API key there (keys are never stored)")
    return key


def _knock(base_url: str) -> None:
    """Raises InputError where nothing listens at the address; behind a proxy only a request can tell."""
    parts = urlsplit(base_url)
    if urllib.request.getproxies().get(parts.scheme) and not urllib.request.proxy_bypass(parts.hostname or ""):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=10).close()
    except OSError as error:
        address = f"{parts.scheme}://{parts.hostname}:{port}"
        raise InputError(
            f"no server answers at {address} ({error.strerror or error}): start it or check --base-url"
        ) from None


def _quota_is_spent(error: openai.APIStatusError) -> bool:
    return error.status_code == 402 or (error.status_code == 429 and error.code == "insufficient_quota")
