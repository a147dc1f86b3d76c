// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

CodeSystem: IopAbsenceSystem
Id: absence
Title: "Absence"
Description: "Absence: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #cancelled-by-program "Cancelled by the program"
* #excused "Excused absence"
* #late-cancelled "Cancelled late"
* #rescheduled "Rescheduled"

CodeSystem: IopAbsentReasonSystem
Id: absent-reason
Title: "Absent reason"
Description: "Absent reason: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #items-unanswered "Items unanswered, no total"
* #specimen-unusable "Specimen unusable"
* #unable "Unable to provide a specimen"

CodeSystem: IopAttendanceSystem
Id: attendance
Title: "Attendance"
Description: "Attendance: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #attended "Attended in full"
* #late "Came late"
* #late-and-left-early "Came late and left early"
* #left-early "Left early"

CodeSystem: IopAuthorizationDecisionSystem
Id: authorization-decision
Title: "Authorization decision"
Description: "Authorization decision: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #approved "Approved"
* #approved-in-part "Approved in part"
* #denied "Denied"
* #pended "Pended"
* #withdrawn "Withdrawn"

CodeSystem: IopBreathMeasureSystem
Id: breath-measure
Title: "Breath measure"
Description: "Breath measure: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #alcohol-amount "Alcohol in breath, amount"

CodeSystem: IopCancelReasonSystem
Id: cancel-reason
Title: "Cancel reason"
Description: "Cancel reason: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #court "Court or probation"
* #family "Family or child care"
* #illness "Illness"
* #school "School"
* #work "Work"

CodeSystem: IopCareTeamRoleSystem
Id: care-team-role
Title: "Care team role"
Description: "Care team role: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #family-member "Family member"
* #outside-provider "Provider of another organization"
* #probation-officer "Probation or parole officer"
* #school-counselor "School counselor"
* #sponsor "Sponsor in mutual support"
* #support-person "Support person"

CodeSystem: IopCheckFindingSystem
Id: check-finding
Title: "Check finding"
Description: "Check finding: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #adulterated "Adulterated"
* #dilute "Dilute"
* #invalid "Invalid"
* #normal "Normal"
* #out-of-range "Out of range"
* #substituted "Substituted"

CodeSystem: IopCommitmentSystem
Id: commitment
Title: "Commitment"
Description: "Commitment: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #court "Court or probation"
* #family "Family or child care"
* #medical "Other treatment"
* #other "Other"
* #school "School"
* #work "Work"

CodeSystem: IopConsentExpirySystem
Id: consent-expiry
Title: "Consent expiry"
Description: "Consent expiry: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #end-of-payment "When the services are paid"
* #end-of-referral "When the referral is closed"
* #end-of-treatment "End of the treatment"
* #no-expiry "None: only a single consent for treatment, payment and operations may say so"
* #other "Another event, told in words"

CodeSystem: IopConsentKindSystem
Id: consent-kind
Title: "Consent kind"
Description: "Consent kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #counseling-notes "Consent for SUD counseling notes, 2.31(b)"
* #legal-proceedings "Consent for use in proceedings against the patient, 2.31(d)"
* #restriction "Restriction that the patient asked for and the program agreed to, 2.26"
* #specific "Consent for named recipients and purposes, 2.31(a)"
* #tpo "Single consent for all future treatment, payment and health care operations, 2.31(a)(4)"

CodeSystem: IopConsentStatementSystem
Id: consent-statement
Title: "Consent statement"
Description: "Consent statement: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #fundraising-opt-out "That fundraising can be opted out of"
* #no-longer-protected "That redisclosed records may no longer be protected"
* #redisclosure-by-recipients "That a covered entity may redisclose as HIPAA permits, save in proceedings against the patient, 2.31(a)(4)"
* #refusal-consequences "What follows from refusing to sign"
* #right-to-revoke "That it can be revoked, and how, 2.31(a)(6)"

CodeSystem: IopContactMediumSystem
Id: contact-medium
Title: "Contact medium"
Description: "Contact medium: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #text-message "Text message"
* #voicemail "Voicemail"

CodeSystem: IopContactNotDoneSystem
Id: contact-not-done
Title: "Contact not done"
Description: "Contact not done: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #no-consent "No consent to tell this recipient"

