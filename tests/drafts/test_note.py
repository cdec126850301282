"""The internal note: its layout, and that nothing of a customer is ever active in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import Macro, MacroPreview, Priority
from bot.drafts import Band, Draft, NoteContent, render_note, superseded
from bot.drafts.note import ALLOWED_TAGS
from bot.drafts.types import Sentence, Source, SourceKind
from rules.model.decision import NoteKind, NoteWish, Notice
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
    facts=("Northwind, enterprise", "issue how_to 0.93"),
    writes=("tag how-to", "priority low"),
    trace_url="https://deskhand.example.com/runs/1",
)


ESCALATION = NoteWish(rule="e", text="data loss", kind=NoteKind.ESCALATION, team="Engineering", within=timedelta(minutes=30))
LEAD = NoteWish(
    rule="l",
    text="a VIP waits",
    kind=NoteKind.ESCALATION,
    tell=("the success manager", "the support lead"),
    within=timedelta(hours=1),
)
ADVICE = NoteWish(rule="a", text="Answer with care.")


def reply_of(note: str) -> str:
    return note.split("<blockquote>")[1].split("</blockquote>")[0]


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


def test_the_reply_says_that_it_was_not_sent_and_stands_alone_in_its_block() -> None:
    note = render_note(CONTENT)

    assert "<p><b>Suggested reply, not sent</b> · language en</p><blockquote>" in note
    assert reply_of(note) == "<p>Hello Clara,</p><p>1. Open Settings.<br>2. Press Export.</p>"


def test_only_cited_sources_are_listed_with_link_and_day() -> None:
    note = render_note(CONTENT)

    assert f'1. <a href="{EXPORT.url}">Export your data</a>, changed 2026-10-02</p>' in note
    assert "Not cited" not in note


def test_the_parts_stand_in_their_order() -> None:
    words = Reader(render_note(replace(CONTENT, notes=(ESCALATION, ADVICE), evidence=("“it fails”",)))).words
    marks = ["For Engineering", "Evidence", "Answer with care", "Suggested reply", "Hello Clara", "Check before sending"]
    marks += ["Sources", "Why", "issue how_to 0.93", "draft high, offline", "Done", "dh-accept"]
    marks += ["suggestion id ABCD2345", "rules 3f2a", "trace"]

    places = [words.index(mark) for mark in marks]

    assert places == sorted(places)


def test_a_draft_in_the_models_place_says_why() -> None:
    words = Reader(render_note(replace(CONTENT, draft=replace(DRAFT, reason="the model cannot be reached")))).words

    assert "Written without the model: the model cannot be reached" in words


def test_what_is_empty_is_left_out() -> None:
    words = Reader(render_note(NoteContent(marker="ABCD2345", draft=replace(DRAFT, check_before=(), sources=())))).words

    absent = ("Check before", "Sources", "trace", "Done", "Left alone", "Not possible", "Evidence")
    assert all(mark not in words for mark in absent)


def test_every_line_to_check_is_shown_in_full() -> None:
    lines = tuple(f"line {n} {'word ' * 80}end" for n in range(9))

    note = render_note(replace(CONTENT, draft=replace(DRAFT, check_before=lines)))

    assert all(f"<li>{line}</li>" in note for line in lines)


def test_a_long_reply_is_shown_to_its_last_word() -> None:
    text = "Open Settings. " * 600 + "This is the end."

    assert "This is the end.</p></blockquote>" in render_note(replace(CONTENT, draft=replace(DRAFT, text=text)))


def test_a_withheld_draft_shows_its_reason_and_no_tags_to_set() -> None:
    note = render_note(NoteContent(marker="ABCD2345", draft=Draft(withheld=True, reason="the model refused")))

    assert "<p><b>No draft</b>: the model refused</p>" in note
    assert "dh-accept" not in note
    assert "Suggested reply" not in note


# what to do first


def escalated(*wishes: NoteWish, **content: Any) -> str:
    """The first paragraph, as text."""
    note = render_note(NoteContent(marker="ABCD2345", notes=wishes, now=NOW, **content))
    return Reader(note.partition("</p>")[0].replace("<br>", "\n")).words


def test_an_escalation_says_by_when_in_the_clocks_own_words() -> None:
    assert escalated(ESCALATION).startswith("For Engineering, answer by 12:30 UTC (30 min): data loss.")
    assert escalated(ESCALATION, timezone="Europe/Berlin").startswith("For Engineering, answer by 13:30 CET (30 min)")
    assert "answer by 22 Nov 12:00 UTC (24 h)" in escalated(replace(ESCALATION, within=timedelta(hours=24)))


def test_several_escalations_are_one_paragraph_with_the_earliest_time_and_all_reasons() -> None:
    note = render_note(NoteContent(marker="ABCD2345", notes=(LEAD, ESCALATION, replace(LEAD, text="Legal words.")), now=NOW))

    first = note.partition("</p>")[0]
    assert "<b>For Engineering, answer by 12:30 UTC (30 min): a VIP waits; data loss; Legal words.</b>" in first
    assert "Tell the success manager and the support lead." in first
    assert note.count("answer by") == 1


def test_people_are_named_for_the_reader_to_tell_with_the_success_managers_address() -> None:
    assert "Tell the success manager (lena@example.com) and the support lead." in escalated(LEAD, csm="lena@example.com")


def test_a_notice_stands_in_the_note_also_where_its_rule_has_a_paragraph() -> None:
    notice = Notice(rule=ADVICE.rule, channel="csm", to="the success manager", text="churn risk high")

    note = render_note(NoteContent(marker="ABCD2345", notes=(ADVICE,), notices=(notice,), csm="lena@example.com"))

    assert "<p>Tell the success manager (lena@example.com): churn risk high.</p><p>Answer with care.</p>" in note


def test_notices_to_the_same_people_are_one_sentence_and_repeat_no_reason() -> None:
    notice = Notice(rule="n", channel="csm", to="the success manager", text="")
    said = ("a VIP waits", "churn risk high", "rated 1 of 5", "churn risk high")

    first = escalated(LEAD, notices=tuple(replace(notice, text=text) for text in said))

    assert "Tell the success manager: churn risk high; rated 1 of 5. Tell the support lead." in first
    assert first.count("a VIP waits") == 1


def test_a_channel_without_words_for_its_people_is_named_itself() -> None:
    first = escalated(ESCALATION, notices=(Notice(rule="e", channel="leads", text="data loss, for team Engineering 7"),))

    assert "Tell leads." in first


def test_nothing_vanishes_however_much_rules_say() -> None:
    texts = [f"Paragraph {number}. {'Words of it. ' * 60}End {number}." for number in range(20)]

    note = render_note(NoteContent(marker="ABCD2345", notes=tuple(NoteWish(rule="r", text=text) for text in texts)))

    assert all(f"Paragraph {number}." in note and f"End {number}." in note for number in range(20))


def test_what_is_beyond_all_bounds_is_named() -> None:
    wishes = tuple(NoteWish(rule=f"r{number}", text=f"{number} " + "x" * 3_900) for number in range(10))

    note = render_note(NoteContent(marker="ABCD2345", notes=wishes))

    assert "<p>5 more from rules: too long for a note, see the run.</p>" in note
    assert len(note) < 32_000


def test_a_paragraph_that_two_rules_ask_for_is_said_once() -> None:
    note = render_note(NoteContent(marker="ABCD2345", notes=(ADVICE, replace(ADVICE, rule="another"))))

    assert note.count("Answer with care") == 1


def test_a_proposed_priority_shows_only_where_none_is_set() -> None:
    proposing = replace(ESCALATION, priority=Priority.URGENT)

    assert "Proposed: priority urgent." in escalated(proposing)
    assert "Proposed" not in escalated(proposing, writes=("priority high",))
    assert "Proposed" not in escalated(proposing, yielded=("priority (low)",))


def test_the_priority_that_was_set_has_its_reason() -> None:
    words = Reader(render_note(replace(CONTENT, priority_facts=("p1", "enterprise")))).words

    assert "Done tag how-to, priority low (p1, enterprise)" in words


def test_proposals_to_split_are_one_list_with_what_they_share_last() -> None:
    title = "Proposal: split this ticket"
    said = [
        (title, "- security: team Security\n- the rest stays here"),
        ("Else", "- an item"),
        (title, "- a fault: team Tier 2\n- the rest stays here"),
        ("", "- no list of a title"),
        ("", "- no list of a title, either"),
    ]
    notes = tuple(NoteWish(rule="r", title=title, text=text, kind=NoteKind.PROPOSAL) for title, text in said)

    note = render_note(replace(CONTENT, notes=notes))

    assert f"<p><b>{title}</b><br>- security: team Security<br>- a fault: team Tier 2<br>- the rest stays here</p>" in note
    assert note.count(title) == 1
    assert "<p>- no list of a title</p><p>- no list of a title, either</p>" in note


def test_escalations_proposals_and_macros_stand_without_a_draft() -> None:
    wish = NoteWish(rule="r", title="Proposal: merge into ticket 7", text="Same outage.\nSame hour.", kind=NoteKind.PROPOSAL)
    macro = MacroPreview(macro=Macro(name="Refund steps"), text="Hello Clara,\n\na refund needs <b>time</b>.")

    note = render_note(NoteContent(marker="ABCD2345", notes=(wish,), macros=(macro,)))

    assert "<p><b>Proposal: merge into ticket 7</b><br>Same outage.<br>Same hour.</p>" in note
    assert "Macro proposed: Refund steps" in note
    assert "a refund needs &lt;b&gt;time&lt;/b&gt;." in note


def test_beside_a_draft_a_macro_shows_its_name() -> None:
    macro = MacroPreview(macro=Macro(name="Refund steps"), text="Hello Clara,\n\n" + "a refund needs time. " * 20)

    note = render_note(replace(CONTENT, macros=(macro, macro)))

    assert note.count("<b>Macro proposed: Refund steps</b>") == 2
    assert note.count("<blockquote>") == 1
    assert "a refund needs time" not in note


def test_what_stands_in_the_first_paragraph_is_no_fact_again() -> None:
    wish = replace(LEAD, text="the customer wants to cancel")
    facts = ("Northwind, enterprise", "wants to cancel 0.85", "angry 0.93")

    note = render_note(replace(CONTENT, notes=(wish,), facts=facts))

    assert "<b>Why</b> Northwind, enterprise · angry 0.93 · draft high, offline" in note


def test_a_draft_says_who_wrote_it() -> None:
    by_model = replace(DRAFT, drafter="model", model="small-7b", band=Band.MEDIUM)

    assert "draft high, offline" in render_note(CONTENT)
    assert "draft medium, by the model small-7b" in render_note(replace(CONTENT, draft=by_model))


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
        notes=(NoteWish(rule=one, title=two, text=three), replace(ESCALATION, text=one, team=two, tell=(three,))),
        macros=(MacroPreview(macro=Macro(name=one), text=two, missing=(three,)[: len(two) % 2]),),
        notices=(Notice(rule=three, channel=one, text=two, to=three),),
        evidence=(one, two),
        tried=three,
        csm=one,
        facts=(one,),
        priority_facts=(three,),
        writes=(two,),
        yielded=(three,),
        trace_url=one,
    )

    note = Reader(render_note(content))

    assert set(note.tags) <= ALLOWED_TAGS
    assert all(name == "href" and (value or "").startswith(("http://", "https://")) for name, value in note.attributes)
