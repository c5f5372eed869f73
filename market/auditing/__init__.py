"""The auditor's desk: filters, SQL over the log, anomalies, cases, and replay."""
