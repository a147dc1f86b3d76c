// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopFamilyMember
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-relatedperson
Id: iop-family-member
Title: "Family member"
Description: "A relative or friend of a participant: whether they join family sessions or are the one to call."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-joins-family-sessions named joinsFamilySessions 0..1
* relationship ^slicing.discriminator[0].type = #value
* relationship ^slicing.discriminator[0].path = "$this"
* relationship ^slicing.rules = #open
* relationship contains relationship 0..* and contactRole 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* patient 1.. MS
* active 1.. MS
* relationship[relationship] MS
* relationship[relationship] from https://iop-fhir-adapter.org/fhir/ValueSet/relationship (required)
* relationship MS
* relationship[contactRole] MS
* relationship[contactRole] from https://iop-fhir-adapter.org/fhir/ValueSet/contact-role-accepted (required)
* extension[joinsFamilySessions] MS
* name MS
* telecom MS
* address MS
* gender MS
* birthDate MS
* period MS
* period.start MS
* period.end MS
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
