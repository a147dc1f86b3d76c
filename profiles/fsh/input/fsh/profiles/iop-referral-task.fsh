// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopReferralTask
Parent: http://hl7.org/fhir/StructureDefinition/Task
Id: iop-referral-task
Title: "Referral task"
Description: "Where a referral stands, from received to admitted or declined."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* output ^slicing.discriminator[0].type = #value
* output ^slicing.discriminator[0].path = "type"
* output ^slicing.rules = #open
* output contains referralOutput 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* for 1.. MS
* for only Reference(http://hl7.org/fhir/StructureDefinition/Patient)
* extension[episodeLink] MS
* focus 1.. MS
* focus only Reference(http://hl7.org/fhir/StructureDefinition/ServiceRequest)
* status 1.. MS
* businessStatus MS
* businessStatus from https://iop-fhir-adapter.org/fhir/ValueSet/referral-state-business-status (extensible)
* statusReason MS
* requester MS
* requester only Reference(http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole)
* owner MS
* owner only Reference(http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/CareTeam or http://hl7.org/fhir/StructureDefinition/HealthcareService)
* priority MS
* description MS
* authoredOn MS
* lastModified MS
* executionPeriod MS
* executionPeriod.start MS
* executionPeriod.end MS
* restriction MS
* restriction.period MS
* restriction.period.end MS
* extension[zoneAssumed] MS
* location MS
* encounter MS
* reasonCode MS
* reasonReference MS
* reasonReference only Reference(http://hl7.org/fhir/StructureDefinition/Condition or http://hl7.org/fhir/StructureDefinition/Observation or http://hl7.org/fhir/StructureDefinition/DiagnosticReport or http://hl7.org/fhir/StructureDefinition/DocumentReference or http://hl7.org/fhir/StructureDefinition/Coverage or http://hl7.org/fhir/StructureDefinition/Claim)
* insurance MS
* partOf MS
* note MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* output[referralOutput].type 1.. MS
* output[referralOutput].type from https://iop-fhir-adapter.org/fhir/ValueSet/referral-output (extensible)
* output[referralOutput].type from https://iop-fhir-adapter.org/fhir/ValueSet/referral-output (required)
* output MS
* output[referralOutput] MS
* output[referralOutput].valueReference 1.. MS
* output[referralOutput].valueReference only Reference(http://hl7.org/fhir/StructureDefinition/Appointment or http://hl7.org/fhir/StructureDefinition/EpisodeOfCare or http://hl7.org/fhir/StructureDefinition/Encounter or http://hl7.org/fhir/StructureDefinition/Bundle or http://hl7.org/fhir/StructureDefinition/DocumentReference)
* code 1.. MS
* code = http://hl7.org/fhir/CodeSystem/task-code#fulfill
* intent 1.. MS
* intent = #order
