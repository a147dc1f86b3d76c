// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Extension: IopAbsence
Id: iop-absence
Title: "Absence"
Description: "How a booking fell away, as staff count it; the reason is Appointment.cancelationReason."
Context: Appointment
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/booking-status-absence (extensible)

Extension: IopAccreditation
Id: iop-accreditation
Title: "Accreditation"
Description: "A body that has accredited the program, with the number and the time of the accreditation."
Context: HealthcareService
* extension contains body 1..1 and number 0..1 and period 0..1
* extension[body].value[x] 1..1
* extension[body].value[x] only string
* extension[number].value[x] 1..1
* extension[number].value[x] only string
* extension[period].value[x] 1..1
* extension[period].value[x] only Period

Extension: IopApartRule
Id: iop-apart-rule
Title: "Apart rule"
Description: "The number of the program's own no-contact rule that keeps the participant apart from somebody; a number only, so that nothing names the other person."
Context: Flag
* value[x] 1..1
* value[x] only string

Extension: IopAttendance
Id: iop-attendance
Title: "Attendance"
Description: "Whether the participant came for the whole session, came late, left early, or both."
Context: Encounter
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/attendance (extensible)

Extension: IopAuthorizationDecision
Id: iop-authorization-decision
Title: "Authorization decision"
Description: "What the payer decided on the whole request: approved, approved in part, denied, pended or withdrawn."
Context: ClaimResponse
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/authorization-decision (extensible)

Extension: IopAuthorizationReason
Id: iop-authorization-reason
Title: "Authorization reason"
Description: "Why the payer decided so, in the payer's own codes or words."
Context: ClaimResponse
* value[x] 1..1
* value[x] only CodeableConcept

Extension: IopAuthorizationUse
Id: iop-authorization-use
Title: "Authorization use"
Description: "How many of the authorized units have been delivered and how many are left, computed from the services delivered."
Context: ClaimResponse.item
* extension contains used 0..1 and left 0..1
* extension[used].value[x] 1..1
* extension[used].value[x] only decimal
* extension[left].value[x] 1..1
* extension[left].value[x] only decimal

Extension: IopAuthorizedBy
Id: iop-authorized-by
Title: "Authorized by"
Description: "The payer's authorization under which the service was delivered."
Context: Procedure
* value[x] 1..1
* value[x] only Reference(ClaimResponse)

Extension: IopBookedMode
Id: iop-booked-mode
Title: "Booked mode"
Description: "Whether the session is planned in person, virtually, at home or in the community."
Context: Appointment
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/session-mode (extensible)

Extension: IopCollectedBy
Id: iop-collected-by
Title: "Collected by"
Description: "Who took the specimen; who tested it is Observation.performer."
Context: Observation
* value[x] 1..1
* value[x] only Reference(Practitioner or PractitionerRole)

Extension: IopCommitment
Id: iop-commitment
Title: "Commitment"
Description: "What keeps the participant from coming at certain hours: work, school, family."
Context: Patient
* extension contains day 1..1 and from 1..1 and until 0..1 and because 0..1
* extension[day].value[x] 1..1
* extension[day].value[x] only code
* extension[day].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/weekday (required)
* extension[from].value[x] 1..1
* extension[from].value[x] only time
* extension[until].value[x] 1..1
* extension[until].value[x] only time
* extension[because].value[x] 1..1
* extension[because].value[x] only Coding
* extension[because].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/commitment (extensible)

Extension: IopConsentExpiry
Id: iop-consent-expiry
Title: "Consent expiry"
Description: "The event or condition with which the consent ends, coded or in words, where it is no date (42 CFR 2.31(a)(7))."
Context: Consent.provision
* extension contains event 0..1 and words 0..1
* extension[event].value[x] 1..1
* extension[event].value[x] only Coding
* extension[event].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/consent-expiry (extensible)
* extension[words].value[x] 1..1
* extension[words].value[x] only string

Extension: IopConsentHandling
Id: iop-consent-handling
Title: "Consent handling"
Description: "What a recipient of the information must or must not do with it; as a security label it would narrow what may be disclosed."
Context: Consent.provision
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/handling (extensible)