CodeSystem: IopContactOutcomeSystem
Id: contact-outcome
Title: "Contact outcome"
Description: "Contact outcome: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #call-back-asked "Asked to call back"
* #declined "Declined to talk"
* #left-message "Left a message"
* #no-answer "No answer"
* #not-in-service "Number not in service"
* #reached "Reached"
* #returned "Came back undelivered"
* #wrong-number "Wrong number or address"

CodeSystem: IopContactPurposeSystem
Id: contact-purpose
Title: "Contact purpose"
Description: "Contact purpose: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #care-coordination "Coordination with other providers"
* #crisis-follow-up "Follow-up after a crisis"
* #discharge-follow-up "Follow-up after discharge"
* #family-contact "Family contact"
* #legal-contact "Contact with court, probation or parole"
* #outreach-after-no-show "Outreach after a no-show"
* #participant-contact "Contact with the participant"
* #payer-contact "Contact with the payer"

CodeSystem: IopContactWishSystem
Id: contact-wish
Title: "Contact wish"
Description: "Contact wish: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #mobile-only "Mobile phone only"
* #no-calls-at-home "No calls at home"
* #no-calls-at-work "No calls at work"
* #no-detail-in-voicemail "Voicemail without detail"
* #no-email "No e-mail"
* #no-mail "No letters home"
* #no-text "No text messages"
* #no-voicemail "No voicemail"
* #plain-envelope "Plain envelope only"
* #use-alternate-address "Use the alternate address"

CodeSystem: IopCredentialSystem
Id: credential
Title: "Credential"
Description: "Credential: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #certified-addiction-counselor "Certified alcohol and drug counselor"
* #certified-peer-specialist "Certified peer specialist"
* #clinical-supervisor "Clinical supervisor"
* #licensed-addiction-counselor "Licensed addiction counselor"
* #licensed-clinical-social-worker "Licensed clinical social worker"
* #licensed-marriage-family-therapist "Licensed marriage and family therapist"
* #licensed-professional-counselor "Licensed professional counselor"
* #licensed-psychologist "Licensed psychologist"
* #opioid-prescriber "Registration to prescribe controlled substances"
* #registered-counselor-intern "Counselor in training"

CodeSystem: IopDiagnosisAreaSystem
Id: diagnosis-area
Title: "Diagnosis area"
Description: "Diagnosis area: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #mental-health "Mental health"
* #physical-health "Physical health"
* #social "Social"
* #substance-use "Substance use"

CodeSystem: IopDischargeReasonSystem
Id: discharge-reason
Title: "Discharge reason"
Description: "Discharge reason: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #completed "Completed treatment"
* #died "Died"
* #dropped-out "Stopped coming"
* #financial "Financial"
* #higher-level-needed "Higher level of care needed"
* #incarcerated "Incarcerated"
* #medical "Medical"
* #moved "Moved"
* #other "Other"
* #participant-decision "Decision of the participant"
* #program-closed "Program closed"
* #terminated-by-program "Ended by the program"
* #transferred "Transferred to another program"

CodeSystem: IopDischargeTypeSystem
Id: discharge-type
Title: "Discharge type"
Description: "Discharge type: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #completed "Treatment completed"
* #not-completed "Treatment not completed"
* #transferred "Transferred or referred to another program"

CodeSystem: IopDisciplineSystem
Id: discipline
Title: "Discipline"
Description: "Discipline: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #addiction-counselor "Addiction counselor"
* #addiction-physician "Addiction medicine physician"
* #case-manager "Case manager"
* #clinical-supervisor "Clinical supervisor"
* #family-therapist "Family therapist"
* #group-facilitator "Group facilitator"
* #intake-coordinator "Intake coordinator"
* #nurse "Nurse"
* #nurse-prescriber "Nurse prescriber"
* #peer-mentor "Peer mentor"
* #physician-assistant "Physician assistant"
* #program-director "Program director"
* #psychiatrist "Psychiatrist"
* #psychologist "Psychologist"
* #social-worker "Social worker"
* #technician "Technician"
* #therapist "Therapist"
* #utilization-reviewer "Utilization reviewer"

CodeSystem: IopDocumentCategorySystem
Id: document-category
Title: "Document category"
Description: "Document category: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #counseling-note "SUD counseling note"

CodeSystem: IopDocumentTypeSystem
Id: document-type
Title: "Document type"
Description: "Document type: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #counseling-note "SUD counseling note"
* #treatment-plan-review "Treatment plan review"

CodeSystem: IopDrugPanelSystem
Id: drug-panel
Title: "Drug panel"
Description: "Drug panel: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #on-site-cup "On-site cup"
* #oral-fluid-device "Oral fluid device"

