"""The Python client: prices before, tables after, receipts to keep. It needs pyarrow, and nothing of the service.

from market.client import connect

client = connect("http://127.0.0.1:8040", token="slc_…")
print(client.quote("SELECT count(*) FROM tumor", agreement="01H…", purpose="DUO:0000006").amount_fen)
table = client.query("SELECT grade, count(*) FROM tumor GROUP BY 1", agreement="01H…", purpose="DUO:0000006").to_arrow()
"""

from market.client.answers import Answer, Receipt
from market.client.connecting import Client, connect
from market.client.errors import ClientError, Incomplete, Refused, Unavailable
from market.client.jobs import Job, JobFailed
from market.client.pulling import Pulled, PullError
from market.client.quotes import Quote

__all__ = [
    "Answer",
    "Client",
    "ClientError",
    "Incomplete",
    "Job",
    "JobFailed",
    "PullError",
    "Pulled",
    "Quote",
    "Receipt",
    "Refused",
    "Unavailable",
    "connect",
]
