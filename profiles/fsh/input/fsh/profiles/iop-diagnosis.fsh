// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopDiagnosis
Parent: http://hl7.org/fhir/StructureDefinition/Condition
Id: iop-diagnosis
Title: "Diagnosis"
Description: "A diagnosis of addiction, mental or other health, with remission, relapse and what it occurs together with."
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-diagnosis-area named diagnosisArea 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-status-since named statusSince 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-remission named remission 0..1 and http://hl7.org/fhir/StructureDefinition/condition-assertedDate named assertedOn 0..1 and http://hl7.org/fhir/StructureDefinition/condition-related named relatedCondition 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* subject only Reference(http://hl7.org/fhir/StructureDefinition/Patient)
* extension[episode] MS
* encounter MS
* category 1.. MS
* category from https://iop-fhir-adapter.org/fhir/ValueSet/diagnosis-category (extensible)
* code 1.. MS
* extension[diagnosisArea] MS
* clinicalStatus MS
* extension[statusSince] MS
* extension[remission] MS
* verificationStatus MS
* severity MS
* severity from https://iop-fhir-adapter.org/fhir/ValueSet/severity (extensible)
* onsetDateTime MS
* onsetAge MS
* abatementDateTime MS
* extension[assertedOn] MS
* recordedDate MS
* recorder MS
* asserter MS
* extension[relatedCondition] MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
