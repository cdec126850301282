"""What was written back, as a plain text table: one line per ticket of each story."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sandbox.effects import Effect
from sandbox.stories.expect import draft_language, is_escalated, shown_priority
from sandbox.stories.player import Played

COLUMNS = ("story", "priority", "team", "tags", "notes", "draft", "handoff", "replies", "writes", "as expected")


def rows_of(played: Played, written: Callable[[str], Sequence[Effect]]) -> list[tuple[str, ...]]:
    """One row per ticket. `written`: the helpdesk's own record of what Deskhand wrote in a ticket."""
    wrong = {difference.ticket for difference in played.differences(written)}
    rows: list[tuple[str, ...]] = []
    for label, view in played.views().items():
        rows.append(
            (
                played.story.id if label == "main" else f"{played.story.id} ({label})",
                shown_priority(played.desk.name, view),
                view.team or "-",
                " ".join(sorted(view.tags)) or "-",
                str(len(view.bot_notes)),
                draft_language(view),
                "yes" if is_escalated(view) else "no",
                str(len(view.bot_replies)),
                str(len(written(view.id))),
                "NO" if label in wrong else "yes",
            )
        )
    return rows


def table(rows: Sequence[Sequence[str]], columns: Sequence[str] = COLUMNS, widest: int = 44) -> str:
    """Columns as wide as their widest cell, cut at `widest`."""
    cut = [[cell if len(cell) <= widest else cell[: widest - 1] + "…" for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[place]) for row in cut) for place in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cut]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)
