package staff

// The organisation, the agencies and their units.
const (
	sqlSelectOrganisation = `SELECT name FROM staff_organisation WHERE one = 1`
	sqlUpsertOrganisation = `INSERT INTO staff_organisation (one, name, stamp, created_at)
VALUES (1, $1, 0, $2) ON CONFLICT (one) DO UPDATE SET name = excluded.name`
	sqlSelectStamp = `SELECT stamp FROM staff_organisation WHERE one = 1`
	sqlBumpStamp   = `UPDATE staff_organisation SET stamp = stamp + 1 WHERE one = 1`

	sqlInsertUnit = `INSERT INTO staff_unit (id, parent, name, agency, version, created_at, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlPlaceUnit   = `UPDATE staff_unit SET agency = $3, version = $4, mac = $5 WHERE id = $1 AND version = $2`
	sqlSetDuty     = `UPDATE staff_unit SET duty = $3, version = $4, mac = $5 WHERE id = $1 AND version = $2`
	sqlRekeyUnit   = `UPDATE staff_unit SET mac = $2 WHERE id = $1`
	sqlSelectUnit  = `SELECT id, parent, name, agency, duty, version, mac FROM staff_unit WHERE id = $1`
	sqlSelectUnits = `SELECT id, parent, name, agency, duty, version, mac FROM staff_unit ORDER BY name, id`

	sqlInsertAgency = `INSERT INTO staff_agency (id, name, sector, mandate, own, version, created_at, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlUpdateAgency = `UPDATE staff_agency SET name = $3, sector = $4, mandate = $5, version = $6, mac = $7
WHERE id = $1 AND version = $2`
	sqlRekeyAgency    = `UPDATE staff_agency SET mac = $2 WHERE id = $1`
	sqlSelectAgency   = `SELECT id, name, sector, mandate, own, version, created_at, mac FROM staff_agency WHERE id = $1`
	sqlSelectAgencies = `SELECT id, name, sector, mandate, own, version, created_at, mac FROM staff_agency
ORDER BY name, id`
	sqlSelectOwnAgency = `SELECT id, name, sector, mandate, own, version, created_at, mac FROM staff_agency WHERE own`
)

// Places.
const (
	sqlSelectPlaces = `SELECT code, parent, level, name FROM staff_place ORDER BY level, name, code`
	sqlUpsertPlace  = `INSERT INTO staff_place (code, parent, level, name, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, level = excluded.level, name = excluded.name, changed_at = excluded.changed_at`
)

// Accounts.
const (
	sqlInsertAccount = `INSERT INTO staff_account
(id, name_key, unit, role, language, supervisor, state, version, created_at, activated_at, signed_in_at, sealed, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12)`
	sqlSelectAccount = `SELECT id, name_key, unit, role, language, supervisor, state, version, created_at,
activated_at, signed_in_at, sealed, mac FROM staff_account WHERE id = $1`
	sqlSelectAccountByName = `SELECT id, name_key, unit, role, language, supervisor, state, version, created_at,
activated_at, signed_in_at, sealed, mac FROM staff_account WHERE name_key = $1`
	sqlSelectAccounts = `SELECT id, name_key, unit, role, language, supervisor, state, version, created_at,
activated_at, signed_in_at, sealed, mac FROM staff_account ORDER BY id`
	sqlSelectAccountsUnder = `SELECT id, name_key, unit, role, language, supervisor, state, version, created_at,
activated_at, signed_in_at, sealed, mac FROM staff_account WHERE supervisor = $1 ORDER BY id`
	sqlUpdateAccount = `UPDATE staff_account SET name_key = $3, unit = $4, role = $5, language = $6,
supervisor = $7, state = $8, version = $9, activated_at = $10, sealed = $11, mac = $12
WHERE id = $1 AND version = $2`
	sqlRekeyAccount = `UPDATE staff_account SET name_key = $3, sealed = $4, mac = $5
WHERE id = $1 AND version = $2`
	sqlMarkSignedIn = `UPDATE staff_account SET signed_in_at = $2 WHERE id = $1`

	sqlInsertDeputy  = `INSERT INTO staff_deputy (staff, deputy, from_at, until_at, mac) VALUES ($1, $2, $3, $4, $5)`
	sqlRekeyDeputy   = `UPDATE staff_deputy SET mac = $4 WHERE staff = $1 AND deputy = $2 AND from_at = $3`
	sqlDeleteDeputy  = `DELETE FROM staff_deputy WHERE staff = $1 AND deputy = $2 AND from_at = $3`
	sqlSelectActsFor = `SELECT staff, deputy, from_at, until_at, mac FROM staff_deputy
WHERE deputy = $1 AND from_at <= $2 AND until_at > $2 ORDER BY staff, from_at`
	sqlSelectDeputies = `SELECT staff, deputy, from_at, until_at, mac FROM staff_deputy
WHERE until_at > $1 ORDER BY staff, from_at, deputy`
)

// Profiles.
const (
	sqlInsertProfile = `INSERT INTO staff_profile (staff, speaks, presence, until_at, version, mac) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlUpdateProfile = `UPDATE staff_profile SET speaks = $2, presence = $3, until_at = $4, version = $5, mac = $6
WHERE staff = $1 AND version = $5 - 1`
	sqlRekeyProfile   = `UPDATE staff_profile SET mac = $2 WHERE staff = $1`
	sqlSelectProfile  = `SELECT staff, speaks, presence, until_at, version, mac FROM staff_profile WHERE staff = $1`
	sqlSelectProfiles = `SELECT staff, speaks, presence, until_at, version, mac FROM staff_profile ORDER BY staff`
)

// Groups.
const (
	sqlInsertGroup  = `INSERT INTO staff_group (id, name, version, created_at, mac) VALUES ($1, $2, $3, $4, $5)`
	sqlUpdateGroup  = `UPDATE staff_group SET name = $3, version = $4, mac = $5 WHERE id = $1 AND version = $2`
	sqlRekeyGroup   = `UPDATE staff_group SET mac = $2 WHERE id = $1`
	sqlSelectGroup  = `SELECT id, name, version, created_at, mac FROM staff_group WHERE id = $1`
	sqlSelectGroups = `SELECT id, name, version, created_at, mac FROM staff_group ORDER BY name, id`

	sqlInsertGroupMember  = `INSERT INTO staff_group_member (group_id, staff, since, mac) VALUES ($1, $2, $3, $4)`
	sqlDeleteGroupMember  = `DELETE FROM staff_group_member WHERE group_id = $1 AND staff = $2`
	sqlRekeyGroupMember   = `UPDATE staff_group_member SET mac = $3 WHERE group_id = $1 AND staff = $2`
	sqlSelectGroupMembers = `SELECT group_id, staff, since, mac FROM staff_group_member ORDER BY since, group_id, staff`
)

// Signatures.
const (
	sqlInsertSignature = `INSERT INTO staff_conduct (staff, version, language, signed_at, mac) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (staff, version) DO NOTHING`
	sqlRekeySignature   = `UPDATE staff_conduct SET mac = $3 WHERE staff = $1 AND version = $2`
	sqlSelectSignatures = `SELECT staff, version, language, signed_at, mac FROM staff_conduct ORDER BY staff, version`
)

// Who takes over.
const (
	sqlInsertHeir  = `INSERT INTO staff_heir (staff, heir, at, mac) VALUES ($1, $2, $3, $4)`
	sqlDeleteHeir  = `DELETE FROM staff_heir WHERE staff = $1`
	sqlRekeyHeir   = `UPDATE staff_heir SET mac = $2 WHERE staff = $1`
	sqlSelectHeirs = `SELECT staff, heir, at, mac FROM staff_heir ORDER BY staff`
)

// Credentials.
const (
	sqlSelectPassword = `SELECT id, version, changed_at, sealed FROM staff_password WHERE staff = $1`
	sqlInsertPassword = `INSERT INTO staff_password (staff, id, version, changed_at, sealed) VALUES ($1, $2, $3, $4, $5)`
	sqlUpdatePassword = `UPDATE staff_password SET version = $3, changed_at = $4, sealed = $5
WHERE staff = $1 AND version = $2`
	sqlDeletePassword = `DELETE FROM staff_password WHERE staff = $1`
	sqlResealPassword = `UPDATE staff_password SET sealed = $3 WHERE staff = $1 AND version = $2`

	sqlSelectPasskeyByHandle = `SELECT id, staff, version, created_at, used_at, sealed FROM staff_passkey WHERE handle = $1`
	sqlSelectPasskeys        = `SELECT id, staff, version, created_at, used_at, sealed FROM staff_passkey
WHERE staff = $1 ORDER BY created_at, id`
	sqlInsertPasskey = `INSERT INTO staff_passkey (id, staff, handle, version, created_at, used_at, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlUpdatePasskey  = `UPDATE staff_passkey SET version = $3, used_at = $4, sealed = $5 WHERE id = $1 AND version = $2`
	sqlDeletePasskey  = `DELETE FROM staff_passkey WHERE id = $1 AND staff = $2`
	sqlDeletePasskeys = `DELETE FROM staff_passkey WHERE staff = $1`
	sqlResealPasskey  = `UPDATE staff_passkey SET sealed = $3 WHERE id = $1 AND version = $2`

	sqlSelectTOTP = `SELECT id, version, created_at, last_step, sealed FROM staff_totp WHERE staff = $1`
	sqlInsertTOTP = `INSERT INTO staff_totp (staff, id, version, created_at, last_step, sealed)
VALUES ($1, $2, $3, $4, $5, $6)`
	sqlUseTOTP    = `UPDATE staff_totp SET last_step = $2 WHERE staff = $1 AND last_step < $2`
	sqlDeleteTOTP = `DELETE FROM staff_totp WHERE staff = $1`
	sqlResealTOTP = `UPDATE staff_totp SET sealed = $3 WHERE staff = $1 AND version = $2`

	sqlSelectStrong = `SELECT staff FROM staff_passkey UNION SELECT staff FROM staff_totp ORDER BY 1`
)

// Whom a provider vouches for.
const (
	sqlSelectSubject   = `SELECT staff, linked_at, mac FROM staff_subject WHERE subject = $1`
	sqlSelectSubjectOf = `SELECT subject, linked_at, mac FROM staff_subject WHERE staff = $1`
	sqlInsertSubject   = `INSERT INTO staff_subject (subject, staff, linked_at, mac) VALUES ($1, $2, $3, $4)`
	sqlDeleteSubject   = `DELETE FROM staff_subject WHERE staff = $1`
	sqlVoidSubjects    = `DELETE FROM staff_subject`
)

// Ceremonies.
const (
	sqlInsertChallenge = `INSERT INTO staff_challenge (token_hash, kind, staff, holder, source, tries, expires_at, sealed)
VALUES ($1, $2, $3, $4, $5, 0, $6, $7)`
	sqlSelectChallenge = `SELECT sealed FROM staff_challenge
WHERE token_hash = $1 AND kind = $2`
	sqlDeleteChallenge  = `DELETE FROM staff_challenge WHERE token_hash = $1`
	sqlTryChallenge     = `UPDATE staff_challenge SET tries = tries + 1 WHERE token_hash = $1 AND tries < $2`
	sqlCountChallenges  = `SELECT COUNT(*) FROM staff_challenge WHERE source = $1 AND expires_at > $2`
	sqlOldestChallenge  = `SELECT token_hash FROM staff_challenge WHERE source = $1 ORDER BY expires_at, token_hash LIMIT 1`
	sqlPurgeChallenges  = `DELETE FROM staff_challenge WHERE expires_at <= $1`
	sqlDeleteChallenges = `DELETE FROM staff_challenge WHERE staff = $1`
	sqlVoidChallenges   = `DELETE FROM staff_challenge`
)

// Lock-out and the sums of failed sign-ins.
const (
	sqlSelectThrottle = `SELECT failures, next_at, last_at FROM staff_throttle WHERE account = $1 AND source = $2`
	sqlInsertThrottle = `INSERT INTO staff_throttle (account, source, failures, next_at, last_at)
VALUES ($1, $2, 1, $3, $4) ON CONFLICT (account, source) DO NOTHING`
	sqlUpdateThrottle = `UPDATE staff_throttle SET failures = $4, next_at = $5, last_at = $6
WHERE account = $1 AND source = $2 AND failures = $3`
	sqlDeleteThrottle    = `DELETE FROM staff_throttle WHERE account = $1 AND source = $2`
	sqlForgetThrottle    = `DELETE FROM staff_throttle WHERE account = $1`
	sqlPurgeThrottle     = `DELETE FROM staff_throttle WHERE last_at <= $1`
	sqlVoidThrottle      = `DELETE FROM staff_throttle`
	sqlSelectFailure     = `SELECT failures, reason FROM staff_failure WHERE account = $1 AND window_at = $2 AND source = $3`
	sqlCountFailures     = `SELECT COUNT(*) FROM staff_failure WHERE account = $1 AND window_at = $2`
	sqlInsertFailure     = `INSERT INTO staff_failure (account, window_at, source, zone, reason, failures) VALUES ($1, $2, $3, $4, $5, 1)`
	sqlUpdateFailure     = `UPDATE staff_failure SET failures = failures + 1 WHERE account = $1 AND window_at = $2 AND source = $3`
	sqlWorsenFailure     = `UPDATE staff_failure SET reason = $4 WHERE account = $1 AND window_at = $2 AND source = $3`
	sqlSelectPastFailure = `SELECT account, window_at, source, zone, reason, failures FROM staff_failure
WHERE window_at < $1 ORDER BY window_at, account, source LIMIT $2`
	sqlDeleteFailure = `DELETE FROM staff_failure WHERE account = $1 AND window_at = $2 AND source = $3`
)

// Sessions.
const (
	sqlInsertSession = `INSERT INTO staff_session
(token_hash, id, staff, strength, device, zone, created_at, seen_at, fresh_at, strong_at, locked, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlSelectSession = `SELECT s.token_hash, s.id, s.strength, s.device, s.zone, s.created_at, s.seen_at, s.fresh_at, s.strong_at, s.locked, s.mac,
a.id, a.name_key, a.unit, a.role, a.language, a.supervisor, a.state, a.version, a.created_at, a.activated_at, a.mac
FROM staff_session s JOIN staff_account a ON a.id = s.staff WHERE s.token_hash = $1`
	sqlSelectSessionByID = `SELECT s.token_hash, s.id, s.strength, s.device, s.zone, s.created_at, s.seen_at, s.fresh_at, s.strong_at, s.locked, s.mac,
a.id, a.name_key, a.unit, a.role, a.language, a.supervisor, a.state, a.version, a.created_at, a.activated_at, a.mac
FROM staff_session s JOIN staff_account a ON a.id = s.staff WHERE s.id = $1`
	sqlSelectSessionsOf = `SELECT s.token_hash, s.id, s.strength, s.device, s.zone, s.created_at, s.seen_at, s.fresh_at, s.strong_at, s.locked, s.mac,
a.id, a.name_key, a.unit, a.role, a.language, a.supervisor, a.state, a.version, a.created_at, a.activated_at, a.mac
FROM staff_session s JOIN staff_account a ON a.id = s.staff WHERE s.staff = $1 ORDER BY s.created_at DESC, s.id`
	sqlTouchSession  = `UPDATE staff_session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2`
	sqlUpdateSession = `UPDATE staff_session SET strength = $2, fresh_at = $3, strong_at = $4, locked = $5, seen_at = $6, mac = $7 WHERE id = $1`
	sqlDeleteSession = `DELETE FROM staff_session WHERE id = $1 AND staff = $2`
	sqlPurgeSessions = `DELETE FROM staff_session WHERE seen_at <= $1 OR created_at <= $2`
	sqlVoidSessions  = `DELETE FROM staff_session`
)

// Invitations and notices.
const (
	sqlInsertInvitation = `INSERT INTO staff_invitation
(id, staff, role, inviter, token_hash, voice, tries, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)`
	sqlSelectInvitation      = `SELECT id, staff, role, inviter, voice, tries, expires_at FROM staff_invitation WHERE token_hash = $1`
	sqlSelectInvitationByID  = `SELECT id, staff, role, inviter, voice, tries, expires_at FROM staff_invitation WHERE id = $1`
	sqlSelectOpenInvitations = `SELECT staff, expires_at FROM staff_invitation WHERE expires_at > $1 AND tries < $2 ORDER BY staff, id`
	sqlTryInvitation         = `UPDATE staff_invitation SET tries = tries + 1 WHERE id = $1 AND tries < $2`
	sqlClearTries            = `UPDATE staff_invitation SET tries = 0 WHERE id = $1`
	sqlDeleteInvitations     = `DELETE FROM staff_invitation WHERE staff = $1`
	sqlCountInvitations      = `SELECT COUNT(*) FROM staff_invitation WHERE staff = $1 AND expires_at > $2`
	sqlPurgeInvitations      = `DELETE FROM staff_invitation WHERE expires_at <= $1`
	sqlVoidInvitations       = `DELETE FROM staff_invitation`

	sqlInsertNotice  = `INSERT INTO staff_notice (staff, entry, kind, actor, at) VALUES ($1, $2, $3, $4, $5)`
	sqlSelectNotices = `SELECT entry, kind, actor, at FROM staff_notice WHERE staff = $1 ORDER BY at, entry, kind`
	sqlCountNotices  = `SELECT COUNT(*) FROM staff_notice WHERE staff = $1`
	sqlDeleteNotice  = `DELETE FROM staff_notice WHERE staff = $1 AND entry = $2`
)

// The least blob of each table, which is under the oldest key.
const (
	sqlLeastAccount   = `SELECT sealed FROM staff_account ORDER BY sealed, id LIMIT 1`
	sqlLeastPassword  = `SELECT sealed FROM staff_password ORDER BY sealed, staff LIMIT 1`
	sqlLeastPasskey   = `SELECT sealed FROM staff_passkey ORDER BY sealed, id LIMIT 1`
	sqlLeastTOTP      = `SELECT sealed FROM staff_totp ORDER BY sealed, staff LIMIT 1`
	sqlLeastChallenge = `SELECT sealed FROM staff_challenge ORDER BY sealed, token_hash LIMIT 1`
)
