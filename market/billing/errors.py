"""What is refused about money."""

from catalog.errors import CatalogError


class BillingError(CatalogError):
    """A programme, a voucher, an account or an invoice cannot be changed like this."""
