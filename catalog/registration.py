"""The public register: first, then changes and corrections, then perhaps cancellation. Its acts are kept for good.

After 发改数据规〔2025〕26号 and Chongqing's trial rules: a resource under authorised operation is registered before
it is released. No row is ever changed or removed, which keeps longer than the 30 years that are asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, select

from catalog.alone import alone
from catalog.datasets import find_dataset, profiles_out
from catalog.errors import CatalogError, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.models import Registration


class Act(StrEnum):
    """What can be entered in the register."""

    FIRST = "first"
    CHANGE = "change"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"


ACTIONS: Mapping[Act, str] = {
    Act.FIRST: "registration:entered",
    Act.CHANGE: "registration:changed",
    Act.CORRECTION: "registration:corrected",
    Act.CANCELLATION: "registration:cancelled",
}


def register(session: Session, dataset_id: str, *, number: str, by: MemberId, at: datetime) -> Registration:
    """Enter the number that the register gave a dataset; after a cancellation, a new one.

    Raises:
        CatalogError: the dataset stands under a number, or another entry has this one.
    """
    number = number.strip()
    if not number or len(number) > 100 or not number.isprintable():
        raise CatalogError("registration number", "is none", fix="Give the number as the register wrote it.")
    find_dataset(session, dataset_id, locked=True)
    now = standing(session, dataset_id)
    if now is not None:
        fix = "Enter a change or a correction, or cancel it first."
        raise WrongState(f"dataset {dataset_id!r}", f"is registered as {now.number}", fix=fix)
    alone(session, "registration")  # another dataset might be given the same number at this moment
    if session.exec(select(Registration.id).where(Registration.number == number)).first() is not None:
        raise CatalogError(f"registration {number!r}", "was given before", fix="Each registration has its own number.")
    return _enter(session, dataset_id, Act.FIRST, number, "", by=by, at=at)


def amend(session: Session, dataset_id: str, act: Act, *, reason: str, by: MemberId, at: datetime) -> Registration:
    """Enter a change, a correction or the cancellation of a dataset's registration, with its reason.

    Raises:
        WrongState: it is not registered, or its releases are still out.
    """
    if act is Act.FIRST:
        raise CatalogError("registration", "a first entry has a number", fix="Register it with its number.")
    if not reason.strip():
        raise CatalogError(f"dataset {dataset_id!r}", "no reason is given", fix="Say why: the register keeps it.")
    find_dataset(session, dataset_id, locked=True)
    now = standing(session, dataset_id)
    if now is None:
        fix = "Register it first: sluice dataset register."
        raise WrongState(f"dataset {dataset_id!r}", "is not registered", fix=fix)
    if act is Act.CANCELLATION and profiles_out(session, dataset_id):
        fix = "Withdraw its releases first, those superseded too: agreements may still read them."
        raise WrongState(f"dataset {dataset_id!r}", "has releases that are not withdrawn", fix=fix)
    return _enter(session, dataset_id, act, now.number, reason, by=by, at=at)


def history(session: Session, dataset_id: str) -> Sequence[Registration]:
    """List the acts of a dataset's registration, oldest first."""
    wanted = select(Registration).where(Registration.dataset_id == dataset_id)
    return session.exec(wanted.order_by(Registration.id)).all()


def standing(session: Session, dataset_id: str) -> Registration | None:
    """Give the newest act of a registration that stands; none where there never was one, or it was cancelled."""
    acts = history(session, dataset_id)
    return acts[-1] if acts and acts[-1].kind != Act.CANCELLATION else None


def check_standing(session: Session, dataset_id: str) -> Registration:
    """Insist that a dataset's registration stands.

    Raises:
        NotPermitted: it is not registered, or not any more.
    """
    now = standing(session, dataset_id)
    if now is None:
        fix = "Enter its number: sluice dataset register ID --number NUMBER."
        raise NotPermitted(f"dataset {dataset_id!r}", "has no registration that stands", fix=fix)
    return now


def _enter(
    session: Session, dataset_id: str, act: Act, number: str, reason: str, *, by: MemberId, at: datetime
) -> Registration:
    row = Registration(id=new_id(at), dataset_id=dataset_id, number=number, kind=act, reason=reason, by=by, at=at)
    session.add(row)
    session.flush()
    note(session, Event(action=ACTIONS[act], subject=dataset_id, by=by, at=at, details={"number": number}))
    return row
