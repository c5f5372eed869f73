"""What the address of the catalogue asks for: words, facets, order and page, read forgivingly and written back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from catalog.search.query import Query

FACETS = ("theme", "publisher", "spatial", "profile", "level", "rhythm", "year")
SORTS = ("relevance", "newest", "title")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the catalogue."""

    words: str
    facets: Mapping[str, tuple[str, ...]]
    sort: str
    page: int

    @classmethod
    def read(cls, given: "MultiDict[str, str]") -> "Asked":
        """Read it; what cannot be meant is left out."""
        facets = {name: tuple(dict.fromkeys(value for value in given.getlist(name) if value)) for name in FACETS}
        facets["year"] = tuple(year for year in facets["year"] if year.isascii() and year.isdigit() and len(year) < 5)
        page = given.get("page", "1")
        return cls(
            words=" ".join(given.get("q", "").split()),
            facets={name: values for name, values in facets.items() if values},
            sort=given["sort"] if given.get("sort") in SORTS else SORTS[0],
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 20 and int(page) > 0 else 1,
        )

    @property
    def query(self) -> Query:
        """Put it as search wants it.

        Raises:
            CatalogError: it is too long.
        """
        facets: dict[str, Any] = dict(self.facets)
        if "year" in facets:
            facets["year"] = tuple(map(int, facets["year"]))
        return Query.parse(self.words, **facets)

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """List the values of facets that are chosen."""
        return [(name, value) for name, values in self.facets.items() for value in values]

    def arguments(self) -> dict[str, Any]:
        """Write it as the arguments of an address."""
        out: dict[str, Any] = {name: list(values) for name, values in self.facets.items()}
        if self.words:
            out["q"] = self.words
        if self.sort != SORTS[0]:
            out["sort"] = self.sort
        if self.page > 1:
            out["page"] = self.page
        return out

    def turned(self, facet: str, value: str) -> "Asked":
        """Ask the same with a value of a facet chosen, or no longer so."""
        held = self.facets.get(facet, ())
        values = tuple(each for each in held if each != value) if value in held else (*held, value)
        facets = {**self.facets, facet: values}
        return replace(self, facets={name: some for name, some in facets.items() if some}, page=1)

    def changed(self, **changes: Any) -> "Asked":
        """Ask the same but for *changes*."""
        return replace(self, **{"page": 1, **changes})