CodeSystem: IopEducationSystem
Id: education
Title: "Education"
Description: "Education: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #college-degree "College degree or more"
* #grade-9-to-11 "Grade 9 to 11"
* #high-school "Grade 12 or GED"
* #some-college "Some college or vocational school"
* #up-to-grade-8 "No schooling to grade 8"

CodeSystem: IopEmploymentSystem
Id: employment
Title: "Employment"
Description: "Employment: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #disabled "Disabled"
* #full-time "Employed full time"
* #homemaker "Homemaker"
* #in-an-institution "Resident of an institution"
* #not-in-labor-force "Not in the labor force, other"
* #part-time "Employed part time"
* #retired "Retired"
* #student "Student"
* #unemployed "Unemployed, looking for work"

CodeSystem: IopEpisodeKindSystem
Id: episode-kind
Title: "Episode kind"
Description: "Episode kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #co-occurring "Co-occurring substance use and mental health"
* #developmental "Intellectual and developmental disability"
* #mental-health "Mental health"

CodeSystem: IopEpisodeStepSystem
Id: episode-step
Title: "Episode step"
Description: "Episode step: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #step-down-from "Stepped down from"
* #step-down-to "Stepped down to"
* #step-up-from "Stepped up from"
* #step-up-to "Stepped up to"
* #this-program "In this program"

CodeSystem: IopFlagAudienceSystem
Id: flag-audience
Title: "Flag audience"
Description: "Flag audience: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #all-staff "All staff"
* #care-team "The participant's care team"
* #clinical-staff "Clinical staff"
* #front-desk "Front desk"
* #group-facilitators "Facilitators of the participant's groups"
* #prescribers "Prescribers and nurses"
* #program-lead "Program director and supervisors"

CodeSystem: IopFlagLevelSystem
Id: flag-level
Title: "Flag level"
Description: "Flag level: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #high "High risk"
* #imminent "Imminent risk"
* #low "Low risk"
* #moderate "Moderate risk"

CodeSystem: IopGoalCategorySystem
Id: goal-category
Title: "Goal category"
Description: "Goal category: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #abstinence "Abstinence or reduced use"
* #family "Family and relationships"
* #housing "Housing"
* #legal "Legal"
* #life-skills "Life skills"
* #mental-health "Mental health"
* #physical-health "Physical health"
* #support-network "Support network"
* #work "Work or school"

CodeSystem: IopGroupAccessSystem
Id: group-access
Title: "Group access"
Description: "Group access: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #by-referral "By the care team's referral only"
* #closed "Closed: starts and ends together"
* #gender-specific "For one gender"
* #hybrid "Virtual and in-person attendance"
* #open "Open: join at any time"
* #virtual "Virtual attendance"

CodeSystem: IopIncomeSourceSystem
Id: income-source
Title: "Income source"
Description: "Income source: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #disability "Disability"
* #none "No income"
* #other "Other source of income"
* #public-assistance "Public assistance"
* #retirement "Retirement or pension"
* #wages "Wages or salary"

CodeSystem: IopLegalStatusSystem
Id: legal-status
Title: "Legal status"
Description: "Legal status: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #awaiting-trial "Awaiting charge, trial or sentence"
* #court-ordered "Ordered to treatment by a court"
* #diversion "Diversion program or treatment court"
* #driving-offense "Driving under the influence"
* #incarcerated "In jail or prison"
* #none "No legal involvement"
* #other "Other legal involvement"
* #probation-or-parole "Probation or parole"

CodeSystem: IopLevelOfCareSystem
Id: level-of-care
Title: "Level of care"
Description: "Level of care: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #level-0-5 "Level 0.5"
* #level-1 "Level 1"
* #level-1-wm "Level 1-WM"
* #level-2-1 "Level 2.1"
* #level-2-5 "Level 2.5"
* #level-2-wm "Level 2-WM"
* #level-3-1 "Level 3.1"
* #level-3-2-wm "Level 3.2-WM"
* #level-3-3 "Level 3.3"
* #level-3-5 "Level 3.5"
* #level-3-7 "Level 3.7"
* #level-3-7-wm "Level 3.7-WM"
* #level-4 "Level 4"
* #level-4-wm "Level 4-WM"

