"""Suggested replies: asked, written, checked, shown in one internal note. Nothing here sends anything."""

from __future__ import annotations

from bot.drafts.drafter import drafter_for
from bot.drafts.eligibility import never_draft
from bot.drafts.note import NoteContent, render_note, superseded
from bot.drafts.types import Band, Draft, DraftAsk, Drafter, to_json

__all__ = [
    "Band",
    "Draft",
    "DraftAsk",
    "Drafter",
    "NoteContent",
    "drafter_for",
    "never_draft",
    "render_note",
    "superseded",
    "to_json",
]
