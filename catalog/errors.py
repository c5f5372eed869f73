"""What the catalogue refuses: found where, and what would make it right."""


class CatalogError(Exception):
    """A step is not possible: *place* says where, *found* what stands against it, *fix* what to do instead."""

    def __init__(self, place: str, found: str, *, fix: str) -> None:
        self.place, self.found, self.fix = place, found, fix
        super().__init__(f"{place}: {found}. {fix}")


class NotFound(CatalogError):
    """There is no such thing, or it is not yours to see: the two are not told apart."""


class WrongState(CatalogError):
    """The thing is not in the state this step starts from."""


class NotPermitted(CatalogError):
    """Another person must do this."""


class DamagedBlob(CatalogError):
    """Bytes at rest are not the bytes that were stored."""
