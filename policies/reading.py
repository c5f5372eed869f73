"""Reading values from dictionaries: what is unknown or of the wrong type is refused with its place and remedy."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from policies.errors import PlanError

E = TypeVar("E", bound=StrEnum)
S = TypeVar("S")


def refuse_unknown(place: str, raw: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse a key that is not among *known*."""
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise PlanError(place, f"{unknown[0]!r} is unknown", fix=f"Known here: {', '.join(sorted(known))}.")


def refuse_twice(place: str, names: Iterable[str]) -> None:
    """Refuse a name that occurs twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PlanError(f"{place} {name!r}", "is there twice", fix="Name each once.")
        seen.add(name)


def value(kind: type[S], place: str, raw: Any) -> S:
    """Read a table into the frozen value *kind*, whose fields are its keys."""
    if not isinstance(raw, Mapping):
        raise PlanError(place, "is no table", fix=f"Write a [{place}] table.")
    refuse_unknown(place, raw, kind.__dataclass_fields__)  # type: ignore[attr-defined]  # all kinds are dataclasses
    try:
        return kind(**raw)
    except TypeError as error:
        raise PlanError(place, str(error), fix="Give all that is needed.") from error


def names(place: str, key: str, raw: Any) -> tuple[Any, ...]:
    """Read a list."""
    if not isinstance(raw, list | tuple):
        raise PlanError(place, f"{key} is no list", fix=f"Write {key} = […].")
    return tuple(raw)


def member(kind: type[E], place: str, key: str, raw: Any) -> E:
    """Read one of the words of *kind*."""
    try:
        return kind(raw)
    except ValueError as error:
        raise PlanError(place, f"{key} {raw!r} is unknown", fix=f"Use one of: {', '.join(kind)}.") from error


def changed(item: Any, default: Any) -> dict[str, Any]:
    """List the fields of *item* that differ from *default*, in order of declaration, as plain values."""
    out: dict[str, Any] = {}
    for name in item.__dataclass_fields__:
        found = getattr(item, name)
        usual = default.get(name) if isinstance(default, Mapping) else getattr(default, name)
        if found == usual:
            continue
        out[name] = _plain(found)
    return out


def _plain(found: Any) -> Any:
    if isinstance(found, StrEnum):
        return found.value
    if isinstance(found, Mapping):
        return dict(found)
    return list(found) if isinstance(found, tuple) else found
