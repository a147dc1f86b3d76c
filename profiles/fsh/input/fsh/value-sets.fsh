// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

ValueSet: IopAbsentReasonCodes
Id: iop-absent-reason
Title: "Absent reason"
Description: "Absent reason: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/data-absent-reason#unknown "Unknown"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#asked-unknown "Asked But Unknown"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#temp-unknown "Temporarily Unknown"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#not-asked "Not Asked"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#masked "Masked"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#not-applicable "Not Applicable"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#error "Error"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#not-performed "Not Performed"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#not-permitted "Not Permitted"
* http://terminology.hl7.org/CodeSystem/data-absent-reason#asked-declined "Asked But Declined"
* https://iop-fhir-adapter.org/fhir/CodeSystem/absent-reason#items-unanswered "Items unanswered, no total"
* https://iop-fhir-adapter.org/fhir/CodeSystem/absent-reason#unable "Unable to provide a specimen"
* https://iop-fhir-adapter.org/fhir/CodeSystem/absent-reason#specimen-unusable "Specimen unusable"

ValueSet: IopActivityStatusCodes
Id: iop-activity-status
Title: "Activity status"
Description: "Activity status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/care-plan-activity-status#not-started "Not Started"
* http://hl7.org/fhir/care-plan-activity-status#scheduled "Scheduled"
* http://hl7.org/fhir/care-plan-activity-status#in-progress "In Progress"
* http://hl7.org/fhir/care-plan-activity-status#on-hold "On Hold"
* http://hl7.org/fhir/care-plan-activity-status#completed "Completed"
* http://hl7.org/fhir/care-plan-activity-status#cancelled "Cancelled"
* http://hl7.org/fhir/care-plan-activity-status#stopped "Stopped"
* http://hl7.org/fhir/care-plan-activity-status#unknown "Unknown"
* http://hl7.org/fhir/care-plan-activity-status#entered-in-error "Entered in Error"

ValueSet: IopAdjudicationCodes
Id: iop-adjudication
Title: "Adjudication"
Description: "Adjudication: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/adjudication#submitted "Submitted Amount"

ValueSet: IopAdministrativeGenderCodes
Id: iop-administrative-gender
Title: "Administrative gender"
Description: "Administrative gender: the codes that are written, and those that are read too."
* http://hl7.org/fhir/administrative-gender#male "Male"
* http://hl7.org/fhir/administrative-gender#female "Female"
* http://hl7.org/fhir/administrative-gender#other "Other"
* http://hl7.org/fhir/administrative-gender#unknown "Unknown"

ValueSet: IopAllergyCategoryCodes
Id: iop-allergy-category
Title: "Allergy category"
Description: "Allergy category: the codes that are written, and those that are read too."
* http://hl7.org/fhir/allergy-intolerance-category#food
* http://hl7.org/fhir/allergy-intolerance-category#medication
* http://hl7.org/fhir/allergy-intolerance-category#environment
* http://hl7.org/fhir/allergy-intolerance-category#biologic

ValueSet: IopAllergyCertaintyCodes
Id: iop-allergy-certainty
Title: "Allergy certainty"
Description: "Allergy certainty: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/allergyintolerance-verification#unconfirmed "Unconfirmed"
* http://terminology.hl7.org/CodeSystem/allergyintolerance-verification#confirmed "Confirmed"
* http://terminology.hl7.org/CodeSystem/allergyintolerance-verification#refuted "Refuted"
* http://terminology.hl7.org/CodeSystem/allergyintolerance-verification#entered-in-error "Entered in Error"

ValueSet: IopAllergyCriticalityCodes
Id: iop-allergy-criticality
Title: "Allergy criticality"
Description: "Allergy criticality: the codes that are written, and those that are read too."
* http://hl7.org/fhir/allergy-intolerance-criticality#low
* http://hl7.org/fhir/allergy-intolerance-criticality#high
* http://hl7.org/fhir/allergy-intolerance-criticality#unable-to-assess

ValueSet: IopAllergyKindCodes
Id: iop-allergy-kind
Title: "Allergy kind"
Description: "Allergy kind: the codes that are written, and those that are read too."
* http://hl7.org/fhir/allergy-intolerance-type#allergy
* http://hl7.org/fhir/allergy-intolerance-type#intolerance

ValueSet: IopAllergyStatusCodes
Id: iop-allergy-status
Title: "Allergy status"
Description: "Allergy status: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical#active "Active"
* http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical#inactive "Inactive"
* http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical#resolved "Resolved"

ValueSet: IopAssessmentStatusCodes
Id: iop-assessment-status
Title: "Assessment status"
Description: "Assessment status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/questionnaire-answers-status#in-progress "In Progress"
* http://hl7.org/fhir/questionnaire-answers-status#completed "Completed"
* http://hl7.org/fhir/questionnaire-answers-status#amended "Amended"
* http://hl7.org/fhir/questionnaire-answers-status#entered-in-error "Entered in Error"
* http://hl7.org/fhir/questionnaire-answers-status#stopped "Stopped"

ValueSet: IopAttendanceCodes
Id: iop-attendance
Title: "Attendance"
Description: "Attendance: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/attendance#attended "Attended in full"
* https://iop-fhir-adapter.org/fhir/CodeSystem/attendance#late "Came late"
* https://iop-fhir-adapter.org/fhir/CodeSystem/attendance#left-early "Left early"
* https://iop-fhir-adapter.org/fhir/CodeSystem/attendance#late-and-left-early "Came late and left early"

ValueSet: IopAuthorizationDecisionCodes
Id: iop-authorization-decision
Title: "Authorization decision"
Description: "Authorization decision: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/authorization-decision#approved "Approved"
* https://iop-fhir-adapter.org/fhir/CodeSystem/authorization-decision#approved-in-part "Approved in part"
* https://iop-fhir-adapter.org/fhir/CodeSystem/authorization-decision#denied "Denied"
* https://iop-fhir-adapter.org/fhir/CodeSystem/authorization-decision#pended "Pended"
* https://iop-fhir-adapter.org/fhir/CodeSystem/authorization-decision#withdrawn "Withdrawn"

ValueSet: IopAuthorizationOutcomeCodes
Id: iop-authorization-outcome
Title: "Authorization outcome"
Description: "Authorization outcome: the codes that are written, and those that are read too."
* http://hl7.org/fhir/remittance-outcome#queued
* http://hl7.org/fhir/remittance-outcome#complete
* http://hl7.org/fhir/remittance-outcome#error
* http://hl7.org/fhir/remittance-outcome#partial

ValueSet: IopBilledServiceCodes
Id: iop-billed-service
Title: "Billed service"
Description: "Billed service: the codes that are written, and those that are read too."
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0015
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0015
* urn:oid:2.16.840.1.113883.6.285#H0015
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0001
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0001
* urn:oid:2.16.840.1.113883.6.285#H0001
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0004
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0004
* urn:oid:2.16.840.1.113883.6.285#H0004
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0005
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0005
* urn:oid:2.16.840.1.113883.6.285#H0005
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0006
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0006
* urn:oid:2.16.840.1.113883.6.285#H0006
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0011
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0011
* urn:oid:2.16.840.1.113883.6.285#H0011
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0012
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0012
* urn:oid:2.16.840.1.113883.6.285#H0012
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0014
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0014
* urn:oid:2.16.840.1.113883.6.285#H0014
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0019
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0019
* urn:oid:2.16.840.1.113883.6.285#H0019
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0020
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0020
* urn:oid:2.16.840.1.113883.6.285#H0020
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0025
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0025
* urn:oid:2.16.840.1.113883.6.285#H0025
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0028
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0028
* urn:oid:2.16.840.1.113883.6.285#H0028
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0033
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0033
* urn:oid:2.16.840.1.113883.6.285#H0033
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0035
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0035
* urn:oid:2.16.840.1.113883.6.285#H0035
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0038
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H0038
* urn:oid:2.16.840.1.113883.6.285#H0038
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2011
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2011
* urn:oid:2.16.840.1.113883.6.285#H2011
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2012
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2012
* urn:oid:2.16.840.1.113883.6.285#H2012
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2013
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2013
* urn:oid:2.16.840.1.113883.6.285#H2013
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2034
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2034
* urn:oid:2.16.840.1.113883.6.285#H2034
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2036
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#H2036
* urn:oid:2.16.840.1.113883.6.285#H2036
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#S9484
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#S9484
* urn:oid:2.16.840.1.113883.6.285#S9484
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#S9480
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#S9480
* urn:oid:2.16.840.1.113883.6.285#S9480
* https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#G0480
* http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets#G0480
* urn:oid:2.16.840.1.113883.6.285#G0480

ValueSet: IopBillingUnitCodes
Id: iop-billing-unit
Title: "Billing unit"
Description: "Billing unit: the codes that are written, and those that are read too."
* http://unitsofmeasure.org#{units} "units"
* http://unitsofmeasure.org#{visits} "visits"
* http://unitsofmeasure.org#min "minutes"
* http://unitsofmeasure.org#h "hours"
* http://unitsofmeasure.org#d "days"
* http://unitsofmeasure.org#mo "months"

ValueSet: IopBirthSexCodes
Id: iop-birth-sex
Title: "Birth sex"
Description: "Birth sex: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender#F "Female"
* http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender#M "Male"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#ASKU "asked but unknown"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#OTH "other"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#UNK "unknown"

ValueSet: IopBookingStatusAbsenceCodes
Id: iop-booking-status-absence
Title: "Booking status absence"
Description: "Booking status absence: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/absence#late-cancelled "Cancelled late"
* https://iop-fhir-adapter.org/fhir/CodeSystem/absence#rescheduled "Rescheduled"
* https://iop-fhir-adapter.org/fhir/CodeSystem/absence#excused "Excused absence"
* https://iop-fhir-adapter.org/fhir/CodeSystem/absence#cancelled-by-program "Cancelled by the program"

ValueSet: IopBreathMeasureCodes
Id: iop-breath-measure
Title: "Breath measure"
Description: "Breath measure: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* https://iop-fhir-adapter.org/fhir/CodeSystem/breath-measure#alcohol-amount "Alcohol in breath, amount"
* http://loinc.org#104133-4 "Ethanol [Presence] in Exhaled gas"

ValueSet: IopCancelReasonCodes
Id: iop-cancel-reason
Title: "Cancel reason"
Description: "Cancel reason: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat "Patient"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-crs "Patient: Canceled via automated reminder system"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-cpp "Patient: Canceled via Patient Portal"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-dec "Patient: Deceased"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-fb "Patient: Feeling Better"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-lt "Patient: Lack of Transportation"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-mt "Patient: Member Terminated"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-mv "Patient: Moved"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-preg "Patient: Pregnant"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-swl "Patient: Scheduled from Wait List"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#pat-ucp "Patient: Unhappy/Changed Provider"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov "Provider"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov-pers "Provider: Personal"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov-dch "Provider: Discharged"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov-edu "Provider: Edu/Meeting"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov-hosp "Provider: Hospitalized"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov-labs "Provider: Labs Out of Acceptable Range"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov-mri "Provider: MRI Screening Form Marked Do Not Proceed"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#prov-onc "Provider: Oncology Treatment Plan Changes"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#maint "Equipment Maintenance/Repair"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#meds-inc "Prep/Med Incomplete"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#other "Other"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-cms "Other: CMS Therapy Cap Service Not Authorized"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-err "Other: Error"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-fin "Other: Financial"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-iv "Other: Improper IV Access/Infiltrate IV"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-int "Other: No Interpreter Available"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-mu "Other: Prep/Med/Results Unavailable"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-room "Other: Room/Resource Maintenance"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-oerr "Other: Schedule Order Error"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-swie "Other: Silent Walk In Error"
* http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason#oth-weath "Other: Weather"
* https://iop-fhir-adapter.org/fhir/CodeSystem/cancel-reason#illness "Illness"
* https://iop-fhir-adapter.org/fhir/CodeSystem/cancel-reason#work "Work"
* https://iop-fhir-adapter.org/fhir/CodeSystem/cancel-reason#school "School"
* https://iop-fhir-adapter.org/fhir/CodeSystem/cancel-reason#family "Family or child care"
* https://iop-fhir-adapter.org/fhir/CodeSystem/cancel-reason#court "Court or probation"

ValueSet: IopCareTeamRoleCodes
Id: iop-care-team-role
Title: "Care team role"
Description: "Care team role: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence."
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#therapist "Therapist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#addiction-counselor "Addiction counselor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#social-worker "Social worker"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#psychologist "Psychologist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#psychiatrist "Psychiatrist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#addiction-physician "Addiction medicine physician"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#nurse-prescriber "Nurse prescriber"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#physician-assistant "Physician assistant"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#nurse "Nurse"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#peer-mentor "Peer mentor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#case-manager "Case manager"
* http://nucc.org/provider-taxonomy#171M00000X
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#group-facilitator "Group facilitator"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#family-therapist "Family therapist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#intake-coordinator "Intake coordinator"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#clinical-supervisor "Clinical supervisor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#program-director "Program director"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#utilization-reviewer "Utilization reviewer"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#technician "Technician"
* https://iop-fhir-adapter.org/fhir/CodeSystem/care-team-role#family-member "Family member"
* https://iop-fhir-adapter.org/fhir/CodeSystem/care-team-role#support-person "Support person"
* https://iop-fhir-adapter.org/fhir/CodeSystem/care-team-role#sponsor "Sponsor in mutual support"
* https://iop-fhir-adapter.org/fhir/CodeSystem/care-team-role#probation-officer "Probation or parole officer"
* https://iop-fhir-adapter.org/fhir/CodeSystem/care-team-role#school-counselor "School counselor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/care-team-role#outside-provider "Provider of another organization"
* http://snomed.info/sct#116154003 "Patient (person)"
* http://snomed.info/sct#133932002 "Caregiver (person)"
* http://snomed.info/sct#453231000124104 "Primary care provider"
* http://snomed.info/sct#17561000 "Cardiologist"

ValueSet: IopCareTeamStatusCodes
Id: iop-care-team-status
Title: "Care team status"
Description: "Care team status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/care-team-status#proposed "Proposed"
* http://hl7.org/fhir/care-team-status#active "Active"
* http://hl7.org/fhir/care-team-status#suspended "Suspended"
* http://hl7.org/fhir/care-team-status#inactive "Inactive"
* http://hl7.org/fhir/care-team-status#entered-in-error "Entered in Error"

