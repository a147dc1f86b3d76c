// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopAftercareReferral
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-servicerequest
Id: iop-aftercare-referral
Title: "Aftercare referral"
Description: "The program's request for what follows: weekly therapy, peer support, sober living, primary care."
* category contains referralKind 1..1
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal named pertainsToGoal 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-referral-answer named referralAnswer 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-referral-closure named referralClosure 0..1
* orderDetail ^slicing.discriminator[0].type = #value
* orderDetail ^slicing.discriminator[0].path = "$this"
* orderDetail ^slicing.rules = #open
* orderDetail contains levelOfCare 0..1
* supportingInfo ^slicing.discriminator[0].type = #type
* supportingInfo ^slicing.discriminator[0].path = "$this.resolve()"
* supportingInfo ^slicing.rules = #open
* supportingInfo contains medicationMedicationRequest 0..* and medicationMedicationStatement 0..* and medicationMedicationAdministration 0..* and documentDocumentReference 0..* and documentQuestionnaireResponse 0..* and documentBundle 0..* and consent 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* status 1.. MS
* intent 1.. MS
* doNotPerform MS
* priority MS
* code 1.. MS
* code from https://iop-fhir-adapter.org/fhir/ValueSet/referral-service (extensible)
* orderDetail[levelOfCare] MS
* orderDetail[levelOfCare] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care-accepted (required)
* orderDetail MS
* performer MS
* performer only Reference(http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/CareTeam or http://hl7.org/fhir/StructureDefinition/HealthcareService)
* locationReference MS
* occurrenceDateTime MS
* occurrencePeriod MS
* occurrenceTiming MS
* extension[pertainsToGoal] MS
* basedOn MS
* basedOn only Reference(http://hl7.org/fhir/StructureDefinition/CarePlan)
* authoredOn MS
* extension[zoneAssumed] MS
* requester 1.. MS
* requester only Reference(http://hl7.org/fhir/us/core/StructureDefinition/us-core-practitioner or http://hl7.org/fhir/us/core/StructureDefinition/us-core-organization or http://hl7.org/fhir/StructureDefinition/PractitionerRole)
* reasonCode MS
* reasonReference MS
* supportingInfo[medicationMedicationRequest] MS
* supportingInfo[medicationMedicationRequest] only Reference(http://hl7.org/fhir/StructureDefinition/MedicationRequest)
* supportingInfo MS
* supportingInfo[medicationMedicationStatement] MS
* supportingInfo[medicationMedicationStatement] only Reference(http://hl7.org/fhir/StructureDefinition/MedicationStatement)
* supportingInfo[medicationMedicationAdministration] MS
* supportingInfo[medicationMedicationAdministration] only Reference(http://hl7.org/fhir/StructureDefinition/MedicationAdministration)
* supportingInfo[documentDocumentReference] MS
* supportingInfo[documentDocumentReference] only Reference(http://hl7.org/fhir/StructureDefinition/DocumentReference)
* supportingInfo[documentQuestionnaireResponse] MS
* supportingInfo[documentQuestionnaireResponse] only Reference(http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse)
* supportingInfo[documentBundle] MS
* supportingInfo[documentBundle] only Reference(http://hl7.org/fhir/StructureDefinition/Bundle)
* supportingInfo[consent] MS
* supportingInfo[consent] only Reference(http://hl7.org/fhir/StructureDefinition/Consent)
* insurance MS
* extension[referralAnswer] MS
* extension[referralClosure] MS
* note MS
* patientInstruction MS
* replaces MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* category[referralKind] MS
* category[referralKind] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-kind (required)
* category MS
