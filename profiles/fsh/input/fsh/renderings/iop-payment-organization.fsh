// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentOrganization
Parent: Organization
Id: iop-payment-organization
Title: "Organization, payment"
Description: "What a payment rendering of Organization holds, and nothing else: the minimum for its purpose."
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
* telecom.extension 0..0
* telecom.period 0..0
* address.extension 0..0
* address.text 0..0
* address.period 0..0
* partOf.extension 0..0
* partOf.identifier 0..0
* partOf.display 0..0
* contact 0..0
* endpoint 0..0