ValueSet: IopCheckFindingCodes
Id: iop-check-finding
Title: "Check finding"
Description: "Check finding: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/check-finding#normal "Normal"
* https://iop-fhir-adapter.org/fhir/CodeSystem/check-finding#dilute "Dilute"
* https://iop-fhir-adapter.org/fhir/CodeSystem/check-finding#substituted "Substituted"
* https://iop-fhir-adapter.org/fhir/CodeSystem/check-finding#adulterated "Adulterated"
* https://iop-fhir-adapter.org/fhir/CodeSystem/check-finding#invalid "Invalid"
* https://iop-fhir-adapter.org/fhir/CodeSystem/check-finding#out-of-range "Out of range"

ValueSet: IopClaimPriorityCodes
Id: iop-claim-priority
Title: "Claim priority"
Description: "Claim priority: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/processpriority#stat "Immediate"
* http://terminology.hl7.org/CodeSystem/processpriority#normal "Normal"
* http://terminology.hl7.org/CodeSystem/processpriority#deferred "Deferred"

ValueSet: IopClaimTypeCodes
Id: iop-claim-type
Title: "Claim type"
Description: "Claim type: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/claim-type#institutional "Institutional"
* http://terminology.hl7.org/CodeSystem/claim-type#oral "Oral"
* http://terminology.hl7.org/CodeSystem/claim-type#pharmacy "Pharmacy"
* http://terminology.hl7.org/CodeSystem/claim-type#professional "Professional"
* http://terminology.hl7.org/CodeSystem/claim-type#vision "Vision"

ValueSet: IopClaimUseCodes
Id: iop-claim-use
Title: "Claim use"
Description: "Claim use: the codes that are written, and those that are read too."
* http://hl7.org/fhir/claim-use#claim
* http://hl7.org/fhir/claim-use#preauthorization
* http://hl7.org/fhir/claim-use#predetermination

ValueSet: IopClinicalStatusCodes
Id: iop-clinical-status
Title: "Clinical status"
Description: "Clinical status: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/condition-clinical#active "Active"
* http://terminology.hl7.org/CodeSystem/condition-clinical#recurrence "Recurrence"
* http://terminology.hl7.org/CodeSystem/condition-clinical#relapse "Relapse"
* http://terminology.hl7.org/CodeSystem/condition-clinical#inactive "Inactive"
* http://terminology.hl7.org/CodeSystem/condition-clinical#remission "Remission"
* http://terminology.hl7.org/CodeSystem/condition-clinical#resolved "Resolved"

ValueSet: IopCommitmentCodes
Id: iop-commitment
Title: "Commitment"
Description: "Commitment: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/commitment#work "Work"
* https://iop-fhir-adapter.org/fhir/CodeSystem/commitment#school "School"
* https://iop-fhir-adapter.org/fhir/CodeSystem/commitment#family "Family or child care"
* https://iop-fhir-adapter.org/fhir/CodeSystem/commitment#court "Court or probation"
* https://iop-fhir-adapter.org/fhir/CodeSystem/commitment#medical "Other treatment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/commitment#other "Other"

ValueSet: IopConfidentialityCodes
Id: iop-confidentiality
Title: "Confidentiality"
Description: "Confidentiality: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-Confidentiality#N "normal"
* http://terminology.hl7.org/CodeSystem/v3-Confidentiality#R "restricted"
* http://terminology.hl7.org/CodeSystem/v3-Confidentiality#V "very restricted"

ValueSet: IopConsentActionCodes
Id: iop-consent-action
Title: "Consent action"
Description: "Consent action: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/consentaction#collect "Collect"
* http://terminology.hl7.org/CodeSystem/consentaction#access "Access"
* http://terminology.hl7.org/CodeSystem/consentaction#use "Use"
* http://terminology.hl7.org/CodeSystem/consentaction#disclose "Disclose"
* http://terminology.hl7.org/CodeSystem/consentaction#correct "Access and Correct"

ValueSet: IopConsentActorCodes
Id: iop-consent-actor
Title: "Consent actor"
Description: "Consent actor: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#CST "custodian"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#IRCP "information recipient"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#PRCP

ValueSet: IopConsentCategoryCodes
Id: iop-consent-category
Title: "Consent category"
Description: "Consent category: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://terminology.hl7.org/CodeSystem/v3-ActCode#IDSCL "information disclosure"
* http://loinc.org#59284-0

ValueSet: IopConsentDecisionCodes
Id: iop-consent-decision
Title: "Consent decision"
Description: "Consent decision: the codes that are written, and those that are read too."
* http://hl7.org/fhir/consent-provision-type#deny "Opt Out"
* http://hl7.org/fhir/consent-provision-type#permit "Opt In"

ValueSet: IopConsentExpiryCodes
Id: iop-consent-expiry
Title: "Consent expiry"
Description: "Consent expiry: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-expiry#end-of-treatment "End of the treatment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-expiry#end-of-referral "When the referral is closed"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-expiry#end-of-payment "When the services are paid"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-expiry#no-expiry "None: only a single consent for treatment, payment and operations may say so"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-expiry#other "Another event, told in words"

ValueSet: IopConsentKindCodes
Id: iop-consent-kind
Title: "Consent kind"
Description: "Consent kind: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-kind#tpo "Single consent for all future treatment, payment and health care operations, 2.31(a)(4)"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-kind#specific "Consent for named recipients and purposes, 2.31(a)"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-kind#counseling-notes "Consent for SUD counseling notes, 2.31(b)"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-kind#legal-proceedings "Consent for use in proceedings against the patient, 2.31(d)"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-kind#restriction "Restriction that the patient asked for and the program agreed to, 2.26"

ValueSet: IopConsentLawCodes
Id: iop-consent-law
Title: "Consent law"
Description: "Consent law: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ActCode#42CFRPart2CD "42 CFR Part 2 consent directive"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#HIPAAAuthCD "HIPAA Authorization Consent Directive"

ValueSet: IopConsentPolicyCodes
Id: iop-consent-policy
Title: "Consent policy"
Description: "Consent policy: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ActCode#42CFRPart2 "42 CFR Part2"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#HIPAAAuth "HIPAA Authorization for Disclosure"
* http://terminology.hl7.org/CodeSystem/consentpolicycodes#hipaa-auth
* http://terminology.hl7.org/CodeSystem/v3-ActCode#OPTIN "opt-in"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#OPTOUT "op-out"

ValueSet: IopConsentScopeCodes
Id: iop-consent-scope
Title: "Consent scope"
Description: "Consent scope: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/consentscope#patient-privacy "Privacy Consent"

ValueSet: IopConsentStatementCodes
Id: iop-consent-statement
Title: "Consent statement"
Description: "Consent statement: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-statement#right-to-revoke "That it can be revoked, and how, 2.31(a)(6)"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-statement#redisclosure-by-recipients "That a covered entity may redisclose as HIPAA permits, save in proceedings against the patient, 2.31(a)(4)"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-statement#no-longer-protected "That redisclosed records may no longer be protected"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-statement#refusal-consequences "What follows from refusing to sign"
* https://iop-fhir-adapter.org/fhir/CodeSystem/consent-statement#fundraising-opt-out "That fundraising can be opted out of"

ValueSet: IopConsentStatusCodes
Id: iop-consent-status
Title: "Consent status"
Description: "Consent status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/consent-state-codes#draft "Pending"
* http://hl7.org/fhir/consent-state-codes#proposed "Proposed"
* http://hl7.org/fhir/consent-state-codes#active "Active"
* http://hl7.org/fhir/consent-state-codes#rejected "Rejected"
* http://hl7.org/fhir/consent-state-codes#inactive "Inactive"
* http://hl7.org/fhir/consent-state-codes#entered-in-error "Entered in Error"

ValueSet: IopContactMediumCodes
Id: iop-contact-medium
Title: "Contact medium"
Description: "Contact medium: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#PHONE "telephone"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#VIDEOCONF "videoconferencing"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#FACE "face-to-face"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#EMAILWRIT "email"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#FAXWRIT "telefax"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#MAILWRIT "mail"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#ONLINEWRIT "online written"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#HANDWRIT "handwritten"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#TYPEWRIT "typewritten"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#DICTATE "dictated"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#VERBAL "verbal"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#WRITTEN "written"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationMode#ELECTRONIC "electronic data"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-medium#text-message "Text message"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-medium#voicemail "Voicemail"

ValueSet: IopContactNotDoneCodes
Id: iop-contact-not-done
Title: "Contact not done"
Description: "Contact not done: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/communication-not-done-reason#unknown "Unknown"
* http://terminology.hl7.org/CodeSystem/communication-not-done-reason#system-error "System Error"
* http://terminology.hl7.org/CodeSystem/communication-not-done-reason#invalid-phone-number "Invalid Phone Number"
* http://terminology.hl7.org/CodeSystem/communication-not-done-reason#recipient-unavailable "Recipient Unavailable"
* http://terminology.hl7.org/CodeSystem/communication-not-done-reason#family-objection "Family Objection"
* http://terminology.hl7.org/CodeSystem/communication-not-done-reason#patient-objection "Patient Objection"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-not-done#no-consent "No consent to tell this recipient"

ValueSet: IopContactOutcomeCodes
Id: iop-contact-outcome
Title: "Contact outcome"
Description: "Contact outcome: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#reached "Reached"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#left-message "Left a message"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#no-answer "No answer"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#call-back-asked "Asked to call back"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#declined "Declined to talk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#wrong-number "Wrong number or address"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#not-in-service "Number not in service"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-outcome#returned "Came back undelivered"

ValueSet: IopContactPurposeCodes
Id: iop-contact-purpose
Title: "Contact purpose"
Description: "Contact purpose: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#outreach-after-no-show "Outreach after a no-show"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#family-contact "Family contact"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#care-coordination "Coordination with other providers"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#payer-contact "Contact with the payer"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#legal-contact "Contact with court, probation or parole"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#crisis-follow-up "Follow-up after a crisis"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#discharge-follow-up "Follow-up after discharge"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-purpose#participant-contact "Contact with the participant"
* http://terminology.hl7.org/CodeSystem/communication-category#alert "Alert"
* http://terminology.hl7.org/CodeSystem/communication-category#notification "Notification"
* http://terminology.hl7.org/CodeSystem/communication-category#reminder "Reminder"
* http://terminology.hl7.org/CodeSystem/communication-category#instruction "Instruction"

ValueSet: IopContactRoleCodes
Id: iop-contact-role
Title: "Contact role"
Description: "Contact role: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v2-0131#C "Emergency Contact"
* http://terminology.hl7.org/CodeSystem/v2-0131#EP
* http://terminology.hl7.org/CodeSystem/v2-0131#N "Next-of-Kin"
* http://terminology.hl7.org/CodeSystem/v2-0131#CP "Contact person"
* http://terminology.hl7.org/CodeSystem/v2-0131#BP "Billing contact person"
* http://terminology.hl7.org/CodeSystem/v2-0131#E "Employer"

ValueSet: IopContactStatusCodes
Id: iop-contact-status
Title: "Contact status"
Description: "Contact status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/event-status#preparation "Preparation"
* http://hl7.org/fhir/event-status#in-progress "In Progress"
* http://hl7.org/fhir/event-status#not-done "Not Done"
* http://hl7.org/fhir/event-status#on-hold "On Hold"
* http://hl7.org/fhir/event-status#stopped "Stopped"
* http://hl7.org/fhir/event-status#completed "Completed"
* http://hl7.org/fhir/event-status#entered-in-error "Entered in Error"
* http://hl7.org/fhir/event-status#unknown "Unknown"

ValueSet: IopContactWishCodes
Id: iop-contact-wish
Title: "Contact wish"
Description: "Contact wish: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#no-voicemail "No voicemail"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#no-detail-in-voicemail "Voicemail without detail"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#no-mail "No letters home"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#plain-envelope "Plain envelope only"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#no-text "No text messages"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#no-email "No e-mail"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#mobile-only "Mobile phone only"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#no-calls-at-work "No calls at work"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#no-calls-at-home "No calls at home"
* https://iop-fhir-adapter.org/fhir/CodeSystem/contact-wish#use-alternate-address "Use the alternate address"

ValueSet: IopCoverageClassCodes
Id: iop-coverage-class
Title: "Coverage class"
Description: "Coverage class: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/coverage-class#subgroup "SubGroup"
* http://terminology.hl7.org/CodeSystem/coverage-class#subplan "SubPlan"
* http://terminology.hl7.org/CodeSystem/coverage-class#class "Class"
* http://terminology.hl7.org/CodeSystem/coverage-class#subclass "SubClass"
* http://terminology.hl7.org/CodeSystem/coverage-class#sequence "Sequence"
* http://terminology.hl7.org/CodeSystem/coverage-class#rxbin "RX BIN"
* http://terminology.hl7.org/CodeSystem/coverage-class#rxpcn "RX PCN"
* http://terminology.hl7.org/CodeSystem/coverage-class#rxid "RX Id"
* http://terminology.hl7.org/CodeSystem/coverage-class#rxgroup "RX Group"

