-- +goose Up

-- Who helps a child besides the team: in which role, since when, and what the child
-- says of it. conflict is the answer to whether anything stands against it, asked of
-- guardians and interpreters. What was written is sealed.
CREATE TABLE referral_member (
    since    BIGINT NOT NULL,
    ended_at BIGINT,
    version  BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL,
    id       BYTEA  NOT NULL,
    staff_id BYTEA  NOT NULL,
    role     TEXT   NOT NULL,
    wanted   TEXT,
    conflict TEXT,
    sealed   BYTEA  NOT NULL,
    row_mac  BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE INDEX referral_member_staff ON referral_member (staff_id, case_id);
