"""The validators, installed below build/conformance by the run itself, and the definitions that they are given.

Each is installed once for the pinned versions beside this file. What cannot be installed raises Missing: its tests are
skipped, and the reason is printed.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from adapter.fhir.elements import Definitions

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "conformance"
PACKAGES = BUILD / "home" / ".fhir" / "packages"
SHARED = Path(os.environ.get("TEST_SHARED_DATA", ROOT.parent / "shared" / "data"))
CORE, US_CORE = "hl7.fhir.r4.core#4.0.1", "hl7.fhir.us.core#6.1.0"
VOCABULARY = "input/vocabulary"
COMPILED = ("ImplementationGuide", "SearchParameter", "StructureDefinition")
"""What SUSHI makes of the FSH; the rest of profiles/iop is given to it."""
STUBS = (
    "hl7.fhir.uv.extensions#null",
    "hl7.fhir.uv.extensions.r4#5.2.0",
    "hl7.fhir.xver-extensions#0.1.0",
    "hl7.terminology#null",
    "hl7.terminology.r4#6.2.0",
)
"""Packages that HL7's validator loads unasked. They are in no registry that we use, so it gets them empty."""


class Missing(Exception):
    """A tool cannot be installed here; the text says why."""


class Given(NamedTuple):
    """The folders of definitions: R4's, US Core's, ours (profiles with snapshots, code systems, value sets)."""

    core: Path
    us_core: Path
    ours: tuple[Path, ...]


def definitions() -> Given:
    """The packages, and our profiles compiled from the committed FSH; raises Missing."""
    _needed("node", "npm", "mvn")
    sys.path.insert(0, str(ROOT / "profiles"))
    try:
        package, sources, sushi = (
            importlib.import_module(f"generator.{name}") for name in ("package", "sources", "sushi")
        )
    finally:
        sys.path.remove(str(ROOT / "profiles"))
    try:
        us_core = package.us_core(SHARED / "packages", PACKAGES)
    except package.UsCoreMissing as missing:
        raise Missing(str(missing)) from missing
    try:
        core = package.core(sources.Sources(sources.fetch()), Definitions.load(ROOT / "profiles" / "r4"), PACKAGES)
        compiler = sushi.fetch(ROOT / "build" / "profiles")
    except subprocess.CalledProcessError as failure:
        raise Missing(f"R4's definitions or SUSHI could not be fetched: {failure}") from failure
    _alone(us_core)
    files = dict(_files())
    if _changed("profiles", *files.values()):
        sushi.compiled(compiler, files, BUILD)
        _done("profiles", *files.values())
    # What is written as JSON already is not compiled again: it stands beside the FSH.
    return Given(core, us_core, tuple(BUILD / "project" / part for part in ("fsh-generated/resources", VOCABULARY)))


def _files() -> Iterator[tuple[str, str]]:
    """SUSHI's project, from what is committed below profiles/."""
    fsh = ROOT / "profiles" / "fsh"
    for path in sorted(fsh.rglob("*.*")):
        yield str(path.relative_to(fsh)), path.read_text("utf-8")
    for path in sorted((ROOT / "profiles" / "iop").glob("*.json")):
        if path.stem not in COMPILED:
            for id, resource in json.loads(path.read_bytes()).items():
                yield f"{VOCABULARY}/{path.stem}-{id}.json", json.dumps(resource)


def java(given: Given) -> list[str]:
    """The command that runs HL7's validator; raises Missing."""
    _needed("java", "javac", "mvn")
    library, classes = BUILD / "java" / "lib", BUILD / "java" / "classes"
    pom, driver = HERE / "pom.xml", HERE / "Verdicts.java"
    if _changed("java", pom.read_text(), driver.read_text()):
        shutil.rmtree(BUILD / "java", ignore_errors=True)
        classes.mkdir(parents=True)
        _run("mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={library}")
        _run("javac", "-cp", f"{library}/*", "-d", classes, driver)
        _done("java", pom.read_text(), driver.read_text())
    _stubs()
    options = ("-Xmx3g", "-XX:+UseSerialGC", f"-Duser.home={BUILD / 'home'}", f"-Djava.io.tmpdir={_temporary()}")
    command = ("java", *options, "-cp", f"{classes}:{library}/*", "Verdicts", US_CORE, *given.ours)
    return [str(part) for part in command]


def recorded_cases() -> Path:
    """The archive of HL7's own test cases, which is among the validator's jars."""
    return next((BUILD / "java" / "lib").glob("fhir-test-cases-*.jar"))


def modules() -> Path:
    """The installed npm packages; raises Missing."""
    _needed("node", "npm")
    folder = BUILD / "node"
    wanted = (HERE / "package.json").read_text()
    if _changed("node", wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(wanted)
        _run("npm", "install", "--no-audit", "--no-fund", "--silent", "--no-package-lock", "--prefix", folder)
        _done("node", wanted)
    return folder / "node_modules"


def medplum(given: Given) -> list[str]:
    """The command that runs Medplum's validator; raises Missing."""
    command = ("node", HERE / "medplum.mjs", modules(), given.core, given.us_core, *given.ours)
    return [str(part) for part in command]


def pyrofile(given: Given) -> list[str]:
    """The command that runs pyrofile-validator, in an environment of its own; raises Missing."""
    environment, wanted = BUILD / "pyrofile", HERE / "pyrofile.txt"
    python = environment / "bin" / "python"
    if _changed("pyrofile", wanted.read_text()):
        _run(sys.executable, "-m", "venv", "--clear", environment)
        _run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "-r", wanted)
        _done("pyrofile", wanted.read_text())
    return [str(part) for part in (python, HERE / "pyrofile.py", given.core, given.us_core, *given.ours)]


def _needed(*names: str) -> None:
    absent = [name for name in names if shutil.which(name) is None]
    if absent:
        raise Missing(f"{', '.join(absent)} not on this machine; .ci/run installs it where it may")


def _run(*command: object) -> None:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if ended.returncode:
        raise Missing(f"{command[0]} could not install it: {(ended.stderr or ended.stdout).strip()[-300:]}")


def _alone(us_core: Path) -> None:
    """US Core without the packages it names: their value sets are not to be had offline."""
    about = json.loads((us_core / "package.json").read_bytes())
    about["dependencies"] = {"hl7.fhir.r4.core": "4.0.1"}
    (us_core / "package.json").write_text(json.dumps(about))


def _stubs() -> None:
    for stub in STUBS:
        name, version = stub.split("#")
        folder = PACKAGES / stub / "package"
        folder.mkdir(parents=True, exist_ok=True)
        nowhere = f"http://example.org/{name}"
        about = {"name": name, "version": version, "fhirVersions": ["4.0.1"], "type": "IG"}
        (folder / "package.json").write_text(json.dumps({**about, "canonical": nowhere, "url": nowhere}))
    (PACKAGES / "packages.ini").write_text("[cache]\nversion = 3\n")
    settings = {"prohibitNetworkAccess": True, "ignoreDefaultPackageServers": True}
    (PACKAGES.parent / "fhir-settings.json").write_text(json.dumps(settings))


def _temporary() -> Path:
    folder = BUILD / "tmp"
    folder.mkdir(exist_ok=True)
    return folder


def _mark(name: str) -> Path:
    return BUILD / f"{name}.done"


def _changed(name: str, *wanted: str) -> bool:
    """Whether what is installed is not what is wanted."""
    return not _mark(name).is_file() or _mark(name).read_text() != _digest(wanted)


def _done(name: str, *wanted: str) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    _mark(name).write_text(_digest(wanted))


def _digest(texts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
