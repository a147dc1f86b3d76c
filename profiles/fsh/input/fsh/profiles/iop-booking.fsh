// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopBooking
Parent: http://hl7.org/fhir/StructureDefinition/Appointment
Id: iop-booking
Title: "Booking"
Description: "One participant's planned session; who did not come is told here and never by an Encounter."
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-absence named absence 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-no-show-reason named noShowReason 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-booked-mode named bookedMode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-virtual-link named virtualLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-session named groupSession 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-rescheduled-to named rescheduledTo 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-make-up-of named makeUpOf 0..1
* participant ^slicing.discriminator[0].type = #type
* participant ^slicing.discriminator[0].path = "actor.resolve()"
* participant ^slicing.rules = #open
* participant contains patient 1..1 and site 0..1 and program 0..1 and clinicianPractitioner 0..* and clinicianPractitionerRole 0..* and family 0..*
* serviceType ^slicing.discriminator[0].type = #value
* serviceType ^slicing.discriminator[0].path = "$this"
* serviceType ^slicing.rules = #open
* serviceType contains sessionKind 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* participant[patient].actor 1.. MS
* participant[patient].actor only Reference(http://hl7.org/fhir/StructureDefinition/Patient)
* participant MS
* participant[patient] MS
* extension[episodeLink] MS
* status 1.. MS
* extension[absence] MS
* cancelationReason MS
* cancelationReason from https://iop-fhir-adapter.org/fhir/ValueSet/cancel-reason (extensible)
* extension[noShowReason] MS
* serviceType[sessionKind] MS
* serviceType[sessionKind] from https://iop-fhir-adapter.org/fhir/ValueSet/session-kind-accepted (required)
* serviceType MS
* extension[bookedMode] MS
* start MS
* end MS
* minutesDuration MS
* extension[zoneAssumed] MS
* participant[site].actor MS
* participant[site].actor only Reference(http://hl7.org/fhir/StructureDefinition/Location)
* participant[site] MS
* participant[program].actor MS
* participant[program].actor only Reference(http://hl7.org/fhir/StructureDefinition/HealthcareService)
* participant[program] MS
* extension[virtualLink] MS
* extension[groupSession] MS
* extension[rescheduledTo] MS
* extension[makeUpOf] MS
* created MS
* basedOn MS
* comment MS
* patientInstruction MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* participant[clinicianPractitioner].actor 1.. MS
* participant[clinicianPractitioner].actor only Reference(http://hl7.org/fhir/StructureDefinition/Practitioner)
* participant[clinicianPractitioner] MS
* participant[clinicianPractitionerRole].actor 1.. MS
* participant[clinicianPractitionerRole].actor only Reference(http://hl7.org/fhir/StructureDefinition/PractitionerRole)
* participant[clinicianPractitionerRole] MS
* participant[family].actor 1.. MS
* participant[family].actor only Reference(http://hl7.org/fhir/StructureDefinition/RelatedPerson)
* participant[family] MS
