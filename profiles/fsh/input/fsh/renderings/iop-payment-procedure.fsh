// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentProcedure
Parent: Procedure
Id: iop-payment-procedure
Title: "Procedure, payment"
Description: "What a payment rendering of Procedure holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named workflowEpisodeofcare 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-service-units named iopServiceUnits 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-minutes-per-unit named iopMinutesPerUnit 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-service-modifier named iopServiceModifier 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-authorized-by named iopAuthorizedBy 0..*
* extension ^slicing.rules = #closed
* modifierExtension 0..0
* identifier 0..0
* instantiatesCanonical 0..0
* instantiatesUri 0..0
* basedOn 0..0
* partOf 0..0
* statusReason 0..0
* category 0..0
* code.extension 0..0
* code.coding.extension 0..0
* code.coding.display 0..0
* code.coding.userSelected 0..0
* code.text 0..0
* subject.extension 0..0
* subject.identifier 0..0
* subject.display 0..0
* encounter 0..0
* performed[x] only dateTime or Period
* recorder 0..0
* asserter 0..0
* performer 0..0
* location.extension 0..0
* location.identifier 0..0
* location.display 0..0
* reasonCode 0..0
* reasonReference 0..0
* bodySite 0..0
* outcome 0..0
* report 0..0
* complication 0..0
* complicationDetail 0..0
* followUp 0..0
* note 0..0
* focalDevice 0..0
* usedReference 0..0
* usedCode 0..0
