"""Who pays a bill: programmes and their vouchers, flat prices, accounts and invoices; and what was paid, told again."""
