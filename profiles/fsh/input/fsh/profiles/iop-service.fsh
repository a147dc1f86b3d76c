// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopService
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-procedure
Id: iop-service
Title: "Service"
Description: "What was delivered and can be billed: code, units, day, clinician and the sessions it covers."
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 1..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-covered-session named coveredSession 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-service-modifier named serviceModifier 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-service-units named serviceUnits 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-minutes-per-unit named minutesPerUnit 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-counted-units named countedUnits 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-authorized-by named authorizedBy 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* extension[coveredSession] MS
* status 1.. MS
* statusReason MS
* code 1.. MS
* extension[serviceModifier] MS
* category MS
* performedDateTime MS
* performedPeriod MS
* extension[zoneAssumed] MS
* extension[serviceUnits] MS
* extension[minutesPerUnit] MS
* extension[countedUnits] MS
* location MS
* extension[authorizedBy] MS
* basedOn MS
* reasonCode MS
* reasonReference MS
* report MS
* recorder MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* performer MS
* performer.actor 1.. MS
* performer.function MS
* performer.onBehalfOf MS