ValueSet: IopCredentialCodes
Id: iop-credential
Title: "Credential"
Description: "Credential: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#licensed-professional-counselor "Licensed professional counselor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#licensed-clinical-social-worker "Licensed clinical social worker"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#licensed-marriage-family-therapist "Licensed marriage and family therapist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#licensed-psychologist "Licensed psychologist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#licensed-addiction-counselor "Licensed addiction counselor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#certified-addiction-counselor "Certified alcohol and drug counselor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#certified-peer-specialist "Certified peer specialist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#registered-counselor-intern "Counselor in training"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#clinical-supervisor "Clinical supervisor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/credential#opioid-prescriber "Registration to prescribe controlled substances"
* http://terminology.hl7.org/CodeSystem/v2-0360#MD "Doctor of Medicine"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#MD "Doctor of Medicine"
* http://terminology.hl7.org/CodeSystem/v2-0360#DO "Doctor of Osteopathy"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#DO "Doctor of Osteopathy"
* http://terminology.hl7.org/CodeSystem/v2-0360#PHD "Doctor of Philosophy"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#PHD "Doctor of Philosophy"
* http://terminology.hl7.org/CodeSystem/v2-0360#NP "Nurse Practitioner"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#NP "Nurse Practitioner"
* http://terminology.hl7.org/CodeSystem/v2-0360#PA "Physician Assistant"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#PA "Physician Assistant"
* http://terminology.hl7.org/CodeSystem/v2-0360#RN "Registered Nurse"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#RN "Registered Nurse"
* http://terminology.hl7.org/CodeSystem/v2-0360#MA "Master of Arts"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#MA "Master of Arts"
* http://terminology.hl7.org/CodeSystem/v2-0360#MS "Master of Science"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#MS "Master of Science"
* http://terminology.hl7.org/CodeSystem/v2-0360#BA "Bachelor of Arts"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#BA "Bachelor of Arts"
* http://terminology.hl7.org/CodeSystem/v2-0360#BS "Bachelor of Science"
* http://terminology.hl7.org/CodeSystem/v2-0360/2.7#BS "Bachelor of Science"

ValueSet: IopDataMeaningCodes
Id: iop-data-meaning
Title: "Data meaning"
Description: "Data meaning: the codes that are written, and those that are read too."
* http://hl7.org/fhir/consent-data-meaning#instance "Instance"
* http://hl7.org/fhir/consent-data-meaning#related "Related"
* http://hl7.org/fhir/consent-data-meaning#dependents "Dependents"
* http://hl7.org/fhir/consent-data-meaning#authoredby "AuthoredBy"

ValueSet: IopDiagnosisAreaCodes
Id: iop-diagnosis-area
Title: "Diagnosis area"
Description: "Diagnosis area: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/diagnosis-area#substance-use "Substance use"
* https://iop-fhir-adapter.org/fhir/CodeSystem/diagnosis-area#mental-health "Mental health"
* https://iop-fhir-adapter.org/fhir/CodeSystem/diagnosis-area#physical-health "Physical health"
* https://iop-fhir-adapter.org/fhir/CodeSystem/diagnosis-area#social "Social"

ValueSet: IopDiagnosisCategoryCodes
Id: iop-diagnosis-category
Title: "Diagnosis category"
Description: "Diagnosis category: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/condition-category#problem-list-item "Problem List Item"
* http://terminology.hl7.org/CodeSystem/condition-category#encounter-diagnosis "Encounter Diagnosis"
* http://hl7.org/fhir/us/core/CodeSystem/condition-category#health-concern "Health Concern"
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#sdoh "SDOH"
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#functional-status "Functional Status"
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#disability-status "Disability Status"
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#cognitive-status "Cognitive Status"

ValueSet: IopDiagnosisRoleCodes
Id: iop-diagnosis-role
Title: "Diagnosis role"
Description: "Diagnosis role: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/diagnosis-role#AD "Admission diagnosis"
* http://terminology.hl7.org/CodeSystem/diagnosis-role#DD "Discharge diagnosis"
* http://terminology.hl7.org/CodeSystem/diagnosis-role#CC "Chief complaint"
* http://terminology.hl7.org/CodeSystem/diagnosis-role#CM "Comorbidity diagnosis"
* http://terminology.hl7.org/CodeSystem/diagnosis-role#pre-op "pre-op diagnosis"
* http://terminology.hl7.org/CodeSystem/diagnosis-role#post-op "post-op diagnosis"
* http://terminology.hl7.org/CodeSystem/diagnosis-role#billing "Billing"

ValueSet: IopDischargeDispositionCodes
Id: iop-discharge-disposition
Title: "Discharge disposition"
Description: "Discharge disposition: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/discharge-disposition#home "Home"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#alt-home "Alternative home"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#other-hcf "Other healthcare facility"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#hosp "Hospice"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#long "Long-term care"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#aadvice "Left against advice"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#exp "Expired"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#psy "Psychiatric hospital"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#rehab "Rehabilitation"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#snf "Skilled nursing facility"
* http://terminology.hl7.org/CodeSystem/discharge-disposition#oth "Other"

ValueSet: IopDischargeReasonCodes
Id: iop-discharge-reason
Title: "Discharge reason"
Description: "Discharge reason: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#completed "Completed treatment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#dropped-out "Stopped coming"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#participant-decision "Decision of the participant"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#terminated-by-program "Ended by the program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#transferred "Transferred to another program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#higher-level-needed "Higher level of care needed"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#financial "Financial"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#medical "Medical"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#moved "Moved"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#incarcerated "Incarcerated"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#died "Died"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#program-closed "Program closed"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-reason#other "Other"

ValueSet: IopDischargeTypeCodes
Id: iop-discharge-type
Title: "Discharge type"
Description: "Discharge type: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-type#completed "Treatment completed"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-type#transferred "Transferred or referred to another program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discharge-type#not-completed "Treatment not completed"

ValueSet: IopDisciplineCodes
Id: iop-discipline
Title: "Discipline"
Description: "Discipline: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#therapist "Therapist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#addiction-counselor "Addiction counselor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#social-worker "Social worker"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#psychologist "Psychologist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#psychiatrist "Psychiatrist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#addiction-physician "Addiction medicine physician"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#nurse-prescriber "Nurse prescriber"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#physician-assistant "Physician assistant"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#nurse "Nurse"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#peer-mentor "Peer mentor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#case-manager "Case manager"
* http://nucc.org/provider-taxonomy#171M00000X
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#group-facilitator "Group facilitator"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#family-therapist "Family therapist"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#intake-coordinator "Intake coordinator"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#clinical-supervisor "Clinical supervisor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#program-director "Program director"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#utilization-reviewer "Utilization reviewer"
* https://iop-fhir-adapter.org/fhir/CodeSystem/discipline#technician "Technician"

ValueSet: IopDocumentCategoryCodes
Id: iop-document-category
Title: "Document category"
Description: "Document category: the codes that are written, and those that are read too."
* http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category#clinical-note "Clinical Note"
* https://iop-fhir-adapter.org/fhir/CodeSystem/document-category#counseling-note "SUD counseling note"

ValueSet: IopDocumentRelationCodes
Id: iop-document-relation
Title: "Document relation"
Description: "Document relation: the codes that are written, and those that are read too."
* http://hl7.org/fhir/document-relationship-type#replaces
* http://hl7.org/fhir/document-relationship-type#transforms
* http://hl7.org/fhir/document-relationship-type#signs
* http://hl7.org/fhir/document-relationship-type#appends

ValueSet: IopDocumentStageCodes
Id: iop-document-stage
Title: "Document stage"
Description: "Document stage: the codes that are written, and those that are read too."
* http://hl7.org/fhir/composition-status#preliminary
* http://hl7.org/fhir/composition-status#final
* http://hl7.org/fhir/composition-status#amended
* http://hl7.org/fhir/composition-status#entered-in-error

ValueSet: IopDocumentStatusCodes
Id: iop-document-status
Title: "Document status"
Description: "Document status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/document-reference-status#current
* http://hl7.org/fhir/document-reference-status#superseded
* http://hl7.org/fhir/document-reference-status#entered-in-error

ValueSet: IopDocumentTypeCodes
Id: iop-document-type
Title: "Document type"
Description: "Document type: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://loinc.org#11488-4
* http://loinc.org#18842-5
* http://loinc.org#34117-2
* http://loinc.org#11506-3
* http://loinc.org#28570-0
* http://loinc.org#34133-9 "Summary of episode note"
* http://loinc.org#34785-6 "Mental Health Consult Note"
* http://loinc.org#78263-1 "Mental Health Discharge Summary Note"
* http://loinc.org#78306-8 "Mental Health History and Physical Note"
* http://loinc.org#78472-8 "Mental Health Procedure Note"
* http://loinc.org#34904-3 "Mental Health Progress Note"
* https://iop-fhir-adapter.org/fhir/CodeSystem/document-type#treatment-plan-review "Treatment plan review"
* https://iop-fhir-adapter.org/fhir/CodeSystem/document-type#counseling-note "SUD counseling note"

ValueSet: IopDrugFindingInterpretationCodes
Id: iop-drug-finding-interpretation
Title: "Drug finding interpretation"
Description: "Drug finding interpretation: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#POS "Positive"
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#NEG "Negative"
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#IND "Indeterminate"
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#DET
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#A
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#ND
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#N
* http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation#E

ValueSet: IopDrugFindingValueCodes
Id: iop-drug-finding-value
Title: "Drug finding value"
Description: "Drug finding value: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence. LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://snomed.info/sct#10828004
* http://snomed.info/sct#260385009
* http://snomed.info/sct#419984006 "Inconclusive"
* http://snomed.info/sct#455371000124106 "Invalid result"
* http://loinc.org#LA6576-8
* http://snomed.info/sct#260373001
* http://loinc.org#LA6577-6
* http://snomed.info/sct#260415000
* http://snomed.info/sct#42425007

ValueSet: IopDrugPanelCodes
Id: iop-drug-panel
Title: "Drug panel"
Description: "Drug panel: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://loinc.org#69739-1
* http://loinc.org#24349-3
* http://loinc.org#65750-2
* http://loinc.org#51782-1
* http://loinc.org#87428-9
* http://loinc.org#53745-6
* http://loinc.org#53746-4
* http://loinc.org#53747-2 "Cocaine panel - Urine"
* http://loinc.org#69033-9
* https://iop-fhir-adapter.org/fhir/CodeSystem/drug-panel#on-site-cup "On-site cup"
* https://iop-fhir-adapter.org/fhir/CodeSystem/drug-panel#oral-fluid-device "Oral fluid device"

