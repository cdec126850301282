"""A share with its number of cases and the interval that so few cases allow."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `n` cases."""

    count: int
    n: int

    @property
    def value(self) -> float | None:
        """0 to 1; None where there are no cases."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, 0 to 1; None where there are no cases. It is honest about few of them."""
        if not self.n:
            return None
        share, n = self.count / self.n, self.n
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        reach = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def __str__(self) -> str:
        """`62 % (41 to 79)`, or `-` where there are no cases."""
        if self.interval is None or self.value is None:
            return "-"
        low, high = self.interval
        return f"{self.value:.0%} ({low * 100:.0f} to {high * 100:.0f})".replace("%", " %", 1)
