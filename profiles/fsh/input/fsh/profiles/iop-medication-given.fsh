// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopMedicationGiven
Parent: http://hl7.org/fhir/StructureDefinition/MedicationAdministration
Id: iop-medication-given
Title: "Medication given"
Description: "An injection or an observed dose."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-observed-dose named observedDose 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* subject only Reference(http://hl7.org/fhir/StructureDefinition/Patient)
* extension[episodeLink] MS
* context MS
* status 1.. MS
* statusReason MS
* medication[x] 1.. MS
* effectiveDateTime MS
* effectivePeriod MS
* extension[zoneAssumed] MS
* request MS
* dosage MS
* dosage.dose MS
* dosage.text MS
* dosage.route MS
* dosage.site MS
* extension[observedDose] MS
* reasonCode MS
* reasonReference MS
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
