"""Areas by GB/T 2260: a code lies in every code it begins with; a name lies in itself alone."""

from functools import cache, lru_cache

from anonymize.data import facts


def area(spatial: str) -> str:
    """Give the shortest form of an area: 500000 is 50, 500100 is 5001; a name is folded."""
    given = spatial.strip()
    if not (given.isascii() and given.isdigit()):
        return given.casefold()
    if len(given) == 6:
        given = given.removesuffix("00").removesuffix("00") if given.endswith("00") else given
    return given


@lru_cache(maxsize=10_000)
def line_of(place: str) -> tuple[str, ...]:
    """Give a place and what it lies in, the province first."""
    if not (place.isascii() and place.isdigit()):
        return (place,) if place else ()
    return tuple(place[:size] for size in (2, 4, 6) if size <= len(place))


@cache
def names() -> dict[str, str]:
    """Give the Chinese name of each code."""
    return {row["code"]: row["name"] for row in facts("gbt2260.csv")}
