"""A release gets whole into an engine, beside what is there, and nobody is told before."""

import shlex
import subprocess
import time
from pathlib import Path
from subprocess import Popen

import httpx2
import pytest
from click.testing import CliRunner

from loaders.engines.client import PASSWORD, Engine, rows
from loaders.engines.names import Names
from loaders.engines.publish import publish as send
from loaders.engines.publish import readable, ready
from loaders.releases.release import current, switch
from odis import main
from ontology.errors import EngineError
from tests.conftest import COMMAND, odis
from tests.engines.conftest import THINGS, publish
from tests.engines.engines import VIRTUOSO, free_port, oxigraph, virtuoso
from tests.server.live import BASE

Running = tuple[Engine, "Popen[bytes]"]
ALL = 3 * THINGS + 2 + 6


def known(engine: Engine) -> list[str]:
    """The releases that are whole there."""
    with engine.client(10) as client:
        return ready(client, engine, BASE)


def test_all_of_a_release_gets_there(data: Path, engine: Running) -> None:
    """Every statement of every graph, once also when it is sent twice."""
    release = current(data)
    for _ in range(2):
        done = send(release, engine[0])
        assert (done.graphs, done.sent, done.held, done.refused) == (3, ALL, ALL, [])
        assert known(engine[0]) == [release.id]
    assert list(data.glob("releases/.publish-*")) == []


def test_a_file_for_a_bulk_loader(data: Path, tmp_path: Path, engine: Running) -> None:
    """It gives an engine exactly what is sent over the protocol, the note that all is there included."""
    release, file = current(data), tmp_path / "bulk.nq"
    done = CliRunner().invoke(main, ["publish", "--data", str(data), "--bulk", str(file)])
    assert (done.exit_code, f"{ALL:,} statements are in" in done.output) == (0, True)
    send(release, engine[0])
    with oxigraph() as (other, _), other.client(30) as client:
        headers = {"Content-Type": "application/n-quads"}
        assert client.post(other.graphs, content=file.read_bytes(), headers=headers).is_success
        assert known(other) == [release.id]
        dumps = [
            client.get(one.graphs, headers={"Accept": "application/n-quads"}).text
            for one in (other, engine[0])
        ]
        assert sorted(dumps[0].splitlines()) == sorted(dumps[1].splitlines())


def test_a_file_that_has_no_room_is_none(data: Path, tmp_path: Path) -> None:
    """What could not be written whole does not stand there as if it were, nor does a dry run write."""
    (tmp_path / "bulk.nq").write_text("of before")
    publish_it = shlex.join([*COMMAND, "publish", "--data", str(data), "--bulk", "bulk.nq"])
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 100; {publish_it}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, "File too large" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
    assert "to be written" in odis(tmp_path, *shlex.split(publish_it)[len(COMMAND) :], "--dry-run").stdout
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"bulk.nq": "of before"}


def test_nowhere_to_send_it(data: Path) -> None:
    """One line says what to give."""
    done = CliRunner().invoke(main, ["publish", "--data", str(data)])
    assert done.exit_code == 2
    assert "--engine and --graph-store" in done.output


def test_old_releases_go(tmp_path: Path, engine: Running) -> None:
    """The newest two stay, whole; the one that readers would go back to is served when it is the current."""
    sent = []
    for number in range(3):
        time.sleep(1 - time.time() % 1)  # the order of ids is that of seconds
        release = publish(tmp_path, f"Sak {number}")
        sent.append(release.id)
        done = send(release, engine[0])
    assert done.removed == [sent[0]]
    assert known(engine[0]) == sent[:0:-1]
    assert readable(tmp_path, engine[0]).id == sent[2]
    switch(tmp_path, sent[1])
    assert readable(tmp_path, engine[0]).id == sent[1]
    switch(tmp_path, sent[0])
    assert readable(tmp_path, engine[0]).id == sent[2], "what is not there cannot be read"