ValueSet: IopDrugTestCodes
Id: iop-drug-test
Title: "Drug test"
Description: "Drug test: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://loinc.org#19261-7 "Amphetamines [Presence] in Urine by Screen method"
* http://loinc.org#43983-6 "Amphetamines [Presence] in Urine by Screen method >500 ng/mL"
* http://loinc.org#14308-1 "Amphetamines [Presence] in Urine by Screen method >1000 ng/mL"
* http://loinc.org#3349-8 "Amphetamines [Presence] in Urine"
* http://loinc.org#16369-1 "Amphetamines [Presence] in Urine by Confirmatory method"
* http://loinc.org#20410-7 "Amphetamines [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19343-3 "Amphetamine [Presence] in Urine by Screen method"
* http://loinc.org#19344-1 "Amphetamine [Presence] in Urine by Confirmatory method"
* http://loinc.org#16234-7 "Amphetamine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19554-5 "Methamphetamine [Presence] in Urine by Screen method"
* http://loinc.org#3779-6 "Methamphetamine [Presence] in Urine"
* http://loinc.org#19555-2 "Methamphetamine [Presence] in Urine by Confirmatory method"
* http://loinc.org#16235-4 "Methamphetamine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19568-5 "Methylenedioxymethamphetamine [Presence] in Urine by Screen method"
* http://loinc.org#14267-9 "Methylenedioxymethamphetamine [Presence] in Urine"
* http://loinc.org#19569-3 "Methylenedioxymethamphetamine [Presence] in Urine by Confirmatory method"
* http://loinc.org#18358-2 "Methylenedioxymethamphetamine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#14316-4 "Benzodiazepines [Presence] in Urine by Screen method"
* http://loinc.org#70141-7 "Benzodiazepines [Presence] in Urine by Screen method >200 ng/mL"
* http://loinc.org#70142-5 "Benzodiazepines [Presence] in Urine by Screen method >300 ng/mL"
* http://loinc.org#3390-2 "Benzodiazepines [Presence] in Urine"
* http://loinc.org#16195-0 "Benzodiazepines [Presence] in Urine by Confirmatory method"
* http://loinc.org#20412-3 "Benzodiazepines [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19270-8 "Barbiturates [Presence] in Urine by Screen method"
* http://loinc.org#3377-9 "Barbiturates [Presence] in Urine"
* http://loinc.org#16429-3 "Barbiturates [Presence] in Urine by Confirmatory method"
* http://loinc.org#20411-5 "Barbiturates [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#14314-9 "Benzoylecgonine [Presence] in Urine by Screen method"
* http://loinc.org#43984-4 "Benzoylecgonine [Presence] in Urine by Screen method >150 ng/mL"
* http://loinc.org#43985-1 "Benzoylecgonine [Presence] in Urine by Screen method >300 ng/mL"
* http://loinc.org#3393-6 "Benzoylecgonine [Presence] in Urine"
* http://loinc.org#14315-6 "Benzoylecgonine [Presence] in Urine by Confirmatory method"
* http://loinc.org#16226-3 "Benzoylecgonine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19359-9 "Cocaine [Presence] in Urine by Screen method"
* http://loinc.org#3397-7 "Cocaine [Presence] in Urine"
* http://loinc.org#19360-7 "Cocaine [Presence] in Urine by Confirmatory method"
* http://loinc.org#20519-5 "Cocaine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#42241-0 "Cocaine+Benzoylecgonine [Presence] in Urine by Screen method"
* http://loinc.org#19295-5 "Opiates [Presence] in Urine by Screen method"
* http://loinc.org#70151-6 "Opiates [Presence] in Urine by Screen method >300 ng/mL"
* http://loinc.org#21431-2 "Opiates [Presence] in Urine by Screen method >2000 ng/mL"
* http://loinc.org#3879-4 "Opiates [Presence] in Urine"
* http://loinc.org#18390-5 "Opiates [Presence] in Urine by Confirmatory method"
* http://loinc.org#17384-9 "Opiates [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19411-8 "Codeine [Presence] in Urine by Screen method"
* http://loinc.org#3507-1 "Codeine [Presence] in Urine"
* http://loinc.org#16197-6 "Codeine [Presence] in Urine by Confirmatory method"
* http://loinc.org#16250-3 "Codeine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19597-4 "Morphine [Presence] in Urine by Screen method"
* http://loinc.org#3830-7 "Morphine [Presence] in Urine"
* http://loinc.org#16196-8 "Morphine [Presence] in Urine by Confirmatory method"
* http://loinc.org#16251-1 "Morphine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19321-9 "6MAM Ur Ql Scn"
* http://loinc.org#10976-9 "6MAM Ur Ql"
* http://loinc.org#19322-7 "6MAM Ur Ql Cfm"
* http://loinc.org#19593-3 "6MAM Ur Cfm-mCnc"
* http://loinc.org#59673-4 "Fentanyl [Presence] in Urine by Screen method"
* http://loinc.org#11235-9 "Fentanyl [Presence] in Urine"
* http://loinc.org#40839-3 "Fentanyl [Presence] in Urine by Confirmatory method"
* http://loinc.org#58381-5 "Fentanyl [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#95797-7 "Norfentanyl [Presence] in Urine by Screen method"
* http://loinc.org#43199-9 "Norfentanyl [Presence] in Urine"
* http://loinc.org#43200-5 "Norfentanyl [Presence] in Urine by Confirmatory method"
* http://loinc.org#58383-1 "Norfentanyl [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#58379-9 "Fentanyl+Norfentanyl [Presence] in Urine by Screen method"
* http://loinc.org#19642-8 "Oxycodone [Presence] in Urine by Screen method"
* http://loinc.org#10998-3 "Oxycodone [Presence] in Urine"
* http://loinc.org#19643-6 "Oxycodone [Presence] in Urine by Confirmatory method"
* http://loinc.org#16249-5 "Oxycodone [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#58430-0 "Oxycodone+Oxymorphone [Presence] in Urine by Screen method"
* http://loinc.org#19550-3 "Methadone [Presence] in Urine by Screen method"
* http://loinc.org#70148-2 "Methadone [Presence] in Urine by Screen method >150 ng/mL"
* http://loinc.org#70149-0 "Methadone [Presence] in Urine by Screen method >300 ng/mL"
* http://loinc.org#3773-9 "Methadone [Presence] in Urine"
* http://loinc.org#16199-2 "Methadone [Presence] in Urine by Confirmatory method"
* http://loinc.org#16246-1 "Methadone [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#93495-0
* http://loinc.org#58428-4
* http://loinc.org#58429-2
* http://loinc.org#93494-3 "Buprenorphine [Presence] in Urine by Screen method"
* http://loinc.org#3414-0 "Buprenorphine [Presence] in Urine"
* http://loinc.org#16208-1 "Buprenorphine [Presence] in Urine by Confirmatory method"
* http://loinc.org#49752-9 "Buprenorphine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#82371-6 "Norbuprenorphine [Presence] in Urine by Screen method"
* http://loinc.org#58362-5 "Norbuprenorphine [Presence] in Urine by Confirmatory method"
* http://loinc.org#49751-1 "Norbuprenorphine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19710-3 "Tramadol [Presence] in Urine by Screen method"
* http://loinc.org#43219-5 "Tramadol [Presence] in Urine"
* http://loinc.org#17718-8 "Tramadol [Presence] in Urine by Confirmatory method"
* http://loinc.org#20561-7 "Tramadol [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#18282-4 "Cannabinoids [Presence] in Urine by Screen method"
* http://loinc.org#70144-1 "Cannabinoids [Presence] in Urine by Screen method >20 ng/mL"
* http://loinc.org#70145-8 "Cannabinoids [Presence] in Urine by Screen method >50 ng/mL"
* http://loinc.org#3427-2 "Cannabinoids [Presence] in Urine"
* http://loinc.org#19289-8 "Cannabinoids [Presence] in Urine by Confirmatory method"
* http://loinc.org#20413-1 "Cannabinoids [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19415-9 "Tetrahydrocannabinol [Presence] in Urine by Screen method"
* http://loinc.org#14312-3 "Tetrahydrocannabinol [Presence] in Urine by Screen method >50 ng/mL"
* http://loinc.org#3426-4 "Tetrahydrocannabinol [Presence] in Urine"
* http://loinc.org#19416-7 "Tetrahydrocannabinol [Presence] in Urine by Confirmatory method"
* http://loinc.org#14313-1 "Tetrahydrocannabinol [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19381-3 "Carboxy tetrahydrocannabinol [Presence] in Urine by Screen method"
* http://loinc.org#3435-5 "Carboxy tetrahydrocannabinol [Presence] in Urine"
* http://loinc.org#19382-1 "Carboxy tetrahydrocannabinol [Presence] in Urine by Confirmatory method"
* http://loinc.org#20521-1 "Carboxy tetrahydrocannabinol [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19659-2 "Phencyclidine [Presence] in Urine by Screen method"
* http://loinc.org#14310-7 "Phencyclidine [Presence] in Urine by Screen method >25 ng/mL"
* http://loinc.org#3936-2 "Phencyclidine [Presence] in Urine"
* http://loinc.org#18392-1 "Phencyclidine [Presence] in Urine by Confirmatory method"
* http://loinc.org#16254-5 "Phencyclidine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#42242-8 "Ethanol [Presence] in Urine by Screen method"
* http://loinc.org#5644-0 "Ethanol [Presence] in Urine"
* http://loinc.org#34180-0 "Ethanol [Presence] in Urine by Confirmatory method"
* http://loinc.org#46983-3 "Ethanol [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#58375-7 "Ethyl glucuronide [Presence] in Urine by Screen method"
* http://loinc.org#55349-5 "Ethyl glucuronide [Presence] in Urine"
* http://loinc.org#58377-3 "Ethyl glucuronide [Presence] in Urine by Confirmatory method"
* http://loinc.org#58378-1 "Ethyl glucuronide [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#96058-3 "Mitragynine [Presence] in Urine by Screen method"
* http://loinc.org#73995-3 "Mitragynine [Presence] in Urine by Confirmatory method"
* http://loinc.org#72732-1 "Mitragynine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#101809-2 "Xylazine [Presence] in Urine by Confirmatory method"
* http://loinc.org#101808-4 "Xylazine [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#19609-7 "Naltrexone [Presence] in Urine by Screen method"
* http://loinc.org#12309-1 "Naltrexone [Presence] in Urine"
* http://loinc.org#18334-3 "Naltrexone [Presence] in Urine by Confirmatory method"
* http://loinc.org#19610-5 "Naltrexone [Mass/volume] in Urine by Confirmatory method"
* http://loinc.org#42618-9 "Naloxone [Presence] in Urine by Screen method"
* http://loinc.org#92649-3 "Naloxone [Presence] in Urine by Confirmatory method"
* http://loinc.org#77207-9 "Naloxone [Mass/volume] in Urine by Confirmatory method"

ValueSet: IopEducationCodes
Id: iop-education
Title: "Education"
Description: "Education: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/education#up-to-grade-8 "No schooling to grade 8"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#PK
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#00
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#01
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#02
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#03
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#04
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#05
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#06
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#07
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#08
* https://iop-fhir-adapter.org/fhir/CodeSystem/education#grade-9-to-11 "Grade 9 to 11"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#09
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#10
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#11
* https://iop-fhir-adapter.org/fhir/CodeSystem/education#high-school "Grade 12 or GED"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#12
* https://iop-fhir-adapter.org/fhir/CodeSystem/education#some-college "Some college or vocational school"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#14
* https://iop-fhir-adapter.org/fhir/CodeSystem/education#college-degree "College degree or more"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#16
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#18
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-education-level-cs#20

ValueSet: IopEmploymentCodes
Id: iop-employment
Title: "Employment"
Description: "Employment: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#full-time "Employed full time"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#01
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#part-time "Employed part time"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#02
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#unemployed "Unemployed, looking for work"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#03
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#homemaker "Homemaker"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#05
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#student "Student"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#06
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#retired "Retired"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#07
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#disabled "Disabled"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#08
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#in-an-institution "Resident of an institution"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-employment-status-cs#09
* https://iop-fhir-adapter.org/fhir/CodeSystem/employment#not-in-labor-force "Not in the labor force, other"

ValueSet: IopEpisodeKindCodes
Id: iop-episode-kind
Title: "Episode kind"
Description: "Episode kind: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-kind#mental-health "Mental health"
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-kind#co-occurring "Co-occurring substance use and mental health"
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-kind#developmental "Intellectual and developmental disability"
* http://terminology.hl7.org/CodeSystem/episodeofcare-type#da "Drug and alcohol rehabilitation"

ValueSet: IopEpisodeStatusCodes
Id: iop-episode-status
Title: "Episode status"
Description: "Episode status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/episode-of-care-status#planned "Planned"
* http://hl7.org/fhir/episode-of-care-status#waitlist "Waitlist"
* http://hl7.org/fhir/episode-of-care-status#active "Active"
* http://hl7.org/fhir/episode-of-care-status#onhold "On Hold"
* http://hl7.org/fhir/episode-of-care-status#finished "Finished"
* http://hl7.org/fhir/episode-of-care-status#cancelled "Cancelled"
* http://hl7.org/fhir/episode-of-care-status#entered-in-error "Entered in Error"

ValueSet: IopEpisodeStepCodes
Id: iop-episode-step
Title: "Episode step"
Description: "Episode step: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-step#step-up-from "Stepped up from"
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-step#step-down-from "Stepped down from"
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-step#this-program "In this program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-step#step-up-to "Stepped up to"
* https://iop-fhir-adapter.org/fhir/CodeSystem/episode-step#step-down-to "Stepped down to"

ValueSet: IopEthnicityCodes
Id: iop-ethnicity
Title: "Ethnicity"
Description: "Ethnicity: the codes that are written, and those that are read too."
* urn:oid:2.16.840.1.113883.6.238#2135-2 "Hispanic or Latino"
* urn:oid:2.16.840.1.113883.6.238#2186-5 "Not Hispanic or Latino"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#UNK "unknown"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#ASKU "asked but unknown"

ValueSet: IopFinanceStatusCodes
Id: iop-finance-status
Title: "Finance status"
Description: "Finance status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/fm-status#active
* http://hl7.org/fhir/fm-status#cancelled
* http://hl7.org/fhir/fm-status#draft
* http://hl7.org/fhir/fm-status#entered-in-error

ValueSet: IopFlagAudienceCodes
Id: iop-flag-audience
Title: "Flag audience"
Description: "Flag audience: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-audience#all-staff "All staff"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-audience#clinical-staff "Clinical staff"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-audience#care-team "The participant's care team"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-audience#prescribers "Prescribers and nurses"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-audience#group-facilitators "Facilitators of the participant's groups"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-audience#front-desk "Front desk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-audience#program-lead "Program director and supervisors"

ValueSet: IopFlagCategoryCodes
Id: iop-flag-category
Title: "Flag category"
Description: "Flag category: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/flag-category#diet "Diet"
* http://terminology.hl7.org/CodeSystem/flag-category#drug "Drug"
* http://terminology.hl7.org/CodeSystem/flag-category#lab "Lab"
* http://terminology.hl7.org/CodeSystem/flag-category#admin "Administrative"
* http://terminology.hl7.org/CodeSystem/flag-category#contact "Subject Contact"
* http://terminology.hl7.org/CodeSystem/flag-category#clinical "Clinical"
* http://terminology.hl7.org/CodeSystem/flag-category#behavioral "Behavioral"
* http://terminology.hl7.org/CodeSystem/flag-category#research "Research"
* http://terminology.hl7.org/CodeSystem/flag-category#advance-directive "Advance Directive"
* http://terminology.hl7.org/CodeSystem/flag-category#safety "Safety"

ValueSet: IopFlagLevelCodes
Id: iop-flag-level
Title: "Flag level"
Description: "Flag level: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-level#low "Low risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-level#moderate "Moderate risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-level#high "High risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/flag-level#imminent "Imminent risk"

ValueSet: IopFlagStatusCodes
Id: iop-flag-status
Title: "Flag status"
Description: "Flag status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/flag-status#active "Active"
* http://hl7.org/fhir/flag-status#inactive "Inactive"
* http://hl7.org/fhir/flag-status#entered-in-error "Entered in Error"

ValueSet: IopGenderIdentityCodes
Id: iop-gender-identity
Title: "Gender identity"
Description: "Gender identity: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence."
* http://snomed.info/sct#446151000124109 "Identifies as male gender"
* http://snomed.info/sct#446141000124107 "Identifies as female gender"
* http://snomed.info/sct#33791000087105 "Identifies as nonbinary gender"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#OTH "other"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#UNK "unknown"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#ASKU "asked but unknown"

ValueSet: IopGivenStatusCodes
Id: iop-given-status
Title: "Given status"
Description: "Given status: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/medication-admin-status#in-progress
* http://terminology.hl7.org/CodeSystem/medication-admin-status#not-done
* http://terminology.hl7.org/CodeSystem/medication-admin-status#on-hold
* http://terminology.hl7.org/CodeSystem/medication-admin-status#completed
* http://terminology.hl7.org/CodeSystem/medication-admin-status#entered-in-error
* http://terminology.hl7.org/CodeSystem/medication-admin-status#stopped
* http://terminology.hl7.org/CodeSystem/medication-admin-status#unknown

ValueSet: IopGoalAchievementCodes
Id: iop-goal-achievement
Title: "Goal achievement"
Description: "Goal achievement: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/goal-achievement#in-progress "In Progress"
* http://terminology.hl7.org/CodeSystem/goal-achievement#improving "Improving"
* http://terminology.hl7.org/CodeSystem/goal-achievement#worsening "Worsening"
* http://terminology.hl7.org/CodeSystem/goal-achievement#no-change "No Change"
* http://terminology.hl7.org/CodeSystem/goal-achievement#achieved "Achieved"
* http://terminology.hl7.org/CodeSystem/goal-achievement#sustaining "Sustaining"
* http://terminology.hl7.org/CodeSystem/goal-achievement#not-achieved "Not Achieved"
* http://terminology.hl7.org/CodeSystem/goal-achievement#no-progress "No Progress"
* http://terminology.hl7.org/CodeSystem/goal-achievement#not-attainable "Not Attainable"

ValueSet: IopGoalCategoryCodes
Id: iop-goal-category
Title: "Goal category"
Description: "Goal category: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/goal-category#dietary "Dietary"
* http://terminology.hl7.org/CodeSystem/goal-category#safety "Safety"
* http://terminology.hl7.org/CodeSystem/goal-category#behavioral "Behavioral"
* http://terminology.hl7.org/CodeSystem/goal-category#nursing "Nursing"
* http://terminology.hl7.org/CodeSystem/goal-category#physiotherapy "Physiotherapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#abstinence "Abstinence or reduced use"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#mental-health "Mental health"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#family "Family and relationships"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#housing "Housing"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#work "Work or school"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#legal "Legal"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#physical-health "Physical health"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#support-network "Support network"
* https://iop-fhir-adapter.org/fhir/CodeSystem/goal-category#life-skills "Life skills"

