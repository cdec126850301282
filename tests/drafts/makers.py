"""Values that the draft tests start from."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.ticket import Macro, MacroPreview, Message, Person, Ticket
from bot.drafts.article_search import ArticleIndex
from bot.drafts.types import Article, DraftAsk, FoundArticle, Source, SourceKind
from rules.model.facts import Signal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

EXPORT = Article(
    id="export",
    title="Export your data",
    text=(
        "You can take your data out.\n\n## Export as CSV\n\n1. Open Settings and choose Data.\n"
        "2. Press Export and choose CSV.\n3. Wait for the link."
    ),
    url="https://help.example.com/articles/export",
    changed_at=datetime(2026, 10, 2, tzinfo=UTC),
)
REFUND_DE = Article(
    id="rueck",
    title="Eine Rückerstattung anfordern",
    text="1. Suchen Sie die Rechnungsnummer unter Abrechnung.\n2. Antworten Sie mit dem Datum der Abbuchung.",
    url="https://help.example.com/de/rueckerstattung",
    language="de",
)
SHELF = ArticleIndex([EXPORT, REFUND_DE])
MACRO = MacroPreview(
    macro=Macro(external_id="7", name="Outage acknowledged"),
    text="Hello Clara,\n\nwe see the outage and are working on it.",
)


def ticket(body: str = "How do I export my data to CSV?", subject: str = "Export", name: str = "Clara Chief") -> Ticket:
    requester = Person(name=name, emails=("clara@northwind.example",))
    return Ticket(subject=subject, number="812", requester=requester, messages=(Message(external_id="1", body_text=body),))


def ask(of: Ticket | None = None, language: str = "en", intent: str = "how_to", **more: object) -> DraftAsk:
    signals = {"language": Signal(value=language), "issue_type": Signal(value=intent)}
    return DraftAsk(ticket=of or ticket(), now=NOW, signals=signals, **more)  # type: ignore[arg-type]  # a test's shorthand


def export_sources() -> tuple[Source, ...]:
    return (Source(id="A1", kind=SourceKind.ARTICLE, title=EXPORT.title, text=EXPORT.text, url=EXPORT.url),)


FOUND = (FoundArticle(article=EXPORT, score=0.8),)
