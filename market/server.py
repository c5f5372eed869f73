"""The service: pages and JSON interface, answered by the threads of one process, on the loopback address.

The process opens its home itself, after gunicorn has forked it: connections and locks are nobody's but its own.
"""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from market.api.routes import blueprint
from market.home import Home
from market.operations.housekeeping import keeping
from market.query.admission import Admission
from market.query.jobs import Runner
from market.query.service import serving
from market.settings import Settings
from market.web.app import create_app

THREADS = 48
"""Most of them wait for a place in the engine room, which costs next to nothing, or for a slow client to read."""

QUEUE_PER_PLACE = 8
"""How many may wait for each place of the engine room."""

SPARE = 8
"""Threads that are left for pages, quotes and refusals while as many wait as may."""

GRACE_S = 25
"""How long answers may still stream after SIGTERM."""


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)


def tell(line: str) -> None:
    """Tell whoever runs the service."""
    print(line, file=sys.stderr, flush=True)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """Gunicorn, told what to do by us and by no file."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings, self.options, self.held = settings, options, ExitStack()
        super().__init__()

    def load_config(self) -> None:
        """Take our options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)
        self.cfg.set("worker_exit", lambda _server, _worker: self.held.close())

    def load(self) -> Any:
        """Make the application, in the process that answers."""
        home = Home.open(self.settings)
        self.held.callback(home.close)
        self.held.enter_context(keeping(home, now, tell))
        return assembled(home, self.held)


def assembled(home: Home, held: ExitStack) -> Flask:
    """Put pages and interface of *home* together; what they hold is let go with *held*."""
    app = create_app(home)
    service = held.enter_context(serving(home, now))
    places = max(2, service.pool.places // 2)  # the other half stays for those whose workers are still warm
    admission = Admission(places=places, queue=max(1, min(QUEUE_PER_PLACE * places, THREADS - SPARE - places)))
    runner = Runner(service, admission)
    runner.start()
    held.callback(runner.close)
    app.register_blueprint(blueprint(home, service, admission, runner, now))
    return app


def run(settings: Settings, port: int) -> None:
    """Serve the home of *settings* until told to stop."""
    Server(
        settings,
        {
            "bind": f"127.0.0.1:{port}",
            "worker_class": "gthread",
            "threads": THREADS,
            "workers": 1,
            "graceful_timeout": GRACE_S,
            "control_socket_disable": True,
        },
    ).run()
