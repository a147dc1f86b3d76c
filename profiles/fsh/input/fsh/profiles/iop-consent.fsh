// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopConsent
Parent: http://hl7.org/fhir/StructureDefinition/Consent
Id: iop-consent
Title: "Consent"
Description: "Consent to disclose under 42 CFR 2.31: recipients, purpose, what, expiry, signature and revocation."
* category ^slicing.discriminator[0].type = #pattern
* category ^slicing.discriminator[0].path = "$this"
* category ^slicing.rules = #open
* category contains consentKind 0..1 and consentLaw 0..* and disclosure 1..1
* extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link named episodeLink 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-consent-statement named consentStatement 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-how-to-revoke named howToRevoke 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-signer-capacity named signerCapacity 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-signed-how named signedHow 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-revocation named revocation 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-zone-assumed named zoneAssumed 0..1
* provision.actor ^slicing.discriminator[0].type = #pattern
* provision.actor ^slicing.discriminator[0].path = "role"
* provision.actor ^slicing.rules = #open
* provision.actor contains discloser 0..* and recipient 0..*
* provision.extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-consent-information named consentInformation 0..1 and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-consent-handling named consentHandling 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-consent-expiry named consentExpiry 0..1
* provision.securityLabel ^slicing.discriminator[0].type = #value
* provision.securityLabel ^slicing.discriminator[0].path = "$this"
* provision.securityLabel ^slicing.rules = #open
* provision.securityLabel contains sensitivity 0..* and confidentiality 0..*
* identifier.type.coding ^slicing.discriminator[0].type = #value
* identifier.type.coding ^slicing.discriminator[0].path = "$this"
* identifier.type.coding ^slicing.rules = #open
* identifier.type.coding contains identifierType 0..1
* provision.actor[recipient].extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-recipient-class named recipientClass 0..* and https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-intermediary named intermediary 0..1
* provision.provision.securityLabel ^slicing.discriminator[0].type = #value
* provision.provision.securityLabel ^slicing.discriminator[0].path = "$this"
* provision.provision.securityLabel ^slicing.rules = #open
* provision.provision.securityLabel contains sensitivity 0..*
* patient 1.. MS
* extension[episodeLink] MS
* status 1.. MS
* provision 1.. MS
* provision.type 1.. MS
* category[consentKind] MS
* category[consentKind] from https://iop-fhir-adapter.org/fhir/ValueSet/consent-kind (required)
* category MS
* category[consentLaw] MS
* category[consentLaw] from https://iop-fhir-adapter.org/fhir/ValueSet/consent-law (required)
* policyRule MS
* policyRule from https://iop-fhir-adapter.org/fhir/ValueSet/consent-policy (extensible)
* organization MS
* provision.extension[consentInformation] MS
* provision.class MS
* provision.class from https://iop-fhir-adapter.org/fhir/ValueSet/record-type (extensible)
* provision.code MS
* provision.securityLabel[sensitivity] MS
* provision.securityLabel[sensitivity] from https://iop-fhir-adapter.org/fhir/ValueSet/sensitivity (required)
* provision.securityLabel MS
* provision.securityLabel[confidentiality] MS
* provision.securityLabel[confidentiality] from https://iop-fhir-adapter.org/fhir/ValueSet/confidentiality (required)
* provision.extension[consentHandling] MS
* provision.dataPeriod MS
* provision.dataPeriod.start MS
* provision.dataPeriod.end MS
* provision.action MS
* provision.action from https://iop-fhir-adapter.org/fhir/ValueSet/consent-action (extensible)
* provision.purpose MS
* provision.purpose from https://iop-fhir-adapter.org/fhir/ValueSet/purpose-of-use (extensible)
* extension[consentStatement] MS
* extension[howToRevoke] MS
* provision.period MS
* provision.period.start MS
* provision.period.end MS
* provision.extension[consentExpiry] MS
* performer MS
* extension[signerCapacity] MS
* extension[signedHow] MS
* sourceReference MS
* sourceReference only Reference(http://hl7.org/fhir/StructureDefinition/Consent or http://hl7.org/fhir/StructureDefinition/DocumentReference or http://hl7.org/fhir/StructureDefinition/Contract or http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse)
* sourceAttachment MS
* dateTime MS
* extension[revocation] MS
* extension[zoneAssumed] MS
* identifier MS
* identifier.system MS
* identifier.value 1.. MS
* identifier.type MS
* identifier.type.coding[identifierType] MS
* identifier.type.coding[identifierType] from https://iop-fhir-adapter.org/fhir/ValueSet/identifier-type (required)
* identifier.type.coding MS
* identifier.use MS
* policy MS
* policy.uri 1.. MS
* policy.authority MS
* provision.actor[discloser].role = http://terminology.hl7.org/CodeSystem/v3-ParticipationType#CST
* provision.actor MS
* provision.actor[discloser] MS
* provision.actor[discloser].reference 1.. MS
* provision.actor[discloser].reference only Reference(http://hl7.org/fhir/StructureDefinition/CareTeam or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/PractitionerRole)
* provision.actor[recipient].role = http://terminology.hl7.org/CodeSystem/v3-ParticipationType#IRCP
* provision.actor[recipient] MS
* provision.actor[recipient].reference 1.. MS
* provision.actor[recipient].reference only Reference(http://hl7.org/fhir/StructureDefinition/Group or http://hl7.org/fhir/StructureDefinition/CareTeam or http://hl7.org/fhir/StructureDefinition/Organization or http://hl7.org/fhir/StructureDefinition/Patient or http://hl7.org/fhir/StructureDefinition/Practitioner or http://hl7.org/fhir/StructureDefinition/RelatedPerson or http://hl7.org/fhir/StructureDefinition/PractitionerRole)
* provision.actor[recipient].extension[recipientClass] MS
* provision.actor[recipient].extension[intermediary] MS
* verification MS
* verification.verified 1.. MS
* verification.verificationDate MS
* verification.verifiedWith MS
* provision.data MS
* provision.data.reference 1.. MS
* provision.data.reference only Reference(http://hl7.org/fhir/StructureDefinition/Encounter or http://hl7.org/fhir/StructureDefinition/EpisodeOfCare or http://hl7.org/fhir/StructureDefinition/Condition or http://hl7.org/fhir/StructureDefinition/Observation or http://hl7.org/fhir/StructureDefinition/DiagnosticReport or http://hl7.org/fhir/StructureDefinition/DocumentReference or http://hl7.org/fhir/StructureDefinition/CarePlan or http://hl7.org/fhir/StructureDefinition/Goal or http://hl7.org/fhir/StructureDefinition/Procedure or http://hl7.org/fhir/StructureDefinition/MedicationRequest or http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse or http://hl7.org/fhir/StructureDefinition/ServiceRequest or http://hl7.org/fhir/StructureDefinition/Task)
* provision.data.meaning 1.. MS
* provision.provision MS
* provision.provision.class MS
* provision.provision.class from https://iop-fhir-adapter.org/fhir/ValueSet/record-type (extensible)
* provision.provision.securityLabel[sensitivity] MS
* provision.provision.securityLabel[sensitivity] from https://iop-fhir-adapter.org/fhir/ValueSet/sensitivity (required)
* provision.provision.securityLabel MS
* provision.provision.purpose MS
* provision.provision.purpose from https://iop-fhir-adapter.org/fhir/ValueSet/purpose-of-use (extensible)
* provision.provision.type 1.. MS
* provision.provision.dataPeriod MS
* provision.provision.dataPeriod.start MS
* provision.provision.dataPeriod.end MS
* scope 1.. MS
* scope = http://terminology.hl7.org/CodeSystem/consentscope#patient-privacy
* category[disclosure] MS
* category[disclosure] = http://terminology.hl7.org/CodeSystem/v3-ActCode#IDSCL
