"""The items of a response, each as the events that stream it: added, deltas, done."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Literal

Event = dict[str, Any]
ItemMaker = Callable[[random.Random, int, int], Iterator[Event]]

VOCABULARY = (
    "the a of in to and is it for that with on as are be this by from or at not can all one "
    "has more when will other some could these two then do first any my now such like our over "
    "may even most after also way many must before through back years where much your well "
    "should down because long each just state people those too good very make still see own "
    "work number function module value return index buffer stream reader error branch commit"
)
WORDS = VOCABULARY.split()
HAN = "我们今天检查这个函数的返回值然后修改测试并且重新运行所有用例直到全部通过为止"
EMOJI = ("🙂", "🚀", "👩‍💻", "✅", "é", "ß", "—")


def message(rng: random.Random, index: int, deltas: int) -> Iterator[Event]:
    return _message_of([a_word(rng) for _ in range(deltas)], rng, index)


def foreign_message(rng: random.Random, index: int, deltas: int) -> Iterator[Event]:
    return _message_of([_foreign_word(rng) for _ in range(deltas)], rng, index)


def _message_of(words: list[str], rng: random.Random, index: int) -> Iterator[Event]:
    item_id = new_id(rng, "msg_")
    place = {"item_id": item_id, "output_index": index, "content_index": 0}
    part: Event = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
    item: Event = {
        "id": item_id,
        "type": "message",
        "status": "in_progress",
        "content": [],
        "role": "assistant",
    }
    yield _item("added", index, item)
    yield {"type": "response.content_part.added", **place, "part": part}
    for word in words:
        yield {
            "type": "response.output_text.delta",
            **place,
            "delta": word,
            "logprobs": [],
            "obfuscation": padding(rng),
        }
    part = part | {"text": "".join(words)}
    yield {"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
    yield _item("done", index, item | {"status": "completed", "content": [part]})


def function_call(rng: random.Random, index: int, deltas: int) -> Iterator[Event]:
    item_id = new_id(rng, "fc_")
    item = {
        "id": item_id,
        "type": "function_call",
        "status": "in_progress",
        "arguments": "",
        "call_id": "call_" + hex_digits(rng, 24),
        "name": rng.choice(("shell", "read_file", "search")),
    }
    words = [a_word(rng) for _ in range(deltas - 2)]
    pieces = ['{"', *words, '"}']  # quotes: JSON inside JSON has many escapes
    yield from _streamed(rng, index, item, "response.function_call_arguments", "arguments", pieces)


def custom_tool(rng: random.Random, index: int, deltas: int) -> Iterator[Event]:
    item = {
        "id": new_id(rng, "ctc_"),
        "type": "custom_tool_call",
        "status": "in_progress",
        "call_id": "call_" + hex_digits(rng, 24),
        "input": "",
        "name": "apply_patch",
    }
    pieces = [a_word(rng) if n % 9 else "\n+" for n in range(deltas)]
    yield from _streamed(rng, index, item, "response.custom_tool_call_input", "input", pieces)


def _streamed(
    rng: random.Random, index: int, item: Event, kind: str, member: str, pieces: list[str]
) -> Iterator[Event]:
    place = {"item_id": item["id"], "output_index": index}
    whole = "".join(pieces)
    yield _item("added", index, item)
    for piece in pieces:
        yield {"type": f"{kind}.delta", **place, "delta": piece, "obfuscation": padding(rng)}
    yield {"type": f"{kind}.done", **place, member: whole}
    yield _item("done", index, item | {"status": "completed", member: whole})


def reasoning(rng: random.Random, index: int, deltas: int) -> Iterator[Event]:
    item_id = new_id(rng, "rs_")
    place = {"item_id": item_id, "output_index": index, "summary_index": 0}
    item: Event = {
        "id": item_id,
        "type": "reasoning",
        "encrypted_content": hex_digits(rng, 400),
        "summary": [],
    }
    part = {"type": "summary_text", "text": ""}
    words = [a_word(rng) for _ in range(deltas)]
    yield _item("added", index, item)
    yield {"type": "response.reasoning_summary_part.added", **place, "part": part}
    for word in words:
        yield {
            "type": "response.reasoning_summary_text.delta",
            **place,
            "delta": word,
            "obfuscation": padding(rng),
        }
    part = part | {"text": "".join(words)}
    yield {"type": "response.reasoning_summary_text.done", **place, "text": part["text"]}
    yield {"type": "response.reasoning_summary_part.done", **place, "part": part}
    finished = item | {"encrypted_content": hex_digits(rng, 1200), "summary": [part]}
    yield _item("done", index, finished)


def _item(end: Literal["added", "done"], index: int, item: Event) -> Event:
    return {"type": f"response.output_item.{end}", "output_index": index, "item": item}


# --- small things ----------------------------------------------------------------------------


def response(rng: random.Random) -> Event:
    """A whole response object: 2 KB of instructions and 10 tools."""
    return {
        "id": new_id(rng, "resp_"),
        "object": "response",
        "created_at": 1_785_000_000,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": sentence(rng, 2_000),
        "max_output_tokens": None,
        "max_tool_calls": None,
        "model": "gpt-5-codex",
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": hex_digits(rng, 36),
        "reasoning": {"effort": "medium", "summary": "auto"},
        "safety_identifier": None,
        "service_tier": "auto",
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [_tool(rng, n) for n in range(10)],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": {},
    }


def _tool(rng: random.Random, number: int) -> Event:
    members = {
        name: {"type": "string", "description": sentence(rng, 60)}
        for name in ("path", "pattern", "reason")
    }
    return {
        "type": "function",
        "name": f"tool_{number}",
        "description": sentence(rng, 200),
        "parameters": {
            "type": "object",
            "properties": members,
            "required": list(members),
            "additionalProperties": False,
        },
        "strict": True,
    }


def usage(tokens: int) -> Event:
    return {
        "input_tokens": 4_000,
        "input_tokens_details": {"cached_tokens": 1_024},
        "output_tokens": tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 4_000 + tokens,
    }


def sentence(rng: random.Random, length: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(length // 4))[:length]


def a_word(rng: random.Random) -> str:
    return "\n" if rng.random() < 0.02 else " " + rng.choice(WORDS)


def _foreign_word(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(EMOJI)
    at = rng.randrange(len(HAN) - 3)
    return HAN[at : at + rng.randint(1, 3)]


def padding(rng: random.Random) -> str:
    return hex_digits(rng, rng.randint(6, 16))


def new_id(rng: random.Random, prefix: str) -> str:
    return prefix + hex_digits(rng, 55 - len(prefix))


def hex_digits(rng: random.Random, length: int) -> str:
    return f"{rng.getrandbits(4 * length):0{length}x}"
