// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopMedication
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-medicationrequest
Id: iop-medication
Title: "Medication"
Description: "Medication for addiction treatment or psychiatric medication, prescribed or reported."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episodeLink] MS
* encounter MS
* status 1.. MS
* statusReason MS
* intent 1.. MS
* reported[x] MS
* doNotPerform MS
* category MS
* category from https://iop-fhir-adapter.org/fhir/ValueSet/medication-setting (extensible)
* medication[x] 1.. MS
* authoredOn MS
* extension[zoneAssumed] MS
* requester MS
* recorder MS
* reasonCode MS
* reasonReference MS
* dispenseRequest MS
* dispenseRequest.numberOfRepeatsAllowed MS
* dispenseRequest.quantity MS
* dispenseRequest.expectedSupplyDuration MS
* dispenseRequest.validityPeriod MS
* dispenseRequest.performer MS
* priorPrescription MS
* insurance MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* dosageInstruction MS
* dosageInstruction.sequence MS
* dosageInstruction.text MS
* dosageInstruction.patientInstruction MS
* dosageInstruction.timing MS
* dosageInstruction.asNeededBoolean MS
* dosageInstruction.asNeededCodeableConcept MS
* dosageInstruction.route MS
* dosageInstruction.doseAndRate MS
* dosageInstruction.doseAndRate.doseQuantity MS
