// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentEndpoint
Parent: Endpoint
Id: iop-payment-endpoint
Title: "Endpoint, payment"
Description: "What a payment rendering of Endpoint holds, and nothing else: the minimum for its purpose."
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
* connectionType.extension 0..0
* connectionType.display 0..0
* connectionType.userSelected 0..0
* managingOrganization.extension 0..0
* managingOrganization.identifier 0..0
* managingOrganization.display 0..0
* contact 0..0
* period 0..0
* payloadType.extension 0..0
* payloadType.coding.extension 0..0
* payloadType.coding.display 0..0
* payloadType.coding.userSelected 0..0
* payloadType.text 0..0
* header 0..0
