"""Demonstration data: a synthetic practice's files, the same for the same seed (`bhsim`, a development dependency)."""

from __future__ import annotations

from pathlib import Path

from adapter.fhir.canonical import BASE
from adapter.problems import Kind, Problem
from adapter.settings import Settings

_FHIR = "-H 'Content-Type: application/fhir+json'"
_NEW = '{"resourceType": "Patient", "name": [{"family": "Quill", "given": ["Ada"]}], "gender": "other"}'
_VISIT = (
    '{"resourceType": "Encounter", "status": "finished", '
    '"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}'
)
_WRONG = _NEW.replace("gender", "gendre")


def demo_data(folder: Path, clients: int = 200, seed: int = 42) -> Path:
    """Makes `folder/bhsim-CLIENTS-SEED.db` unless it is there, and gives its path; half a file is never used."""
    try:
        from bhsim import Config, generate
    except ImportError:
        raise Problem(
            Kind.NOT_FOUND, "the demonstration needs the package bhsim: pip install 'iop-fhir-adapter[dev]'"
        ) from None
    path = folder / f"bhsim-{clients}-{seed}.db"
    if others := [other.name for other in folder.glob("bhsim-*.db") if other != path]:
        # They number their rows alike: one would overwrite the other's.
        why = f"{folder} holds another practice ({others[0]}): take it and its store away, or name another --folder"
        raise Problem(Kind.CONFLICT, why)
    if not path.exists():
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        # With too few staff for its clients, the generator gives up after minutes of looking for a free hour.
        generate(half, Config(clients=clients, employees=max(80, clients * 80 // 1_000), seed=seed))
        half.rename(path)
    return path


def things_to_try(settings: Settings) -> str:
    """What to do with a demo server once it runs, as commands to copy; each works as printed."""
    fhir, root = settings.base_url, settings.base_url.removesuffix("/fhir")
    program = f"{BASE}/sid/bhsim/program-code%7CSA-IOP"
    commands = (
        ("what this server can do", f"curl -s '{fhir}/metadata'"),
        ("the intensive outpatient program", f"curl -s '{fhir}/HealthcareService?identifier={program}'"),
        ("its participants, two to a page", f"curl -s '{fhir}/Patient?_count=2'"),
        ("who did not come", f"curl -s '{fhir}/Appointment?status=noshow&_count=2'"),
        ("the latest sessions", f"curl -s '{fhir}/Encounter?_sort=-date&_count=2'"),
        ("how many sessions there are", f"curl -s '{fhir}/Encounter?_summary=count'"),
        ("PHQ-9 totals", f"curl -s '{fhir}/Observation?code=http://loinc.org%7C44261-6&_count=2'"),
        ("the same sessions in the program's own words", f"curl -s '{root}/iop/session?limit=2'"),
        ("the native API, described", f"curl -s '{root}/iop/openapi.json'"),
        ("a new participant", f"curl -s {_FHIR} -d '{_NEW}' '{fhir}/Patient'"),
        ("and one with a typing error", f"curl -s {_FHIR} -d '{_WRONG}' '{fhir}/Patient'"),
        ("a visit of which an EHR tells next to nothing", f"curl -s {_FHIR} -d '{_VISIT}' '{fhir}/Encounter'"),
        ("what is incomplete, and why", f"curl -s '{root}/iop/parked'"),
    )
    return "Things to try:\n" + "\n".join(f"\n  # {what}\n  {command}" for what, command in commands) + "\n"
