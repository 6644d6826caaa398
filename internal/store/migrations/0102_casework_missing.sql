-- +goose Up

-- The times a child was missing: since when, whether the police were told, when the
-- search was last looked at, and whether somebody talked with the child afterwards.
-- stage is where the case goes back to.
CREATE TABLE casework_missing (
    since_at    BIGINT NOT NULL,
    made_at     BIGINT NOT NULL,
    told_at     BIGINT,
    reviewed_at BIGINT,
    found_at    BIGINT,
    talked_at   BIGINT,
    version     BIGINT NOT NULL,
    case_id     BYTEA  NOT NULL,
    id          BYTEA  NOT NULL,
    stage       TEXT   NOT NULL,
    row_mac     BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered
