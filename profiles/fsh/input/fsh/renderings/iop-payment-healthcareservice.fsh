// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopPaymentHealthcareservice
Parent: HealthcareService
Id: iop-payment-healthcareservice
Title: "HealthcareService, payment"
Description: "What a payment rendering of HealthcareService holds, and nothing else: the minimum for its purpose."
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
* providedBy.extension 0..0
* providedBy.identifier 0..0
* providedBy.display 0..0
* category.extension 0..0
* category.coding.extension 0..0
* category.coding.display 0..0
* category.coding.userSelected 0..0
* category.text 0..0
* type.extension 0..0
* type.coding.extension 0..0
* type.coding.display 0..0
* type.coding.userSelected 0..0
* type.text 0..0
* specialty.extension 0..0
* specialty.coding.extension 0..0
* specialty.coding.display 0..0
* specialty.coding.userSelected 0..0
* specialty.text 0..0
* location.extension 0..0
* location.identifier 0..0
* location.display 0..0
* comment 0..0
* extraDetails 0..0
* photo 0..0
* telecom.extension 0..0
* telecom.period 0..0
* coverageArea 0..0
* serviceProvisionCode 0..0
* eligibility 0..0
* program.extension 0..0
* program.coding.extension 0..0
* program.coding.display 0..0
* program.coding.userSelected 0..0
* program.text 0..0
* characteristic 0..0
* communication 0..0
* referralMethod 0..0
* appointmentRequired 0..0
* availableTime 0..0
* notAvailable 0..0
* availabilityExceptions 0..0
* endpoint 0..0
