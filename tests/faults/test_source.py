"""A source that sends for ever: the build goes on without it, in the time and size that it was given."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from loaders.releases.release import current
from tests.conftest import odis
from tests.faults.conftest import change


@contextmanager
def endless(pause: float) -> Iterator[str]:
    """A server whose answer is comment lines without end, with a pause after each; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/turtle")
            self.end_headers()
            while not over.is_set():
                try:
                    self.wfile.write(b"# and so on, and so on\n" * (1 if pause else 1000))
                except OSError:
                    return
                time.sleep(pause)

        def log_message(self, *args: object) -> None: ...

    over = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        over.set()
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("pause", "said"),
    [(0.0, "sends more than the allowed 1,000,000 bytes"), (0.05, "took longer than the allowed 2 seconds")],
    ids=["fast", "slow"],
)
def test_a_source_that_sends_for_ever(region: Path, pause: float, said: str) -> None:
    """Its last good version is used, what is new of others comes, and the line names it and the limit."""
    config = region / "odis.toml"
    with endless(pause) as address:
        limits = "[odis]\nmax_mb = 1\ndownload_seconds = 2\n"
        text = config.read_text().replace('location = "b.ttl"', f'location = "{address}"\nprivate = true')
        config.write_text(limits + text)
        change(region, "a3")
        began = time.monotonic()
        done = odis(region, "build", code=1)
        assert time.monotonic() - began < 60
    assert said in " ".join(done.stderr.split())
    sources = {source.id: source for source in current(region / "var").manifest.sources}
    assert [sources[name].state for name in "ab"] == ["new", "last good"]
    assert said in sources["b"].message
