// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopIntakeAssessment
Parent: http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse
Id: iop-intake-assessment
Title: "Intake assessment"
Description: "The biopsychosocial assessment at intake: risk ratings, substances, social and legal status."
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 1..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* item ^slicing.discriminator[0].type = #value
* item ^slicing.discriminator[0].path = "linkId"
* item ^slicing.rules = #open
* item contains admission 0..1 and history 0..1 and dimensions 0..1 and social 0..1 and legal 0..1 and substances 0..1
* item[admission].item ^slicing.discriminator[0].type = #value
* item[admission].item ^slicing.discriminator[0].path = "linkId"
* item[admission].item ^slicing.rules = #open
* item[admission].item contains firstContactOn 0..1 and firstOfferedOn 0..1 and priorTreatments 0..1 and opioidMedicationPlanned 0..1 and mentalHealthProblem 0..1 and meetings 0..1
* item[dimensions].item ^slicing.discriminator[0].type = #value
* item[dimensions].item ^slicing.discriminator[0].path = "linkId"
* item[dimensions].item ^slicing.rules = #open
* item[dimensions].item contains dimension1 0..1 and dimension2 0..1 and dimension3 0..1 and dimension4 0..1 and dimension5 0..1 and dimension6 0..1 and recommendedLevel 0..1
* item[history].item ^slicing.discriminator[0].type = #value
* item[history].item ^slicing.discriminator[0].path = "linkId"
* item[history].item ^slicing.rules = #open
* item[history].item contains presentingProblem 0..1 and substanceUseHistory 0..1 and mentalHealthHistory 0..1 and medicalHistory 0..1 and familyHistory 0..1 and socialHistory 0..1 and traumaHistory 0..1 and strengths 0..1 and barriers 0..1 and culturalNeeds 0..1 and summary 0..1
* item[legal].item ^slicing.discriminator[0].type = #value
* item[legal].item ^slicing.discriminator[0].path = "linkId"
* item[legal].item ^slicing.rules = #open
* item[legal].item contains legalStatus 0..1 and arrests 0..1
* item[social].item ^slicing.discriminator[0].type = #value
* item[social].item ^slicing.discriminator[0].path = "linkId"
* item[social].item ^slicing.rules = #open
* item[social].item contains livingSituation 0..1 and employment 0..1 and education 0..1 and incomeSource 0..1 and dependents 0..1 and pregnant 0..1
* item[substances].item ^slicing.discriminator[0].type = #value
* item[substances].item ^slicing.discriminator[0].path = "linkId"
* item[substances].item ^slicing.rules = #open
* item[substances].item contains substanceEntry 0..*
* item[substances].item[substanceEntry].item ^slicing.discriminator[0].type = #value
* item[substances].item[substanceEntry].item ^slicing.discriminator[0].path = "linkId"
* item[substances].item[substanceEntry].item ^slicing.rules = #open
* item[substances].item[substanceEntry].item contains rank 1..1 and substance 1..1 and route 0..1 and frequency 0..1 and daysUsed 0..1 and firstUseAge 0..1
* subject 1.. MS
* subject only Reference(http://hl7.org/fhir/StructureDefinition/Patient)
* extension[episode] MS
* encounter MS
* status 1.. MS
* authored 1.. MS
* extension[zoneAssumed] MS
* author MS
* source MS
* basedOn MS
* identifier MS
* item[admission].linkId = "admission"
* item MS
* item[admission] MS
* item[admission].item[firstContactOn].linkId = "first_contact_on"
* item[admission].item MS
* item[admission].item[firstContactOn] MS
* item[admission].item[firstContactOn].answer MS
* item[admission].item[firstContactOn].answer.value[x] MS
* item[admission].item[firstOfferedOn].linkId = "first_offered_on"
* item[admission].item[firstOfferedOn] MS
* item[admission].item[firstOfferedOn].answer MS
* item[admission].item[firstOfferedOn].answer.value[x] MS
* item[admission].item[priorTreatments].linkId = "prior_treatments"
* item[admission].item[priorTreatments] MS
* item[admission].item[priorTreatments].answer MS
* item[admission].item[priorTreatments].answer.value[x] MS
* item[admission].item[opioidMedicationPlanned].linkId = "opioid_medication_planned"
* item[admission].item[opioidMedicationPlanned] MS
* item[admission].item[opioidMedicationPlanned].answer MS
* item[admission].item[opioidMedicationPlanned].answer.value[x] MS
* item[admission].item[mentalHealthProblem].linkId = "mental_health_problem"
* item[admission].item[mentalHealthProblem] MS
* item[admission].item[mentalHealthProblem].answer MS
* item[admission].item[mentalHealthProblem].answer.value[x] MS
* item[admission].item[meetings].linkId = "meetings"
* item[admission].item[meetings] MS
* item[admission].item[meetings].answer MS
* item[admission].item[meetings].answer.value[x] MS
* item[admission].item[meetings].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/meeting-frequency (extensible)
* item[history].linkId = "history"
* item[history] MS
* item[history].item[presentingProblem].linkId = "presenting_problem"
* item[history].item MS
* item[history].item[presentingProblem] MS
* item[history].item[presentingProblem].answer MS
* item[history].item[presentingProblem].answer.value[x] MS
* item[history].item[substanceUseHistory].linkId = "substance_use_history"
* item[history].item[substanceUseHistory] MS
* item[history].item[substanceUseHistory].answer MS
* item[history].item[substanceUseHistory].answer.value[x] MS
* item[history].item[mentalHealthHistory].linkId = "mental_health_history"
* item[history].item[mentalHealthHistory] MS
* item[history].item[mentalHealthHistory].answer MS
* item[history].item[mentalHealthHistory].answer.value[x] MS
* item[history].item[medicalHistory].linkId = "medical_history"
* item[history].item[medicalHistory] MS
* item[history].item[medicalHistory].answer MS
* item[history].item[medicalHistory].answer.value[x] MS
* item[history].item[familyHistory].linkId = "family_history"
* item[history].item[familyHistory] MS
* item[history].item[familyHistory].answer MS
* item[history].item[familyHistory].answer.value[x] MS
* item[history].item[socialHistory].linkId = "social_history"
* item[history].item[socialHistory] MS
* item[history].item[socialHistory].answer MS
* item[history].item[socialHistory].answer.value[x] MS
* item[history].item[traumaHistory].linkId = "trauma_history"
* item[history].item[traumaHistory] MS
* item[history].item[traumaHistory].answer MS
* item[history].item[traumaHistory].answer.value[x] MS
* item[history].item[strengths].linkId = "strengths"
* item[history].item[strengths] MS
* item[history].item[strengths].answer MS
* item[history].item[strengths].answer.value[x] MS
* item[history].item[barriers].linkId = "barriers"
* item[history].item[barriers] MS
* item[history].item[barriers].answer MS
* item[history].item[barriers].answer.value[x] MS
* item[history].item[culturalNeeds].linkId = "cultural_needs"
* item[history].item[culturalNeeds] MS
* item[history].item[culturalNeeds].answer MS
* item[history].item[culturalNeeds].answer.value[x] MS
* item[history].item[summary].linkId = "summary"
* item[history].item[summary] MS
* item[history].item[summary].answer MS
* item[history].item[summary].answer.value[x] MS
* item[dimensions].linkId = "dimensions"
* item[dimensions] MS
* item[dimensions].item[dimension1].linkId = "dimension_1"
* item[dimensions].item MS
* item[dimensions].item[dimension1] MS
* item[dimensions].item[dimension1].answer MS
* item[dimensions].item[dimension1].answer.value[x] MS
* item[dimensions].item[dimension2].linkId = "dimension_2"
* item[dimensions].item[dimension2] MS
* item[dimensions].item[dimension2].answer MS
* item[dimensions].item[dimension2].answer.value[x] MS
* item[dimensions].item[dimension3].linkId = "dimension_3"
* item[dimensions].item[dimension3] MS
* item[dimensions].item[dimension3].answer MS
* item[dimensions].item[dimension3].answer.value[x] MS
* item[dimensions].item[dimension4].linkId = "dimension_4"
* item[dimensions].item[dimension4] MS
* item[dimensions].item[dimension4].answer MS
* item[dimensions].item[dimension4].answer.value[x] MS
* item[dimensions].item[dimension5].linkId = "dimension_5"
* item[dimensions].item[dimension5] MS
* item[dimensions].item[dimension5].answer MS
* item[dimensions].item[dimension5].answer.value[x] MS
* item[dimensions].item[dimension6].linkId = "dimension_6"
* item[dimensions].item[dimension6] MS
* item[dimensions].item[dimension6].answer MS
* item[dimensions].item[dimension6].answer.value[x] MS
* item[dimensions].item[recommendedLevel].linkId = "recommended_level"
* item[dimensions].item[recommendedLevel] MS
* item[dimensions].item[recommendedLevel].answer MS
* item[dimensions].item[recommendedLevel].answer.value[x] MS
* item[dimensions].item[recommendedLevel].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care (extensible)
* item[social].linkId = "social"
* item[social] MS
* item[social].item[livingSituation].linkId = "living_situation"
* item[social].item MS
* item[social].item[livingSituation] MS
* item[social].item[livingSituation].answer MS
* item[social].item[livingSituation].answer.value[x] MS
* item[social].item[livingSituation].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/living-situation (extensible)
* item[social].item[employment].linkId = "employment"
* item[social].item[employment] MS
* item[social].item[employment].answer MS
* item[social].item[employment].answer.value[x] MS
* item[social].item[employment].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/employment (extensible)
* item[social].item[education].linkId = "education"
* item[social].item[education] MS
* item[social].item[education].answer MS
* item[social].item[education].answer.value[x] MS
* item[social].item[education].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/education (extensible)
* item[social].item[incomeSource].linkId = "income_source"
* item[social].item[incomeSource] MS
* item[social].item[incomeSource].answer MS
* item[social].item[incomeSource].answer.value[x] MS
* item[social].item[incomeSource].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/income-source (extensible)
* item[social].item[dependents].linkId = "dependents"
* item[social].item[dependents] MS
* item[social].item[dependents].answer MS
* item[social].item[dependents].answer.value[x] MS
* item[social].item[pregnant].linkId = "pregnant"
* item[social].item[pregnant] MS
* item[social].item[pregnant].answer MS
* item[social].item[pregnant].answer.value[x] MS
* item[legal].linkId = "legal"
* item[legal] MS
* item[legal].item[legalStatus].linkId = "legal_status"
* item[legal].item MS
* item[legal].item[legalStatus] MS
* item[legal].item[legalStatus].answer MS
* item[legal].item[legalStatus].answer.value[x] MS
* item[legal].item[legalStatus].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/legal-status (extensible)
* item[legal].item[arrests].linkId = "arrests"
* item[legal].item[arrests] MS
* item[legal].item[arrests].answer MS
* item[legal].item[arrests].answer.value[x] MS
* item[substances].linkId = "substances"
* item[substances] MS
* item[substances].item[substanceEntry].linkId = "substance_entry"
* item[substances].item MS
* item[substances].item[substanceEntry] MS
* item[substances].item[substanceEntry].item[rank].linkId = "rank"
* item[substances].item[substanceEntry].item MS
* item[substances].item[substanceEntry].item[rank] MS
* item[substances].item[substanceEntry].item[rank].answer 1.. MS
* item[substances].item[substanceEntry].item[rank].answer.value[x] 1.. MS
* item[substances].item[substanceEntry].item[rank].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/substance-rank (extensible)
* item[substances].item[substanceEntry].item[substance].linkId = "substance"
* item[substances].item[substanceEntry].item[substance] MS
* item[substances].item[substanceEntry].item[substance].answer 1.. MS
* item[substances].item[substanceEntry].item[substance].answer.value[x] 1.. MS
* item[substances].item[substanceEntry].item[substance].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/substance (extensible)
* item[substances].item[substanceEntry].item[route].linkId = "route"
* item[substances].item[substanceEntry].item[route] MS
* item[substances].item[substanceEntry].item[route].answer MS
* item[substances].item[substanceEntry].item[route].answer.value[x] MS
* item[substances].item[substanceEntry].item[route].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/substance-route (extensible)
* item[substances].item[substanceEntry].item[frequency].linkId = "frequency"
* item[substances].item[substanceEntry].item[frequency] MS
* item[substances].item[substanceEntry].item[frequency].answer MS
* item[substances].item[substanceEntry].item[frequency].answer.value[x] MS
* item[substances].item[substanceEntry].item[frequency].answer.value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/substance-frequency (extensible)
* item[substances].item[substanceEntry].item[daysUsed].linkId = "days_used"
* item[substances].item[substanceEntry].item[daysUsed] MS
* item[substances].item[substanceEntry].item[daysUsed].answer MS
* item[substances].item[substanceEntry].item[daysUsed].answer.value[x] MS
* item[substances].item[substanceEntry].item[firstUseAge].linkId = "first_use_age"
* item[substances].item[substanceEntry].item[firstUseAge] MS
* item[substances].item[substanceEntry].item[firstUseAge].answer MS
* item[substances].item[substanceEntry].item[firstUseAge].answer.value[x] MS
* questionnaire 1.. MS
* questionnaire = "https://iop-fhir-adapter.org/fhir/Questionnaire/iop-intake-assessment"