Extension: IopConsentInformation
Id: iop-consent-information
Title: "Consent information"
Description: "How much and what kind of information may be disclosed, in the words of the signed form (42 CFR 2.31(a)(3))."
Context: Consent.provision
* value[x] 1..1
* value[x] only string

Extension: IopConsentStatement
Id: iop-consent-statement
Title: "Consent statement"
Description: "A statement that the signed form makes to the patient, such as the right to revoke (42 CFR 2.31(a)(4), (6) and (10))."
Context: Consent
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/consent-statement (extensible)

Extension: IopContactOutcome
Id: iop-contact-outcome
Title: "Contact outcome"
Description: "What came of the contact: reached, message left, no answer, declined and so on."
Context: Communication
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/contact-outcome (extensible)

Extension: IopContactWish
Id: iop-contact-wish
Title: "Contact wish"
Description: "A way in which the participant wants to be reached, or does not."
Context: Patient
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/contact-wish (extensible)

Extension: IopContactWishNote
Id: iop-contact-wish-note
Title: "Contact wish note"
Description: "How the participant wants to be reached, in words, such as never at work."
Context: Patient
* value[x] 1..1
* value[x] only string

Extension: IopCountedUnits
Id: iop-counted-units
Title: "Counted units"
Description: "Units and minutes counted from the attendance records, and the rule that counted them."
Context: Procedure
* extension contains units 0..1 and minutes 0..1 and rule 0..1
* extension[units].value[x] 1..1
* extension[units].value[x] only decimal
* extension[minutes].value[x] 1..1
* extension[minutes].value[x] only integer
* extension[rule].value[x] 1..1
* extension[rule].value[x] only string

Extension: IopCoveredSession
Id: iop-covered-session
Title: "Covered session"
Description: "A further session that the same delivered service covers, as where a day is billed once; the first is Procedure.encounter."
Context: Procedure
* value[x] 1..1
* value[x] only Reference(Encounter)

Extension: IopDaysAWeek
Id: iop-days-a-week
Title: "Days a week"
Description: "On how many days a week the program meets."
Context: HealthcareService
* value[x] 1..1
* value[x] only integer

Extension: IopDiagnosisArea
Id: iop-diagnosis-area
Title: "Diagnosis area"
Description: "Which side of a co-occurring picture the diagnosis belongs to: substance use, mental health, physical health or social."
Context: Condition
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/diagnosis-area (extensible)

Extension: IopDischarge
Id: iop-discharge
Title: "Discharge"
Description: "How the episode ended: the reason, the type as states count it, and where the person went."
Context: EpisodeOfCare
* extension contains reason 0..1 and type 0..1 and disposition 0..1
* extension[reason].value[x] 1..1
* extension[reason].value[x] only CodeableConcept
* extension[reason].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-reason (extensible)
* extension[type].value[x] 1..1
* extension[type].value[x] only CodeableConcept
* extension[type].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-type (extensible)
* extension[disposition].value[x] 1..1
* extension[disposition].value[x] only CodeableConcept
* extension[disposition].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-disposition (extensible)

Extension: IopDocumentedAt
Id: iop-documented-at
Title: "Documented at"
Description: "When the session was written up; for the time of the session itself see Encounter.period."
Context: Encounter
* value[x] 1..1
* value[x] only dateTime

Extension: IopEpisodeLink
Id: iop-episode-link
Title: "Episode link"
Description: "The episode of care that a record belongs to, where R4 has no element and its standard extension is not allowed."
Context: AllergyIntolerance, Appointment, Claim, ClaimResponse, Consent, Coverage, DocumentReference, Flag, Goal, MedicationAdministration, MedicationRequest, Task
* value[x] 1..1
* value[x] only Reference(EpisodeOfCare)

Extension: IopExplainedBy
Id: iop-explained-by
Title: "Explained by"
Description: "A prescribed medication that explains the finding."
Context: Observation
* value[x] 1..1
* value[x] only Reference(MedicationAdministration or MedicationRequest or MedicationStatement)