ValueSet: IopGoalPriorityCodes
Id: iop-goal-priority
Title: "Goal priority"
Description: "Goal priority: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/goal-priority#high-priority "High Priority"
* http://terminology.hl7.org/CodeSystem/goal-priority#medium-priority "Medium Priority"
* http://terminology.hl7.org/CodeSystem/goal-priority#low-priority "Low Priority"

ValueSet: IopGoalStatusCodes
Id: iop-goal-status
Title: "Goal status"
Description: "Goal status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/goal-status#proposed "Proposed"
* http://hl7.org/fhir/goal-status#planned "Planned"
* http://hl7.org/fhir/goal-status#accepted "Accepted"
* http://hl7.org/fhir/goal-status#active "Active"
* http://hl7.org/fhir/goal-status#on-hold "On Hold"
* http://hl7.org/fhir/goal-status#completed "Completed"
* http://hl7.org/fhir/goal-status#cancelled "Cancelled"
* http://hl7.org/fhir/goal-status#entered-in-error "Entered in Error"
* http://hl7.org/fhir/goal-status#rejected "Rejected"

ValueSet: IopGroupAccessCodes
Id: iop-group-access
Title: "Group access"
Description: "Group access: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/group-access#open "Open: join at any time"
* https://iop-fhir-adapter.org/fhir/CodeSystem/group-access#closed "Closed: starts and ends together"
* https://iop-fhir-adapter.org/fhir/CodeSystem/group-access#gender-specific "For one gender"
* https://iop-fhir-adapter.org/fhir/CodeSystem/group-access#by-referral "By the care team's referral only"
* https://iop-fhir-adapter.org/fhir/CodeSystem/group-access#virtual "Virtual attendance"
* https://iop-fhir-adapter.org/fhir/CodeSystem/group-access#hybrid "Virtual and in-person attendance"

ValueSet: IopHandlingCodes
Id: iop-handling
Title: "Handling"
Description: "Handling: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ActCode#NORDSCLCD "no redisclosure without consent directive"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#NORDSLCD
* http://terminology.hl7.org/CodeSystem/v3-ActCode#NORDSCLCDS "no redisclosure without information subject's consent directive"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#NOREUSE "no reuse beyond purpose of use"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#DELAU "delete after use"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#PERSISTLABEL "persist security label"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#CPLYCD "comply with consent directive"

ValueSet: IopIdentifierTypeCodes
Id: iop-identifier-type
Title: "Identifier type"
Description: "Identifier type: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v2-0203#AN "Account number"
* http://terminology.hl7.org/CodeSystem/v2-0203#DL "Driver's license number"
* http://terminology.hl7.org/CodeSystem/v2-0203#EI "Employee number"
* http://terminology.hl7.org/CodeSystem/v2-0203#FILL "Filler Identifier"
* http://terminology.hl7.org/CodeSystem/v2-0203#LN "License number"
* http://terminology.hl7.org/CodeSystem/v2-0203#MA "Patient Medicaid number"
* http://terminology.hl7.org/CodeSystem/v2-0203#MB "Member Number"
* http://terminology.hl7.org/CodeSystem/v2-0203#MC "Patient's Medicare number"
* http://terminology.hl7.org/CodeSystem/v2-0203#MR "Medical record number"
* http://terminology.hl7.org/CodeSystem/v2-0203#NPI "National provider identifier"
* http://terminology.hl7.org/CodeSystem/v2-0203#PI "Patient internal identifier"
* http://terminology.hl7.org/CodeSystem/v2-0203#PLAC "Placer Identifier"
* http://terminology.hl7.org/CodeSystem/v2-0203#PRN "Provider number"
* http://terminology.hl7.org/CodeSystem/v2-0203#PT "Patient external identifier"
* http://terminology.hl7.org/CodeSystem/v2-0203#RI "Resource identifier"
* http://terminology.hl7.org/CodeSystem/v2-0203#SS "Social Security number"
* http://terminology.hl7.org/CodeSystem/v2-0203#VN "Visit number"
* http://terminology.hl7.org/CodeSystem/v2-0203#XX "Organization identifier"

ValueSet: IopIdentifierUseCodes
Id: iop-identifier-use
Title: "Identifier use"
Description: "Identifier use: the codes that are written, and those that are read too."
* http://hl7.org/fhir/identifier-use#usual "Usual"
* http://hl7.org/fhir/identifier-use#official "Official"
* http://hl7.org/fhir/identifier-use#temp "Temp"
* http://hl7.org/fhir/identifier-use#secondary "Secondary"
* http://hl7.org/fhir/identifier-use#old "Old"

ValueSet: IopIncomeSourceCodes
Id: iop-income-source
Title: "Income source"
Description: "Income source: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/income-source#wages "Wages or salary"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-income-source#1
* https://iop-fhir-adapter.org/fhir/CodeSystem/income-source#public-assistance "Public assistance"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-income-source#2
* https://iop-fhir-adapter.org/fhir/CodeSystem/income-source#retirement "Retirement or pension"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-income-source#3
* https://iop-fhir-adapter.org/fhir/CodeSystem/income-source#disability "Disability"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-income-source#4
* https://iop-fhir-adapter.org/fhir/CodeSystem/income-source#other "Other source of income"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-income-source#97
* https://iop-fhir-adapter.org/fhir/CodeSystem/income-source#none "No income"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-income-source#0

ValueSet: IopInstrumentCodes
Id: iop-instrument
Title: "Instrument"
Description: "Instrument: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://loinc.org#44261-6 "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"
* http://loinc.org#44249-1
* http://loinc.org#89204-2
* http://loinc.org#55758-7
* http://loinc.org#70274-6 "Generalized anxiety disorder 7 item (GAD-7) total score"
* http://loinc.org#69737-5
* http://loinc.org#75626-2
* http://loinc.org#72109-2
* http://loinc.org#82667-7
* http://loinc.org#82666-9
* http://loinc.org#96841-2
* http://loinc.org#93373-9 "Columbia - suicide severity rating scale screener - recent [C-SSRS]"
* http://loinc.org#93374-7 "Suicide risk level"

ValueSet: IopLanguageCodes
Id: iop-language
Title: "Language"
Description: "Language: the codes that are written, and those that are read too."
* urn:ietf:bcp:47#en "English"
* urn:ietf:bcp:47#en-US
* urn:ietf:bcp:47#es "Spanish"
* urn:ietf:bcp:47#es-US
* urn:ietf:bcp:47#zh "Chinese"
* urn:ietf:bcp:47#zh-CN
* urn:ietf:bcp:47#ar "Arabic"
* urn:ietf:bcp:47#bn "Bengali"
* urn:ietf:bcp:47#cs "Czech"
* urn:ietf:bcp:47#da "Danish"
* urn:ietf:bcp:47#de "German"
* urn:ietf:bcp:47#de-DE
* urn:ietf:bcp:47#el "Greek"
* urn:ietf:bcp:47#fi "Finnish"
* urn:ietf:bcp:47#fr "French"
* urn:ietf:bcp:47#fr-FR
* urn:ietf:bcp:47#hi "Hindi"
* urn:ietf:bcp:47#hr "Croatian"
* urn:ietf:bcp:47#it "Italian"
* urn:ietf:bcp:47#it-IT
* urn:ietf:bcp:47#ja "Japanese"
* urn:ietf:bcp:47#ko "Korean"
* urn:ietf:bcp:47#nl "Dutch"
* urn:ietf:bcp:47#nl-NL
* urn:ietf:bcp:47#no "Norwegian"
* urn:ietf:bcp:47#pa "Punjabi"
* urn:ietf:bcp:47#pl "Polish"
* urn:ietf:bcp:47#pt "Portuguese"
* urn:ietf:bcp:47#pt-BR
* urn:ietf:bcp:47#ru "Russian"
* urn:ietf:bcp:47#ru-RU
* urn:ietf:bcp:47#sr "Serbian"
* urn:ietf:bcp:47#sr-RS
* urn:ietf:bcp:47#sv "Swedish"
* urn:ietf:bcp:47#sv-SE
* urn:ietf:bcp:47#te "Telugu"
* urn:ietf:bcp:47#vi "Vietnamese"
* urn:ietf:bcp:47#tl "Tagalog"
* urn:ietf:bcp:47#ht "Haitian Creole"
* urn:ietf:bcp:47#hmn "Hmong"
* urn:ietf:bcp:47#so "Somali"
* urn:ietf:bcp:47#fa "Persian"
* urn:ietf:bcp:47#uk "Ukrainian"
* urn:ietf:bcp:47#nv "Navajo"
* urn:ietf:bcp:47#ase "American Sign Language"

ValueSet: IopLegalStatusCodes
Id: iop-legal-status
Title: "Legal status"
Description: "Legal status: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#none "No legal involvement"
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#awaiting-trial "Awaiting charge, trial or sentence"
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#court-ordered "Ordered to treatment by a court"
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#diversion "Diversion program or treatment court"
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#probation-or-parole "Probation or parole"
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#driving-offense "Driving under the influence"
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#incarcerated "In jail or prison"
* https://iop-fhir-adapter.org/fhir/CodeSystem/legal-status#other "Other legal involvement"

ValueSet: IopLevelOfCareCodes
Id: iop-level-of-care
Title: "Level of care"
Description: "Level of care: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-0-5 "Level 0.5"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#0.5
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-1 "Level 1"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#1
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#1.0
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-2-1 "Level 2.1"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#2.1
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-2-5 "Level 2.5"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#2.5
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-3-1 "Level 3.1"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.1
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-3-3 "Level 3.3"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.3
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-3-5 "Level 3.5"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.5
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-3-7 "Level 3.7"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.7
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-4 "Level 4"
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-1-wm "Level 1-WM"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#1-WM
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-2-wm "Level 2-WM"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#2-WM
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-3-2-wm "Level 3.2-WM"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.2-WM
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.2-D
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-3-7-wm "Level 3.7-WM"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.7-WM
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs#3.7x
* https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care#level-4-wm "Level 4-WM"

ValueSet: IopLivingSituationCodes
Id: iop-living-situation
Title: "Living situation"
Description: "Living situation: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/living-situation#homeless "Homeless"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#12
* https://iop-fhir-adapter.org/fhir/CodeSystem/living-situation#dependent "Dependent living"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#6
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#7
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#13
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#14
* https://iop-fhir-adapter.org/fhir/CodeSystem/living-situation#recovery-residence "Recovery residence"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#11
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#16
* https://iop-fhir-adapter.org/fhir/CodeSystem/living-situation#correctional "Correctional facility"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#1
* https://iop-fhir-adapter.org/fhir/CodeSystem/living-situation#independent "Independent living"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-living-situation#15

ValueSet: IopMaritalStatusCodes
Id: iop-marital-status
Title: "Marital status"
Description: "Marital status: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#A "Annulled"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#D "Divorced"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#I "Interlocutory"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#L "Legally Separated"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#M "Married"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#P "Polygamous"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#S "Never Married"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#T "Domestic partner"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#U "unmarried"
* http://terminology.hl7.org/CodeSystem/v3-MaritalStatus#W "Widowed"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#UNK "unknown"

ValueSet: IopMedicationIntentCodes
Id: iop-medication-intent
Title: "Medication intent"
Description: "Medication intent: the codes that are written, and those that are read too."
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#proposal
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#plan
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#order
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#original-order
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#reflex-order
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#filler-order
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#instance-order
* http://hl7.org/fhir/CodeSystem/medicationrequest-intent#option

ValueSet: IopMedicationSettingCodes
Id: iop-medication-setting
Title: "Medication setting"
Description: "Medication setting: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/medicationrequest-category#inpatient "Inpatient"
* http://terminology.hl7.org/CodeSystem/medicationrequest-category#outpatient "Outpatient"
* http://terminology.hl7.org/CodeSystem/medicationrequest-category#community "Community"
* http://terminology.hl7.org/CodeSystem/medicationrequest-category#discharge "Discharge"

ValueSet: IopMedicationStatusCodes
Id: iop-medication-status
Title: "Medication status"
Description: "Medication status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#active
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#on-hold
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#cancelled
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#completed
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#entered-in-error
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#stopped
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#draft
* http://hl7.org/fhir/CodeSystem/medicationrequest-status#unknown

ValueSet: IopMeetingFrequencyCodes
Id: iop-meeting-frequency
Title: "Meeting frequency"
Description: "Meeting frequency: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/meeting-frequency#none "No meetings"
* https://iop-fhir-adapter.org/fhir/CodeSystem/meeting-frequency#one-to-three "1 to 3 meetings"
* https://iop-fhir-adapter.org/fhir/CodeSystem/meeting-frequency#four-to-seven "4 to 7 meetings"
* https://iop-fhir-adapter.org/fhir/CodeSystem/meeting-frequency#eight-to-thirty "8 to 30 meetings"
* https://iop-fhir-adapter.org/fhir/CodeSystem/meeting-frequency#some "Some meetings, number unknown"

ValueSet: IopMutualSupportMeasureCodes
Id: iop-mutual-support-measure
Title: "Mutual support measure"
Description: "Mutual support measure: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/mutual-support-measure#meetings-last-30-days "Self-help meetings attended in the last 30 days"

ValueSet: IopObservationCategoryCodes
Id: iop-observation-category
Title: "Observation category"
Description: "Observation category: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/observation-category#survey "Survey"
* http://hl7.org/fhir/observation-category#survey "Survey"
* http://terminology.hl7.org/CodeSystem/observation-category#laboratory "Laboratory"
* http://hl7.org/fhir/observation-category#laboratory "Laboratory"
* http://terminology.hl7.org/CodeSystem/observation-category#social-history "Social History"
* http://hl7.org/fhir/observation-category#social-history "Social History"
* https://iop-fhir-adapter.org/fhir/CodeSystem/observation-category#mutual-support "Mutual support"
* https://iop-fhir-adapter.org/fhir/CodeSystem/observation-category#drug-screen "Drug screen"

