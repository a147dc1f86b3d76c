// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopClinicianRole
Parent: http://hl7.org/fhir/StructureDefinition/PractitionerRole
Id: iop-clinician-role
Title: "Clinician role"
Description: "What a clinician does where: discipline, site and program."
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* active MS
* practitioner 1.. MS
* organization MS
* code MS
* code from https://iop-fhir-adapter.org/fhir/ValueSet/discipline (extensible)
* specialty MS
* location MS
* healthcareService MS
* period MS
* telecom MS
* endpoint MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
