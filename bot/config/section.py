"""What every section of `config.yaml` is: names that it does not know are refused, and nothing changes it later."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
