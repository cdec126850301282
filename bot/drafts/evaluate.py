"""Measure the offline drafter on labelled questions: `python -m bot.drafts.evaluate --questions FILE --articles FOLDER`.

FILE has a JSON object a line: `id`, `language`, `subject`, `body` and `right`, the ids of the articles that answer it (none: no
article does). Prints one JSON object: shares, and the ids of the questions that went wrong; nothing of their texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from adapters.ticket import Message, Person, Ticket
from bot.drafts.article_search import ArticleIndex
from bot.drafts.eligibility import never_draft
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import Draft, DraftAsk, withheld
from bot.senses import sense
from rules.files.json_text import json_lines

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`right`: ids of the articles that answer it, empty where none does. `held_out`: no threshold was chosen by it."""

    id: str
    language: str
    subject: str
    body: str
    right: tuple[str, ...] = ()
    held_out: bool = False


def read_questions(path: Path) -> list[Question]:
    rows = json_lines(path.read_bytes(), path.name)
    return [Question(**{**row, "right": tuple(row.get("right", ()))}) for _, row in rows]


def measure(shelf: ArticleIndex, questions: Iterable[Question]) -> dict[str, object]:
    """Shares of 1: of the questions that an article answers, how many got it; of the others, how many got a draft."""
    answerable: list[tuple[Question, str]] = []
    others: list[tuple[Question, str]] = []
    for question in questions:
        used = _used(shelf, draft_for(shelf, question))
        (answerable if question.right else others).append((question, used))
    right = [question for question, used in answerable if used in question.right]
    wrong = [f"{question.id}: {used}" for question, used in answerable if used and used not in question.right]
    answered = [f"{question.id}: {used}" for question, used in others if used]
    return {
        "answerable": len(answerable),
        "right_share": round(len(right) / max(1, len(answerable)), 3),
        "another_article": wrong,
        "missed": [question.id for question, used in answerable if not used],
        "unanswerable": len(others),
        "answered_share": round(len(answered) / max(1, len(others)), 3),
        "answered": answered,
    }


def draft_for(shelf: ArticleIndex, question: Question) -> Draft:
    """What the offline drafter makes of a question, with the signals that its words give."""
    ticket = Ticket(
        subject=question.subject,
        messages=(Message(external_id="1", body_text=question.body),),
        requester=Person(name="Jo Field", emails=("jo@field.example",), locale=question.language),
    )
    ask = DraftAsk(ticket=ticket, now=NOW, signals=sense(ticket, NOW))
    why = never_draft(ticket, ask.signals)
    return withheld(why, ask) if why else OfflineDrafter(shelf).draft(ask)


def _used(shelf: ArticleIndex, draft: Draft) -> str:
    """The id of the article that the draft rests on, "" where there is no draft."""
    cited = {source for sentence in draft.sentences for source in sentence.sources}
    titles = {source.title: source.url for source in draft.sources if source.id in cited}
    ids = {article.title: article.id for article in shelf.articles}
    return "" if draft.withheld else ", ".join(ids.get(title, title) for title in titles) or "nothing"


@click.command()
@click.option("--questions", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--articles", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--held-out", is_flag=True, help="Only those that no threshold was chosen by.")
def main(questions: Path, articles: Path, held_out: bool) -> None:
    """Measure which questions get a draft, and which article it rests on."""
    rows = [each for each in read_questions(questions) if each.held_out or not held_out]
    click.echo(json.dumps(measure(ArticleIndex.load(articles), rows), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
