"""The envelope: upstream's bytes, and no text that could break or empty it."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.items import Message, decode_item
from codex_proto.realtime import (
    DEFAULT_MAX_FIELD_SIZE,
    TAIL_INSTRUCTION,
    TAIL_SOURCE,
    Delegation,
    HandoffRequested,
    TranscriptEntry,
    delegation_from_handoff,
    delegation_from_tail,
    delegation_item,
    is_delegation,
    parse_delegation,
)
from tests.realtime.client_frames import CAPTURES

# All of Unicode, lone surrogates too, and above all what the envelope is made of.
_TAGS = ("</input>\n", "  <input>", "</realtime_delegation>", "<transcript_delta>")
_ENTITIES = ("&amp;", "&lt;", "&#xd800;", "amp;", "#")
_CHARACTERS = ("<", ">", "&", ";", "\n", "…", "\ud800", "\udfff", "\x00", "\r", "\u2028")
MARKUP = st.sampled_from([*_TAGS, *_ENTITIES, *_CHARACTERS])
TEXT = st.lists(MARKUP | st.text(st.characters(), max_size=5), max_size=8).map("".join)
ENTRIES = st.lists(
    st.builds(TranscriptEntry, st.sampled_from(["user", "assistant"]), TEXT), max_size=4
).map(tuple)
HANDOFFS = st.builds(HandoffRequested, st.just("h"), st.just("i"), TEXT, st.none() | ENTRIES)


def _lines(handoff: HandoffRequested) -> str | None:
    entries = handoff.active_transcript or ()
    return "\n".join(f"{entry.role}: {entry.text}" for entry in entries) or None


# -- upstream's bytes ---------------------------------------------------------------------------

OBSERVED = (
    "<realtime_delegation>\n"
    "  <input>do the &lt;thing&gt; &amp; more</input>\n"
    "  <transcript_delta>user: please fix &lt;b&gt; &amp; \"q\" 'a'\n"
    "assistant: Sure, delegating.\n"
    "user: do the &lt;thing&gt; &amp; more</transcript_delta>\n"
    "</realtime_delegation>"
)


def test_the_envelope_of_the_shipped_versions_byte_for_byte() -> None:
    """Seen on the wire, the same from two versions of May and late 2026 (observed.md)."""
    handoff = HandoffRequested(
        "call_1",
        "item_1",
        "do the <thing> & more",
        (
            TranscriptEntry("user", "please fix <b> & \"q\" 'a'"),
            TranscriptEntry("assistant", "Sure, delegating."),
            TranscriptEntry("user", "do the <thing> & more"),
        ),
    )
    assert delegation_from_handoff(handoff) == OBSERVED
    assert delegation_from_handoff(handoff, max_field_size=None) == OBSERVED


ITEMS = [
    (name, item)
    for name, capture in CAPTURES.items()
    for item in capture.get("delegation_items", ())
]


@pytest.mark.parametrize(("name", "item"), ITEMS)
def test_the_item_is_what_the_shipped_versions_send(name: str, item: dict[str, Any]) -> None:
    parsed = parse_delegation(item["content"][0]["text"])
    assert parsed is not None
    assert parsed.transcript_delta is not None
    entries = [
        TranscriptEntry(*line.split(": ", 1)) for line in parsed.transcript_delta.split("\n")
    ]
    made = delegation_item(HandoffRequested("h", "i", parsed.input, tuple(entries)))
    assert made is not None
    # The later version gives its items ids, all of them.
    assert made == {key: value for key, value in item.items() if key != "id"}
    assert list(made) == [key for key in item if key != "id"]
    assert ("id" in item) is name.startswith("e-169")


def test_the_transcript_is_the_request_where_there_is_none() -> None:
    handoff = HandoffRequested("h", "i", "", (TranscriptEntry("user", "a"),))
    text = delegation_from_handoff(handoff)
    assert text is not None
    assert parse_delegation(text) == Delegation("user: a", "user: a")


@pytest.mark.parametrize("transcript", [None, ()])
def test_without_words_there_is_nothing_to_delegate(transcript: Any) -> None:
    assert delegation_from_handoff(HandoffRequested("h", "i", "", transcript)) is None
    assert delegation_item(HandoffRequested("h", "i", "", transcript)) is None


def test_without_a_transcript_there_is_no_line_for_it() -> None:
    assert delegation_from_handoff(HandoffRequested("h", "i", " ", ())) == (
        "<realtime_delegation>\n  <input> </input>\n</realtime_delegation>"
    )


# -- nothing breaks out, nothing is lost --------------------------------------------------------


@given(HANDOFFS)
@example(HandoffRequested("h", "i", "</input>\n</realtime_delegation>", None))
def test_round_trip_of_all_of_unicode(handoff: HandoffRequested) -> None:
    text = delegation_from_handoff(handoff, max_field_size=None)
    lines = _lines(handoff)
    if text is None:
        assert (handoff.input_transcript, lines) == ("", None)
        return
    assert parse_delegation(text) == Delegation(handoff.input_transcript or lines or "", lines)
    assert is_delegation(text)
    # It can be sent: nothing in it that UTF-8 cannot hold.
    assert text.encode().decode() == text
    # And the tags are ours, each once.
    assert re.findall("<[^>]*>", text) == [
        "<realtime_delegation>",
        "<input>",
        "</input>",
        *(["<transcript_delta>", "</transcript_delta>"] if lines is not None else []),
        "</realtime_delegation>",
    ]


@given(HANDOFFS)
def test_the_item_is_a_user_s_message_of_a_turn(handoff: HandoffRequested) -> None:
    item = delegation_item(handoff)
    if item is None:
        return
    message = decode_item("item", msgspec.json.encode(item))
    assert isinstance(message, Message)
    assert message.notes == ()
    assert json.loads(msgspec.json.encode(message)) == item
    assert item["content"][0]["text"] == delegation_from_handoff(handoff)


@given(TEXT)
def test_other_text_is_no_envelope(text: str) -> None:
    assert parse_delegation(text) is None


@given(HANDOFFS, st.data())
def test_an_envelope_with_a_change_is_another_or_none(
    handoff: HandoffRequested, data: st.DataObject
) -> None:
    """Strict: whatever is read is written again in exactly the same way."""
    text = delegation_from_handoff(handoff)
    if text is None:
        return
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(at + 3, len(text))))
    changed = text[:at] + data.draw(MARKUP | st.sampled_from(["", " ", "x"])) + text[end:]
    parsed = parse_delegation(changed)
    if parsed is not None:
        again = HandoffRequested("h", "i", parsed.input, None)
        made = delegation_from_handoff(again, max_field_size=None)
        if parsed.input and parsed.transcript_delta is None and parsed.source is None:
            assert made == changed
        assert changed.count("<input>") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        OBSERVED + "\n",
        " " + OBSERVED,
        OBSERVED.replace("&amp;", "&"),
        OBSERVED.replace("&lt;", "&LT;"),
        OBSERVED.replace("&amp;", "&#38;"),
        OBSERVED.replace("&amp;", "&#xD800;"),
        OBSERVED.replace("&amp;", "\ud800"),
        OBSERVED.replace("  <input>", "<input>"),
        OBSERVED.replace("\n", "\r\n"),
        "<realtime_delegation>\n</realtime_delegation>",
    ],
)
def test_what_is_not_exactly_an_envelope_is_none(text: str) -> None:
    assert parse_delegation(text) is None
    assert not is_delegation(text)


# -- limits -------------------------------------------------------------------------------------


@given(HANDOFFS, st.integers(0, 40))
def test_fields_keep_to_their_limit(handoff: HandoffRequested, limit: int) -> None:
    text = delegation_from_handoff(handoff, max_field_size=limit)
    whole = delegation_from_handoff(handoff, max_field_size=None)
    if text is None or whole is None:
        assert text == whole
        return
    parsed, full = parse_delegation(text), parse_delegation(whole)
    assert parsed is not None
    assert full is not None
    request = text[text.index("<input>") + 7 : text.index("</input>")]
    assert len(request.encode()) <= max(limit, 3)
    if parsed.input != full.input:
        assert parsed.input.endswith("…")
        assert full.input.startswith(parsed.input[:-1])
        # No more was cut than had to be: an entity and a character are not cut in two.
        assert len(request.encode()) > limit - 3 - 8 or limit < 12
    if parsed.transcript_delta != full.transcript_delta:
        assert parsed.transcript_delta is not None
        assert full.transcript_delta is not None
        assert parsed.transcript_delta.startswith("…")
        assert full.transcript_delta.endswith(parsed.transcript_delta[1:])
        delta = text[text.index("<transcript_delta>") + 18 : text.index("</transcript_delta>")]
        assert len(delta.encode()) <= max(limit, 3)


def test_the_default_limit_is_upstream_s() -> None:
    assert DEFAULT_MAX_FIELD_SIZE == 4_096
    fits = HandoffRequested("h", "i", "x" * 4_096, (TranscriptEntry("user", "y" * 4_090),))
    assert delegation_from_handoff(fits) == delegation_from_handoff(fits, max_field_size=None)
    over = HandoffRequested("h", "i", "x" * 4_097, (TranscriptEntry("user", "y" * 4_091),))
    parsed = parse_delegation(delegation_from_handoff(over) or "")
    assert parsed == Delegation("x" * 4_093 + "…", "…: " + "y" * 4_091)


def test_a_limit_may_not_be_negative() -> None:
    with pytest.raises(LocalProtocolError, match=r"^max_field_size: "):
        delegation_from_handoff(HandoffRequested("h", "i", "x"), max_field_size=-1)


# -- the tail -----------------------------------------------------------------------------------


@given(ENTRIES)
def test_the_tail_says_that_the_session_is_over(tail: tuple[TranscriptEntry, ...]) -> None:
    text = delegation_from_tail(tail, max_field_size=None)
    if text is None:
        assert not tail
        return
    lines = "\n".join(f"{entry.role}: {entry.text}" for entry in tail)
    assert parse_delegation(text) == Delegation(TAIL_INSTRUCTION, lines, TAIL_SOURCE)
    assert text.startswith(
        "<realtime_delegation>\n  <source>transcript_tail_flush</source>\n  <input>"
    )


def test_the_instruction_of_the_tail_is_the_caller_s_to_replace() -> None:
    text = delegation_from_tail([TranscriptEntry("user", "bye")], instruction="<done>")
    assert parse_delegation(text or "") == Delegation("<done>", "user: bye", TAIL_SOURCE)


def test_an_envelope_does_not_print_what_it_holds() -> None:
    assert "SECRET" not in repr(Delegation("SECRET", "SECRET"))
