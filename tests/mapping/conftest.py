"""The shipped maps, and small ones for the loader and the engine: a folder that each test may spoil in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.fhir.elements import Definitions
from adapter.mapping.load import Maps, load

CONCEPT = """\
native   = "breath_test"
resource = "Observation"
profile  = "iop-breath-test"

[when]
category = { table = "category", is = "laboratory" }

[fixed]
category = { table = "category", is = "laboratory" }

[fields]
participant  = { element = "subject", as = "reference", to = "Patient" }
status       = { element = "status", as = "code", table = "result_status" }
collected_at = { element = "effective[x]", as = "moment", optional = true }
result       = { element = "value[x]", as = "quantity", unit = "g/dL", optional = true }
given        = { element = "method.text", as = "text", optional = true }

[each.checks]
element       = "component"
key           = { check = { element = "code", as = "concept", table = "check" } }
fields.result = { element = "valueString", as = "text", optional = true }

[residue]
note = "show"
component = "park"
"*"  = "keep"
"""
TABLES = {
    "category": """\
system = "http://terminology.hl7.org/CodeSystem/observation-category"
grade = "A"
[rows]
laboratory = { code = "laboratory", display = "Laboratory" }
survey = { code = "survey", display = "Survey" }
""",
    "result_status": """\
grade = "A"
[rows]
final = { code = "final" }
preliminary = { code = "preliminary" }
corrected = { code = "corrected", accept = [{ code = "amended" }] }
""",
    "check": """\
system = "urn:check"
grade = "A"
[rows]
mouth_rinsed = { code = "rinse", display = "Mouth rinsed" }
waited = { code = "wait", display = "Fifteen minutes waited" }
""",
    "slices": """\
[category.laboratory]
table = "category"
is = "laboratory"

[identifier.number]
match = { system = "urn:number" }

[identifier.any_number]
match = { use = "official" }
""",
    "extensions": """\
[device_seal]
url = "/iop-device-seal"
value = "string"
""",
}
Spoil = Callable[..., Maps]


@pytest.fixture(scope="session")
def definitions(root: Path) -> Definitions:
    return Definitions.load(root / "profiles" / "r4")


@pytest.fixture(scope="session")
def maps(root: Path, definitions: Definitions) -> Maps:
    """The maps that are shipped."""
    return load(root / "mappings", definitions)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound folder of maps."""
    for name in ("concepts", "tables"):
        (tmp_path / "mappings" / name).mkdir(parents=True)
    (tmp_path / "mappings" / "concepts" / "breath_test.toml").write_text(CONCEPT)
    for name, text in TABLES.items():
        (tmp_path / "mappings" / "tables" / f"{name}.toml").write_text(text)
    return tmp_path / "mappings"


@pytest.fixture
def loaded(folder: Path, definitions: Definitions) -> Spoil:
    """Loads the folder after one text in one file was replaced by another."""

    def spoil(file: str = "", old: str = "", new: str = "", **options: object) -> Maps:
        if file:
            path = folder / file
            text = path.read_text() if path.exists() else ""
            assert old in text
            path.write_text(text.replace(old, new) if old else text + new)
        return load(folder, definitions, **options)  # type: ignore[arg-type]

    return spoil
