// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopDrugScreenPanel
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab
Id: iop-drug-screen-panel
Title: "Drug screen panel"
Description: "One specimen tested for several substances: how it was collected, whether it is what it should be, and its results."
* category contains drugScreen 1..1
* component ^slicing.discriminator[0].type = #pattern
* component ^slicing.discriminator[0].path = "code"
* component ^slicing.rules = #open
* component contains validity 0..* and reading 0..*
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-observed-collection named observedCollection 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-collected-by named collectedBy 0..1 and http://hl7.org/fhir/StructureDefinition/observation-specimenCode named specimenKind 0..1
* component[reading].referenceRange ^slicing.discriminator[0].type = #value
* component[reading].referenceRange ^slicing.discriminator[0].path = "text"
* component[reading].referenceRange ^slicing.rules = #open
* component[reading].referenceRange contains cutoff 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* status 1.. MS
* dataAbsentReason MS
* dataAbsentReason from https://iop-fhir-adapter.org/fhir/ValueSet/absent-reason (extensible)
* code 1.. MS
* code from https://iop-fhir-adapter.org/fhir/ValueSet/drug-panel (extensible)
* effective[x] MS
* extension[zoneAssumed] MS
* extension[observedCollection] MS
* extension[collectedBy] MS
* extension[specimenKind] MS
* specimen MS
* performer MS
* issued MS
* hasMember MS
* hasMember only Reference(http://hl7.org/fhir/StructureDefinition/Observation)
* basedOn MS
* basedOn only Reference(http://hl7.org/fhir/StructureDefinition/ServiceRequest)
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* component[validity].code 1.. MS
* component[validity].code from https://iop-fhir-adapter.org/fhir/ValueSet/specimen-check (extensible)
* component[validity].code ^patternCodeableConcept.coding[0].system = "https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check"
* component MS
* component[validity] MS
* component[validity].valueQuantity MS
* component[validity].valueCodeableConcept MS
* component[validity].valueCodeableConcept from https://iop-fhir-adapter.org/fhir/ValueSet/check-finding (extensible)
* component[reading].code 1.. MS
* component[reading].code from https://iop-fhir-adapter.org/fhir/ValueSet/drug-test (extensible)
* component[reading].code ^patternCodeableConcept.coding[0].system = "http://loinc.org"
* component[reading] MS
* component[reading].value[x] MS
* component[reading].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/drug-finding-value-codeable-concept (extensible)
* component[reading].interpretation MS
* component[reading].interpretation from https://iop-fhir-adapter.org/fhir/ValueSet/drug-finding-interpretation (extensible)
* component[reading].dataAbsentReason MS
* component[reading].dataAbsentReason from https://iop-fhir-adapter.org/fhir/ValueSet/absent-reason (extensible)
* component[reading].referenceRange[cutoff].text = "cutoff"
* component[reading].referenceRange MS
* component[reading].referenceRange[cutoff] MS
* component[reading].referenceRange[cutoff].high MS
* category[us-core] 1.. MS
* category MS
* category[drugScreen] MS
* category[drugScreen] = https://iop-fhir-adapter.org/fhir/CodeSystem/observation-category#drug-screen
