// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopSession
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-encounter
Id: iop-session
Title: "Session"
Description: "One participant's attended session, with minutes attended; a group session never says who else was there."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-session-break named sessionBreak 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-attendance named attendance 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-therapy named therapy 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-session named groupSession 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-documented-at named documentedAt 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-superseded-by named supersededBy 0..1
* participant ^slicing.discriminator[0].type = #type
* participant ^slicing.discriminator[0].path = "individual.resolve()"
* participant ^slicing.rules = #open
* participant contains clinicianPractitioner 0..* and clinicianPractitionerRole 0..* and family 0..*
* type ^slicing.discriminator[0].type = #value
* type ^slicing.discriminator[0].path = "$this"
* type ^slicing.rules = #open
* type contains sessionKind 1..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* episodeOfCare 1.. MS
* appointment MS
* status 1.. MS
* type[sessionKind] MS
* type[sessionKind] from https://iop-fhir-adapter.org/fhir/ValueSet/session-kind-accepted (required)
* type MS
* class 1.. MS
* class from https://iop-fhir-adapter.org/fhir/ValueSet/session-mode (required)
* period 1.. MS
* period.start 1.. MS
* period.end MS
* extension[sessionBreak] MS
* length MS
* extension[attendance] MS
* extension[zoneAssumed] MS
* location MS
* location.location MS
* serviceProvider MS
* extension[therapy] MS
* reasonCode MS
* reasonReference MS
* extension[groupSession] MS
* basedOn MS
* extension[documentedAt] MS
* extension[supersededBy] MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* participant[clinicianPractitioner].individual 1.. MS
* participant[clinicianPractitioner].individual only Reference(http://hl7.org/fhir/us/core/StructureDefinition/us-core-practitioner)
* participant MS
* participant[clinicianPractitioner] MS
* participant[clinicianPractitioner].type MS
* participant[clinicianPractitioner].type from https://iop-fhir-adapter.org/fhir/ValueSet/session-role (extensible)
* participant[clinicianPractitioner].period MS
* participant[clinicianPractitioner].period.start MS
* participant[clinicianPractitioner].period.end MS
* participant[clinicianPractitionerRole].individual 1.. MS
* participant[clinicianPractitionerRole].individual only Reference(http://hl7.org/fhir/us/core/StructureDefinition/us-core-practitionerrole)
* participant[clinicianPractitionerRole] MS
* participant[clinicianPractitionerRole].type MS
* participant[clinicianPractitionerRole].type from https://iop-fhir-adapter.org/fhir/ValueSet/session-role (extensible)
* participant[clinicianPractitionerRole].period MS
* participant[clinicianPractitionerRole].period.start MS
* participant[clinicianPractitionerRole].period.end MS
* participant[family].individual 1.. MS
* participant[family].individual only Reference(http://hl7.org/fhir/us/core/StructureDefinition/us-core-relatedperson)
* participant[family] MS
* participant[family].type MS
* participant[family].type from https://iop-fhir-adapter.org/fhir/ValueSet/session-role (extensible)
* diagnosis MS
* diagnosis.condition 1.. MS
* diagnosis.condition only Reference(http://hl7.org/fhir/StructureDefinition/Condition)
* diagnosis.use MS
* diagnosis.use from https://iop-fhir-adapter.org/fhir/ValueSet/diagnosis-role (extensible)
* diagnosis.rank MS
