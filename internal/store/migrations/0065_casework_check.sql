-- +goose Up

-- A check: a case at its first stage that names nobody. The row says who is to take
-- it over and by when, and until when it may be kept; what was answered lies in the
-- case's first event, and what the rules said of it in the sealed blob, which never
-- changes. above_id is the unit that a late check is shown to as well.
CREATE TABLE casework_check (
    made_at       BIGINT NOT NULL,
    handed_at     BIGINT,
    due_at        BIGINT,
    taken_at      BIGINT,
    registered_at BIGINT,
    urgent        BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    case_id       BYTEA  NOT NULL PRIMARY KEY,
    staff_id      BYTEA  NOT NULL,
    unit_id       BYTEA  NOT NULL,
    above_id      BYTEA,
    taken_unit    BYTEA,
    taken_role    TEXT,
    sealed        BYTEA  NOT NULL,
    row_mac       BYTEA  NOT NULL
); -- clustered

-- The receipts of whoever made a check, newest first.
CREATE INDEX casework_check_staff ON casework_check (staff_id, made_at, case_id);

-- The duty lists: few rows at any time.
CREATE INDEX casework_check_duty ON casework_check (urgent, due_at, case_id) WHERE handed_at IS NOT NULL AND taken_at IS NULL;

-- What may expire.
CREATE INDEX casework_check_kept ON casework_check (made_at, case_id) WHERE registered_at IS NULL;