ValueSet: IopOrganizationKindCodes
Id: iop-organization-kind
Title: "Organization kind"
Description: "Organization kind: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#iop-program "Intensive outpatient program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#residential-facility "Residential treatment facility"
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#withdrawal-facility "Withdrawal management facility"
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#hospital "Hospital"
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#laboratory "Laboratory"
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#opioid-treatment-program "Opioid treatment program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#court "Court or probation office"
* https://iop-fhir-adapter.org/fhir/CodeSystem/organization-kind#sober-living "Sober living home"
* http://terminology.hl7.org/CodeSystem/organization-type#prov "Healthcare Provider"
* http://terminology.hl7.org/CodeSystem/organization-type#dept "Hospital Department"
* http://terminology.hl7.org/CodeSystem/organization-type#govt "Government"
* http://terminology.hl7.org/CodeSystem/organization-type#ins "Insurance Company"
* http://terminology.hl7.org/CodeSystem/organization-type#pay "Payer"
* http://terminology.hl7.org/CodeSystem/organization-type#edu "Educational Institute"
* http://terminology.hl7.org/CodeSystem/organization-type#cg "Community Group"
* http://terminology.hl7.org/CodeSystem/organization-type#bus "Non-Healthcare Business or Corporation"
* http://terminology.hl7.org/CodeSystem/organization-type#other "Other"

ValueSet: IopPart2PostureCodes
Id: iop-part2-posture
Title: "Part2 posture"
Description: "Part2 posture: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/part2-posture#part2 "42 CFR Part 2 program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/part2-posture#hipaa "HIPAA covered entity"
* https://iop-fhir-adapter.org/fhir/CodeSystem/part2-posture#mixed "Part 2 unit in a general facility"
* https://iop-fhir-adapter.org/fhir/CodeSystem/part2-posture#neither "Neither"

ValueSet: IopPayerTypeCodes
Id: iop-payer-type
Title: "Payer type"
Description: "Payer type: the codes that are written, and those that are read too."
* urn:oid:2.16.840.1.113883.3.221.5#1
* https://nahdo.org/sopt#1
* urn:oid:2.16.840.1.113883.3.221.5#11
* https://nahdo.org/sopt#11
* urn:oid:2.16.840.1.113883.3.221.5#2
* https://nahdo.org/sopt#2
* urn:oid:2.16.840.1.113883.3.221.5#21
* https://nahdo.org/sopt#21
* urn:oid:2.16.840.1.113883.3.221.5#22
* https://nahdo.org/sopt#22
* urn:oid:2.16.840.1.113883.3.221.5#3
* https://nahdo.org/sopt#3
* urn:oid:2.16.840.1.113883.3.221.5#311
* https://nahdo.org/sopt#311
* urn:oid:2.16.840.1.113883.3.221.5#36
* https://nahdo.org/sopt#36
* urn:oid:2.16.840.1.113883.3.221.5#5
* https://nahdo.org/sopt#5
* urn:oid:2.16.840.1.113883.3.221.5#511
* https://nahdo.org/sopt#511
* urn:oid:2.16.840.1.113883.3.221.5#512
* https://nahdo.org/sopt#512
* urn:oid:2.16.840.1.113883.3.221.5#513
* https://nahdo.org/sopt#513
* urn:oid:2.16.840.1.113883.3.221.5#6
* https://nahdo.org/sopt#6
* urn:oid:2.16.840.1.113883.3.221.5#81
* https://nahdo.org/sopt#81
* urn:oid:2.16.840.1.113883.3.221.5#82
* https://nahdo.org/sopt#82
* urn:oid:2.16.840.1.113883.3.221.5#99
* https://nahdo.org/sopt#99

ValueSet: IopPaymentCodes
Id: iop-payment
Title: "Payment"
Description: "Payment: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#commercial-insurance "Commercial insurance"
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#medicaid "Medicaid"
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#medicare "Medicare"
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#tricare "TRICARE"
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#state-funding "State or block-grant funding"
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#self-pay "Self-pay"
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#payment-plan "Payment plan"
* https://iop-fhir-adapter.org/fhir/CodeSystem/payment#sliding-fee "Sliding fee"

ValueSet: IopPlaceOfServiceCodes
Id: iop-place-of-service
Title: "Place of service"
Description: "Place of service: the codes that are written, and those that are read too."
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#02 "Telehealth Provided Other than in Patient's Home"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#10 "Telehealth Provided in Patient's Home"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#11 "Office"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#50 "Federally Qualified Health Center"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#52 "Psychiatric Facility-Partial Hospitalization"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#53 "Community Mental Health Center"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#55 "Residential Substance Abuse Treatment Facility"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#56 "Psychiatric Residential Treatment Center"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#57 "Non-residential Substance Abuse Treatment Facility"
* https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set#58 "Non-residential Opioid Treatment Facility"

ValueSet: IopPlanActivityCodes
Id: iop-plan-activity
Title: "Plan activity"
Description: "Plan activity: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence."
* http://snomed.info/sct#18512000 "Individual psychotherapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#individual
* http://snomed.info/sct#76168009 "Group psychotherapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#group
* http://snomed.info/sct#1555005
* http://snomed.info/sct#108313002 "Family psychotherapy procedure"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#family
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#education "Education"
* http://snomed.info/sct#171047005
* http://snomed.info/sct#408935001
* http://snomed.info/sct#408943006
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#relapse-prevention "Relapse prevention"
* http://snomed.info/sct#720176005
* http://snomed.info/sct#720177001
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#life-skills "Life skills"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#peer-support "Peer support"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#medication-management "Medication management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#case-management "Case management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#assessment "Assessment"
* http://snomed.info/sct#428211000124100
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#mindfulness "Mindfulness or holistic practice"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#crisis "Crisis intervention"
* https://iop-fhir-adapter.org/fhir/CodeSystem/plan-activity#homework "Homework"
* https://iop-fhir-adapter.org/fhir/CodeSystem/plan-activity#drug-screening "Drug screening"
* https://iop-fhir-adapter.org/fhir/CodeSystem/plan-activity#medication "Medication"
* https://iop-fhir-adapter.org/fhir/CodeSystem/plan-activity#mutual-support "Mutual support meetings"
* https://iop-fhir-adapter.org/fhir/CodeSystem/plan-activity#physical-activity "Physical activity"
* https://iop-fhir-adapter.org/fhir/CodeSystem/plan-activity#referral "Referral"

ValueSet: IopPlanCategoryCodes
Id: iop-plan-category
Title: "Plan category"
Description: "Plan category: the codes that are written, and those that are read too."
* http://hl7.org/fhir/us/core/CodeSystem/careplan-category#assess-plan "Assessment and Plan of Treatment"

ValueSet: IopPlanIntentCodes
Id: iop-plan-intent
Title: "Plan intent"
Description: "Plan intent: the codes that are written, and those that are read too."
* http://hl7.org/fhir/request-intent#proposal "Proposal"
* http://hl7.org/fhir/request-intent#plan "Plan"
* http://hl7.org/fhir/request-intent#order "Order"
* http://hl7.org/fhir/request-intent#option "Option"

ValueSet: IopPlanStatusCodes
Id: iop-plan-status
Title: "Plan status"
Description: "Plan status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/request-status#draft "Draft"
* http://hl7.org/fhir/request-status#active "Active"
* http://hl7.org/fhir/request-status#on-hold "On Hold"
* http://hl7.org/fhir/request-status#revoked "Revoked"
* http://hl7.org/fhir/request-status#completed "Completed"
* http://hl7.org/fhir/request-status#entered-in-error "Entered in Error"
* http://hl7.org/fhir/request-status#unknown "Unknown"

ValueSet: IopProgramFeatureCodes
Id: iop-program-feature
Title: "Program feature"
Description: "Program feature: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#morning "Morning track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#afternoon "Afternoon track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#evening "Evening track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#weekend "Weekend track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#virtual "Virtual attendance"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#hybrid "Virtual and in-person attendance"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#transport-help "Transport help"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#child-care "Child care on site"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#medication-for-addiction "Medication for addiction treatment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#family-program "Family program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#adolescents "Adolescents"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#women-only "Women only"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#veterans "Veterans"

ValueSet: IopProgramKindCodes
Id: iop-program-kind
Title: "Program kind"
Description: "Program kind: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#substance-use-iop "Substance use intensive outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#mental-health-iop "Mental health intensive outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#co-occurring-iop "Co-occurring disorders intensive outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#partial-hospitalization "Partial hospitalization"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#substance-use-outpatient "Substance use outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#mental-health-outpatient "Mental health outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#opioid-treatment "Opioid treatment program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#residential "Residential treatment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#withdrawal-management "Withdrawal management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#case-management "Case management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#care-coordination "Care coordination"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#crisis "Crisis services"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#recovery-support "Recovery support"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#idd-support "Intellectual and developmental disability support"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-kind#aftercare "Aftercare"

ValueSet: IopPurposeOfUseCodes
Id: iop-purpose-of-use
Title: "Purpose of use"
Description: "Purpose of use: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT "treatment"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#HPAYMT "healthcare payment"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#HOPERAT "healthcare operations"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#COC "coordination of care"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#CAREMGT "care management"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#COVAUTH "coverage authorization"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#PATADMIN "patient administration"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#ETREAT "Emergency Treatment"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#BTG "break the glass"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#PUBHLTH "public health"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#HRESCH "healthcare research"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#HLEGAL "legal"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#PATRQT "patient requested"

ValueSet: IopRaceCodes
Id: iop-race
Title: "Race"
Description: "Race: the codes that are written, and those that are read too."
* urn:oid:2.16.840.1.113883.6.238#1002-5 "American Indian or Alaska Native"
* urn:oid:2.16.840.1.113883.6.238#2028-9 "Asian"
* urn:oid:2.16.840.1.113883.6.238#2054-5 "Black or African American"
* urn:oid:2.16.840.1.113883.6.238#2076-8 "Native Hawaiian or Other Pacific Islander"
* urn:oid:2.16.840.1.113883.6.238#2106-3 "White"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#UNK "unknown"
* http://terminology.hl7.org/CodeSystem/v3-NullFlavor#ASKU "asked but unknown"

ValueSet: IopReactionSeverityCodes
Id: iop-reaction-severity
Title: "Reaction severity"
Description: "Reaction severity: the codes that are written, and those that are read too."
* http://hl7.org/fhir/reaction-event-severity#mild
* http://hl7.org/fhir/reaction-event-severity#moderate
* http://hl7.org/fhir/reaction-event-severity#severe

ValueSet: IopRecipientClassCodes
Id: iop-recipient-class
Title: "Recipient class"
Description: "Recipient class: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/recipient-class#treating-providers "Treating providers"
* https://iop-fhir-adapter.org/fhir/CodeSystem/recipient-class#health-plans "Health plans"
* https://iop-fhir-adapter.org/fhir/CodeSystem/recipient-class#third-party-payers "Third-party payers"
* https://iop-fhir-adapter.org/fhir/CodeSystem/recipient-class#program-helpers "People helping to operate the program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/recipient-class#intermediary-participants "Participants of an intermediary who have a treating provider relationship"

ValueSet: IopRecordTypeCodes
Id: iop-record-type
Title: "Record type"
Description: "Record type: the codes that are written, and those that are read too."
* http://hl7.org/fhir/resource-types#Patient "Patient"
* http://hl7.org/fhir/resource-types#EpisodeOfCare "EpisodeOfCare"
* http://hl7.org/fhir/resource-types#Encounter "Encounter"
* http://hl7.org/fhir/resource-types#Appointment "Appointment"
* http://hl7.org/fhir/resource-types#Condition "Condition"
* http://hl7.org/fhir/resource-types#Observation "Observation"
* http://hl7.org/fhir/resource-types#DiagnosticReport "DiagnosticReport"
* http://hl7.org/fhir/resource-types#QuestionnaireResponse "QuestionnaireResponse"
* http://hl7.org/fhir/resource-types#CarePlan "CarePlan"
* http://hl7.org/fhir/resource-types#Goal "Goal"
* http://hl7.org/fhir/resource-types#CareTeam "CareTeam"
* http://hl7.org/fhir/resource-types#Procedure "Procedure"
* http://hl7.org/fhir/resource-types#MedicationRequest "MedicationRequest"
* http://hl7.org/fhir/resource-types#MedicationAdministration "MedicationAdministration"
* http://hl7.org/fhir/resource-types#AllergyIntolerance "AllergyIntolerance"
* http://hl7.org/fhir/resource-types#Communication "Communication"
* http://hl7.org/fhir/resource-types#Flag "Flag"
* http://hl7.org/fhir/resource-types#DocumentReference "DocumentReference"
* http://hl7.org/fhir/resource-types#ServiceRequest "ServiceRequest"
* http://hl7.org/fhir/resource-types#Task "Task"
* http://hl7.org/fhir/resource-types#Coverage "Coverage"
* http://hl7.org/fhir/resource-types#Claim "Claim"
* http://hl7.org/fhir/resource-types#ClaimResponse "ClaimResponse"

ValueSet: IopRecordedSexCodes
Id: iop-recorded-sex
Title: "Recorded sex"
Description: "Recorded sex: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence."
* http://snomed.info/sct#248152002 "Female (finding)"
* http://snomed.info/sct#248153007 "Male (finding)"

ValueSet: IopReferralAnswerCodes
Id: iop-referral-answer
Title: "Referral answer"
Description: "Referral answer: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-answer#accepted "Accepted"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-answer#waitlisted "On the waiting list"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-answer#declined "Declined by who was asked"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-answer#declined-by-participant "Declined by the participant"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-answer#no-answer "No answer"

ValueSet: IopReferralKindCodes
Id: iop-referral-kind
Title: "Referral kind"
Description: "Referral kind: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-kind#step-down "Step-down referral into the program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-kind#aftercare "Referral out of the program"

ValueSet: IopReferralMethodCodes
Id: iop-referral-method
Title: "Referral method"
Description: "Referral method: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/service-referral-method#fax "Fax"
* http://terminology.hl7.org/CodeSystem/service-referral-method#phone "Phone"
* http://terminology.hl7.org/CodeSystem/service-referral-method#elec "Secure Messaging"
* http://terminology.hl7.org/CodeSystem/service-referral-method#semail "Secure Email"
* http://terminology.hl7.org/CodeSystem/service-referral-method#mail "Mail"

