// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopCareTeam
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-careteam
Id: iop-care-team
Title: "Care team"
Description: "Who looks after a participant, in which role and when."
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* status MS
* name MS
* period MS
* period.start MS
* period.end MS
* extension[zoneAssumed] MS
* reasonReference MS
* managingOrganization MS
* telecom MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* participant MS
* participant.member 1.. MS
* participant.role MS
* participant.role from https://iop-fhir-adapter.org/fhir/ValueSet/care-team-role (extensible)
* participant.onBehalfOf MS
* participant.period MS
* participant.period.start MS
* participant.period.end MS
