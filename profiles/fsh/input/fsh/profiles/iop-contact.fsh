// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopContact
Parent: http://hl7.org/fhir/StructureDefinition/Communication
Id: iop-contact
Title: "Contact"
Description: "Outreach after a no-show, family contact or a coordination call: when, how and with what outcome."
* about ^slicing.discriminator[0].type = #type
* about ^slicing.discriminator[0].path = "$this.resolve()"
* about ^slicing.rules = #open
* about contains booking 0..1
* extension contains http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare named episode 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-contact-outcome named contactOutcome 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* subject 1.. MS
* subject only Reference(http://hl7.org/fhir/StructureDefinition/Patient)
* extension[episode] MS
* encounter MS
* about[booking] MS
* about[booking] only Reference(http://hl7.org/fhir/StructureDefinition/Appointment)
* about MS
* status 1.. MS
* statusReason MS
* statusReason from https://iop-fhir-adapter.org/fhir/ValueSet/contact-not-done (extensible)
* category 1.. MS
* category from https://iop-fhir-adapter.org/fhir/ValueSet/contact-purpose (extensible)
* medium MS
* medium from https://iop-fhir-adapter.org/fhir/ValueSet/contact-medium (extensible)
* extension[contactOutcome] MS
* sent MS
* received MS
* extension[zoneAssumed] MS
* sender MS
* recipient MS
* recipient only Reference(http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/Patient or http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole or http://hl7.org/fhir/StructureDefinition/RelatedPerson or http://hl7.org/fhir/StructureDefinition/CareTeam or http://hl7.org/fhir/StructureDefinition/HealthcareService)
* note MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
