"""Serve the pages by gunicorn's threads, on the loopback address."""

from typing import Any

from gunicorn.app.base import BaseApplication

from market.home import Home
from market.web.app import create_app


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """Gunicorn, told what to do by us and by no file."""

    def __init__(self, home: Home, options: dict[str, Any]) -> None:
        self.home, self.options = home, options
        super().__init__()

    def load_config(self) -> None:
        """Take our options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application."""
        return create_app(self.home)


def run(home: Home, port: int) -> None:
    """Serve *home* until told to stop."""
    Server(
        home,
        {
            "bind": f"127.0.0.1:{port}",
            "worker_class": "gthread",
            "threads": 8,
            "workers": 1,
            "control_socket_disable": True,
        },
    ).run()
