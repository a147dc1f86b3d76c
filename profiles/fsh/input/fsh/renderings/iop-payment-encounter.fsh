// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentEncounter
Parent: Encounter
Id: iop-payment-encounter
Title: "Encounter, payment"
Description: "What a payment rendering of Encounter holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 0..0
* statusHistory 0..0
* class.extension 0..0
* class.display 0..0
* class.userSelected 0..0
* classHistory 0..0
* type.extension 0..0
* type.coding.extension 0..0
* type.coding.display 0..0
* type.coding.userSelected 0..0
* type.text 0..0
* serviceType.extension 0..0
* serviceType.coding.extension 0..0
* serviceType.coding.display 0..0
* serviceType.coding.userSelected 0..0
* serviceType.text 0..0
* priority 0..0
* subject.extension 0..0
* subject.identifier 0..0
* subject.display 0..0
* episodeOfCare.extension 0..0
* episodeOfCare.identifier 0..0
* episodeOfCare.display 0..0
* basedOn 0..0
* participant 0..0
* appointment 0..0
* period.extension 0..0
* length.extension 0..0
* reasonCode 0..0
* reasonReference 0..0
* diagnosis 0..0
* account 0..0
* hospitalization 0..0
* location.extension 0..0
* location.modifierExtension 0..0
* location.location.extension 0..0
* location.location.identifier 0..0
* location.location.display 0..0
* location.status 0..0
* location.physicalType 0..0
* location.period.extension 0..0
* serviceProvider 0..0
* partOf 0..0
