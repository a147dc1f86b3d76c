// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopOrganization
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-organization
Id: iop-organization
Title: "Organization"
Description: "The program's own organization, a payer, a residential facility or a laboratory, with its confidentiality posture."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-part2-posture named part2Posture 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* active 1.. MS
* name 1.. MS
* alias MS
* type MS
* type from https://iop-fhir-adapter.org/fhir/ValueSet/organization-kind (extensible)
* extension[part2Posture] MS
* telecom MS
* address MS
* partOf MS
* endpoint MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
