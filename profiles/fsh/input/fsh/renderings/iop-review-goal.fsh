// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopReviewGoal
Parent: Goal
Id: iop-review-goal
Title: "Goal, review"
Description: "What a review rendering of Goal holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-goal-review named iopGoalReview 0..*
* extension ^slicing.rules = #closed
* modifierExtension 0..0
* identifier 0..0
* achievementStatus.extension 0..0
* achievementStatus.coding.extension 0..0
* achievementStatus.coding.userSelected 0..0
* category.extension 0..0
* category.coding.extension 0..0
* category.coding.userSelected 0..0
* priority.extension 0..0
* priority.coding.extension 0..0
* priority.coding.userSelected 0..0
* description.extension 0..0
* description.coding.extension 0..0
* description.coding.userSelected 0..0
* subject.extension 0..0
* subject.identifier 0..0
* subject.display 0..0
* start[x] only date
* target.extension 0..0
* target.modifierExtension 0..0
* target.measure.extension 0..0
* target.measure.coding.extension 0..0
* target.measure.coding.userSelected 0..0
* statusReason 0..0
* expressedBy 0..0
* addresses 0..0
* note 0..0
* outcomeCode 0..0
* outcomeReference 0..0
