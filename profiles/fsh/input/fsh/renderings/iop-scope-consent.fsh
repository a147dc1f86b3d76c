// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Profile: IopScopeConsent
Parent: Consent
Id: iop-scope-consent
Title: "Consent, scope"
Description: "What a scope rendering of Consent holds, and nothing else: the minimum for its purpose."
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 0..0
* scope.extension 0..0
* scope.coding.extension 0..0
* scope.coding.display 0..0
* scope.coding.userSelected 0..0
* scope.text 0..0
* category.extension 0..0
* category.coding.extension 0..0
* category.coding.display 0..0
* category.coding.userSelected 0..0
* category.text 0..0
* patient.extension 0..0
* patient.identifier 0..0
* patient.display 0..0
* performer 0..0
* organization 0..0
* source[x] 0..0
* policy.extension 0..0
* policy.modifierExtension 0..0
* policyRule.extension 0..0
* policyRule.coding.extension 0..0
* policyRule.coding.display 0..0
* policyRule.coding.userSelected 0..0
* policyRule.text 0..0
* verification 0..0
* provision.extension contains https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-consent-expiry named iopConsentExpiry 0..*
* provision.extension ^slicing.rules = #closed
* provision.modifierExtension 0..0
* provision.period.extension 0..0
* provision.actor 0..0
* provision.action.extension 0..0
* provision.action.coding.extension 0..0
* provision.action.coding.display 0..0
* provision.action.coding.userSelected 0..0
* provision.action.text 0..0
* provision.securityLabel.extension 0..0
* provision.securityLabel.display 0..0
* provision.securityLabel.userSelected 0..0
* provision.purpose.extension 0..0
* provision.purpose.display 0..0
* provision.purpose.userSelected 0..0
* provision.class.extension 0..0
* provision.class.display 0..0
* provision.class.userSelected 0..0
* provision.code 0..0
* provision.dataPeriod.extension 0..0
* provision.data 0..0
* provision.provision 0..0
