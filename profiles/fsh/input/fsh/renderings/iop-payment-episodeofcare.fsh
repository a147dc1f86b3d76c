// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentEpisodeofcare
Parent: EpisodeOfCare
Id: iop-payment-episodeofcare
Title: "EpisodeOfCare, payment"
Description: "What a payment rendering of EpisodeOfCare holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 0..0
* statusHistory 0..0
* type.extension 0..0
* type.coding.extension 0..0
* type.coding.display 0..0
* type.coding.userSelected 0..0
* type.text 0..0
* diagnosis 0..0
* patient.extension 0..0
* patient.identifier 0..0
* patient.display 0..0
* managingOrganization.extension 0..0
* managingOrganization.identifier 0..0
* managingOrganization.display 0..0
* period.extension 0..0
* referralRequest 0..0
* careManager 0..0
* team 0..0
* account 0..0