Extension: IopFacilityStay
Id: iop-facility-stay
Title: "Facility stay"
Description: "The stay that the participant steps down from: the facility, its level of care, admission, discharge (planned until it has come) and how it ended."
Context: ServiceRequest
* extension contains at 0..1 and level 0..1 and from 0..1 and until 0..1 and end 0..1
* extension[at].value[x] 1..1
* extension[at].value[x] only Reference(Organization)
* extension[level].value[x] 1..1
* extension[level].value[x] only Coding
* extension[level].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care (extensible)
* extension[from].value[x] 1..1
* extension[from].value[x] only date
* extension[until].value[x] 1..1
* extension[until].value[x] only date
* extension[end].value[x] 1..1
* extension[end].value[x] only Coding
* extension[end].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-type (extensible)

Extension: IopFlagAudience
Id: iop-flag-audience
Title: "Flag audience"
Description: "Who in the program is shown the flag; outside it the participant's consent decides."
Context: Flag
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/flag-audience (extensible)

Extension: IopFlagInstructions
Id: iop-flag-instructions
Title: "Flag instructions"
Description: "What staff should do when they see the flag, in words; never given for a no-contact rule, since words could name the other person."
Context: Flag
* value[x] 1..1
* value[x] only string

Extension: IopFlagLevel
Id: iop-flag-level
Title: "Flag level"
Description: "How high the risk is that the flag warns of."
Context: Flag
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/flag-level (extensible)

Extension: IopGoalReview
Id: iop-goal-review
Title: "Goal review"
Description: "A review of the goal: the day, what had been achieved by then, the reviewer and a summary."
Context: Goal
* extension contains on 1..1 and achievement 0..1 and by 0..1 and summary 0..1
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[achievement].value[x] 1..1
* extension[achievement].value[x] only CodeableConcept
* extension[achievement].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/goal-achievement (extensible)
* extension[by].value[x] 1..1
* extension[by].value[x] only Reference(Practitioner or PractitionerRole)
* extension[summary].value[x] 1..1
* extension[summary].value[x] only string

Extension: IopGroupCapacity
Id: iop-group-capacity
Title: "Group capacity"
Description: "How many participants the group can take."
Context: HealthcareService
* value[x] 1..1
* value[x] only positiveInt

Extension: IopGroupFacilitator
Id: iop-group-facilitator
Title: "Group facilitator"
Description: "A clinician who leads the group."
Context: HealthcareService
* value[x] 1..1
* value[x] only Reference(Practitioner or PractitionerRole)

Extension: IopGroupPeriod
Id: iop-group-period
Title: "Group period"
Description: "From when until when the group meets; its hours of the week are HealthcareService.availableTime."
Context: HealthcareService
* value[x] 1..1
* value[x] only Period

Extension: IopGroupSession
Id: iop-group-session
Title: "Group session"
Description: "The meeting that a booking or session was part of: the same id for all who came, its topic and head count, never who they are."
Context: Appointment, Encounter
* extension contains meeting 0..1 and group 0..1 and topic 0..1 and attending 0..1
* extension[meeting].value[x] 1..1
* extension[meeting].value[x] only string
* extension[group].value[x] 1..1
* extension[group].value[x] only Reference(HealthcareService)
* extension[topic].value[x] 1..1
* extension[topic].value[x] only string
* extension[attending].value[x] 1..1
* extension[attending].value[x] only integer

Extension: IopGroupTopic
Id: iop-group-topic
Title: "Group topic"
Description: "What the group works on, in words."
Context: HealthcareService
* value[x] 1..1
* value[x] only string

Extension: IopHoursADay
Id: iop-hours-a-day
Title: "Hours a day"
Description: "For how many hours a day the program meets."
Context: HealthcareService
* value[x] 1..1
* value[x] only decimal

Extension: IopHowToRevoke
Id: iop-how-to-revoke
Title: "How to revoke"
Description: "How the patient may revoke the consent, in the words of the form (42 CFR 2.31(a)(6))."
Context: Consent
* value[x] 1..1
* value[x] only string

