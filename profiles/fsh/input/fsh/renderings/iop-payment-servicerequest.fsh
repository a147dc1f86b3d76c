// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentServicerequest
Parent: ServiceRequest
Id: iop-payment-servicerequest
Title: "ServiceRequest, payment"
Description: "What a payment rendering of ServiceRequest holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named workflowEpisodeofcare 0..*
* extension ^slicing.rules = #closed
* modifierExtension 0..0
* identifier 0..0
* instantiatesCanonical 0..0
* instantiatesUri 0..0
* basedOn 0..0
* replaces 0..0
* requisition 0..0
* category 0..0
* priority 0..0
* code.extension 0..0
* code.coding.extension 0..0
* code.coding.display 0..0
* code.coding.userSelected 0..0
* code.text 0..0
* orderDetail 0..0
* quantity[x] only Quantity
* subject.extension 0..0
* subject.identifier 0..0
* subject.display 0..0
* encounter 0..0
* asNeeded[x] 0..0
* requester 0..0
* performerType 0..0
* performer.extension 0..0
* performer.identifier 0..0
* performer.display 0..0
* locationCode 0..0
* locationReference 0..0
* reasonCode 0..0
* reasonReference 0..0
* insurance.extension 0..0
* insurance.identifier 0..0
* insurance.display 0..0
* supportingInfo 0..0
* specimen 0..0
* bodySite 0..0
* note 0..0
* patientInstruction 0..0
* relevantHistory 0..0
