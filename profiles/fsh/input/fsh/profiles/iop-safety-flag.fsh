// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopSafetyFlag
Parent: http://hl7.org/fhir/StructureDefinition/Flag
Id: iop-safety-flag
Title: "Safety flag"
Description: "A warning about safety: suicide or withdrawal risk, or a no-contact rule that names nobody."
* category ^slicing.discriminator[0].type = #pattern
* category ^slicing.discriminator[0].path = "$this"
* category ^slicing.rules = #open
* category contains flagCategorySafety 1..1
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-flag-level named flagLevel 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-flag-audience named flagAudience 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-flag-instructions named flagInstructions 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-apart-rule named apartRule 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* subject only Reference(http://hl7.org/fhir/StructureDefinition/Patient)
* extension[episodeLink] MS
* encounter MS
* status 1.. MS
* code 1.. MS
* code from https://iop-fhir-adapter.org/fhir/ValueSet/safety-flag (extensible)
* extension[flagLevel] MS
* extension[flagAudience] MS
* extension[flagInstructions] MS
* extension[apartRule] MS
* period MS
* period.start MS
* period.end MS
* extension[zoneAssumed] MS
* author MS
* author only Reference(http://hl7.org/fhir/StructureDefinition/Device or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole)
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* category[flagCategorySafety] MS
* category[flagCategorySafety] = http://terminology.hl7.org/CodeSystem/flag-category#safety
* category MS
