"""Virtuoso as a peer: its settings, and a database loaded once from a release."""

import shutil
import subprocess
import time
from pathlib import Path

from loaders.releases.release import Release

DEFAULT = "urn:odis:default"
"""Virtuoso has no default graph of its own, so triples without a graph get this one, which is asked."""
PACKAGE = "Debian's package virtuoso-opensource-7"
_SETTINGS = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 40
DirsAllowed = {folder}
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 40
MaxClientConnections = 40
[SPARQL]
DefaultGraph = {default}
ResultSetMaxRows = 100000000
MaxSortedTopRows = 100000000
"""


def command(release: Release, http: int, sql: int) -> list[str]:
    """The command that serves the release at `http`; the first time, its data are loaded before."""
    program = shutil.which("virtuoso-t")
    if program is None:
        raise SystemExit(f"virtuoso-t is not installed; it is in {PACKAGE}")
    folder = release.path.parent.parent / "virtuoso"
    loaded = (folder / "loaded").is_file()
    folder.mkdir(exist_ok=True)
    settings = folder / "virtuoso.ini"
    settings.write_text(_SETTINGS.format(folder=folder, http=http, sql=sql, default=DEFAULT))
    serve = [program, "+foreground", "+configfile", str(settings)]
    if not loaded:
        _load(release, folder, serve, sql)
    return serve


def _load(release: Release, folder: Path, serve: list[str], sql: int) -> None:
    data = folder / "graph.nq"
    data.unlink(missing_ok=True)
    data.hardlink_to(release.graph)
    with subprocess.Popen(serve, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _ask(sql, "select 1;", patience=120)
            _ask(sql, f"ld_dir('{folder}', 'graph.nq', '{DEFAULT}'); rdf_loader_run(); checkpoint;")
            _ask(sql, "shutdown;")
            process.wait(600)
        finally:
            process.kill()
    (folder / "loaded").touch()


def _ask(sql: int, text: str, patience: float = 0) -> None:
    isql = shutil.which("isql-vt") or shutil.which("isql") or "isql-vt"
    end = time.monotonic() + patience
    while True:
        done = subprocess.run([isql, f"127.0.0.1:{sql}", "dba", "dba", f"exec={text}"], capture_output=True)
        if done.returncode == 0 or "shutdown" in text:
            return
        if time.monotonic() > end:
            raise SystemExit(f"isql: {done.stderr.decode(errors='replace')[:500]}")
        time.sleep(1)
