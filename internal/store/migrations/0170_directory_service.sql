-- +goose Up

-- stamp rises with every change of a service: each instance reads what changed since
-- its copy.
CREATE TABLE directory_stamp (
    one   BIGINT PRIMARY KEY CHECK (one = 1),
    stamp BIGINT NOT NULL CHECK (stamp >= 0)
);

-- One row for each service, never removed: closed ones stay. Lists of codes are
-- separated by spaces. What a secret service hides (address, coordinates, exact area)
-- stands in hidden and nowhere else, sealed under the node's key; its regions say the
-- country only. edition is the version in which anything but the places changed.
-- Numbers that nobody knows are -1.
CREATE TABLE directory_service (
    version    BIGINT  NOT NULL CHECK (version > 0),
    edition    BIGINT  NOT NULL,
    stamp      BIGINT  NOT NULL,
    changed_at BIGINT  NOT NULL,
    age_from   BIGINT  NOT NULL,
    age_to     BIGINT  NOT NULL,
    lat        BIGINT,
    lon        BIGINT,
    total      BIGINT  NOT NULL,
    free       BIGINT  NOT NULL,
    wait_days  BIGINT  NOT NULL,
    places_at  BIGINT  NOT NULL,
    secret     BOOLEAN NOT NULL,
    id         BYTEA   PRIMARY KEY CHECK (length(id) = 16),
    unit_id    BYTEA,
    places_by  BYTEA,
    changed_by BYTEA   NOT NULL,
    code       TEXT    NOT NULL UNIQUE,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'paused', 'closed')),
    kinds      TEXT    NOT NULL,
    languages  TEXT    NOT NULL,
    regions    TEXT    NOT NULL,
    statuses   TEXT    NOT NULL,
    access     TEXT    NOT NULL,
    sex        TEXT    NOT NULL,
    body       BYTEA   NOT NULL,
    hidden     BYTEA,
    row_mac    BYTEA   NOT NULL CHECK (length(row_mac) = 16),
    CHECK ((hidden IS NOT NULL) = secret),
    CHECK (NOT secret OR (lat IS NULL AND lon IS NULL)),
    CHECK ((lat IS NULL) = (lon IS NULL)),
    CHECK (free >= -1 AND total >= -1 AND wait_days >= -1)
);
CREATE INDEX directory_service_stamp ON directory_service (stamp);
CREATE INDEX directory_service_hidden ON directory_service (hidden) WHERE hidden IS NOT NULL;
