"""The internal note: its layout, and that nothing of a customer is ever active in it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import Macro, MacroPreview
from bot.drafts import Band, Draft, NoteContent, render_note, superseded
from bot.drafts.note import ALLOWED_TAGS
from bot.drafts.types import Sentence, Source, SourceKind
from rules.actions._handover import digest, five_points
from rules.language.facts_json import facts_from_json
from rules.model.decision import NoteKind, NoteWish
from tests.drafts.makers import EXPORT, NOW

DRAFT = Draft(
    text="Hello Clara,\n\n1. Open Settings.\n2. Press Export.",
    language="en",
    sentences=(Sentence(text="Hello Clara,"), Sentence(text="1. Open Settings.", sources=("A1",))),
    sources=(
        Source(id="A1", kind=SourceKind.ARTICLE, title=EXPORT.title, url=EXPORT.url, changed_at=EXPORT.changed_at),
        Source(id="A2", kind=SourceKind.ARTICLE, title="Not cited"),
    ),
    check_before=("no order number found",),
    intent="how_to",
    band=Band.HIGH,
)
CONTENT = NoteContent(
    marker="ABCD2345",
    pack_version="3f2a",
    draft=DRAFT,
    rules=("Answer how-to questions",),
    writes=("tag how-to", "priority low"),
    trace_url="https://deskhand.example.com/runs/1",
)


class Reader(HTMLParser):
    """The tags and attributes of a note, and its text."""

    def __init__(self, note: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(note)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_header_says_that_nothing_was_sent() -> None:
    note = render_note(CONTENT)

    assert note.startswith("<p><b>Suggested reply, not sent</b> · language en · id ABCD2345 · rules 3f2a</p>")


def test_the_reply_stands_alone_in_its_block() -> None:
    block = render_note(CONTENT).split("<blockquote>")[1].split("</blockquote>")[0]

    assert block == "<p>Hello Clara,</p><p>1. Open Settings.<br>2. Press Export.</p>"


def test_only_cited_sources_are_listed_with_link_and_day() -> None:
    note = render_note(CONTENT)

    assert f'1. <a href="{EXPORT.url}">Export your data</a> (article, changed 2026-10-02)' in note
    assert "Not cited" not in note


def test_behind_a_source_stands_how_the_sentences_begin_that_rest_on_it() -> None:
    note = render_note(CONTENT)

    assert "(article, changed 2026-10-02): <i>Open Settings.</i></p>" in note


def test_the_parts_stand_in_their_order() -> None:
    words = Reader(render_note(CONTENT)).words
    marks = [
        "Suggested reply",
        "Hello Clara",
        "Check before sending",
        "Sources",
        "Why",
        "Intent: how_to, high",
        "Rules: ",
        "Done: ",
    ]

    places = [words.index(mark) for mark in [*marks, "Trace of this run", "dh-accept"]]

    assert places == sorted(places)


def test_a_draft_in_the_models_place_says_why() -> None:
    words = Reader(render_note(replace(CONTENT, draft=replace(DRAFT, reason="the model cannot be reached")))).words

    assert "Written without the model: the model cannot be reached" in words


def test_what_is_empty_is_left_out() -> None:
    words = Reader(render_note(NoteContent(marker="ABCD2345", draft=replace(DRAFT, check_before=(), sources=())))).words

    assert all(mark not in words for mark in ("Check before", "Sources", "Trace", "Rules:", "Done:"))


def test_every_line_to_check_is_shown_in_full() -> None:
    lines = tuple(f"line {n} {'word ' * 80}end" for n in range(9))

    note = render_note(replace(CONTENT, draft=replace(DRAFT, check_before=lines)))

    assert all(f"<li>{line}</li>" in note for line in lines)


def test_a_long_reply_is_shown_to_its_last_word() -> None:
    text = "Open Settings. " * 600 + "This is the end."

    assert "This is the end.</p></blockquote>" in render_note(replace(CONTENT, draft=replace(DRAFT, text=text)))


def test_a_withheld_draft_shows_its_reason_and_no_tags_to_set() -> None:
    note = render_note(NoteContent(marker="ABCD2345", draft=Draft(withheld=True, reason="the model refused")))

    assert "No draft</b><br>the model refused" in note
    assert "dh-accept" not in note
    assert "Suggested reply" not in note


def test_escalations_proposals_and_macros_stand_without_a_draft() -> None:
    wish = NoteWish(
        rule="r", title="Escalated to Tier 2", text="Third ticket on this.\nPlease take it.", kind=NoteKind.ESCALATION
    )
    macro = MacroPreview(macro=Macro(name="Refund steps"), text="Hello Clara,\n\na refund needs <b>time</b>.")

    note = render_note(NoteContent(marker="ABCD2345", notes=(wish,), macros=(macro,)))

    assert "<p><b>Escalated to Tier 2</b>: Third ticket on this.<br>Please take it.</p>" in note
    assert "Macro proposed: Refund steps" in note
    assert "a refund needs &lt;b&gt;time&lt;/b&gt;." in note


def test_beside_a_draft_a_macro_shows_its_beginning_in_one_line() -> None:
    macro = MacroPreview(macro=Macro(name="Refund steps"), text="Hello Clara,\n\n" + "a refund needs time. " * 20)

    note = render_note(replace(CONTENT, macros=(macro, macro)))

    assert note.count("<b>Macro proposed: Refund steps</b><br>Hello Clara, a refund needs time.") == 2
    assert note.count("<blockquote>") == 1
    assert len(Reader(note).words) < 1_000


def test_an_escalation_at_its_longest_loses_no_point() -> None:
    words = "word " * 400
    facts = facts_from_json(
        {
            "now": NOW.isoformat(),
            "ticket": {
                "subject": words,
                "url": "https://desk.example.com/7",
                "messages": [
                    {"body_text": f"error {words}", "attachments": [{"name": f"{n}{words}.png"} for n in range(9)]},
                    {"direction": "out", "author_kind": "agent", "body_text": words},
                    {"body_text": words},
                ],
            },
            "company": {"name": "Northwind", "tier": "enterprise", "arr": 120000, "csm": "lead.lena@example.com"},
        }
    )
    lines = ["Anger past the threshold", *five_points(facts, None), *digest(facts)]
    wish = NoteWish(rule="r", title="Escalated to the lead", text="\n".join(lines), kind=NoteKind.ESCALATION)

    note = render_note(replace(CONTENT, notes=(wish,)))

    assert all(
        each in note for each in ("1. Issue: ", "2. Steps tried: ", "3. Customer", "4. Evidence", "and 5 more", "5. Proposed")
    )
    assert "CSM lead.lena@example.com</p>" in note


def test_a_macro_with_an_empty_placeholder_is_not_offered() -> None:
    macro = MacroPreview(macro=Macro(name="Hi"), text="Hi ,", missing=("requester.first_name",))

    note = render_note(NoteContent(marker="ABCD2345", macros=(macro,)))

    assert "cannot be used yet, empty: requester.first_name" in note
    assert "Hi ," not in note


def test_links_other_than_web_are_not_links() -> None:
    source = Source(id="A1", kind=SourceKind.ARTICLE, title="Bad", url="javascript:alert(1)")

    note = render_note(replace(CONTENT, draft=replace(DRAFT, sources=(source,)), trace_url="data:text/html,x"))

    assert "href" not in note


def test_a_superseded_note_names_its_id() -> None:
    assert "ABCD2345 is superseded" in superseded("ABCD2345")


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</blockquote><b>",
    "&lt;script&gt;",
    "![x](http://e.example/?q=1)",
    "<!--",
    "\x00<\x0bimg>",
    "' onmouseover='x",
    'https://e.example/" onclick="x',
]
ANYTHING = st.text(max_size=80) | st.sampled_from(HOSTILE)


@settings(max_examples=150, deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_nothing_from_outside_is_ever_active(one: str, two: str, three: str) -> None:
    source = Source(id="A1", kind=SourceKind.ARTICLE, title=two, url=three, changed_at=NOW)
    draft = Draft(
        text=one, sentences=(Sentence(text=three, sources=("A1",)),), sources=(source,), check_before=(two,), intent=three
    )
    content = NoteContent(
        marker="ABCD2345",
        draft=draft,
        notes=(NoteWish(rule=one, title=two, text=three),),
        macros=(MacroPreview(macro=Macro(name=one), text=two, missing=(three,)[: len(two) % 2]),),
        rules=(one,),
        writes=(two,),
        yielded=(three,),
        trace_url=one,
    )

    note = Reader(render_note(content))

    assert set(note.tags) <= ALLOWED_TAGS
    assert all(name == "href" and (value or "").startswith(("http://", "https://")) for name, value in note.attributes)
