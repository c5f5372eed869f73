"""Who pays a price: a monthly maximum first, then vouchers in their order, and the firm what is left. Whole fen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from policies.errors import PolicyError
from policies.pricing import check_count

WHOLE = "A bill is in whole fen from 0 up."
BASIS_POINTS = 10_000


class CannotPay(PolicyError):
    """No account of the firm holds what it would have to pay itself."""

    def __init__(self, net_fen: int) -> None:
        self.net_fen = net_fen
        fix = "Top up the firm's credit, or ask for a post-paid account."
        super().__init__("bill", f"no account of the firm holds {net_fen} fen", fix=fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a programme may pay of a bill: its share, and what the firm and the fund have left for it."""

    voucher: str
    """The identifier of the firm's admission to the programme."""
    programme: str
    share_bp: int
    """In hundredths of a percent."""
    left_fen: int
    """The smaller of what the firm may still draw this year and what the fund still holds."""

    def __post_init__(self) -> None:
        fix = "A share is a whole number of basis points, up to 10,000."
        check_count("share.share_bp", self.share_bp, fix=fix)
        if self.share_bp > BASIS_POINTS:
            raise PolicyError("share.share_bp", "is more than the whole", fix=fix)
        check_count("share.left_fen", self.left_fen, fix=WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """An account of the firm, by its kind, and what it holds."""

    kind: str
    left_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherPart:
    """What one voucher pays of a bill."""

    voucher: str
    programme: str
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
        parts = self.discount_fen + self.vouchers_fen + self.net_fen
        if parts != self.list_fen:
            raise ValueError(f"the parts of a bill come to {parts} fen, its list price is {self.list_fen}")

    @property
    def vouchers_fen(self) -> int:
        """What vouchers pay together."""
        return sum(part.amount_fen for part in self.vouchers)

    @property
    def charged_fen(self) -> int:
        """What the publisher receives, and what counts towards a monthly maximum."""
        return self.list_fen - self.discount_fen

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Read a bill from its JSON object."""
        return cls(**{**raw, "vouchers": tuple(VoucherPart(**part) for part in raw["vouchers"])})


def together(bills: Sequence[Bill]) -> Bill:
    """Sum the bills of one statement under several agreements, to be shown; each is paid and logged as it is."""
    if len(bills) == 1:
        return bills[0]
    vouchers: dict[tuple[str, str], int] = {}
    for part in (part for bill in bills for part in bill.vouchers):
        key = part.voucher, part.programme
        vouchers[key] = vouchers.get(key, 0) + part.amount_fen
    return Bill(
        list_fen=sum(bill.list_fen for bill in bills),
        discount_fen=sum(bill.discount_fen for bill in bills),
        vouchers=tuple(
            VoucherPart(voucher=voucher, programme=programme, amount_fen=amount)
            for (voucher, programme), amount in vouchers.items()
        ),
        net_fen=sum(bill.net_fen for bill in bills),
        account=", ".join(sorted({bill.account for bill in bills})),
    )


def split(
    list_fen: int, *, maximum_left_fen: int | None = None, shares: Sequence[Share] = (), purses: Sequence[Purse]
) -> Bill:
    """Part a list price.

    What exceeds *maximum_left_fen*, the rest of a monthly maximum, is taken off first. Each of *shares*, in order, then
    pays its share of what the ones before have left, rounded down to the fen, and no more than it has left. The first
    of *purses* that holds the rest pays it whole: a charge is never spread over two.

    Raises:
        CannotPay: none of them holds it.
    """
    check_count("list_fen", list_fen, fix=WHOLE)
    charged = list_fen if maximum_left_fen is None else min(list_fen, maximum_left_fen)
    net, parts = charged, []
    for share in shares:
        amount = min(net * share.share_bp // BASIS_POINTS, share.left_fen)
        if amount:
            parts.append(VoucherPart(voucher=share.voucher, programme=share.programme, amount_fen=amount))
            net -= amount
    paying = next((purse for purse in purses if purse.left_fen >= net), None)
    if paying is None:
        raise CannotPay(net)
    return Bill(
        list_fen=list_fen,
        discount_fen=list_fen - charged,
        vouchers=tuple(parts),
        net_fen=net,
        account=paying.kind,
    )
