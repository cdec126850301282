"""A stand-in model endpoint: OpenAI-compatible, with the ways in which real ones help, fail and are misled.

`/v1/models` lists the modes; the request's `model` names one (`scripted`, `slow:3`, `truncated`, `hostile`), and
POST /_sandbox/model overrides it for everybody, e.g. {"mode": "429", "times": 2, "json_schema": "ignored"}. GET shows what
was asked and answered, DELETE starts anew. What is answered: model_answers.py.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from flask import Flask, Response, request

from sandbox.model_answers import bracketed, fitting, hostile, long_reply, loose, marked, read_prompt, scripted, wrong_language
from sandbox.model_manners import Manners
from sandbox.model_opinions import OPINIONS, OpinionFacts, asked_for, opinion
from sandbox.serve import running

JsonSchema = Literal["honoured", "ignored", "refused"]
_ONE_MEGABYTE = 1_048_576


@dataclass(slots=True)
class Asked:
    """One call. `max_tokens`: as asked, None where the client set none. `finish`: how the answer ended."""

    model: str
    mode: str
    max_tokens: int | None
    json_schema: bool
    prompt_chars: int
    finish: str = ""


@dataclass(slots=True)
class Endpoint:
    """The endpoint's settings and memory. `mode`: overrides the model's name for the next `times` calls (None: for all).
    `json_schema`: whether `response_format` is honoured, ignored (prose around the JSON) or refused with 400.
    `seconds`: how long `slow`, `drip` and `hang` take where the mode gives no number."""

    mode: str | None = None
    times: int | None = None
    json_schema: JsonSchema = "honoured"
    manners: Manners = field(default_factory=Manners)
    seconds: float = 3.0
    address: str = ""  # set by serve.py once it runs
    asked: list[Asked] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base_url(self) -> str:
        """What goes into a configuration."""
        return f"{self.address}/v1"

    def app(self) -> Flask:
        """The WSGI application, under the name by which serve.py runs a stand-in."""
        return create_model_app(self)

    def take_mode(self, model: str) -> str:
        """The mode of this call, counted down."""
        with self.lock:
            if self.mode is None:
                return model
            mode = self.mode
            if self.times is not None:
                self.times -= 1
                if self.times <= 0:
                    self.mode = self.times = None
            return mode

    def order(self, orders: Mapping[str, Any]) -> None:
        """Raises ValueError for a word that is no setting or no mode."""
        if unknown := set(orders) - {"mode", "times", "json_schema", "seconds", *self.manners.shown()}:
            raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
        if orders.get("mode") is not None and _split(str(orders["mode"]))[0] not in MODES:
            raise ValueError(f"{orders['mode']}: no such mode; there are {', '.join(MODES)}")
        if orders.get("json_schema", "honoured") not in ("honoured", "ignored", "refused"):
            raise ValueError("json_schema: honoured, ignored or refused")
        self.manners.check(orders)
        with self.lock:
            for name, value in orders.items():
                setattr(self.manners if hasattr(self.manners, name) else self, name, value)

    def reset(self) -> None:
        with self.lock:
            self.mode, self.times, self.json_schema, self.seconds = None, None, "honoured", 3.0
            self.manners = Manners()
            self.asked.clear()


@dataclass(frozen=True, slots=True)
class Call:
    """What a mode answers to. `seconds`: from the mode's own name (`slow:3`), else the endpoint's."""

    endpoint: Endpoint
    body: Mapping[str, Any]
    seconds: float

    @property
    def opinion(self) -> OpinionFacts | None:
        """What an opinion is asked about; None where a draft is asked for."""
        prompt = read_prompt(self.body)
        return asked_for(prompt.system, prompt.ticket)

    @property
    def good(self) -> str:
        """What a sensible model writes: one JSON object, of the schema that was asked for."""
        if (asked := self.opinion) is not None:
            return opinion(asked)
        wanted = (self.body.get("response_format") or {}).get("json_schema") or {}
        if (other := fitting(wanted.get("schema"))) is not None:
            return json.dumps(other)
        return json.dumps(scripted(read_prompt(self.body)), ensure_ascii=False)

    def wait(self) -> None:
        """Sleeps, but not beyond the server's end."""
        self.endpoint.stopped.wait(self.seconds)


Answer = str | Response
Mode = Callable[[Call], Answer]


def _slow(call: Call) -> Answer:
    call.wait()
    return call.good


def _hang(call: Call) -> Answer:
    """Not a byte for ten times `seconds`, then an error nobody should have waited for."""
    call.endpoint.stopped.wait(call.seconds * 10)
    return error(504, "gave up")


