"""What was wanted, in words without a library's name in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rules.files.wrong_value import in_words

OF_A_LIBRARY = ("Input should", "String should", "List should", "Tuple should", "pydantic", "dictionary", "integer")


class Inner(BaseModel):
    port: int = 1


class Sample(BaseModel):
    model_config = ConfigDict(strict=True)

    count: int = 1
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    least: Annotated[int, Field(ge=60)] = 60
    is_on: bool = True
    name: Annotated[str, Field(min_length=1, max_length=5, pattern="^[a-z]*$")] = "a"
    mode: Literal["shadow", "live"] = "shadow"
    level: Literal["debug", "info", "error"] = "info"
    listed: Annotated[list[str], Field(max_length=2)] = []
    inner: Inner = Inner()
    fields: dict[str, str] = {}
    day: date = date(2027, 1, 31)

    @field_validator("count")
    @classmethod
    def _is_not_thirteen(cls, value: int) -> int:
        if value == 13:
            raise ValueError("thirteen is taken")
        return value


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"count": "canary"}, "wanted a whole number"),
        ({"count": 1.5}, "wanted a whole number"),
        ({"count": 13}, "thirteen is taken"),
        ({"share": 0.0}, "wanted more than 0.0"),
        ({"share": 1.5}, "wanted 1.0 at most"),
        ({"share": "canary"}, "wanted a number"),
        ({"least": 5}, "wanted 60 or more"),
        ({"is_on": "canary"}, "wanted true or false"),
        ({"name": 7}, "wanted text, in quotation marks where it looks like a number or a date"),
        ({"name": ""}, "wanted something, and there is nothing"),
        ({"name": "canary"}, "wanted 5 letters at most"),
        ({"name": "A"}, "wanted text of the form ^[a-z]*$"),
        ({"mode": "canary"}, "wanted shadow or live"),
        ({"level": "canary"}, "wanted one of debug, info, error"),
        ({"listed": "canary"}, "wanted a list"),
        ({"listed": ["a", "b", "c"]}, "wanted 2 of them at most"),
        ({"inner": "canary"}, "wanted {name: value}"),
        ({"fields": "canary"}, "wanted {name: value}"),
        ({"day": "canary"}, "wanted a day such as 2027-01-31"),
    ],
)
def test_it_says_what_was_wanted_and_not_what_was_found(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate(given)

    [said] = {in_words(each) for each in caught.value.errors()}
    assert said == words
    assert not any(word in said for word in (*OF_A_LIBRARY, "canary"))
