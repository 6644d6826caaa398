-- +goose Up

-- What a peer's recovery pair signed since its card: schedules and revocations, in the
-- order in which they came. Nothing is ever taken out: old signatures are checked by it.
-- recovery is the fingerprint of that pair.
CREATE TABLE exchange_said (
    seq      BIGINT NOT NULL CHECK (seq > 0),
    at       BIGINT NOT NULL CHECK (at > 0),
    recovery BYTEA  NOT NULL CHECK (length(recovery) = 32),
    node     TEXT   NOT NULL REFERENCES exchange_peer (node),
    kind     TEXT   NOT NULL CHECK (kind IN ('schedule', 'revoke')),
    body     BYTEA  NOT NULL,
    row_mac  BYTEA  NOT NULL CHECK (length(row_mac) = 16),
    PRIMARY KEY (node, recovery, seq)
);
