"""How real endpoints differ from each other, for the stand-in model: what they refuse, whether they stream, how they reason.

Seen at hosted and local ones: newer models of OpenAI refuse `max_tokens` and a temperature, gateways refuse what they do not know
with 422 or 500 and name it in their own ways, some answer in parts, some think before they speak.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

Error = dict[str, Any]
NAMED = ("param", "message", "detail", "text", "nothing")
REASONS = ("no", "field", "think", "lone", "draft", "prose", "channel", "parts")


@dataclass(slots=True)
class Manners:
    """What POST /_sandbox/model may order besides modes. `refuses`: request parameters with the status that answers them, such as
    {"max_tokens": 400}; `system` stands for a system message. `names_it`: where an error says what was refused. `streams`: false
    answers a wish for a stream with one object. `content`: as text, or in parts. `reasons`: how it reasons before it answers.
    `counts`: false leaves the usage out."""

    refuses: dict[str, int] = field(default_factory=dict)
    names_it: str = "param"
    streams: bool = True
    content: str = "text"
    reasons: str = "no"
    counts: bool = True

    def check(self, orders: Mapping[str, Any]) -> None:
        """Raises ValueError for a word that no setting takes."""
        for name, allowed in (("names_it", NAMED), ("content", ("text", "parts")), ("reasons", REASONS)):
            if orders.get(name, allowed[0]) not in allowed:
                raise ValueError(f"{name}: {', '.join(allowed)}")
        if not isinstance(orders.get("refuses", {}), dict):
            raise ValueError('refuses: such as {"max_tokens": 400}')

    def refusal(self, body: Mapping[str, Any]) -> tuple[int, Any] | None:
        """The status and body of the answer to a request that holds something refused; the first alone, as they do."""
        roles = {message.get("role") for message in body["messages"]}
        for name, status in self.refuses.items():
            if name in body or (name == "system" and "system" in roles):
                return status, self._named(name)
        return None

    def _named(self, name: str) -> Any:
        said = (
            "System role not supported"
            if name == "system"
            else f"Unsupported parameter: '{name}' is not supported with this model."
        )
        other = {"max_tokens": " Use 'max_completion_tokens' instead."}.get(name, "")
        error = {"message": said + other, "type": "invalid_request_error", "param": None, "code": "unsupported_parameter"}
        match self.names_it:
            case "param":
                unnamed = {"message": "This value is not supported.", "param": name}
                return {"error": error | ({"param": "messages"} if name == "system" else unnamed)}
            case "detail":
                return {"detail": [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}]}
            case "text":
                return said
            case "nothing":
                return {"error": {"message": "Bad request", "type": "invalid_request_error", "param": None, "code": None}}
            case _:
                return {"error": error | {"code": None}}

    def aloud(self, answer: str) -> str:
        """The answer's text with the reasoning that some write into it."""
        draft = json.dumps({"language": "en", "sentences": [{"text": "A first try that nobody should see.", "sources": ["A1"]}]})
        match self.reasons:
            case "think":
                return f"<think>\nThe customer {{Jo}} asks. I take A1.\n</think>\n{answer}"
            case "lone":  # the template has opened it
                return f"The customer {{Jo}} asks. I take A1.\n</think>\n{answer}"
            case "draft":
                return f"<thinking>Maybe {draft}? No, better:</thinking>{answer}"
            case "prose":
                return (
                    f"The format is {{language, sentences}}. A first try: {draft}\nThat cites too much. Final answer:\n{answer}"
                )
            case "channel":
                return f"<|channel|>analysis<|message|>{draft}<|end|><|start|>assistant<|channel|>final<|message|>{answer}"
            case _:
                return answer

    def content_of(self, text: str) -> Any:
        """A message's content, as text or in parts."""
        parts = [{"type": "text", "text": text}]
        if self.reasons == "parts":
            return [{"type": "thinking", "thinking": [{"type": "text", "text": "The customer {Jo} asks."}]}, *parts]
        return parts if self.content == "parts" else text

    def deltas(self, text: str) -> Iterator[dict[str, Any]]:
        """The pieces of a stream."""
        if self.reasons == "field":
            yield {"content": None, "reasoning_content": "The customer {Jo} asks. "}
        if self.reasons == "parts":
            yield {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "The customer {Jo} asks."}]}]}
        in_parts = self.content == "parts" or self.reasons == "parts"
        for at in range(0, len(text), 40):
            piece = text[at : at + 40]
            yield {"content": [{"type": "text", "text": piece}] if in_parts else piece}

    def shown(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}