Extension: IopIntermediary
Id: iop-intermediary
Title: "Intermediary"
Description: "Whether the recipient is an intermediary that passes records on to its member participants (42 CFR 2.11 and 2.24)."
Context: Consent.provision.actor
* value[x] 1..1
* value[x] only boolean

Extension: IopJoinsFamilySessions
Id: iop-joins-family-sessions
Title: "Joins family sessions"
Description: "Whether the relative takes part in the participant's family sessions."
Context: RelatedPerson
* value[x] 1..1
* value[x] only boolean

Extension: IopLevelOfCare
Id: iop-level-of-care
Title: "Level of care"
Description: "A level of care during the episode, with its time, the step it was, and where."
Context: EpisodeOfCare
* extension contains level 1..1 and from 0..1 and until 0..1 and step 0..1 and at 0..1
* extension[level].value[x] 1..1
* extension[level].value[x] only Coding
* extension[level].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care (extensible)
* extension[from].value[x] 1..1
* extension[from].value[x] only date
* extension[until].value[x] 1..1
* extension[until].value[x] only date
* extension[step].value[x] 1..1
* extension[step].value[x] only Coding
* extension[step].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/episode-step (extensible)
* extension[at].value[x] 1..1
* extension[at].value[x] only Reference(Organization)

Extension: IopLevelOfCareCode
Id: iop-level-of-care-code
Title: "Level of care code"
Description: "The level of care that a program provides."
Context: HealthcareService
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care (extensible)

Extension: IopMakeUpOf
Id: iop-make-up-of
Title: "Make up of"
Description: "The missed or cancelled booking that this one makes up for."
Context: Appointment
* value[x] 1..1
* value[x] only Reference(Appointment)

Extension: IopMinutesObserved
Id: iop-minutes-observed
Title: "Minutes observed"
Description: "For how many minutes the participant was observed before the breath test."
Context: Observation
* value[x] 1..1
* value[x] only unsignedInt

Extension: IopMinutesPerUnit
Id: iop-minutes-per-unit
Title: "Minutes per unit"
Description: "How many minutes one billed unit has by the contract under which the service is billed."
Context: Procedure
* value[x] 1..1
* value[x] only integer

Extension: IopNextReviewOn
Id: iop-next-review-on
Title: "Next review on"
Description: "The day by which the plan is next to be reviewed."
Context: CarePlan
* value[x] 1..1
* value[x] only date

Extension: IopNoShowReason
Id: iop-no-show-reason
Title: "No show reason"
Description: "Why a booking was missed: the expression of R4's app-4 lets only a cancelled appointment have a cancelationReason. One that is sent for a missed booking all the same is kept, and shown as what somebody has to look at."
Context: Appointment
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/cancel-reason (extensible)

Extension: IopObservedCollection
Id: iop-observed-collection
Title: "Observed collection"
Description: "Whether somebody watched the specimen being given."
Context: Observation
* value[x] 1..1
* value[x] only boolean

Extension: IopObservedDose
Id: iop-observed-dose
Title: "Observed dose"
Description: "Whether somebody watched the dose being taken."
Context: MedicationAdministration
* value[x] 1..1
* value[x] only boolean

Extension: IopPart2Posture
Id: iop-part2-posture
Title: "Part2 posture"
Description: "Which confidentiality rules bind the organization, or protect the records of the episode: 42 CFR part 2, also as a unit of a general facility, HIPAA alone, or neither."
Context: EpisodeOfCare, Organization
* value[x] 1..1
* value[x] only code
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/part2-posture (required)

Extension: IopPaymentAccepted
Id: iop-payment-accepted
Title: "Payment accepted"
Description: "A kind of payment or coverage that the program accepts."
Context: HealthcareService
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/payment (extensible)

Extension: IopPlanReview
Id: iop-plan-review
Title: "Plan review"
Description: "A review of the whole plan: the day, the reviewer and a summary."
Context: CarePlan
* extension contains on 1..1 and by 0..1 and summary 0..1
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[by].value[x] 1..1
* extension[by].value[x] only Reference(Practitioner or PractitionerRole)
* extension[summary].value[x] 1..1
* extension[summary].value[x] only string

