// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopTreatmentPlan
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-careplan
Id: iop-treatment-plan
Title: "Treatment plan"
Description: "Problems, goals, activities, relapse prevention, reviews and signatures of one participant's plan."
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 1..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-next-review-on named nextReviewOn 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-relapse-prevention named relapsePrevention 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-plan-review named planReview 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-plan-signature named planSignature 0..*
* activity.extension contains http://hl7.org/fhir/StructureDefinition/careplan-activity-title named activityTitle 0..1
* activity.detail.extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-therapy named therapy 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episode] MS
* encounter MS
* status 1.. MS
* intent 1.. MS
* title MS
* description MS
* period MS
* period.start MS
* period.end MS
* created MS
* author MS
* author only Reference(http://hl7.org/fhir/StructureDefinition/Patient or http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole or http://hl7.org/fhir/StructureDefinition/RelatedPerson or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/CareTeam)
* contributor MS
* contributor only Reference(http://hl7.org/fhir/StructureDefinition/Patient or http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole or http://hl7.org/fhir/StructureDefinition/RelatedPerson or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/CareTeam)
* careTeam MS
* addresses MS
* goal MS
* replaces MS
* extension[nextReviewOn] MS
* extension[relapsePrevention] MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* activity MS
* activity.detail 1.. MS
* activity.detail.code 1.. MS
* activity.detail.code from https://iop-fhir-adapter.org/fhir/ValueSet/plan-activity (extensible)
* activity.extension[activityTitle] MS
* activity.detail.status 1.. MS
* activity.detail.doNotPerform MS
* activity.detail.extension[therapy] MS
* activity.detail.scheduledTiming MS
* activity.detail.scheduledPeriod MS
* activity.detail.performer MS
* activity.detail.location MS
* activity.detail.goal MS
* activity.detail.description MS
* activity.progress MS
* extension[planReview] MS
* extension[planSignature] MS
* category[AssessPlan] 1.. MS
* category MS
