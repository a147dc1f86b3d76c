// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopParticipant
Parent: http://hl7.org/fhir/StructureDefinition/Patient
Id: iop-participant
Title: "Participant"
Description: "A person in an intensive outpatient program, with what bears on attending: language, transport, commitments, contact wishes."
* extension contains http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex named birthSex 0..1 and http://hl7.org/fhir/us/core/StructureDefinition/us-core-sex named recordedSex 0..1 and http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity named genderIdentity 0..* and http://hl7.org/fhir/us/core/StructureDefinition/us-core-race named race 0..1 and http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity named ethnicity 0..1 and http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired named interpreterNeeded 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-contact-wish named contactWish 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-contact-wish-note named contactWishNote 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-transport-need named transportNeed 0..1 and http://hl7.org/fhir/us/core/StructureDefinition/us-core-tribal-affiliation named tribalAffiliation 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-commitment named commitment 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* active MS
* name 1.. MS
* birthDate MS
* gender 1.. MS
* extension[birthSex] MS
* extension[recordedSex] MS
* extension[genderIdentity] MS
* extension[race] MS
* extension[ethnicity] MS
* maritalStatus MS
* maritalStatus from https://iop-fhir-adapter.org/fhir/ValueSet/marital-status (extensible)
* deceased[x] MS
* extension[interpreterNeeded] MS
* telecom MS
* address MS
* extension[contactWish] MS
* extension[contactWishNote] MS
* extension[transportNeed] MS
* managingOrganization MS
* generalPractitioner MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* communication MS
* communication.language 1.. MS
* communication.language from https://iop-fhir-adapter.org/fhir/ValueSet/language (extensible)
* communication.preferred MS
* extension[tribalAffiliation] MS
* extension[commitment] MS
