// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopMutualSupport
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-simple-observation
Id: iop-mutual-support
Title: "Mutual support"
Description: "Self-help meetings attended in the last 30 days."
* category contains mutualSupport 1..1
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* interpretation ^slicing.discriminator[0].type = #value
* interpretation ^slicing.discriminator[0].path = "$this"
* interpretation ^slicing.rules = #open
* interpretation contains meetingFrequency 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* status 1.. MS
* code 1.. MS
* code from https://iop-fhir-adapter.org/fhir/ValueSet/mutual-support-measure (extensible)
* value[x] MS
* interpretation[meetingFrequency] MS
* interpretation[meetingFrequency] from https://iop-fhir-adapter.org/fhir/ValueSet/meeting-frequency (required)
* interpretation MS
* dataAbsentReason MS
* dataAbsentReason from https://iop-fhir-adapter.org/fhir/ValueSet/absent-reason (extensible)
* effective[x] MS
* extension[zoneAssumed] MS
* performer MS
* derivedFrom MS
* derivedFrom only Reference(http://hl7.org/fhir/StructureDefinition/Observation or http://hl7.org/fhir/us/core/StructureDefinition/us-core-questionnaireresponse)
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
* category[mutualSupport] MS
* category[mutualSupport] = https://iop-fhir-adapter.org/fhir/CodeSystem/observation-category#mutual-support