Extension: IopPlanSignature
Id: iop-plan-signature
Title: "Plan signature"
Description: "Who agreed to a plan and when; the signature itself is a Provenance."
Context: CarePlan
* extension contains signer 1..1 and signedAt 1..1
* extension[signer].value[x] 1..1
* extension[signer].value[x] only Reference(Patient or Practitioner or PractitionerRole or RelatedPerson)
* extension[signedAt].value[x] 1..1
* extension[signedAt].value[x] only dateTime

Extension: IopPlannedHoursAWeek
Id: iop-planned-hours-a-week
Title: "Planned hours a week"
Description: "For how many hours a week the participant is planned to attend, before any taper."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only decimal

Extension: IopPlannedWeeks
Id: iop-planned-weeks
Title: "Planned weeks"
Description: "For how many weeks the episode is planned."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only integer

Extension: IopProgramLink
Id: iop-program-link
Title: "Program link"
Description: "The program (a HealthcareService) that an episode or a therapy group belongs to."
Context: EpisodeOfCare, HealthcareService
* value[x] 1..1
* value[x] only Reference(HealthcareService)

Extension: IopRecipientClass
Id: iop-recipient-class
Title: "Recipient class"
Description: "The class of recipients that the form names in the place of single ones, such as treating providers (42 CFR 2.31(a)(4))."
Context: Consent.provision.actor
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/recipient-class (extensible)

Extension: IopReferralAnswer
Id: iop-referral-answer
Title: "Referral answer"
Description: "What was heard from whoever was asked to take the participant over: the answer, its day and its reason."
Context: ServiceRequest
* extension contains answer 0..1 and on 0..1 and reason 0..1
* extension[answer].value[x] 1..1
* extension[answer].value[x] only Coding
* extension[answer].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-answer (extensible)
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[reason].value[x] 1..1
* extension[reason].value[x] only string

Extension: IopReferralClosure
Id: iop-referral-closure
Title: "Referral closure"
Description: "How the referral out of the program ended, and on which day it was closed."
Context: ServiceRequest
* extension contains on 0..1 and outcome 0..1
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[outcome].value[x] 1..1
* extension[outcome].value[x] only Coding
* extension[outcome].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-outcome (extensible)

Extension: IopReferralRisk
Id: iop-referral-risk
Title: "Referral risk"
Description: "A risk that the referring facility warns of, how high it sees it, and a note."
Context: ServiceRequest
* extension contains risk 1..1 and level 0..1 and note 0..1
* extension[risk].value[x] 1..1
* extension[risk].value[x] only Coding
* extension[risk].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-risk (extensible)
* extension[level].value[x] 1..1
* extension[level].value[x] only Coding
* extension[level].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-risk-level (extensible)
* extension[note].value[x] 1..1
* extension[note].value[x] only string

Extension: IopReferralSource
Id: iop-referral-source
Title: "Referral source"
Description: "Who sent the participant to the program, such as a court, a hospital or the participant."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-source (extensible)

Extension: IopRelapsePrevention
Id: iop-relapse-prevention
Title: "Relapse prevention"
Description: "The participant's relapse prevention plan: triggers, warning signs, ways of coping and people who help."
Context: CarePlan
* extension contains trigger 0..* and warningSign 0..* and coping 0..* and support 0..* and ifInCrisis 0..*
* extension[trigger].value[x] 1..1
* extension[trigger].value[x] only string
* extension[warningSign].value[x] 1..1
* extension[warningSign].value[x] only string
* extension[coping].value[x] 1..1
* extension[coping].value[x] only string
* extension[support].value[x] 1..1
* extension[support].value[x] only string
* extension[ifInCrisis].value[x] 1..1
* extension[ifInCrisis].value[x] only string

Extension: IopRemission
Id: iop-remission
Title: "Remission"
Description: "Whether a remission is early or sustained, which Condition.clinicalStatus does not tell."
Context: Condition
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/remission (extensible)

Extension: IopRescheduledTo
Id: iop-rescheduled-to
Title: "Rescheduled to"
Description: "The booking to which this one was moved."
Context: Appointment
* value[x] 1..1
* value[x] only Reference(Appointment)

