// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopClinician
Parent: http://hl7.org/fhir/StructureDefinition/Practitioner
Id: iop-clinician
Title: "Clinician"
Description: "Who treats, counsels or supports participants, with licences and certifications."
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* active MS
* name 1.. MS
* telecom MS
* address MS
* gender MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* qualification MS
* qualification.code 1.. MS
* qualification.code from https://iop-fhir-adapter.org/fhir/ValueSet/credential (extensible)
* qualification.issuer MS
* qualification.identifier MS
* qualification.period MS
* communication MS
* communication from https://iop-fhir-adapter.org/fhir/ValueSet/language (extensible)
