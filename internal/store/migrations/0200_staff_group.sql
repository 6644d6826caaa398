-- +goose Up

-- Named sets of staff across units and agencies, such as "Night duty". A group grants
-- nothing: no decision reads these tables.
CREATE TABLE staff_group (
    id         BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT   NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    version    BIGINT NOT NULL CHECK (version > 0),
    created_at BIGINT NOT NULL CHECK (created_at > 0),
    mac        BYTEA  NOT NULL CHECK (length(mac) = 16)
);

-- Who is in a group since when. Whoever leaves is taken out of the table; the journal
-- keeps when that was.
CREATE TABLE staff_group_member (
    group_id BYTEA  NOT NULL REFERENCES staff_group (id),
    staff    BYTEA  NOT NULL REFERENCES staff_account (id),
    since    BIGINT NOT NULL CHECK (since > 0),
    mac      BYTEA  NOT NULL CHECK (length(mac) = 16),
    PRIMARY KEY (group_id, staff)
);
