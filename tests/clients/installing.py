"""Other people's programs, installed below build/clients by the run itself, once for the versions pinned here.

What cannot be installed raises Missing: its tests are skipped, and the reason is printed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "clients"
NODE = 20
"""The oldest Node.js that all of the clients run on."""


class Missing(Exception):
    """A client cannot be installed here; the text says why."""


def scripts() -> Path:
    """The folder of the JavaScript clients and our scripts beside them; raises Missing."""
    _check_node()
    folder, wanted = BUILD / "js", HERE / "js" / "package.json"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(wanted, folder)
        # Without the peers that some name for the browser: they are not loaded here.
        options = ("--no-audit", "--no-fund", "--silent", "--no-package-lock", "--legacy-peer-deps", "--ignore-scripts")
        run("npm", "install", *options, "--prefix", folder)

    once("js", (wanted,), install)
    for script in (HERE / "js").glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def environment(name: str) -> Path:
    """The folder of the programs of a virtual environment with what NAME.txt pins; raises Missing."""
    folder, wanted = BUILD / name, HERE / "requirements" / f"{name}.txt"

    def install() -> None:
        run(sys.executable, "-m", "venv", "--clear", folder)
        pip = (folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check")
        run(*pip, "--no-deps", "--require-hashes", "-r", wanted)

    once(name, (wanted,), install)
    return folder / "bin"


def java() -> list[str]:
    """The command of the client for Java, before what is said to it; raises Missing."""
    absent = [name for name in ("java", "javac", "mvn") if shutil.which(name) is None]
    if absent:
        raise Missing(f"{', '.join(absent)} not on this machine; .ci/run installs it where it may")
    folder, pom, driver = BUILD / "java", HERE / "java" / "pom.xml", HERE / "java" / "BulkExport.java"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "classes").mkdir(parents=True)
        run("mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={folder / 'lib'}")
        run("javac", "-cp", f"{folder / 'lib'}/*", "-d", folder / "classes", driver)

    once("java", (pom, driver), install)
    return ["java", "-XX:+UseSerialGC", "-cp", f"{folder / 'classes'}:{folder / 'lib'}/*", "BulkExport"]


def _check_node() -> None:
    absent = [name for name in ("node", "npm") if shutil.which(name) is None]
    if absent:
        raise Missing(f"{', '.join(absent)} not on this machine; .ci/run installs it where it may")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.removeprefix("v").partition(".")[0]) < NODE:
        raise Missing(f"Node.js {said.strip()} is older than {NODE}, which the clients need")


def once(name: str, wanted: Sequence[Path], install: Callable[[], None]) -> None:
    """Installs unless what is there is what is wanted."""
    mark, digest = BUILD / f"{name}.done", hashlib.sha256(b"".join(path.read_bytes() for path in wanted)).hexdigest()
    if not mark.is_file() or mark.read_text() != digest:
        mark.unlink(missing_ok=True)
        BUILD.mkdir(parents=True, exist_ok=True)
        install()
        mark.write_text(digest)


def run(*command: object) -> None:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if ended.returncode:
        raise Missing(f"{command[0]} could not install it: {(ended.stderr or ended.stdout).strip()[-300:]}")
