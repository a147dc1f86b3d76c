// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentCoverage
Parent: Coverage
Id: iop-payment-coverage
Title: "Coverage, payment"
Description: "What a payment rendering of Coverage holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
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
* policyHolder 0..0
* subscriber 0..0
* beneficiary.extension 0..0
* beneficiary.identifier 0..0
* beneficiary.display 0..0
* relationship.extension 0..0
* relationship.coding.extension 0..0
* relationship.coding.display 0..0
* relationship.coding.userSelected 0..0
* relationship.text 0..0
* period.extension 0..0
* payor.extension 0..0
* payor.identifier 0..0
* payor.display 0..0
* class.extension 0..0
* class.modifierExtension 0..0
* class.type.extension 0..0
* class.type.coding.extension 0..0
* class.type.coding.display 0..0
* class.type.coding.userSelected 0..0
* class.type.text 0..0
* costToBeneficiary 0..0
* subrogation 0..0
* contract 0..0