CodeSystem: IopLivingSituationSystem
Id: living-situation
Title: "Living situation"
Description: "Living situation: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #correctional "Correctional facility"
* #dependent "Dependent living"
* #homeless "Homeless"
* #independent "Independent living"
* #recovery-residence "Recovery residence"

CodeSystem: IopMeetingFrequencySystem
Id: meeting-frequency
Title: "Meeting frequency"
Description: "Meeting frequency: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #eight-to-thirty "8 to 30 meetings"
* #four-to-seven "4 to 7 meetings"
* #none "No meetings"
* #one-to-three "1 to 3 meetings"
* #some "Some meetings, number unknown"

CodeSystem: IopMutualSupportMeasureSystem
Id: mutual-support-measure
Title: "Mutual support measure"
Description: "Mutual support measure: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #meetings-last-30-days "Self-help meetings attended in the last 30 days"

CodeSystem: IopObservationCategorySystem
Id: observation-category
Title: "Observation category"
Description: "Observation category: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #drug-screen "Drug screen"
* #mutual-support "Mutual support"

CodeSystem: IopOrganizationKindSystem
Id: organization-kind
Title: "Organization kind"
Description: "Organization kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #court "Court or probation office"
* #hospital "Hospital"
* #iop-program "Intensive outpatient program"
* #laboratory "Laboratory"
* #opioid-treatment-program "Opioid treatment program"
* #residential-facility "Residential treatment facility"
* #sober-living "Sober living home"
* #withdrawal-facility "Withdrawal management facility"

CodeSystem: IopPart2PostureSystem
Id: part2-posture
Title: "Part2 posture"
Description: "Part2 posture: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #hipaa "HIPAA covered entity"
* #mixed "Part 2 unit in a general facility"
* #neither "Neither"
* #part2 "42 CFR Part 2 program"

CodeSystem: IopPaymentSystem
Id: payment
Title: "Payment"
Description: "Payment: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #commercial-insurance "Commercial insurance"
* #medicaid "Medicaid"
* #medicare "Medicare"
* #payment-plan "Payment plan"
* #self-pay "Self-pay"
* #sliding-fee "Sliding fee"
* #state-funding "State or block-grant funding"
* #tricare "TRICARE"

CodeSystem: IopPlanActivitySystem
Id: plan-activity
Title: "Plan activity"
Description: "Plan activity: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #drug-screening "Drug screening"
* #homework "Homework"
* #medication "Medication"
* #mutual-support "Mutual support meetings"
* #physical-activity "Physical activity"
* #referral "Referral"

CodeSystem: IopProgramFeatureSystem
Id: program-feature
Title: "Program feature"
Description: "Program feature: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #adolescents "Adolescents"
* #afternoon "Afternoon track"
* #child-care "Child care on site"
* #evening "Evening track"
* #family-program "Family program"
* #hybrid "Virtual and in-person attendance"
* #medication-for-addiction "Medication for addiction treatment"
* #morning "Morning track"
* #transport-help "Transport help"
* #veterans "Veterans"
* #virtual "Virtual attendance"
* #weekend "Weekend track"
* #women-only "Women only"

CodeSystem: IopProgramKindSystem
Id: program-kind
Title: "Program kind"
Description: "Program kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #aftercare "Aftercare"
* #care-coordination "Care coordination"
* #case-management "Case management"
* #co-occurring-iop "Co-occurring disorders intensive outpatient"
* #crisis "Crisis services"
* #idd-support "Intellectual and developmental disability support"
* #mental-health-iop "Mental health intensive outpatient"
* #mental-health-outpatient "Mental health outpatient"
* #opioid-treatment "Opioid treatment program"
* #partial-hospitalization "Partial hospitalization"
* #recovery-support "Recovery support"
* #residential "Residential treatment"
* #substance-use-iop "Substance use intensive outpatient"
* #substance-use-outpatient "Substance use outpatient"
* #withdrawal-management "Withdrawal management"

CodeSystem: IopRecipientClassSystem
Id: recipient-class
Title: "Recipient class"
Description: "Recipient class: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #health-plans "Health plans"
* #intermediary-participants "Participants of an intermediary who have a treating provider relationship"
* #program-helpers "People helping to operate the program"
* #third-party-payers "Third-party payers"
* #treating-providers "Treating providers"

CodeSystem: IopReferralAnswerSystem
Id: referral-answer
Title: "Referral answer"
Description: "Referral answer: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #accepted "Accepted"
* #declined "Declined by who was asked"
* #declined-by-participant "Declined by the participant"
* #no-answer "No answer"
* #waitlisted "On the waiting list"

