// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentTask
Parent: Task
Id: iop-payment-task
Title: "Task, payment"
Description: "What a payment rendering of Task holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 0..0
* instantiatesCanonical 0..0
* instantiatesUri 0..0
* basedOn 0..0
* groupIdentifier 0..0
* partOf 0..0
* statusReason 0..0
* businessStatus.extension 0..0
* businessStatus.coding.extension 0..0
* businessStatus.coding.display 0..0
* businessStatus.coding.userSelected 0..0
* businessStatus.text 0..0
* priority 0..0
* code.extension 0..0
* code.coding.extension 0..0
* code.coding.display 0..0
* code.coding.userSelected 0..0
* code.text 0..0
* description 0..0
* focus.extension 0..0
* focus.identifier 0..0
* focus.display 0..0
* for.extension 0..0
* for.identifier 0..0
* for.display 0..0
* encounter 0..0
* executionPeriod.extension 0..0
* requester 0..0
* performerType 0..0
* owner.extension 0..0
* owner.identifier 0..0
* owner.display 0..0
* location 0..0
* reasonCode 0..0
* reasonReference 0..0
* insurance 0..0
* note 0..0
* relevantHistory 0..0
* restriction 0..0
* input 0..0
* output 0..0
