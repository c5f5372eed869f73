"""What a program meets: a refusal it can mend, a service that is away, an answer that broke off."""


class ClientError(Exception):
    """Something went wrong between this program and the service."""


class Refused(ClientError):
    """The service refused: a code for programs, a message and a fix for people, and where in the statement."""

    def __init__(self, status: int, code: str, message: str, fix: str, position: int | None = None) -> None:
        self.status, self.code, self.message, self.fix, self.position = status, code, message, fix, position
        where = "" if position is None else f" (at character {position + 1})"
        super().__init__(f"{message}{where} {fix}".strip())


class Unavailable(ClientError):
    """The service does not answer, or is busy, and was asked often enough."""


class Incomplete(ClientError):
    """An answer broke off before its end; asked again with the same key it is not charged twice."""
