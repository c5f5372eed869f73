"""Terms of use: the one value that an offer shows, an agreement signs and the gate executes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from policies.canonical import digest, plain
from policies.errors import TermsError
from policies.pricing import Price, check_count
from policies.profile import Mode
from policies.purpose import Purpose as Purpose  # part of terms, and looked for here


class Action(StrEnum):
    """What may be done (ODRL 2.2 and its profile here)."""

    QUERY = "sluice:query"
    JOIN = "sluice:join"
    """Rows may be asked together with those of other agreements, about other subjects than these."""
    JOIN_SUBJECTS = "sluice:joinSubjects"
    """Rows may be asked together with other cuts about the same subjects: of one dataset, or of one series."""


class Duty(StrEnum):
    """What the licensee owes in return (ODRL 2.2)."""

    ATTRIBUTE = "odrl:attribute"
    DELETE_ON_WITHDRAWAL = "sluice:deleteOnWithdrawal"
    REPORT_REIDENTIFICATION = "sluice:reportReidentification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much may be taken over the whole term: billed bytes, delivered rows, queries. And how many at once."""

    bytes: int
    rows: int
    queries: int
    at_once: int | None = None
    """How many questions may be answered at the same time; None: as many as the service gives a firm."""

    def __post_init__(self) -> None:
        for name in ("bytes", "rows", "queries"):
            fix = "A quota is a whole number from 0 up; 0 allows nothing."
            check_count(f"quota.{name}", getattr(self, name), fix=fix)
        if self.at_once is not None:
            fix = "Give a whole number from 1 up, or none."
            check_count("quota.at_once", self.at_once, fix=fix)
            if self.at_once == 0:
                raise TermsError("quota.at_once", "allows nothing", fix=fix)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object of it; without a limit at once it is the one that was signed before there were any."""
        value: dict[str, Any] = plain(self)
        if self.at_once is None:
            del value["at_once"]
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who may do what with which edition, for how long and at which price. An empty list allows nothing."""

    edition: str
    """The edition's identifier."""
    cut: str | None = None
    """The identifier of the cut of that edition; none: the whole edition."""
    table: str
    """The name under which the edition is queried."""
    mode: Mode
    purposes: tuple[Purpose, ...]
    actions: tuple[Action, ...]
    duties: tuple[Duty, ...]
    quota: Quota
    price: Price
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if not self.table.isidentifier():
            raise TermsError("table", f"{self.table!r} is no plain name", fix="Use letters, digits and underscores.")
        if self.cut == "":
            raise TermsError("cut", "is empty", fix="Name a cut, or leave it out for the whole edition.")
        for name in ("starts_at", "ends_at"):
            if getattr(self, name).tzinfo is None:
                raise TermsError(name, "has no time zone", fix="Give the moment in UTC.")
        if self.mode is not Mode.RECORDS and {Action.JOIN, Action.JOIN_SUBJECTS} & set(self.actions):
            fix = "Allow joins in the mode records alone."
            raise TermsError("actions", "allow joins of what is not asked for rows", fix=fix)
        if self.starts_at >= self.ends_at:
            raise TermsError("ends_at", "is not after starts_at", fix="Give a term of at least a moment.")

    @property
    def digest(self) -> str:
        """The hash by which these terms are signed."""
        return digest(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object that `from_dict` reads back to equal terms.

        Without a cut it is the object that was signed before there were cuts; so it is with later parts of a price.
        """
        value: dict[str, Any] = {**plain(self), "price": self.price.to_dict(), "quota": self.quota.to_dict()}
        if self.cut is None:
            del value["cut"]
        return value

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Read terms.

        Raises:
            TermsError: a key is missing, unknown or not acceptable.
        """
        names = {field.name for field in fields(cls)}
        for key in sorted(names ^ {"cut", *raw}):
            raise TermsError(
                key, "is missing" if key in names else "is unknown", fix=f"Give: {', '.join(sorted(names))}."
            )
        try:
            return cls(
                edition=str(raw["edition"]),
                cut=None if raw.get("cut") is None else str(raw["cut"]),
                table=str(raw["table"]),
                mode=Mode(raw["mode"]),
                purposes=tuple(Purpose(item) for item in raw["purposes"]),
                actions=tuple(Action(item) for item in raw["actions"]),
                duties=tuple(Duty(item) for item in raw["duties"]),
                quota=Quota(**raw["quota"]),
                price=Price.from_dict(raw["price"]),
                starts_at=datetime.fromisoformat(raw["starts_at"]),
                ends_at=datetime.fromisoformat(raw["ends_at"]),
            )
        except (TypeError, ValueError) as error:
            raise TermsError("terms", str(error), fix="Use the codes and forms of an existing offer.") from error
