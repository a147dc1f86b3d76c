// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopCoverage
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-coverage
Id: iop-coverage
Title: "Coverage"
Description: "A participant's insurance: payer, plan, member number, subscriber and period."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* beneficiary 1.. MS
* extension[episodeLink] MS
* status 1.. MS
* type MS
* payor 1.. MS
* subscriber MS
* subscriberId MS
* dependent MS
* relationship 1.. MS
* relationship from https://iop-fhir-adapter.org/fhir/ValueSet/subscriber-relationship (extensible)
* policyHolder MS
* period MS
* period.start MS
* period.end MS
* extension[zoneAssumed] MS
* class[plan] MS
* class MS
* class[plan].value MS
* class[plan].name MS
* class[group] MS
* class[group].value MS
* class[group].name MS
* order MS
* network MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* class.type 1.. MS
* class.type from https://iop-fhir-adapter.org/fhir/ValueSet/coverage-class (extensible)
* class.value 1.. MS
* class.name MS
