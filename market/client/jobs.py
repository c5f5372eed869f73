"""A long question: submitted, asked after, and fetched when it is done."""

import time
from collections.abc import Callable

from market.client.answers import Answer, Progress, Receipt
from market.client.calling import Caller
from market.client.errors import ClientError, Unavailable

LOOK_S = 1.0


class JobFailed(ClientError):
    """A job ended without an answer; the code says why."""

    def __init__(self, job: str, state: str, failure: str | None) -> None:
        self.job, self.state, self.failure = job, state, failure
        super().__init__(f"job {job} is {state}: {failure or 'no reason is given'}")


class Job:
    """A question that the service answers in its own time."""

    def __init__(self, caller: Caller, id: str, receipt: Callable[[str], Receipt]) -> None:
        self.id = id
        self._caller, self._receipt = caller, receipt

    @property
    def state(self) -> str:
        """How far it got: queued, running, done, failed or cancelled."""
        return str(self._caller.read("GET", f"/jobs/{self.id}")["job"]["state"])

    def wait(self, *, timeout_s: float | None = None, progress: Progress | None = None) -> Answer:
        """Wait until it is done, and give its answer.

        Raises:
            JobFailed: it ended without one.
            Unavailable: the time is over; the job goes on.
        """
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            job = self._caller.read("GET", f"/jobs/{self.id}")["job"]
            if job["state"] == "done":
                return Answer(self._caller.call("GET", f"/jobs/{self.id}/result"), self._receipt, progress)
            if job["state"] in ("failed", "cancelled"):
                raise JobFailed(self.id, job["state"], job["failure"])
            if end is not None and time.monotonic() >= end:
                raise Unavailable(f"job {self.id} is still {job['state']}")
            time.sleep(LOOK_S)

    def cancel(self) -> None:
        """Stop it."""
        self._caller.read("DELETE", f"/jobs/{self.id}")
