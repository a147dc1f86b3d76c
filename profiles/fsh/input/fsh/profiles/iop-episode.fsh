// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopEpisode
Parent: http://hl7.org/fhir/StructureDefinition/EpisodeOfCare
Id: iop-episode
Title: "Episode of care"
Description: "One participant's time in the program, from admission to discharge, with levels of care, planned hours and taper."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-program-link named program 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-part2-posture named part2Posture 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-referral-source named referralSource 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-track named track 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-planned-weeks named plannedWeeks 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-planned-hours-a-week named plannedHoursAWeek 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-discharge named discharge 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-taper named taper 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-level-of-care named levelOfCare 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* patient 1.. MS
* status 1.. MS
* extension[program] MS
* managingOrganization MS
* extension[part2Posture] MS
* type MS
* type from https://iop-fhir-adapter.org/fhir/ValueSet/episode-kind (extensible)
* period MS
* period.start MS
* period.end MS
* extension[referralSource] MS
* referralRequest MS
* careManager MS
* team MS
* extension[track] MS
* extension[plannedWeeks] MS
* extension[plannedHoursAWeek] MS
* extension[discharge] MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* extension[taper] MS
* extension[levelOfCare] MS
* diagnosis MS
* diagnosis.condition 1.. MS
* diagnosis.role MS
* diagnosis.role from https://iop-fhir-adapter.org/fhir/ValueSet/diagnosis-role (extensible)
* diagnosis.rank MS
* statusHistory MS
* statusHistory.status 1.. MS
* statusHistory.period 1.. MS
* statusHistory.period.start 1.. MS
* statusHistory.period.end MS
