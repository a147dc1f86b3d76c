// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopProgram
Parent: http://hl7.org/fhir/StructureDefinition/HealthcareService
Id: iop-program
Title: "Program"
Description: "An intensive outpatient program: its kind, level of care, hours a day, days a week, and what it accepts."
* category ^slicing.discriminator[0].type = #pattern
* category ^slicing.discriminator[0].path = "$this"
* category ^slicing.rules = #open
* category contains serviceCategoryProgram 1..1
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-level-of-care-code named levelOfCareCode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-hours-a-day named programHoursADay 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-days-a-week named programDaysAWeek 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-payment-accepted named paymentAccepted 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-accreditation named accreditation 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* active MS
* name 1.. MS
* comment MS
* extraDetails MS
* providedBy MS
* location MS
* type MS
* type from https://iop-fhir-adapter.org/fhir/ValueSet/program-kind (extensible)
* extension[levelOfCareCode] MS
* characteristic MS
* characteristic from https://iop-fhir-adapter.org/fhir/ValueSet/program-feature (extensible)
* extension[programHoursADay] MS
* extension[programDaysAWeek] MS
* extension[paymentAccepted] MS
* referralMethod MS
* referralMethod from https://iop-fhir-adapter.org/fhir/ValueSet/referral-method (extensible)
* appointmentRequired MS
* communication MS
* communication from https://iop-fhir-adapter.org/fhir/ValueSet/language (extensible)
* telecom MS
* availabilityExceptions MS
* endpoint MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* availableTime MS
* availableTime.daysOfWeek MS
* availableTime.availableStartTime MS
* availableTime.availableEndTime MS
* availableTime.allDay MS
* notAvailable MS
* notAvailable.description 1.. MS
* notAvailable.during MS
* eligibility MS
* eligibility.code 1.. MS
* eligibility.code.text 1.. MS
* eligibility.comment MS
* extension[accreditation] MS
* category[serviceCategoryProgram] MS
* category[serviceCategoryProgram] = https://iop-fhir-adapter.org/fhir/CodeSystem/service-category#program
* category MS
