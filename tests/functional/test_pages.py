"""The public pages in a real browser, served by the real server: a visitor finds a dataset and reads its risk."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.unit.market.web import site as sites
from tests.unit.market.web.reading import Page

CHROMIUM = shutil.which("chromium")
DATASET = f"/datasets/{sites.TUMOR}"
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs the system package chromium: a browser that shows the pages"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a home with a catalogue in it on a free port until the tests end."""
    home = tmp_path_factory.mktemp("pages") / "home"
    sites.copied(home).home.close()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "market.cli", "serve", "--port", str(port)]
    with subprocess.Popen(words, env={**environment, "SLUICE_HOME": str(home)}, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


@pytest.fixture
def browser(tmp_path: Path) -> list[str]:
    """Give the words that start a browser which asks nobody but us."""
    words = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    words += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"]
    return [*words, f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=5000"]


def shown(browser: list[str], address: str) -> Page:
    """Show a page, and read what the browser made of it."""
    done = subprocess.run([*browser, "--dump-dom", address], capture_output=True, text=True, check=True, timeout=120)
    return Page(done.stdout)


def test_a_visitor_searches_narrows_down_and_reads_the_risk_of_a_dataset(browser: list[str], address: str) -> None:
    front = shown(browser, f"{address}/?lang=en")
    assert front.faults() == []
    form = front.one("form").attributes
    assert (form["action"], form.get("method", "get")) == ("/", "get")
    found = shown(browser, f"{address}/?q=tumuor&lang=en")
    assert "1 dataset" in found.one("main").text
    facet = next(item for item in found.all("li") if item.text.startswith("Health"))
    narrowed = shown(browser, urljoin(address, facet.below[0].attributes["href"]))
    assert "Theme: Health" in narrowed.one("main").text
    dataset = shown(browser, urljoin(address, narrowed.links()["Tumour registry cases"]))
    text = dataset.one("main").text
    assert "Measured risk" in text
    assert "not run" in text
    assert dataset.faults() == []
    chinese = shown(browser, urljoin(f"{address}{DATASET}", unescape(dataset.links()["中文"])))
    assert "实测风险" in chinese.one("main").text
    assert "未进行" in chinese.one("main").text


PROBE = """<!doctype html><title>probe</title><body><script>
const out = {};
const frames = JSON.parse(decodeURIComponent(location.hash.slice(1)));
let left = frames.length;
for (const [path, width] of frames) {
  const frame = document.createElement('iframe');
  frame.width = width; frame.height = 800; frame.src = path;
  frame.onload = () => {
    const page = frame.contentDocument.documentElement;
    out[path + ' ' + width] = page.scrollWidth - page.clientWidth;
    if (--left) return;
    const done = document.createElement('pre');
    done.textContent = JSON.stringify(out);
    document.body.append(done);
  };
  document.body.append(frame);
}
</script>"""
"""Measures our pages in frames of given widths; it lies on the disk, where the browser lets it look into them."""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_scrolls_sideways_however_narrow_the_window(
    browser: list[str], address: str, tmp_path: Path, lang: str
) -> None:
    style = urllib.request.urlopen(f"{address}/static/sluice.css", timeout=10).read()
    paths = ["/", "/?q=tumour&theme=health", "/?q=qqqq&theme=health", "/publishers", DATASET, "/x"]
    paths += [f"{DATASET}/releases/1", f"{DATASET}/releases/2/changes"]
    frames = []
    for number, path in enumerate(paths):
        asked = urllib.request.Request(f"{address}{path}", headers={"Accept-Language": lang})
        try:
            html = urllib.request.urlopen(asked, timeout=10).read()
        except urllib.error.HTTPError as error:
            html = error.read()
        (tmp_path / f"{number}.html").write_bytes(html.replace(b"/static/sluice.css", b"sluice.css"))
        frames += [[f"{number}.html", width] for width in (320, 390, 768, 1280)]
    (tmp_path / "sluice.css").write_bytes(style)
    (tmp_path / "wide.html").write_text("<body><div style='width:2000px'>positive control</div>", encoding="utf-8")
    frames.append(["wide.html", 390])
    (tmp_path / "probe.html").write_text(PROBE, encoding="utf-8")
    hash_ = urllib.parse.quote(json.dumps(frames))
    words = [*browser, "--allow-file-access-from-files", "--dump-dom", f"file://{tmp_path}/probe.html#{hash_}"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    measured = json.loads(Page(done.stdout).one("pre").text)
    assert measured.pop("wide.html 390") > 1000
    assert len(measured) == len(frames) - 1
    assert {place: over for place, over in measured.items() if over > 0} == {}
