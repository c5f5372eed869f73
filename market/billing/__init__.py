"""Money between firms, publishers and programmes: charges, vouchers, subscriptions, invoices, statements."""
