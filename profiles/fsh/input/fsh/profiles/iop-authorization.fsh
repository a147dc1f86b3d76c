// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopAuthorization
Parent: http://hl7.org/fhir/StructureDefinition/ClaimResponse
Id: iop-authorization
Title: "Authorization"
Description: "A payer's decision: its number, what is approved, and until when."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-authorization-decision named authorizationDecision 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-authorization-reason named authorizationReason 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* item.adjudication ^slicing.discriminator[0].type = #pattern
* item.adjudication ^slicing.discriminator[0].path = "category"
* item.adjudication ^slicing.rules = #open
* item.adjudication contains review 1..1
* item.extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-authorization-use named authorizationUse 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* patient 1.. MS
* extension[episodeLink] MS
* status 1.. MS
* type 1.. MS
* type from https://iop-fhir-adapter.org/fhir/ValueSet/claim-type (extensible)
* outcome 1.. MS
* extension[authorizationDecision] MS
* extension[authorizationReason] MS
* disposition MS
* preAuthRef MS
* preAuthPeriod MS
* preAuthPeriod.start MS
* preAuthPeriod.end MS
* created 1.. MS
* extension[zoneAssumed] MS
* insurer 1.. MS
* requestor MS
* request MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* insurance MS
* insurance.sequence 1.. MS
* insurance.coverage 1.. MS
* insurance.focal 1.. MS
* item MS
* item.itemSequence 1.. MS
* item.adjudication[review].category 1.. MS
* item.adjudication[review].category = http://terminology.hl7.org/CodeSystem/adjudication#submitted
* item.adjudication[review].category = http://terminology.hl7.org/CodeSystem/adjudication#submitted
* item.adjudication MS
* item.adjudication[review] MS
* item.extension[authorizationUse] MS
* use 1.. MS
* use = #preauthorization