ValueSet: IopReferralOutcomeCodes
Id: iop-referral-outcome
Title: "Referral outcome"
Description: "Referral outcome: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-outcome#attended "First visit attended"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-outcome#did-not-attend "First visit not attended"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-outcome#declined "Declined by who was asked"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-outcome#declined-by-participant "Declined by the participant"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-outcome#withdrawn "Withdrawn by the program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-outcome#lost-contact "Contact lost"

ValueSet: IopReferralOutputCodes
Id: iop-referral-output
Title: "Referral output"
Description: "Referral output: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-output#booking "Booked visit"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-output#episode "Episode opened"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-output#session "Attended visit"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-output#feedback "Report back to who referred"

ValueSet: IopReferralRiskCodes
Id: iop-referral-risk
Title: "Referral risk"
Description: "Referral risk: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#suicide "Suicide"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#self-harm "Self-harm"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#withdrawal "Withdrawal"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#overdose "Overdose"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#relapse "Relapse"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#violence "Violence towards others"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#victimization "Violence by others"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#medical "Medical"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#housing "Housing"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk#left-before "Left treatment against advice before"

ValueSet: IopReferralRiskLevelCodes
Id: iop-referral-risk-level
Title: "Referral risk level"
Description: "Referral risk level: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk-level#none "None known"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk-level#low "Low"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk-level#moderate "Moderate"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-risk-level#high "High"

ValueSet: IopReferralServiceCodes
Id: iop-referral-service
Title: "Referral service"
Description: "Referral service: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#substance-use-iop "Substance use intensive outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#mental-health-iop "Mental health intensive outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#co-occurring-iop "Co-occurring disorders intensive outpatient"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#partial-hospitalization "Partial hospitalization"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#residential "Residential treatment"
* http://snomed.info/sct#38670004
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#withdrawal-management "Withdrawal management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#substance-use-treatment "Substance use treatment"
* http://snomed.info/sct#1254709001
* http://snomed.info/sct#401266006
* http://snomed.info/sct#431260004
* http://snomed.info/sct#306227000 "Referral for mental health counseling"
* http://snomed.info/sct#710914003 "Referral to family therapy"
* http://snomed.info/sct#308477009 "Referral to psychiatrist"
* http://snomed.info/sct#703978000 "Referral to primary care service"
* http://snomed.info/sct#461481000124109 "Referral to peer support"
* http://snomed.info/sct#711281004 "Referral to support group"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#medication-clinic "Medication for addiction treatment clinic"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#sober-living "Sober living"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#alumni-group "Alumni group"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#case-management "Case management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-service#vocational "Work or school support"

ValueSet: IopReferralSourceCodes
Id: iop-referral-source
Title: "Referral source"
Description: "Referral source: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#individual "Self, family or friend"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#substance-use-provider "Substance use treatment provider"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#mental-health-provider "Mental health provider"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#other-health-provider "Other health care provider"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#school "School"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#employer "Employer or employee assistance"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#community "Community or religious organization"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#court "Court or criminal justice"
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-source#drug-court "Drug or treatment court"

ValueSet: IopReferralStateBusinessStatusCodes
Id: iop-referral-state-business-status
Title: "Referral state business status"
Description: "Referral state business status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#2.0 "Service Request Created"
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#3.0
* https://iop-fhir-adapter.org/fhir/CodeSystem/referral-state#waitlisted "On the waiting list"
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#4.0 "Service Request Declined"
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#5.1.1
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#5.1.2
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#5.1.3
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#5.1.4
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#5.2
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#6.0 "Service Request Fulfillment Cancelled"
* http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS#7.0 "Service Request Fulfillment Completed"

ValueSet: IopRelationshipCodes
Id: iop-relationship
Title: "Relationship"
Description: "Relationship: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SPS "spouse"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#HUSB "husband"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#WIFE "wife"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#DOMPART "domestic partner"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#FMRSPS "former spouse"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SIGOTHR "significant other"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#PRN "parent"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#MTH "mother"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#FTH "father"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NPRN "natural parent"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#ADOPTP "adoptive parent"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#PRNFOST "foster parent"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#MTHFOST "foster mother"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#FTHFOST "foster father"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#STPPRN "step parent"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#CHILD "child"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#DAUC "daughter"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SONC "son"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#CHLDADOPT "adopted child"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SONADOPT "adopted son"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#CHLDFOST "foster child"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#STPCHLD "step child"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SIB "sibling"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#BRO "brother"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SIS "sister"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NSIB "natural sibling"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#HSIB "half-sibling"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#STPSIB "step sibling"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#GRPRN "grandparent"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#GRMTH "grandmother"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#GRFTH "grandfather"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#GGRPRN "great grandparent"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#GRNDCHILD "grandchild"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#AUNT "aunt"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#UNCLE "uncle"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NIENEPH "niece/nephew"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NIECE "niece"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NEPHEW "nephew"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#COUSN "cousin"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#INLAW "inlaw"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#PRNINLAW "parent in-law"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#MTHINLAW "mother-in-law"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#FTHINLAW "father-in-law"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SIBINLAW "sibling in-law"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#BROINLAW "brother-in-law"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SISINLAW "sister-in-law"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#EXT "extended family member"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#FAMMEMB "family member"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#FRND "unrelated friend"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NBOR "neighbor"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#ROOM "Roommate"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#GUARD "guardian"
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#POWATT "power of attorney"

ValueSet: IopRemissionCodes
Id: iop-remission
Title: "Remission"
Description: "Remission: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/remission#early "Early remission"
* https://iop-fhir-adapter.org/fhir/CodeSystem/remission#sustained "Sustained remission"
* https://iop-fhir-adapter.org/fhir/CodeSystem/remission#early-in-controlled-environment "Early remission, in a controlled environment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/remission#sustained-in-controlled-environment "Sustained remission, in a controlled environment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/remission#on-maintenance-therapy "On maintenance therapy"

ValueSet: IopRequestIntentCodes
Id: iop-request-intent
Title: "Request intent"
Description: "Request intent: the codes that are written, and those that are read too."
* http://hl7.org/fhir/request-intent#proposal "Proposal"
* http://hl7.org/fhir/request-intent#plan "Plan"
* http://hl7.org/fhir/request-intent#directive "Directive"
* http://hl7.org/fhir/request-intent#order "Order"
* http://hl7.org/fhir/request-intent#original-order "Original Order"
* http://hl7.org/fhir/request-intent#reflex-order "Reflex Order"
* http://hl7.org/fhir/request-intent#filler-order "Filler Order"
* http://hl7.org/fhir/request-intent#instance-order "Instance Order"
* http://hl7.org/fhir/request-intent#option "Option"

ValueSet: IopRequestPriorityCodes
Id: iop-request-priority
Title: "Request priority"
Description: "Request priority: the codes that are written, and those that are read too."
* http://hl7.org/fhir/request-priority#routine "Routine"
* http://hl7.org/fhir/request-priority#urgent "Urgent"
* http://hl7.org/fhir/request-priority#asap "ASAP"
* http://hl7.org/fhir/request-priority#stat "STAT"

ValueSet: IopRequestStatusCodes
Id: iop-request-status
Title: "Request status"
Description: "Request status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/request-status#draft "Draft"
* http://hl7.org/fhir/request-status#active "Active"
* http://hl7.org/fhir/request-status#on-hold "On Hold"
* http://hl7.org/fhir/request-status#revoked "Revoked"
* http://hl7.org/fhir/request-status#completed "Completed"
* http://hl7.org/fhir/request-status#entered-in-error "Entered in Error"
* http://hl7.org/fhir/request-status#unknown "Unknown"

ValueSet: IopResultStatusCodes
Id: iop-result-status
Title: "Result status"
Description: "Result status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/observation-status#registered "Registered"
* http://hl7.org/fhir/observation-status#preliminary "Preliminary"
* http://hl7.org/fhir/observation-status#final "Final"
* http://hl7.org/fhir/observation-status#amended "Amended"
* http://hl7.org/fhir/observation-status#corrected "Corrected"
* http://hl7.org/fhir/observation-status#cancelled "Cancelled"
* http://hl7.org/fhir/observation-status#entered-in-error "Entered in Error"
* http://hl7.org/fhir/observation-status#unknown "Unknown"

ValueSet: IopRiskLevelCodes
Id: iop-risk-level
Title: "Risk level"
Description: "Risk level: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://loinc.org#LA9194-7 "Low"
* http://loinc.org#LA6751-7 "Moderate"
* http://loinc.org#LA9193-9 "High"

ValueSet: IopSafetyFlagCodes
Id: iop-safety-flag
Title: "Safety flag"
Description: "Safety flag: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#suicide-risk "Suicide risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#self-harm-risk "Self-harm risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#withdrawal-risk "Withdrawal risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#overdose-risk "Overdose risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#seizure-risk "Seizure risk"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#violence-risk "Risk of violence to others"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#victim-of-violence "At risk from somebody at home"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#medical-risk "Medical risk in the program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#elopement-risk "Risk of leaving treatment"
* https://iop-fhir-adapter.org/fhir/CodeSystem/safety-flag#no-contact "Keep apart from another person"

ValueSet: IopScreenOutcomeDataAbsentReasonCodes
Id: iop-screen-outcome-data-absent-reason
Title: "Screen outcome data absent reason"
Description: "Screen outcome data absent reason: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/data-absent-reason#asked-declined
* https://iop-fhir-adapter.org/fhir/CodeSystem/absent-reason#unable
* https://iop-fhir-adapter.org/fhir/CodeSystem/absent-reason#specimen-unusable
* http://terminology.hl7.org/CodeSystem/data-absent-reason#not-performed

ValueSet: IopScreeningAnswerCodes
Id: iop-screening-answer
Title: "Screening answer"
Description: "Screening answer: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://loinc.org#LA6568-5 "Not at all"
* http://loinc.org#LA6569-3 "Several days"
* http://loinc.org#LA6570-1 "More than half the days"
* http://loinc.org#LA6571-9 "Nearly every day"
* http://loinc.org#LA33-6 "Yes"
* http://loinc.org#LA32-8 "No"
* http://loinc.org#LA6572-7 "Not difficult at all"
* http://loinc.org#LA6573-5 "Somewhat difficult"
* http://loinc.org#LA6575-0 "Very difficult"
* http://loinc.org#LA6574-3 "Extremely difficult"
* http://loinc.org#LA18934-2 "Daily or almost daily"
* http://loinc.org#LA6270-8 "Never"
* http://loinc.org#LA18926-8 "Monthly or less"
* http://loinc.org#LA18927-6 "2-4 times a month"
* http://loinc.org#LA18928-4 "2-3 times a week"
* http://loinc.org#LA18929-2 "4 or more times a week"
* http://loinc.org#LA18933-4 "Less than monthly"
* http://loinc.org#LA18876-5 "Monthly"
* http://loinc.org#LA18891-4 "Weekly"
* http://loinc.org#LA15694-5 "1 or 2"
* http://loinc.org#LA15695-2 "3 or 4"
* http://loinc.org#LA18930-0 "5 or 6"
* http://loinc.org#LA18931-8 "7 to 9"
* http://loinc.org#LA18932-6 "10 or more"
* http://loinc.org#LA9194-7 "Low"
* http://loinc.org#LA6751-7 "Moderate"
* http://loinc.org#LA9193-9 "High"

ValueSet: IopScreeningAreaCodes
Id: iop-screening-area
Title: "Screening area"
Description: "Screening area: the codes that are written, and those that are read too."
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#sdoh "SDOH"
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#functional-status "Functional Status"
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#disability-status "Disability Status"
* http://hl7.org/fhir/us/core/CodeSystem/us-core-category#cognitive-status "Cognitive Status"

ValueSet: IopScreeningItemCodes
Id: iop-screening-item
Title: "Screening item"
Description: "Screening item: the codes that are written, and those that are read too."
* ^copyright = "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license."
* http://loinc.org#44250-9 "Little interest or pleasure in doing things in last 2 weeks"
* http://loinc.org#44255-8 "Feeling down, depressed, or hopeless in last 2 weeks"
* http://loinc.org#44259-0 "Trouble falling or staying asleep, or sleeping too much"
* http://loinc.org#44254-1 "Feeling tired or having little energy"
* http://loinc.org#44251-7 "Poor appetite or overeating"
* http://loinc.org#44258-2 "Feeling bad about yourself-or that you are a failure or have let yourself or your family down"
* http://loinc.org#44252-5 "Trouble concentrating on things, such as reading the newspaper or watching television"
* http://loinc.org#44253-3 "Moving or speaking so slowly that other people could have noticed. Or the opposite-being so fidgety or restless that you have been moving around a lot more than usual"
* http://loinc.org#44260-8 "Thoughts that you would be better off dead, or of hurting yourself in some way"
* http://loinc.org#69722-7 "How difficult have these problems made it for you to do your work, take care of things at home, or get along with other people?"
* http://loinc.org#69725-0 "Feeling nervous, anxious or on edge"
* http://loinc.org#68509-9 "Over the past 2 weeks have you not been able to stop or control worrying"
* http://loinc.org#69733-4 "Worrying too much about different things"
* http://loinc.org#69734-2 "Trouble relaxing"
* http://loinc.org#69735-9 "Being so restless that it is hard to sit still"
* http://loinc.org#69689-8 "Becoming easily annoyed or irritable"
* http://loinc.org#69736-7 "Feeling afraid as if something awful might happen"
* http://loinc.org#68518-0 "How often do you have a drink containing alcohol"
* http://loinc.org#68519-8
* http://loinc.org#68520-6
* http://loinc.org#96842-0
* http://loinc.org#96843-8
* http://loinc.org#96844-6
* http://loinc.org#88037-7
* http://loinc.org#75889-6
* http://loinc.org#93246-7
* http://loinc.org#93247-5
* http://loinc.org#93248-3
* http://loinc.org#93249-1
* http://loinc.org#93250-9
* http://loinc.org#93267-3
* http://loinc.org#93269-9
* http://loinc.org#93374-7 "Suicide risk level"
* http://loinc.org#68517-2 "How many times in the past year have you have X or more drinks in a day"

