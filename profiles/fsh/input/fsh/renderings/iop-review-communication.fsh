// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopReviewCommunication
Parent: Communication
Id: iop-review-communication
Title: "Communication, review"
Description: "What a review rendering of Communication holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-contact-outcome named iopContactOutcome 0..*
* extension ^slicing.rules = #closed
* modifierExtension 0..0
* identifier 0..0
* instantiatesCanonical 0..0
* instantiatesUri 0..0
* basedOn 0..0
* partOf 0..0
* inResponseTo 0..0
* statusReason 0..0
* category.extension 0..0
* category.coding.extension 0..0
* category.coding.userSelected 0..0
* priority 0..0
* medium.extension 0..0
* medium.coding.extension 0..0
* medium.coding.userSelected 0..0
* subject.extension 0..0
* subject.identifier 0..0
* subject.display 0..0
* topic 0..0
* about.extension 0..0
* about.identifier 0..0
* about.display 0..0
* encounter 0..0
* received 0..0
* recipient 0..0
* sender 0..0
* reasonCode 0..0
* reasonReference 0..0
* payload 0..0
* note 0..0
