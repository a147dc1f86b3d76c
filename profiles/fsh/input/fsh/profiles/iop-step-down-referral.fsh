// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopStepDownReferral
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-servicerequest
Id: iop-step-down-referral
Title: "Step-down referral"
Description: "A residential facility's request to admit a person to the program."
* category contains referralKind 1..1
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-facility-stay named facilityStay 0..1 and http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal named pertainsToGoal 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-referral-risk named referralRisk 0..*
* orderDetail ^slicing.discriminator[0].type = #value
* orderDetail ^slicing.discriminator[0].path = "$this"
* orderDetail ^slicing.rules = #open
* orderDetail contains levelOfCare 0..1
* supportingInfo ^slicing.discriminator[0].type = #type
* supportingInfo ^slicing.discriminator[0].path = "$this.resolve()"
* supportingInfo ^slicing.rules = #open
* supportingInfo contains medicationMedicationRequest 0..* and medicationMedicationStatement 0..* and medicationMedicationAdministration 0..* and allergy 0..* and riskRiskAssessment 0..* and riskFlag 0..* and riskObservation 0..* and documentDocumentReference 0..* and documentQuestionnaireResponse 0..* and documentBundle 0..* and consent 0..*
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
* occurrenceDateTime MS
* occurrencePeriod MS
* authoredOn MS
* extension[zoneAssumed] MS
* requester 1.. MS
* requester only Reference(http://hl7.org/fhir/us/core/StructureDefinition/us-core-practitioner or http://hl7.org/fhir/us/core/StructureDefinition/us-core-organization or http://hl7.org/fhir/StructureDefinition/PractitionerRole)
* performer MS
* performer only Reference(http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/HealthcareService)
* locationReference MS
* extension[facilityStay] MS
* reasonCode MS
* reasonReference MS
* supportingInfo[medicationMedicationRequest] MS
* supportingInfo[medicationMedicationRequest] only Reference(http://hl7.org/fhir/StructureDefinition/MedicationRequest)
* supportingInfo MS
* supportingInfo[medicationMedicationStatement] MS
* supportingInfo[medicationMedicationStatement] only Reference(http://hl7.org/fhir/StructureDefinition/MedicationStatement)
* supportingInfo[medicationMedicationAdministration] MS
* supportingInfo[medicationMedicationAdministration] only Reference(http://hl7.org/fhir/StructureDefinition/MedicationAdministration)
* supportingInfo[allergy] MS
* supportingInfo[allergy] only Reference(http://hl7.org/fhir/StructureDefinition/AllergyIntolerance)
* supportingInfo[riskRiskAssessment] MS
* supportingInfo[riskRiskAssessment] only Reference(http://hl7.org/fhir/StructureDefinition/RiskAssessment)
* supportingInfo[riskFlag] MS
* supportingInfo[riskFlag] only Reference(http://hl7.org/fhir/StructureDefinition/Flag)
* supportingInfo[riskObservation] MS
* supportingInfo[riskObservation] only Reference(http://hl7.org/fhir/StructureDefinition/Observation)
* supportingInfo[documentDocumentReference] MS
* supportingInfo[documentDocumentReference] only Reference(http://hl7.org/fhir/StructureDefinition/DocumentReference)
* supportingInfo[documentQuestionnaireResponse] MS
* supportingInfo[documentQuestionnaireResponse] only Reference(http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse)
* supportingInfo[documentBundle] MS
* supportingInfo[documentBundle] only Reference(http://hl7.org/fhir/StructureDefinition/Bundle)
* supportingInfo[consent] MS
* supportingInfo[consent] only Reference(http://hl7.org/fhir/StructureDefinition/Consent)
* insurance MS
* extension[pertainsToGoal] MS
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
* extension[referralRisk] MS
* category[referralKind] MS
* category[referralKind] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-kind (required)
* category MS
