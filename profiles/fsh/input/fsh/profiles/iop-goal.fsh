// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopGoal
Parent: http://hl7.org/fhir/us/core/StructureDefinition/us-core-goal
Id: iop-goal
Title: "Goal"
Description: "A goal in the participant's own words, with measures, due dates and reviews."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and http://hl7.org/fhir/StructureDefinition/goal-reasonRejected named reasonRejected 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-goal-review named goalReview 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* extension[episodeLink] MS
* description 1.. MS
* description.text 1.. MS
* lifecycleStatus 1.. MS
* statusDate MS
* statusReason MS
* extension[reasonRejected] MS
* achievementStatus MS
* achievementStatus from https://iop-fhir-adapter.org/fhir/ValueSet/goal-achievement (extensible)
* priority MS
* priority from https://iop-fhir-adapter.org/fhir/ValueSet/goal-priority (extensible)
* category MS
* category from https://iop-fhir-adapter.org/fhir/ValueSet/goal-category (extensible)
* startDate MS
* expressedBy MS
* addresses MS
* outcomeReference MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* target MS
* target.measure MS
* target.detailQuantity MS
* target.detailString MS
* target.detailBoolean MS
* target.dueDate MS
* extension[goalReview] MS
