// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopSite
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-location
Id: iop-site
Title: "Site"
Description: "A physical or virtual place where the program meets, with its place-of-service code."
* type ^slicing.discriminator[0].type = #pattern
* type ^slicing.discriminator[0].path = "$this"
* type ^slicing.rules = #open
* type contains placeOfService 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* status MS
* name 1.. MS
* alias MS
* description MS
* physicalType MS
* physicalType from https://iop-fhir-adapter.org/fhir/ValueSet/site-place (extensible)
* type[placeOfService] MS
* type[placeOfService] from https://iop-fhir-adapter.org/fhir/ValueSet/place-of-service (extensible)
* type[placeOfService] ^patternCodeableConcept.coding[0].system = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
* type MS
* telecom MS
* address MS
* position MS
* position.latitude MS
* position.longitude MS
* managingOrganization MS
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