Extension: IopRevocation
Id: iop-revocation
Title: "Revocation"
Description: "When, by whom, how and why the consent was revoked; R4 says only that it is inactive."
Context: Consent
* extension contains at 0..1 and by 0..1 and how 0..1 and reason 0..1
* extension[at].value[x] 1..1
* extension[at].value[x] only dateTime
* extension[by].value[x] 1..1
* extension[by].value[x] only Reference(Patient or Practitioner or PractitionerRole or RelatedPerson)
* extension[how].value[x] 1..1
* extension[how].value[x] only Coding
* extension[how].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/signature-form (extensible)
* extension[reason].value[x] 1..1
* extension[reason].value[x] only string

Extension: IopServiceModifier
Id: iop-service-modifier
Title: "Service modifier"
Description: "A billing modifier of the service, in whatever code system the payer asks for."
Context: Procedure
* value[x] 1..1
* value[x] only CodeableConcept

Extension: IopServiceUnits
Id: iop-service-units
Title: "Service units"
Description: "How many billing units of the service were delivered, as typed."
Context: Procedure
* value[x] 1..1
* value[x] only decimal

Extension: IopSessionBreak
Id: iop-session-break
Title: "Session break"
Description: "A pause within the session that does not count as attended."
Context: Encounter
* value[x] 1..1
* value[x] only Period

Extension: IopSignedHow
Id: iop-signed-how
Title: "Signed how"
Description: "In which form the consent was signed: on paper, electronically or orally."
Context: Consent
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/signature-form (extensible)

Extension: IopSignerCapacity
Id: iop-signer-capacity
Title: "Signer capacity"
Description: "In which capacity somebody signed: the patient, a parent, a guardian, a personal representative (42 CFR 2.14 and 2.15)."
Context: Consent
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/signer-capacity (extensible)

Extension: IopStatusSince
Id: iop-status-since
Title: "Status since"
Description: "Since when the clinical status is what it is, such as in remission since or relapsed on."
Context: Condition
* value[x] 1..1
* value[x] only dateTime

Extension: IopSupersededBy
Id: iop-superseded-by
Title: "Superseded by"
Description: "The record that stays, of two of one visit: this one was entered in error."
Context: Encounter
* value[x] 1..1
* value[x] only Reference(Encounter)

Extension: IopTaper
Id: iop-taper
Title: "Taper"
Description: "Fewer hours from a week of the program on."
Context: EpisodeOfCare
* extension contains fromWeek 1..1 and hoursAWeek 1..1 and daysAWeek 0..1
* extension[fromWeek].value[x] 1..1
* extension[fromWeek].value[x] only integer
* extension[hoursAWeek].value[x] 1..1
* extension[hoursAWeek].value[x] only decimal
* extension[daysAWeek].value[x] 1..1
* extension[daysAWeek].value[x] only integer

Extension: IopTherapy
Id: iop-therapy
Title: "Therapy"
Description: "A therapy that is used or planned, such as cognitive behavioral therapy."
Context: CarePlan.activity.detail, Encounter, HealthcareService
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/therapy (extensible)

Extension: IopTrack
Id: iop-track
Title: "Track"
Description: "A track of the program that the participant attends, such as evening or virtual."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/track (extensible)

Extension: IopTransportNeed
Id: iop-transport-need
Title: "Transport need"
Description: "How the participant gets to the program, or what help with that is needed."
Context: Patient
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/transport-need (extensible)

Extension: IopVirtualLink
Id: iop-virtual-link
Title: "Virtual link"
Description: "The address at which the participant joins a session by video."
Context: Appointment
* value[x] 1..1
* value[x] only url

Extension: IopZoneAssumed
Id: iop-zone-assumed
Title: "Zone assumed"
Description: "The source gave local times without an offset; they were read in the program's time zone."
Context: AllergyIntolerance, Appointment, CareTeam, Claim, ClaimResponse, Communication, Consent, Coverage, DocumentReference, Encounter, Flag, MedicationAdministration, MedicationRequest, Observation, Procedure, QuestionnaireResponse, ServiceRequest, Task
* value[x] 1..1
* value[x] only boolean
