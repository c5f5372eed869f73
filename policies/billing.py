"""Who pays a price: a monthly maximum first, then vouchers in their order, and the firm what is left. Whole fen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from policies.pricing import check_count

WHOLE = "A bill is in whole fen from 0 up."
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a programme may pay of a bill: its share, and what the firm and the fund have left for it."""

    voucher: str
    """The identifier of the firm's admission to the programme."""
    share_bp: int
    """In hundredths of a percent."""
    left_fen: int
    """The smaller of what the firm may still draw this year and what the fund still holds."""

    def __post_init__(self) -> None:
        check_count("share.share_bp", self.share_bp, fix="A share is a whole number of basis points, up to 10,000.")
        check_count("share.left_fen", self.left_fen, fix=WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherPart:
    """What one voucher pays of a bill."""

    voucher: str
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A list price and who pays it: list = discount + vouchers + net."""

    list_fen: int
    discount_fen: int
    """What a monthly maximum takes off."""
    vouchers: tuple[VoucherPart, ...]
    net_fen: int
    """What the firm pays itself."""
    account: str
    """The kind of account it pays from: `credit` or `postpaid`."""

    def __post_init__(self) -> None:
        for name in ("list_fen", "discount_fen", "net_fen"):
            check_count(f"bill.{name}", getattr(self, name), fix=WHOLE)
        parts = self.discount_fen + sum(part.amount_fen for part in self.vouchers) + self.net_fen
        if parts != self.list_fen:
            raise ValueError(f"the parts of a bill come to {parts} fen, its list price is {self.list_fen}")

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Read a bill from its JSON object."""
        vouchers = tuple(VoucherPart(**part) for part in raw["vouchers"])
        return cls(**{**raw, "vouchers": vouchers})


def split(list_fen: int, *, maximum_left_fen: int | None, shares: Sequence[Share], account: str) -> Bill:
    """Part a list price.

    What exceeds *maximum_left_fen*, the rest of a monthly maximum, is taken off first. Each of *shares*, in order, then
    pays its share of what the ones before have left, rounded down to the fen, and no more than it has left.
    """
    check_count("list_fen", list_fen, fix=WHOLE)
    charged = list_fen if maximum_left_fen is None else min(list_fen, maximum_left_fen)
    left, parts = charged, []
    for share in shares:
        amount = min(left * share.share_bp // BASIS_POINTS, share.left_fen)
        if amount:
            parts.append(VoucherPart(voucher=share.voucher, amount_fen=amount))
            left -= amount
    return Bill(
        list_fen=list_fen, discount_fen=list_fen - charged, vouchers=tuple(parts), net_fen=left, account=account
    )
