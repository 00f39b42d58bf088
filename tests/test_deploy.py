"""The example files of docs/deploy agree with the server that they are for."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from server.settings import MEBIBYTE, ServerSettings
from tests.conftest import ROOT

FOLDER: Final = ROOT / "docs" / "deploy"
PROXIES: Final = ("nginx.conf", "Caddyfile")
_SETTINGS: Final = ServerSettings(Path())


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def test_every_file_is_on_the_page() -> None:
    """docs/deploy.md links each of them."""
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    files = sorted(path.name for path in FOLDER.iterdir())
    assert len(files) == 7
    assert [name for name in files if f"(deploy/{name})" not in page] == []


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_waits_longer_than_the_server(proxy: str) -> None:
    """The server's deadlines come first, with the time that a query waits and a document is fetched."""
    waits = [int(seconds) for seconds in re.findall(r"(?:read_timeout|header_timeout) (\d+)s", _text(proxy))]
    query = _SETTINGS.queue_wait + _SETTINGS.deadline
    check = _SETTINGS.fetch_seconds + _SETTINGS.check_seconds
    assert max(waits) > max(query, check)


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_lets_through_what_the_server_takes(proxy: str) -> None:
    """The largest document to check passes, and answers are not held back."""
    (largest,) = re.findall(r"(?:client_max_body_size|max_size) (\d+)m", _text(proxy), re.IGNORECASE)
    assert int(largest) * 1_000_000 > _SETTINGS.check_bytes == 20 * MEBIBYTE
    assert "proxy_buffering off" in _text(proxy) or "flush_interval -1" in _text(proxy)


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_keeps_what_is_for_the_operator(proxy: str) -> None:
    """Neither metrics nor /admin are open to the outside, and nobody chooses their own address."""
    assert "/metrics" in _text(proxy) and "/admin" in _text(proxy)
    assert re.search(r"X-Forwarded-For (\$remote_addr;|\{remote_host\}$)", _text(proxy), re.MULTILINE)


def test_the_port_is_one_throughout() -> None:
    """The proxies ask where the units and containers listen."""
    port = f":{_SETTINGS.port}"
    assert all(f"127.0.0.1{port}" in _text(name) for name in (*PROXIES, "compose.yaml"))
    assert f"--port {_SETTINGS.port}" in _text("odis-serve.service")


def test_containers_are_described_in_yaml() -> None:
    """Both bound their logs, and the one that serves says whether it is ready."""
    services = yaml.safe_load(_text("compose.yaml"))["services"]
    assert {service["logging"]["options"]["max-size"] for service in services.values()} == {"20m"}
    assert "/health/ready" in services["serve"]["healthcheck"]["test"][-1]


def test_nginx_takes_its_file(tmp_path: Path) -> None:
    """Where there is an nginx it reads the file, with a certificate of the test's own."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if not nginx or not openssl:
        pytest.skip("there is no nginx here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [openssl, "req", "-x509", "-nodes", "-subj", "/CN=odis.example", "-newkey", "rsa:2048"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    site = _text("nginx.conf").replace("/etc/ssl/odis.example.pem", str(certificate))
    (tmp_path / "site.conf").write_text(site.replace("/etc/ssl/odis.example.key", str(key)), "utf-8")
    main = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(main, "utf-8")
    done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    assert "syntax is ok" in done.stderr, done.stderr
