// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopTherapyGroup
Parent: http://hl7.org/fhir/StructureDefinition/HealthcareService
Id: iop-therapy-group
Title: "Therapy group"
Description: "A therapy group: topic, schedule, capacity and facilitators; never who is in it."
* category ^slicing.discriminator[0].type = #pattern
* category ^slicing.discriminator[0].path = "$this"
* category ^slicing.rules = #open
* category contains serviceCategoryTherapyGroup 1..1
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-topic named groupTopic 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-therapy named therapy 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-program-link named program 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-facilitator named groupFacilitator 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-capacity named groupCapacity 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-period named groupPeriod 0..1
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* active MS
* name 1.. MS
* extension[groupTopic] MS
* type MS
* type from https://iop-fhir-adapter.org/fhir/ValueSet/session-kind (extensible)
* extension[therapy] MS
* extension[program] MS
* providedBy MS
* location MS
* extension[groupFacilitator] MS
* extension[groupCapacity] MS
* characteristic MS
* characteristic from https://iop-fhir-adapter.org/fhir/ValueSet/group-access (extensible)
* extension[groupPeriod] MS
* communication MS
* communication from https://iop-fhir-adapter.org/fhir/ValueSet/language (extensible)
* comment MS
* extraDetails MS
* availabilityExceptions MS
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
* category[serviceCategoryTherapyGroup] MS
* category[serviceCategoryTherapyGroup] = https://iop-fhir-adapter.org/fhir/CodeSystem/service-category#therapy-group
* category MS