CodeSystem: IopReferralKindSystem
Id: referral-kind
Title: "Referral kind"
Description: "Referral kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #aftercare "Referral out of the program"
* #step-down "Step-down referral into the program"

CodeSystem: IopReferralOutcomeSystem
Id: referral-outcome
Title: "Referral outcome"
Description: "Referral outcome: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #attended "First visit attended"
* #declined "Declined by who was asked"
* #declined-by-participant "Declined by the participant"
* #did-not-attend "First visit not attended"
* #lost-contact "Contact lost"
* #withdrawn "Withdrawn by the program"

CodeSystem: IopReferralOutputSystem
Id: referral-output
Title: "Referral output"
Description: "Referral output: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #booking "Booked visit"
* #episode "Episode opened"
* #feedback "Report back to who referred"
* #session "Attended visit"

CodeSystem: IopReferralRiskSystem
Id: referral-risk
Title: "Referral risk"
Description: "Referral risk: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #housing "Housing"
* #left-before "Left treatment against advice before"
* #medical "Medical"
* #overdose "Overdose"
* #relapse "Relapse"
* #self-harm "Self-harm"
* #suicide "Suicide"
* #victimization "Violence by others"
* #violence "Violence towards others"
* #withdrawal "Withdrawal"

CodeSystem: IopReferralRiskLevelSystem
Id: referral-risk-level
Title: "Referral risk level"
Description: "Referral risk level: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #high "High"
* #low "Low"
* #moderate "Moderate"
* #none "None known"

CodeSystem: IopReferralServiceSystem
Id: referral-service
Title: "Referral service"
Description: "Referral service: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #alumni-group "Alumni group"
* #case-management "Case management"
* #co-occurring-iop "Co-occurring disorders intensive outpatient"
* #medication-clinic "Medication for addiction treatment clinic"
* #mental-health-iop "Mental health intensive outpatient"
* #partial-hospitalization "Partial hospitalization"
* #residential "Residential treatment"
* #sober-living "Sober living"
* #substance-use-iop "Substance use intensive outpatient"
* #substance-use-treatment "Substance use treatment"
* #vocational "Work or school support"
* #withdrawal-management "Withdrawal management"

CodeSystem: IopReferralSourceSystem
Id: referral-source
Title: "Referral source"
Description: "Referral source: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #community "Community or religious organization"
* #court "Court or criminal justice"
* #drug-court "Drug or treatment court"
* #employer "Employer or employee assistance"
* #individual "Self, family or friend"
* #mental-health-provider "Mental health provider"
* #other-health-provider "Other health care provider"
* #school "School"
* #substance-use-provider "Substance use treatment provider"

CodeSystem: IopReferralStateSystem
Id: referral-state
Title: "Referral state"
Description: "Referral state: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #waitlisted "On the waiting list"

CodeSystem: IopRemissionSystem
Id: remission
Title: "Remission"
Description: "Remission: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #early "Early remission"
* #early-in-controlled-environment "Early remission, in a controlled environment"
* #on-maintenance-therapy "On maintenance therapy"
* #sustained "Sustained remission"
* #sustained-in-controlled-environment "Sustained remission, in a controlled environment"

CodeSystem: IopSafetyFlagSystem
Id: safety-flag
Title: "Safety flag"
Description: "Safety flag: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #elopement-risk "Risk of leaving treatment"
* #medical-risk "Medical risk in the program"
* #no-contact "Keep apart from another person"
* #overdose-risk "Overdose risk"
* #seizure-risk "Seizure risk"
* #self-harm-risk "Self-harm risk"
* #suicide-risk "Suicide risk"
* #victim-of-violence "At risk from somebody at home"
* #violence-risk "Risk of violence to others"
* #withdrawal-risk "Withdrawal risk"

CodeSystem: IopScreeningSeveritySystem
Id: screening-severity
Title: "Screening severity"
Description: "Screening severity: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #high "High"
* #low "Low"
* #mild "Mild"
* #minimal "Minimal"
* #moderate "Moderate"
* #moderately-severe "Moderately severe"
* #negative "Negative screen"
* #none "None"
* #positive "Positive screen"
* #severe "Severe"
* #substantial "Substantial"

CodeSystem: IopServiceCategorySystem
Id: service-category
Title: "Service category"
Description: "Service category: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #program "Treatment program"
* #therapy-group "Therapy group"

