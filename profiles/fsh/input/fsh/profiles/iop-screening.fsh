// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopScreening
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-screening-assessment
Id: iop-screening
Title: "Screening"
Description: "One screening instrument given once: total, severity and item answers."
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* interpretation ^slicing.discriminator[0].type = #value
* interpretation ^slicing.discriminator[0].path = "$this"
* interpretation ^slicing.rules = #open
* interpretation contains severity 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* status 1.. MS
* code 1.. MS
* code from https://iop-fhir-adapter.org/fhir/ValueSet/instrument (extensible)
* effective[x] MS
* extension[zoneAssumed] MS
* performer MS
* value[x] MS
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/risk-level (extensible)
* dataAbsentReason MS
* dataAbsentReason from https://iop-fhir-adapter.org/fhir/ValueSet/absent-reason (extensible)
* interpretation[severity] MS
* interpretation[severity] from https://iop-fhir-adapter.org/fhir/ValueSet/screening-severity (required)
* interpretation MS
* category[screening-assessment] MS
* category MS
* hasMember MS
* derivedFrom MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* component MS
* component.code 1.. MS
* component.code from https://iop-fhir-adapter.org/fhir/ValueSet/screening-item (extensible)
* component.value[x] MS
* component.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/screening-answer (extensible)
* component.dataAbsentReason MS
* component.dataAbsentReason from https://iop-fhir-adapter.org/fhir/ValueSet/absent-reason (extensible)
* category[survey] 1.. MS
