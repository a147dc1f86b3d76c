// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopDrugResult
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab
Id: iop-drug-result
Title: "Drug result"
Description: "One substance in one specimen: positive, negative, inconclusive or invalid, presumptive or definitive."
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-explained-by named explainedBy 0..*
* referenceRange ^slicing.discriminator[0].type = #value
* referenceRange ^slicing.discriminator[0].path = "text"
* referenceRange ^slicing.rules = #open
* referenceRange contains cutoff 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* status 1.. MS
* code 1.. MS
* code from https://iop-fhir-adapter.org/fhir/ValueSet/drug-test (extensible)
* value[x] MS
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/drug-finding-value-codeable-concept (extensible)
* interpretation MS
* interpretation from https://iop-fhir-adapter.org/fhir/ValueSet/drug-finding-interpretation (extensible)
* dataAbsentReason MS
* dataAbsentReason from https://iop-fhir-adapter.org/fhir/ValueSet/absent-reason (extensible)
* referenceRange[cutoff].text = "cutoff"
* referenceRange MS
* referenceRange[cutoff] MS
* referenceRange[cutoff].high MS
* effective[x] MS
* extension[zoneAssumed] MS
* issued MS
* performer MS
* specimen MS
* method MS
* extension[explainedBy] MS
* derivedFrom MS
* derivedFrom only Reference(http://hl7.org/fhir/StructureDefinition/Observation)
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* category[us-core] 1.. MS
* category MS
* hasMember 0..0
* component 0..0
