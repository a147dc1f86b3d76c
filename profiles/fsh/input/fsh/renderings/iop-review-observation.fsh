// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopReviewObservation
Parent: Observation
Id: iop-review-observation
Title: "Observation, review"
Description: "What a review rendering of Observation holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 0..0
* basedOn 0..0
* partOf 0..0
* category.extension 0..0
* category.coding.extension 0..0
* category.coding.userSelected 0..0
* code.extension 0..0
* code.coding.extension 0..0
* code.coding.userSelected 0..0
* subject.extension 0..0
* subject.identifier 0..0
* subject.display 0..0
* focus 0..0
* encounter 0..0
* effective[x] only dateTime or Period or instant
* issued 0..0
* performer 0..0
* value[x] only Quantity or CodeableConcept or string or boolean or integer or Range or Ratio
* dataAbsentReason.extension 0..0
* dataAbsentReason.coding.extension 0..0
* dataAbsentReason.coding.userSelected 0..0
* interpretation.extension 0..0
* interpretation.coding.extension 0..0
* interpretation.coding.userSelected 0..0
* note 0..0
* bodySite 0..0
* method 0..0
* specimen 0..0
* device 0..0
* referenceRange 0..0
* hasMember 0..0
* derivedFrom 0..0
* component 0..0
