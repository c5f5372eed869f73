"""One call over HTTP, tried again where that is safe: the same idempotency key goes with each try."""

import http.client
import json
import random
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from market.client.errors import Refused, Unavailable

TRIES = 6
LONGEST_PAUSE_S = 10.0
AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same call may do better."""


class Caller:
    """Calls one service with one token."""

    def __init__(self, url: str, token: str, *, timeout_s: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address: give http://HOST:PORT or https://HOST")
        self._host, self._port, self._secure = parts.hostname, parts.port, parts.scheme == "https"
        self._base = parts.path.rstrip("/")
        self._token, self._timeout_s = token, timeout_s

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """Call, and give the response of a success; its body is the caller's to read.

        Raises:
            Refused: the service says no.
            Unavailable: it cannot be reached or is busy, after several tries.
        """
        pause = 0.2
        for number in range(TRIES):
            try:
                response = self._once(method, path, body, headers or {})
            except (OSError, http.client.HTTPException) as error:
                if number == TRIES - 1:
                    raise Unavailable(f"{self._host} does not answer: {error}") from error
            else:
                if response.status < 400:
                    return response
                refused = _refusal(response)
                if response.status not in AGAIN:
                    raise refused
                if number == TRIES - 1:
                    raise Unavailable(str(refused)) from refused
                pause = max(pause, _asked_to_wait(response))
            time.sleep(min(pause, LONGEST_PAUSE_S) * random.uniform(0.8, 1.2))  # noqa: S311  # spreads the tries
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def read(self, method: str, path: str, body: Any = None) -> Any:
        """Call, and read the JSON of the answer."""
        with self.call(method, path, body) as response:
            return json.loads(response.read())

    def _once(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout_s)
        sent = {"Authorization": f"Bearer {self._token}", "Connection": "close", **headers}
        data = None
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.request(method, f"{self._base}/api/v1{path}", data, sent)
            return connection.getresponse()
        except BaseException:
            connection.close()
            raise


def _refusal(response: http.client.HTTPResponse) -> Refused:
    try:
        said = json.loads(response.read())["error"]
        return Refused(response.status, said["code"], said["message"], said["fix"], said.get("position"))
    except (ValueError, KeyError, TypeError, http.client.HTTPException):
        return Refused(response.status, "http", f"The service answered {response.status}.", "Look at its address.")


def _asked_to_wait(response: http.client.HTTPResponse) -> float:
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 0.0
