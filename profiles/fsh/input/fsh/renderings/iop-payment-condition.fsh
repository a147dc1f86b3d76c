// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentCondition
Parent: Condition
Id: iop-payment-condition
Title: "Condition, payment"
Description: "What a payment rendering of Condition holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 0..0
* clinicalStatus.extension 0..0
* clinicalStatus.coding.extension 0..0
* clinicalStatus.coding.display 0..0
* clinicalStatus.coding.userSelected 0..0
* clinicalStatus.text 0..0
* verificationStatus.extension 0..0
* verificationStatus.coding.extension 0..0
* verificationStatus.coding.display 0..0
* verificationStatus.coding.userSelected 0..0
* verificationStatus.text 0..0
* category.extension 0..0
* category.coding.extension 0..0
* category.coding.display 0..0
* category.coding.userSelected 0..0
* category.text 0..0
* severity 0..0
* code.extension 0..0
* code.coding.extension 0..0
* code.coding.display 0..0
* code.coding.userSelected 0..0
* code.text 0..0
* bodySite 0..0
* subject.extension 0..0
* subject.identifier 0..0
* subject.display 0..0
* encounter 0..0
* onset[x] 0..0
* abatement[x] 0..0
* recordedDate 0..0
* recorder 0..0
* asserter 0..0
* stage 0..0
* evidence 0..0
* note 0..0