def test_what_is_refused_is_named(tmp_path: Path, engine: Running) -> None:
    """One bad line among thousands costs that line."""
    bad = f'<{BASE}id/x> <{BASE}id/p> "x"@not_a_language .'
    release = publish(tmp_path)
    with release.graph.open("a", encoding="utf-8") as graph:
        graph.write(f"{bad}\n")
    done = send(release, engine[0])
    assert done.refused == [bad]
    assert done.held == ALL


def test_an_engine_that_keeps_less_is_not_read(data: Path, engine: Running) -> None:
    """Sent to one engine and asked of another: nothing is there, so readers are not told."""
    with oxigraph() as (other, _):
        mixed = Engine(other.query, engine[0].graphs)
        with pytest.raises(EngineError, match=rf"holds 0 statements of the {ALL:,}"):
            send(current(data), mixed)
        assert known(other) == known(engine[0]) == []
        with pytest.raises(EngineError, match=r"has no release of .*odis publish"):
            readable(data, other)


def test_killed_midway(tmp_path: Path, engine: Running) -> None:
    """An engine that dies while it is filled is an error; the release that was there is still read."""
    first = publish(tmp_path)
    send(first, engine[0])

    def kill(graph: str, sent: int, total: int) -> None:
        if sent:
            engine[1].kill()
            engine[1].wait()

    with pytest.raises(EngineError, match="does not"):
        send(publish(tmp_path, "Ny"), engine[0], told=kill)
    assert list(tmp_path.glob("releases/.publish-*")) == []


def test_half_a_release_is_none(tmp_path: Path, engine: Running) -> None:
    """Graphs without the last one, which tells of them, are not read, and the next try begins anew."""
    first = publish(tmp_path)
    send(first, engine[0])
    second = publish(tmp_path, "Ny")
    graph = Names(BASE, second.id).default
    with engine[0].client(10) as client:
        client.put(
            engine[0].graphs,
            params={"graph": graph},
            content=b"<a:a> <a:b> 1 .",
            headers={"Content-Type": "text/turtle"},
        )
    assert readable(tmp_path, engine[0]).id == first.id
    assert send(second, engine[0]).held == ALL
    assert readable(tmp_path, engine[0]).id == second.id


def test_the_command(data: Path, engine: Running) -> None:
    """Says what it would do, does it, and says so."""
    address = ["--data", str(data), "--engine", engine[0].query, "--graph-store", engine[0].graphs]
    planned = CliRunner().invoke(main, ["publish", *address, "--dry-run"])
    assert "has no release; to be sent" in planned.output
    assert known(engine[0]) == []
    done = CliRunner().invoke(main, ["publish", *address])
    assert f"{ALL:,} of {ALL:,} statements in 3 graphs" in done.output
    assert done.exit_code == 0
    assert known(engine[0]) == [current(data).id]


@pytest.mark.parametrize(
    ("path", "said"),
    [("/query", "does not answer"), ("/nothing", "404 Not Found: is this the right address")],
)
def test_a_wrong_address_is_one_line(data: Path, engine: Running, path: str, said: str) -> None:
    """Nobody there, or nobody who speaks SPARQL."""
    port = free_port() if path == "/query" else httpx2.URL(engine[0].query).port
    address = f"http://127.0.0.1:{port}{path}"
    done = CliRunner().invoke(
        main, ["publish", "--data", str(data), "--engine", address, "--graph-store", address]
    )
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1


@pytest.mark.skipif(VIRTUOSO is None, reason="Virtuoso is not installed")
def test_virtuoso(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its Digest authentication, and its own mind about geometries."""
    with virtuoso(tmp_path) as engine:
        with pytest.raises(
            EngineError, match=f"401 Unauthorized: give --engine-user and the variable {PASSWORD}"
        ):
            send(current(data), Engine(engine.query, engine.graphs))
        monkeypatch.setenv(PASSWORD, "dba")
        assert send(current(data), engine).held == ALL
        assert known(engine) == [current(data).id]
        with engine.client(10) as client:
            found = rows(client, engine, f"SELECT ?w {{ GRAPH ?g {{ <{BASE}id/thing/0000> ?p ?w }} }}")
        assert "POINT(18.123456789 59.3)" in {row["w"] for row in found}