def _drip(call: Call) -> Answer:
    """The right answer, a few bytes a second: only a total deadline ends this in time."""
    whole = json.dumps(completion(call.body, call.good)).encode()

    def drops() -> Iterator[bytes]:
        pause = call.seconds * 10 / max(len(whole), 1)
        for at in range(0, len(whole), 8):
            yield whole[at : at + 8]
            call.endpoint.stopped.wait(pause * 8)

    return Response(drops(), content_type="application/json")


def _endless(call: Call) -> Answer:
    """An answer that goes on and on, whatever `max_tokens` says: events where a stream was asked for."""
    if not call.body.get("stream"):
        return _endless_body(call)

    def events() -> Iterator[str]:
        for _ in range(64 * 1024):
            if call.endpoint.stopped.wait(0.001):
                return
            yield _event({"choices": [{"index": 0, "delta": {"content": "and so on "}, "finish_reason": None}]})

    return Response(events(), content_type="text/event-stream")


def _endless_body(call: Call) -> Answer:
    """One object that goes on and on, in pieces and without a length."""

    def pieces() -> Iterator[bytes]:
        yield b'{"id":"chatcmpl-endless","object":"chat.completion","choices":[{"index":0,"message":{"content":"'
        for _ in range(16 * 1024):
            if call.endpoint.stopped.wait(0.001):
                return
            yield b"and so on " * 100

    return Response(pieces(), content_type="application/json")


def _duplicate_keys(call: Call) -> str:
    if call.opinion is not None:
        return call.good[:-1] + ', "issues": []}'
    return call.good[:-1] + ', "sentences": [{"text": "Something else entirely.", "sources": []}]}'


def _refusal(call: Call) -> Answer:
    refused = completion(call.body, "")
    refused["choices"][0]["message"] |= {"content": None, "refusal": "I cannot help with this request."}
    return _json(refused)


def _wrong_types(call: Call) -> str:
    return json.dumps({"language": 7, "sentences": {"text": ["Hello"], "sources": "A1"}})


def _leak(call: Call) -> str:
    prompt = read_prompt(call.body)
    return json.dumps({"language": prompt.language, "sentences": [{"text": prompt.system, "sources": []}]})


