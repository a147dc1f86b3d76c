// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopDocument
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-documentreference
Id: iop-document
Title: "Document"
Description: "A discharge summary, progress note or plan review; what says it is a SUD counseling note (by type, category or label) is refused."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episodeLink] MS
* context MS
* context.encounter MS
* status 1.. MS
* docStatus MS
* type 1.. MS
* category 1.. MS
* description MS
* date MS
* extension[zoneAssumed] MS
* author MS
* authenticator MS
* custodian MS
* securityLabel MS
* context.period MS
* context.event MS
* context.facilityType MS
* context.practiceSetting MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* content MS
* content.attachment 1.. MS
* content.format MS
* relatesTo MS
* relatesTo.target 1.. MS
* relatesTo.code 1.. MS
