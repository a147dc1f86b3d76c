// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentClaimresponse
Parent: ClaimResponse
Id: iop-payment-claimresponse
Title: "ClaimResponse, payment"
Description: "What a payment rendering of ClaimResponse holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named iopEpisodeLink 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-authorization-decision named iopAuthorizationDecision 0..*
* extension ^slicing.rules = #closed
* modifierExtension 0..0
* identifier.extension 0..0
* identifier.type.extension 0..0
* identifier.type.coding.extension 0..0
* identifier.type.coding.display 0..0
* identifier.type.coding.userSelected 0..0
* identifier.type.text 0..0
* identifier.period 0..0
* identifier.assigner 0..0
* type.extension 0..0
* type.coding.extension 0..0
* type.coding.display 0..0
* type.coding.userSelected 0..0
* type.text 0..0
* subType.extension 0..0
* subType.coding.extension 0..0
* subType.coding.display 0..0
* subType.coding.userSelected 0..0
* subType.text 0..0
* patient.extension 0..0
* patient.identifier 0..0
* patient.display 0..0
* insurer.extension 0..0
* insurer.identifier 0..0
* insurer.display 0..0
* requestor.extension 0..0
* requestor.identifier 0..0
* requestor.display 0..0
* request.extension 0..0
* request.identifier 0..0
* request.display 0..0
* disposition 0..0
* preAuthPeriod.extension 0..0
* payeeType 0..0
* item.modifierExtension 0..0
* item.noteNumber 0..0
* item.adjudication.modifierExtension 0..0
* item.adjudication.category.extension 0..0
* item.adjudication.category.coding.extension 0..0
* item.adjudication.category.coding.display 0..0
* item.adjudication.category.coding.userSelected 0..0
* item.adjudication.category.text 0..0
* item.adjudication.reason 0..0
* item.adjudication.amount.extension 0..0
* item.detail 0..0
* addItem 0..0
* adjudication 0..0
* total 0..0
* payment 0..0
* fundsReserve 0..0
* formCode 0..0
* form 0..0
* processNote 0..0
* communicationRequest 0..0
* insurance.extension 0..0
* insurance.modifierExtension 0..0
* insurance.coverage.extension 0..0
* insurance.coverage.identifier 0..0
* insurance.coverage.display 0..0
* insurance.businessArrangement 0..0
* insurance.claimResponse 0..0
* error 0..0
