// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopReviewAppointment
Parent: Appointment
Id: iop-review-appointment
Title: "Appointment, review"
Description: "What a review rendering of Appointment holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 0..0
* cancelationReason 0..0
* serviceCategory 0..0
* serviceType.extension 0..0
* serviceType.coding.extension 0..0
* serviceType.coding.userSelected 0..0
* specialty 0..0
* appointmentType 0..0
* reasonCode 0..0
* reasonReference 0..0
* priority 0..0
* description 0..0
* supportingInformation 0..0
* slot 0..0
* created 0..0
* comment 0..0
* patientInstruction 0..0
* basedOn 0..0
* participant.extension 0..0
* participant.modifierExtension 0..0
* participant.type 0..0
* participant.actor.extension 0..0
* participant.actor.identifier 0..0
* participant.actor.display 0..0
* participant.required 0..0
* participant.period 0..0
* requestedPeriod 0..0