def _huge(call: Call) -> str:
    return json.dumps({"language": "en", "sentences": [{"text": "and so on " * (_ONE_MEGABYTE // 10), "sources": []}]})


# The name is what a client puts into `model`; `:number` after it is a time in seconds where one makes sense.
MODES: dict[str, Mode] = {
    "scripted": lambda call: call.good,
    "slow": _slow,
    "drip": _drip,
    "hang": _hang,
    "malformed": lambda call: call.good.replace('"', "'", 7),
    "fenced": lambda call: f"```json\n{call.good}\n```",
    "trailing": lambda call: f"Sure, here it is:\n{call.good}\nAnything else?",
    "duplicate-keys": _duplicate_keys,
    "wrong-types": _wrong_types,
    "loose": lambda call: loose(read_prompt(call.body)),
    "bracketed": lambda call: bracketed(read_prompt(call.body)),
    "marked": lambda call: json.dumps(marked(read_prompt(call.body)), ensure_ascii=False),
    "truncated": lambda call: call.good[: len(call.good) * 2 // 3],
    "empty": lambda call: "",
    "whitespace": lambda call: " \n\t ",
    "refusal": _refusal,
    "wrong-language": lambda call: json.dumps(wrong_language(read_prompt(call.body)), ensure_ascii=False),
    "huge": _huge,
    "endless": _endless,
    "endless-body": _endless_body,
    "no-choices": lambda call: _json({**completion(call.body, ""), "choices": []}),
    "html": lambda call: Response("<html><body>Welcome to the proxy</body></html>", content_type="text/html"),
    "400": lambda call: error(400, "the request is not understood"),
    "401": lambda call: error(401, "wrong API key"),
    "429": lambda call: error(429, "too many requests", {"Retry-After": "1"}),
    "500": lambda call: error(500, "something broke"),
    "503": lambda call: error(503, "overloaded"),
    "lying": lambda call: call.good,  # in opinions; what it says elsewhere is well meant
    "grave": lambda call: call.good,
    "other-lists": lambda call: call.good,
    "leak": _leak,
    "long": lambda call: json.dumps(long_reply(read_prompt(call.body)), ensure_ascii=False),
    "hostile": lambda call: json.dumps(hostile(read_prompt(call.body)), ensure_ascii=False),
}


def create_model_app(endpoint: Endpoint | None = None) -> Flask:
    """The WSGI application. `endpoint` lets a test in the same process order modes and read what was asked."""
    app = Flask("sandbox.model")
    state = endpoint or Endpoint()

    @app.get("/v1/models")
    def models() -> Response:
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "sandbox"} for name in MODES]
        return _json({"object": "list", "data": rows})

    @app.post("/v1/chat/completions")
    def chat() -> Response:
        return _chat(state)

    @app.route("/_sandbox/model", methods=["GET", "POST", "DELETE"])
    def control() -> Response:
        return _control(state)

    return app


def _chat(state: Endpoint) -> Response:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body["messages"]:
        return error(400, "'messages' is missing")
    mode = state.take_mode(str(body.get("model") or "scripted"))
    name, seconds = _split(mode)
    asked = _asked(body, mode)
    with state.lock:
        state.asked.append(asked)
    if asked.json_schema and state.json_schema == "refused":
        return error(400, "'response_format' of type 'json_schema' is not supported with this model")
    if (refused := state.manners.refusal(body)) is not None:
        asked.finish = "refused"
        status, said = refused
        return Response(said, status, content_type="text/plain") if isinstance(said, str) else _json(said, status)
    # A name that is no mode is a real model's name in somebody's configuration: it answers sensibly.
    call = Call(state, body, state.seconds if seconds is None else seconds)
    about = call.opinion if name in OPINIONS else None
    answer = opinion(about, name) if about else MODES.get(name, MODES["scripted"])(call)
    if isinstance(answer, Response):
        return answer
    if asked.json_schema and state.json_schema == "ignored":
        answer = f"Here is my suggestion.\n\n```json\n{answer}\n```"
    answer = state.manners.aloud(answer)
    asked.finish = "length" if name == "truncated" else "stop"
    if body.get("stream") and state.manners.streams:
        return Response(_events(body, answer, asked.finish, state.manners), content_type="text/event-stream")
    return _json(_in_manner(completion(body, answer, asked.finish), state.manners))


def _control(state: Endpoint) -> Response:
    if request.method == "DELETE":
        state.reset()
    elif request.method == "POST":
        try:
            state.order(request.get_json(force=True))
        except ValueError as wrong:
            return error(400, str(wrong))
    with state.lock:
        shown = {"mode": state.mode, "times": state.times, "json_schema": state.json_schema, "seconds": state.seconds}
        shown |= state.manners.shown()
        return _json({**shown, "modes": list(MODES), "asked": [asdict(each) for each in state.asked]})


def completion(body: Mapping[str, Any], content: str, finish: str = "stop") -> dict[str, Any]:
    """A chat completion with plausible usage: four characters a token."""
    prompt, written = len(json.dumps(body["messages"])) // 4, len(content) // 4
    return {
        "id": f"chatcmpl-{time.monotonic_ns():x}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": str(body.get("model") or "scripted"),
        "choices": [
            {"index": 0, "finish_reason": finish, "logprobs": None, "message": {"role": "assistant", "content": content}}
        ],
        "usage": {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written},
    }


def _in_manner(whole: dict[str, Any], manners: Manners) -> dict[str, Any]:
    message = whole["choices"][0]["message"]
    message["content"] = manners.content_of(message["content"])
    if manners.reasons == "field":
        message["reasoning_content"] = "The customer {Jo} asks."
    return whole if manners.counts else {name: value for name, value in whole.items() if name != "usage"}


def _events(body: Mapping[str, Any], content: str, finish: str, manners: Manners) -> Iterator[str]:
    """The same answer as server-sent events."""
    whole = completion(body, content, finish)
    head = {name: whole[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    for delta in manners.deltas(content):
        yield _event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if (body.get("stream_options") or {}).get("include_usage") and manners.counts:
        yield _event(head | {"choices": [], "usage": whole["usage"]})
    yield "data: [DONE]\n\n"


def _event(chunk: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(chunk)}\n\n"


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error in the shape that clients of this interface read."""
    kind = {401: "authentication_error", 429: "rate_limit_error"}.get(
        status, "server_error" if status >= 500 else "invalid_request"
    )
    answer = _json({"error": {"message": message, "type": kind, "param": None, "code": None}}, status)
    answer.headers.update(headers or {})
    return answer


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")


def _asked(body: Mapping[str, Any], mode: str) -> Asked:
    shape = body.get("response_format")
    return Asked(
        model=str(body.get("model") or ""),
        mode=mode,
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        json_schema=isinstance(shape, dict) and shape.get("type") == "json_schema",
        prompt_chars=sum(len(str(message.get("content", ""))) for message in body["messages"]),
    )


def _split(mode: str) -> tuple[str, float | None]:
    """`slow:3` -> slow, 3.0"""
    name, _, number = mode.partition(":")
    try:
        return name, float(number) if number else None
    except ValueError:
        return name, None


@contextmanager
def running_model(port: int = 0) -> Iterator[Endpoint]:
    """The endpoint on a local port, in threads of this process."""
    endpoint = Endpoint()
    with running(endpoint, port):
        try:
            yield endpoint
        finally:
            endpoint.stopped.set()
