"""What programs send, checked as a value before anything else sees it."""

from typing import Annotated, Any, TypeVar

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.errors import CatalogError
from market.delivery.formats import Format
from market.query.question import MOST_AGREEMENTS, Under, read_under

MEDIA_TYPES = {
    Format.ARROW: "application/vnd.apache.arrow.stream",
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
}

B = TypeVar("B", bound=BaseModel)


class BodyError(CatalogError):
    """What was sent is not what is asked for."""


class QuoteBody(BaseModel):
    """A question to be priced."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agreement: str | None = Field(default=None, max_length=64)
    agreements: list[Annotated[str, Field(max_length=128)]] = Field(default_factory=list, max_length=MOST_AGREEMENTS)
    """Several, each `ID` or `NAME=ID`; instead of one."""
    purpose: str = Field(max_length=64)
    sql: str | None = Field(default=None, max_length=200_000)
    named: str | None = Field(default=None, max_length=64)
    """A template of the agreement, or a question that the firm keeps; instead of its SQL."""
    parameters: list[Any] | dict[str, Any] = Field(default_factory=dict)
    """Values for the parameters of the statement."""

    def under(self) -> tuple[Under, ...]:
        """Give the agreements; the first leads.

        Raises:
            CatalogError: there is none, or one is not named plainly.
        """
        if (self.agreement is None) == (not self.agreements):
            raise BodyError("agreement", "is not one, or several", fix='Give "agreement", or "agreements".')
        return read_under(self.agreements or [str(self.agreement)])


class QueryBody(QuoteBody):
    """A question to be answered."""

    format: Format = Format.ARROW


class SavedBody(BaseModel):
    """A question to be kept under a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=64)
    sql: str = Field(max_length=200_000)


class TrialBody(BaseModel):
    """SQL to be tried on the mock table of a dataset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(max_length=200)
    sql: str = Field(max_length=200_000)
    format: Format = Format.JSON


class PullBody(BaseModel):
    """All that an agreement gives access to, as files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agreement: str = Field(max_length=64)
    purpose: str = Field(max_length=64)


def read(request: Request, kind: type[B]) -> B:
    """Read the JSON body of *request*.

    Raises:
        BodyError: it is no such body; the place names the field.
    """
    raw: Any = request.get_json(silent=True)
    if not isinstance(raw, dict):
        raise BodyError("body", "is no JSON object", fix="Send one, with Content-Type: application/json.")
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        names = ", ".join(kind.model_fields)
        raise BodyError(place, str(first["msg"]).lower(), fix=f"Fields: {names}.") from None
