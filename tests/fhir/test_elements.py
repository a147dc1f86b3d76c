"""The R4 definitions as tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapter.fhir.elements import Definitions


@pytest.fixture(scope="module")
def definitions(root: Path) -> Definitions:
    return Definitions.load(root / "profiles" / "r4")


def test_elements_come_in_the_order_of_the_definition(definitions: Definitions) -> None:
    names = [element.name for element in definitions.children("Period")]
    assert names == ["id", "extension", "start", "end"]
    names = [element.name for element in definitions.children("Observation.component")]
    assert names == [
        "id",
        "extension",
        "modifierExtension",
        "code",
        "value[x]",
        "dataAbsentReason",
        "interpretation",
        "referenceRange",
    ]


def test_an_element_tells_its_cardinality_types_and_codes(definitions: Definitions) -> None:
    status = definitions.element("Observation.status")
    assert status is not None
    assert (status.min, status.many, status.types, status.choice) == (1, False, ("code",), False)
    assert status.codes is not None
    assert "entered-in-error" in status.codes
    category = definitions.element("Observation.category")
    assert category is not None
    assert (category.min, category.many, category.codes) == (0, True, None)


def test_a_required_binding_of_a_concept_tells_systems(definitions: Definitions) -> None:
    clinical = definitions.element("Condition.clinicalStatus")
    assert clinical is not None
    assert clinical.codes is not None
    assert "http://terminology.hl7.org/CodeSystem/condition-clinical|remission" in clinical.codes


def test_a_path_walks_through_data_types(definitions: Definitions) -> None:
    system = definitions.element("Observation.code.coding.system")
    assert system is not None
    assert (system.path, system.types) == ("Coding.system", ("uri",))


def test_a_choice_is_found_by_both_of_its_names(definitions: Definitions) -> None:
    value = definitions.element("Observation.value[x]")
    assert value is not None
    assert value.choice
    assert "CodeableConcept" in value.types
    quantity = definitions.element("Observation.valueQuantity")
    assert quantity is not None
    assert (quantity.types, quantity.choice, quantity.content) == (("Quantity",), False, "Quantity")
    assert definitions.element("Observation.valueQuantity.unit") is not None
    assert definitions.element("Observation.valueAddress") is None


def test_a_borrowed_group_has_the_children_of_its_owner(definitions: Definitions) -> None:
    borrowed = definitions.children("Observation.component.referenceRange")
    assert borrowed == definitions.children("Observation.referenceRange")
    assert definitions.element("Questionnaire.item.item.item.linkId") is not None


def test_a_reference_tells_its_targets(definitions: Definitions) -> None:
    subject = definitions.element("CarePlan.subject")
    assert subject is not None
    assert subject.targets == ("Group", "Patient")
    focus = definitions.element("Observation.focus")
    assert focus is not None
    assert focus.targets == ("Resource",)


@pytest.mark.parametrize(
    "path", ["Observation.mood", "Session", "Observation", "", "Session.status", "Observation.status.x"]
)
def test_what_is_not_there_is_none(definitions: Definitions, path: str) -> None:
    assert definitions.element(path) is None


def test_there_are_146_types_to_make(definitions: Definitions) -> None:
    assert len(definitions.types) == 146
    assert "EpisodeOfCare" in definitions.types
    assert "DomainResource" not in definitions.types


def test_a_search_parameter_speaks_of_one_type_only(definitions: Definitions) -> None:
    patient = definitions.search_parameters("CarePlan")["patient"]
    assert patient.expression == "CarePlan.subject.where(resolve() is Patient)"
    assert patient.url == "http://hl7.org/fhir/SearchParameter/clinical-patient"
    quantity = definitions.search_parameters("Observation")["value-quantity"]
    assert quantity.expression == "(Observation.value as Quantity) | (Observation.value as SampledData)"


def test_every_type_has_the_parameters_of_every_resource(definitions: Definitions) -> None:
    for name in definitions.types:
        assert {"_id", "_lastUpdated", "_profile", "_tag", "_security"} <= definitions.search_parameters(name).keys()
    assert "_text" in definitions.search_parameters("Patient")
    assert "_text" not in definitions.search_parameters("Bundle")


def test_a_composite_tells_its_components(definitions: Definitions) -> None:
    composite = definitions.search_parameters("Observation")["code-value-quantity"]
    assert composite.components[0] == ("http://hl7.org/fhir/SearchParameter/clinical-code", "code")


def test_the_patient_compartment_is_r4s_own(definitions: Definitions) -> None:
    assert definitions.patient_compartment["Observation"] == ("subject", "performer")
    assert definitions.patient_compartment["Encounter"] == ("patient",)
    assert "Task" not in definitions.patient_compartment


def test_every_compartment_parameter_is_a_search_parameter(definitions: Definitions) -> None:
    for name, codes in definitions.patient_compartment.items():
        assert set(codes) <= definitions.search_parameters(name).keys(), name


def test_importing_reads_and_compiles_nothing() -> None:
    """Even the schema library is loaded without a schema, and no definition is opened."""
    script = (
        "import builtins, io, pathlib\n"
        "opened = []\n"
        "read = pathlib.Path.read_bytes\n"
        "pathlib.Path.read_bytes = lambda self: opened.append(self) or read(self)\n"
        "import jsonschema_rs\n"
        "jsonschema_rs.validator_for = None\n"
        "import adapter.fhir.schema, adapter.fhir.elements\n"
        "door = adapter.fhir.schema.Door(adapter.fhir.elements.Definitions.load(pathlib.Path('nowhere')))\n"
        "assert not opened\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
