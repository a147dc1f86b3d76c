// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopAuthorizationRequest
Parent: http://hl7.org/fhir/StructureDefinition/Claim
Id: iop-authorization-request
Title: "Authorization request"
Description: "A request to a payer to authorize days, hours or units of treatment."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* patient 1.. MS
* extension[episodeLink] MS
* status 1.. MS
* type 1.. MS
* type from https://iop-fhir-adapter.org/fhir/ValueSet/claim-type (extensible)
* created 1.. MS
* extension[zoneAssumed] MS
* insurer MS
* provider 1.. MS
* enterer MS
* priority 1.. MS
* priority from https://iop-fhir-adapter.org/fhir/ValueSet/claim-priority (extensible)
* billablePeriod MS
* billablePeriod.start MS
* billablePeriod.end MS
* referral MS
* facility MS
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
* insurance.preAuthRef MS
* diagnosis MS
* diagnosis.sequence 1.. MS
* diagnosis.diagnosis[x] 1.. MS
* diagnosis.type MS
* supportingInfo MS
* supportingInfo.sequence 1.. MS
* supportingInfo.category 1.. MS
* supportingInfo.code MS
* supportingInfo.timingDate MS
* supportingInfo.timingPeriod MS
* supportingInfo.valueString MS
* supportingInfo.valueBoolean MS
* supportingInfo.valueQuantity MS
* supportingInfo.valueReference MS
* supportingInfo.valueReference only Reference(http://hl7.org/fhir/StructureDefinition/DocumentReference or http://hl7.org/fhir/StructureDefinition/Observation or http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse or http://hl7.org/fhir/StructureDefinition/CarePlan or http://hl7.org/fhir/StructureDefinition/Condition or http://hl7.org/fhir/StructureDefinition/Goal or http://hl7.org/fhir/StructureDefinition/Encounter or http://hl7.org/fhir/StructureDefinition/EpisodeOfCare or http://hl7.org/fhir/StructureDefinition/MedicationRequest or http://hl7.org/fhir/StructureDefinition/Procedure or http://hl7.org/fhir/StructureDefinition/ServiceRequest)
* careTeam MS
* careTeam.sequence 1.. MS
* careTeam.provider 1.. MS
* careTeam.responsible MS
* careTeam.role MS
* careTeam.qualification MS
* item MS
* item.sequence 1.. MS
* item.productOrService 1.. MS
* item.modifier MS
* item.revenue MS
* item.category MS
* item.quantity MS
* item.servicedDate MS
* item.servicedPeriod MS
* item.locationCodeableConcept MS
* item.diagnosisSequence MS
* item.informationSequence MS
* item.careTeamSequence MS
* use 1.. MS
* use = #preauthorization
