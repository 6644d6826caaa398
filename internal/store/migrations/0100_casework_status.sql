-- +goose Up

-- Where a child stands with courts, authorities and the law, as facts that are
-- never changed: a correction is a new row. Each has its event on the timeline,
-- under the same number. Who decided, on what grounds and by which paper is sealed.
CREATE TABLE casework_status (
    at           BIGINT NOT NULL,
    seq          BIGINT NOT NULL,
    valid_from   BIGINT NOT NULL,
    valid_until  BIGINT,
    appeal_until BIGINT,
    case_id      BYTEA  NOT NULL,
    id           BYTEA  NOT NULL,
    kind         TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    author       BYTEA,
    sealed       BYTEA  NOT NULL,
    row_mac      BYTEA  NOT NULL,
    PRIMARY KEY (case_id, seq)
); -- clustered
