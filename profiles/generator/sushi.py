"""SUSHI, HL7's compiler of FHIR Shorthand: run in the build folder, with a package cache of its own and no network.

https://hl7.org/fhir/uv/shorthand/
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

VERSION = "3.21.0"
NOWHERE = "http://127.0.0.1:9"
"""The package registry that SUSHI is given: what it makes depends on what the cache holds, and not on the day."""
EXPECTED = tuple(
    f"Failed to load automatically-provided {name}#latest from custom FHIR package registry {NOWHERE}."
    for name in ("hl7.fhir.uv.tools.r4", "hl7.terminology.r4", "hl7.fhir.uv.extensions.r4")
)
"""The only warnings let pass: packages that SUSHI adds by itself. R4 4.0.1 and US Core define all that we name."""
_TOLD = re.compile(r"^(error|warn)\s+(.*)$", re.MULTILINE)


def find(build: Path) -> Path | None:
    """The compiler in the build folder, where it is installed and Node.js is there to run it."""
    script = build / "sushi" / "node_modules" / "fsh-sushi" / "dist" / "app.js"
    return script if script.is_file() and shutil.which("node") else None


def fetch(build: Path) -> Path:
    """The compiler, installed into the build folder by npm where it is not there yet."""
    found = find(build)
    if found is None:
        command = ("npm", "install", "--no-audit", "--no-fund", "--silent", f"fsh-sushi@{VERSION}")
        (build / "sushi").mkdir(parents=True, exist_ok=True)
        subprocess.run((*command, "--prefix", str(build / "sushi")), check=True)
        found = find(build)
    if found is None:
        raise SystemExit("SUSHI needs Node.js and npm")
    return found


def compiled(script: Path, files: dict[str, str], build: Path) -> dict[str, dict[str, Any]]:
    """What SUSHI makes of a project's files, with snapshots, by `Type/id`; raises SystemExit with its complaints."""
    folder = build / "project"
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "HOME": str(build / "home"), "FPL_REGISTRY": NOWHERE}
    command = ("node", str(script), "build", "--snapshot", str(folder))
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    complaints = [text for _, text in _TOLD.findall(said.stdout + said.stderr) if text not in EXPECTED]
    if complaints or said.returncode:
        raise SystemExit("SUSHI:\n" + "\n".join(complaints or [said.stdout, said.stderr]))
    made = (json.loads(file.read_bytes()) for file in sorted((folder / "fsh-generated/resources").glob("*.json")))
    return {f"{resource['resourceType']}/{resource['id']}": resource for resource in made}
