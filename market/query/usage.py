"""What a firm may ask, and what it has left."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from catalog.store import BlobStore
from market.ledger.models import Account, Kind
from market.licensing.agreements import terms_of
from market.licensing.models import Agreement
from market.query.licensed import columns_of, served
from market.query.runs import at_work

AT_ONCE = "at_once"

LEVELS = (50, 80, 100)
"""Percent of a quota at which its holder is warned."""


def agreements_of(session: Session, store: BlobStore, firm: str | None) -> list[dict[str, Any]]:
    """List the agreements of *firm*: state, terms, and the columns of what they give access to."""
    found = []
    for row in _agreements(session, firm):
        terms = terms_of(row)
        paths = [store.path(file.sha256) for file in served(session, terms)]
        columns = columns_of(paths) if paths and all(path.is_file() for path in paths) else []
        found.append(
            {
                "agreement": row.id,
                "state": row.state,
                "edition": row.edition_id,
                "terms": terms.to_dict(),
                "columns": [{"name": name, "type": kind} for name, kind in columns],
            }
        )
    return found


def usage_of(session: Session, firm: str | None) -> list[dict[str, Any]]:
    """Say for each quota of the firm's agreements how much is used, and whether a level of warning is reached."""
    return _usage(session, _agreements(session, firm))


def warning_of(session: Session, agreements: Sequence[str]) -> str | None:
    """Name the quotas of which a level of warning is reached, as a header says it; of several agreements the fullest.

    How many are being answered at once is no such quota: it is free again.
    """
    used = _usage(session, [session.get_one(Agreement, one) for one in agreements])
    reached: dict[str, int] = {}
    for one in used:
        if one["warning"] is not None and one["unit"] != AT_ONCE:
            reached[one["unit"]] = max(one["warning"], reached.get(one["unit"], 0))
    return ", ".join(f"{unit} {level}%" for unit, level in reached.items()) or None


def _usage(session: Session, of: Sequence[Agreement]) -> list[dict[str, Any]]:
    rows = {row.id: row for row in of}
    accounts = session.exec(
        select(Account)
        .where(col(Account.owner).in_(rows), Account.kind == Kind.QUOTA)
        .order_by(col(Account.owner), col(Account.unit))
    )
    found = []
    for account in accounts:
        granted = int(getattr(terms_of(rows[account.owner]).quota, account.unit))
        found.append(_told(account.owner, account.unit, granted, granted - (account.balance - account.reserved)))
    for row in of:
        at_once = terms_of(row).quota.at_once
        if at_once is not None:
            found.append(_told(row.id, AT_ONCE, at_once, at_work(session, row.id)))
    return found


def _told(agreement: str, unit: str, granted: int, used: int) -> dict[str, Any]:
    percent = 100 * used // granted if granted else 100
    return {
        "agreement": agreement,
        "unit": unit,
        "granted": granted,
        "used": used,
        "left": granted - used,
        "percent": percent,
        "warning": max((level for level in LEVELS if percent >= level), default=None),
    }


def _agreements(session: Session, firm: str | None) -> Sequence[Agreement]:
    return session.exec(select(Agreement).where(Agreement.firm_id == firm).order_by(col(Agreement.id))).all()
