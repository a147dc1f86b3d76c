// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopAllergy
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-allergyintolerance
Id: iop-allergy
Title: "Allergy"
Description: "An allergy or intolerance with its reactions."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* patient 1.. MS
* extension[episodeLink] MS
* encounter MS
* clinicalStatus MS
* verificationStatus MS
* type MS
* category MS
* criticality MS
* code 1.. MS
* onsetDateTime MS
* onsetAge MS
* lastOccurrence MS
* recordedDate MS
* extension[zoneAssumed] MS
* recorder MS
* asserter MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* reaction MS
* reaction.manifestation 1.. MS
* reaction.onset MS
* reaction.severity MS
* reaction.substance MS
* reaction.exposureRoute MS
* reaction.description MS