ValueSet: IopScreeningSeverityCodes
Id: iop-screening-severity
Title: "Screening severity"
Description: "Screening severity: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#none "None"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#minimal "Minimal"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#mild "Mild"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#low "Low"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#moderate "Moderate"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#moderately-severe "Moderately severe"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#substantial "Substantial"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#high "High"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#severe "Severe"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#negative "Negative screen"
* https://iop-fhir-adapter.org/fhir/CodeSystem/screening-severity#positive "Positive screen"

ValueSet: IopSensitivityCodes
Id: iop-sensitivity
Title: "Sensitivity"
Description: "Sensitivity: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ActCode#SUD "substance use disorder information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#ETH "substance abuse information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#ETHUD "alcohol use disorder information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#OPIOIDUD "opioid use disorder information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#MH "mental health information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#BH "behavioral health information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#PSY "psychiatry disorder information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#PSYTHPN "psychotherapy note information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#SDV "sexual assault, abuse, or domestic violence information sensitivity"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#HIV "HIV/AIDS information sensitivity"

ValueSet: IopServiceCategoryCodes
Id: iop-service-category
Title: "Service category"
Description: "Service category: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/service-category#program "Treatment program"
* https://iop-fhir-adapter.org/fhir/CodeSystem/service-category#therapy-group "Therapy group"

ValueSet: IopServiceStatusCodes
Id: iop-service-status
Title: "Service status"
Description: "Service status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/event-status#preparation
* http://hl7.org/fhir/event-status#in-progress
* http://hl7.org/fhir/event-status#not-done
* http://hl7.org/fhir/event-status#on-hold
* http://hl7.org/fhir/event-status#stopped
* http://hl7.org/fhir/event-status#completed
* http://hl7.org/fhir/event-status#entered-in-error
* http://hl7.org/fhir/event-status#unknown

ValueSet: IopSessionKindCodes
Id: iop-session-kind
Title: "Session kind"
Description: "Session kind: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence."
* http://snomed.info/sct#18512000 "Individual psychotherapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#individual
* http://snomed.info/sct#76168009 "Group psychotherapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#group
* http://snomed.info/sct#1555005
* http://snomed.info/sct#108313002 "Family psychotherapy procedure"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#family
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#education "Education"
* http://snomed.info/sct#171047005
* http://snomed.info/sct#408935001
* http://snomed.info/sct#408943006
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#relapse-prevention "Relapse prevention"
* http://snomed.info/sct#720176005
* http://snomed.info/sct#720177001
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#life-skills "Life skills"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#peer-support "Peer support"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#medication-management "Medication management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#case-management "Case management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#assessment "Assessment"
* http://snomed.info/sct#428211000124100
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#mindfulness "Mindfulness or holistic practice"
* https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind#crisis "Crisis intervention"

ValueSet: IopSessionModeCodes
Id: iop-session-mode
Title: "Session mode"
Description: "Session mode: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ActCode#AMB "ambulatory"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#VR "virtual"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#HH "home health"
* http://terminology.hl7.org/CodeSystem/v3-ActCode#FLD "field"

ValueSet: IopSessionRoleCodes
Id: iop-session-role
Title: "Session role"
Description: "Session role: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#PPRF "primary performer"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#SPRF "secondary performer"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#ATND "attender"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#CON "consultant"
* http://terminology.hl7.org/CodeSystem/v3-ParticipationType#PART "Participation"

ValueSet: IopSessionStatusCodes
Id: iop-session-status
Title: "Session status"
Description: "Session status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/encounter-status#planned "Planned"
* http://hl7.org/fhir/encounter-status#arrived "Arrived"
* http://hl7.org/fhir/encounter-status#triaged "Triaged"
* http://hl7.org/fhir/encounter-status#in-progress "In Progress"
* http://hl7.org/fhir/encounter-status#onleave "On Leave"
* http://hl7.org/fhir/encounter-status#finished "Finished"
* http://hl7.org/fhir/encounter-status#cancelled "Cancelled"
* http://hl7.org/fhir/encounter-status#entered-in-error "Entered in Error"
* http://hl7.org/fhir/encounter-status#unknown "Unknown"

ValueSet: IopSeverityCodes
Id: iop-severity
Title: "Severity"
Description: "Severity: the codes that are written, and those that are read too."
* ^copyright = "SNOMED CT is the copyright of SNOMED International; its use may need a licence."
* http://snomed.info/sct#255604002 "Mild"
* http://snomed.info/sct#6736007 "Moderate"
* http://snomed.info/sct#24484000 "Severe"

ValueSet: IopSignatureFormCodes
Id: iop-signature-form
Title: "Signature form"
Description: "Signature form: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/signature-form#paper "On paper"
* https://iop-fhir-adapter.org/fhir/CodeSystem/signature-form#electronic "Electronically"
* https://iop-fhir-adapter.org/fhir/CodeSystem/signature-form#oral "Orally"

ValueSet: IopSignerCapacityCodes
Id: iop-signer-capacity
Title: "Signer capacity"
Description: "Signer capacity: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/signer-capacity#participant "The participant"
* https://iop-fhir-adapter.org/fhir/CodeSystem/signer-capacity#parent-or-guardian "Parent or guardian of a minor"
* https://iop-fhir-adapter.org/fhir/CodeSystem/signer-capacity#legal-representative "Legal representative"
* https://iop-fhir-adapter.org/fhir/CodeSystem/signer-capacity#executor "Personal representative of a deceased participant"

ValueSet: IopSitePlaceCodes
Id: iop-site-place
Title: "Site place"
Description: "Site place: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/site-place#virtual "Virtual"
* http://terminology.hl7.org/CodeSystem/location-physical-type#si "Site"
* http://terminology.hl7.org/CodeSystem/location-physical-type#bu "Building"
* http://terminology.hl7.org/CodeSystem/location-physical-type#wi "Wing"
* http://terminology.hl7.org/CodeSystem/location-physical-type#lvl "Level"
* http://terminology.hl7.org/CodeSystem/location-physical-type#ro "Room"
* http://terminology.hl7.org/CodeSystem/location-physical-type#ve "Vehicle"
* http://terminology.hl7.org/CodeSystem/location-physical-type#ho "House"
* http://terminology.hl7.org/CodeSystem/location-physical-type#area "Area"
* http://terminology.hl7.org/CodeSystem/location-physical-type#wa "Ward"
* http://terminology.hl7.org/CodeSystem/location-physical-type#co "Corridor"
* http://terminology.hl7.org/CodeSystem/location-physical-type#bd "Bed"
* http://terminology.hl7.org/CodeSystem/location-physical-type#ca "Cabinet"
* http://terminology.hl7.org/CodeSystem/location-physical-type#rd "Road"
* http://terminology.hl7.org/CodeSystem/location-physical-type#jdn "Jurisdiction"

ValueSet: IopSiteStatusCodes
Id: iop-site-status
Title: "Site status"
Description: "Site status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/location-status#active "Active"
* http://hl7.org/fhir/location-status#suspended "Suspended"
* http://hl7.org/fhir/location-status#inactive "Inactive"

ValueSet: IopSpecimenCheckCodes
Id: iop-specimen-check
Title: "Specimen check"
Description: "Specimen check: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check#creatinine "Creatinine"
* https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check#ph "pH"
* https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check#specific-gravity "Specific gravity"
* https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check#oxidant "Oxidant"
* https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check#nitrite "Nitrite"
* https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check#temperature "Temperature when collected"
* https://iop-fhir-adapter.org/fhir/CodeSystem/specimen-check#appearance "Appearance"

ValueSet: IopSpecimenKindCodes
Id: iop-specimen-kind
Title: "Specimen kind"
Description: "Specimen kind: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/v2-0487#UR "Urine"
* http://terminology.hl7.org/CodeSystem/v2-0487#SAL "Saliva"
* http://terminology.hl7.org/CodeSystem/v2-0487#HAR "Hair"
* http://terminology.hl7.org/CodeSystem/v2-0487#SWT "Sweat"
* http://terminology.hl7.org/CodeSystem/v2-0487#BLD "Whole blood"

ValueSet: IopStatementStatusCodes
Id: iop-statement-status
Title: "Statement status"
Description: "Statement status: the codes that are written, and those that are read too."
* http://hl7.org/fhir/CodeSystem/medication-statement-status#active
* http://hl7.org/fhir/CodeSystem/medication-statement-status#on-hold
* http://hl7.org/fhir/CodeSystem/medication-statement-status#completed
* http://hl7.org/fhir/CodeSystem/medication-statement-status#entered-in-error
* http://hl7.org/fhir/CodeSystem/medication-statement-status#stopped
* http://hl7.org/fhir/CodeSystem/medication-statement-status#unknown

ValueSet: IopSubstanceCodes
Id: iop-substance
Title: "Substance"
Description: "Substance: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#alcohol "Alcohol"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#1
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#cocaine "Cocaine or crack"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#7
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#cannabis "Marijuana or hashish"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#14
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#heroin "Heroin"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#11
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#nonprescribed-methadone "Methadone without prescription"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#12
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#fentanyl "Fentanyl"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#27
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#buprenorphine "Buprenorphine without prescription"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#26
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#other-opioids "Other opiates and synthetics"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#13
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#pcp "PCP"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#16
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#hallucinogens "Hallucinogens"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#15
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#17
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#methamphetamine "Methamphetamine"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#8
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#other-amphetamines "Other amphetamines"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#9
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#other-stimulants "Other stimulants"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#10
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#benzodiazepines "Benzodiazepines"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#3
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#4
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#other-tranquilizers "Other tranquilizers"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#6
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#barbiturates "Barbiturates"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#2
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#other-sedatives "Other sedatives or hypnotics"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#5
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#inhalants "Inhalants"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#18
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#over-the-counter "Over-the-counter medications"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#19
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance#other "Other substance"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-cs#25

ValueSet: IopSubstanceFrequencyCodes
Id: iop-substance-frequency
Title: "Substance frequency"
Description: "Substance frequency: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-frequency#none "No use in the past month"
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-frequency#some "Some use in the past month"
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-frequency#daily "Daily use in the past month"

ValueSet: IopSubstanceRankCodes
Id: iop-substance-rank
Title: "Substance rank"
Description: "Substance rank: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-rank#primary "Primary"
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-rank#secondary "Secondary"
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-rank#tertiary "Tertiary"

ValueSet: IopSubstanceRouteCodes
Id: iop-substance-route
Title: "Substance route"
Description: "Substance route: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-route#oral "Oral"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-route-of-administration-cs#1
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-route#smoking "Smoking"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-route-of-administration-cs#2
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-route#inhalation "Inhalation"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-route-of-administration-cs#3
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-route#injection "Injection"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-route-of-administration-cs#4
* https://iop-fhir-adapter.org/fhir/CodeSystem/substance-route#other "Other route"
* http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-substance-use-route-of-administration-cs#5

ValueSet: IopTaskCodeCodes
Id: iop-task-code
Title: "Task code"
Description: "Task code: the codes that are written, and those that are read too."
* http://hl7.org/fhir/CodeSystem/task-code#fulfill "Fulfill the focal request"

ValueSet: IopTherapyCodes
Id: iop-therapy
Title: "Therapy"
Description: "Therapy: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#cbt "Cognitive behavioral therapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#motivational-interviewing "Motivational interviewing"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#dbt "Dialectical behavior therapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#emdr "Eye movement desensitization and reprocessing"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#trauma-informed "Trauma-informed care"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#act "Acceptance and commitment therapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#contingency-management "Contingency management"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#matrix-model "Matrix model"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#seeking-safety "Seeking Safety"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#twelve-step-facilitation "Twelve-step facilitation"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#mindfulness-based "Mindfulness-based relapse prevention"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#psychoeducation "Psychoeducation"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#solution-focused "Solution-focused therapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#family-systems "Family systems therapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#interpersonal "Interpersonal therapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#exposure "Exposure therapy"
* https://iop-fhir-adapter.org/fhir/CodeSystem/therapy#expressive "Art, music or movement therapy"

ValueSet: IopTrackCodes
Id: iop-track
Title: "Track"
Description: "Track: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#morning "Morning track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#afternoon "Afternoon track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#evening "Evening track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#weekend "Weekend track"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#virtual "Virtual attendance"
* https://iop-fhir-adapter.org/fhir/CodeSystem/program-feature#hybrid "Virtual and in-person attendance"

ValueSet: IopTransportNeedCodes
Id: iop-transport-need
Title: "Transport need"
Description: "Transport need: the codes that are written, and those that are read too."
* https://iop-fhir-adapter.org/fhir/CodeSystem/transport-need#none "No need"
* https://iop-fhir-adapter.org/fhir/CodeSystem/transport-need#needs-ride "Needs a ride"
* https://iop-fhir-adapter.org/fhir/CodeSystem/transport-need#public-transit-pass "Needs a transit pass"
* https://iop-fhir-adapter.org/fhir/CodeSystem/transport-need#wheelchair-vehicle "Needs a wheelchair vehicle"
* https://iop-fhir-adapter.org/fhir/CodeSystem/transport-need#no-driving-license "No driving license"

ValueSet: IopVerificationStatusCodes
Id: iop-verification-status
Title: "Verification status"
Description: "Verification status: the codes that are written, and those that are read too."
* http://terminology.hl7.org/CodeSystem/condition-ver-status#unconfirmed "Unconfirmed"
* http://terminology.hl7.org/CodeSystem/condition-ver-status#provisional "Provisional"
* http://terminology.hl7.org/CodeSystem/condition-ver-status#differential "Differential"
* http://terminology.hl7.org/CodeSystem/condition-ver-status#confirmed "Confirmed"
* http://terminology.hl7.org/CodeSystem/condition-ver-status#refuted "Refuted"
* http://terminology.hl7.org/CodeSystem/condition-ver-status#entered-in-error "Entered in Error"

ValueSet: IopWeekdayCodes
Id: iop-weekday
Title: "Weekday"
Description: "Weekday: the codes that are written, and those that are read too."
* http://hl7.org/fhir/days-of-week#mon "Monday"
* http://hl7.org/fhir/days-of-week#tue "Tuesday"
* http://hl7.org/fhir/days-of-week#wed "Wednesday"
* http://hl7.org/fhir/days-of-week#thu "Thursday"
* http://hl7.org/fhir/days-of-week#fri "Friday"
* http://hl7.org/fhir/days-of-week#sat "Saturday"
* http://hl7.org/fhir/days-of-week#sun "Sunday"
