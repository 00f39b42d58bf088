"""What every test may ask for."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Let Ctrl-C reach the commands under test, also where a shell in the background has turned it off."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the corpus and the conformance suites; the test is skipped where it is not there."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared (corpus and conformance suites)")
    return folder


@pytest.fixture(scope="session")
def sample_region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the sample region was built into `var`, by the command line; read it only."""
    folder = tmp_path_factory.mktemp("sample")
    odis(folder, "build", "--sample")
    return folder


def odis(
    folder: Path, *words: str, code: int = 0, enter: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """Run the real command in a folder; it must end with this exit code, and never with a traceback.

    `enter` is a command that runs it elsewhere.
    """
    done = subprocess.run([*enter, *COMMAND, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[str]:
    """Run `odis serve` in a folder on a free port; gives its address and ends it in good order."""
    command = [*COMMAND, "serve", "--port", "0", *words]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            found = re.search(r"http://\S+/", line)
            assert found, line
            yield found[0]
        finally:
            server.terminate()
            assert server.wait(30) == 0


COMMAND = [sys.executable, str(ROOT / "odis.py")]