CodeSystem: IopSessionKindSystem
Id: session-kind
Title: "Session kind"
Description: "Session kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #assessment "Assessment"
* #case-management "Case management"
* #crisis "Crisis intervention"
* #education "Education"
* #family "Family"
* #group "Group"
* #individual "Individual"
* #life-skills "Life skills"
* #medication-management "Medication management"
* #mindfulness "Mindfulness or holistic practice"
* #peer-support "Peer support"
* #relapse-prevention "Relapse prevention"

CodeSystem: IopSignatureFormSystem
Id: signature-form
Title: "Signature form"
Description: "Signature form: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #electronic "Electronically"
* #oral "Orally"
* #paper "On paper"

CodeSystem: IopSignerCapacitySystem
Id: signer-capacity
Title: "Signer capacity"
Description: "Signer capacity: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #executor "Personal representative of a deceased participant"
* #legal-representative "Legal representative"
* #parent-or-guardian "Parent or guardian of a minor"
* #participant "The participant"

CodeSystem: IopSitePlaceSystem
Id: site-place
Title: "Site place"
Description: "Site place: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #virtual "Virtual"

CodeSystem: IopSpecimenCheckSystem
Id: specimen-check
Title: "Specimen check"
Description: "Specimen check: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #appearance "Appearance"
* #creatinine "Creatinine"
* #nitrite "Nitrite"
* #oxidant "Oxidant"
* #ph "pH"
* #specific-gravity "Specific gravity"
* #temperature "Temperature when collected"

CodeSystem: IopSubstanceSystem
Id: substance
Title: "Substance"
Description: "Substance: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #alcohol "Alcohol"
* #barbiturates "Barbiturates"
* #benzodiazepines "Benzodiazepines"
* #buprenorphine "Buprenorphine without prescription"
* #cannabis "Marijuana or hashish"
* #cocaine "Cocaine or crack"
* #fentanyl "Fentanyl"
* #hallucinogens "Hallucinogens"
* #heroin "Heroin"
* #inhalants "Inhalants"
* #methamphetamine "Methamphetamine"
* #nonprescribed-methadone "Methadone without prescription"
* #other "Other substance"
* #other-amphetamines "Other amphetamines"
* #other-opioids "Other opiates and synthetics"
* #other-sedatives "Other sedatives or hypnotics"
* #other-stimulants "Other stimulants"
* #other-tranquilizers "Other tranquilizers"
* #over-the-counter "Over-the-counter medications"
* #pcp "PCP"

CodeSystem: IopSubstanceFrequencySystem
Id: substance-frequency
Title: "Substance frequency"
Description: "Substance frequency: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #daily "Daily use in the past month"
* #none "No use in the past month"
* #some "Some use in the past month"

CodeSystem: IopSubstanceRankSystem
Id: substance-rank
Title: "Substance rank"
Description: "Substance rank: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #primary "Primary"
* #secondary "Secondary"
* #tertiary "Tertiary"

CodeSystem: IopSubstanceRouteSystem
Id: substance-route
Title: "Substance route"
Description: "Substance route: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #inhalation "Inhalation"
* #injection "Injection"
* #oral "Oral"
* #other "Other route"
* #smoking "Smoking"

CodeSystem: IopTherapySystem
Id: therapy
Title: "Therapy"
Description: "Therapy: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #act "Acceptance and commitment therapy"
* #cbt "Cognitive behavioral therapy"
* #contingency-management "Contingency management"
* #dbt "Dialectical behavior therapy"
* #emdr "Eye movement desensitization and reprocessing"
* #exposure "Exposure therapy"
* #expressive "Art, music or movement therapy"
* #family-systems "Family systems therapy"
* #interpersonal "Interpersonal therapy"
* #matrix-model "Matrix model"
* #mindfulness-based "Mindfulness-based relapse prevention"
* #motivational-interviewing "Motivational interviewing"
* #psychoeducation "Psychoeducation"
* #seeking-safety "Seeking Safety"
* #solution-focused "Solution-focused therapy"
* #trauma-informed "Trauma-informed care"
* #twelve-step-facilitation "Twelve-step facilitation"

CodeSystem: IopTransportNeedSystem
Id: transport-need
Title: "Transport need"
Description: "Transport need: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #needs-ride "Needs a ride"
* #no-driving-license "No driving license"
* #none "No need"
* #public-transit-pass "Needs a transit pass"
* #wheelchair-vehicle "Needs a wheelchair vehicle"
