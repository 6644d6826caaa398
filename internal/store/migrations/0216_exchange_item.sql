-- +goose Up

-- How far each lane has come: what one side says in one stream of a thread.
CREATE TABLE exchange_lane (
    len    BIGINT NOT NULL CHECK (len >= 0),
    opened BIGINT NOT NULL CHECK (opened >= 0),
    held   BIGINT NOT NULL CHECK (held >= 0),
    node   TEXT   NOT NULL,
    thread BYTEA  NOT NULL CHECK (length(thread) = 16),
    stream TEXT   NOT NULL CHECK (stream IN ('cmd', 'status')),
    side   TEXT   NOT NULL CHECK (side IN ('ours', 'theirs')),
    head   BYTEA  NOT NULL CHECK (length(head) = 32),
    PRIMARY KEY (node, thread, stream, side)
);

-- The places of the lanes: numbers and digests, no content. Kept for good.
CREATE TABLE exchange_item (
    seq      BIGINT  NOT NULL CHECK (seq > 0),
    epoch    BIGINT  NOT NULL,
    ask      BOOLEAN NOT NULL,
    void     BOOLEAN NOT NULL,
    held     BOOLEAN NOT NULL,
    answered BOOLEAN NOT NULL,
    done     BOOLEAN NOT NULL,
    again    BOOLEAN NOT NULL,
    lost     BOOLEAN NOT NULL,
    gone     BOOLEAN NOT NULL,
    late     BOOLEAN NOT NULL,
    given    BOOLEAN NOT NULL,
    node     TEXT    NOT NULL,
    thread   BYTEA   NOT NULL CHECK (length(thread) = 16),
    stream   TEXT    NOT NULL CHECK (stream IN ('cmd', 'status')),
    side     TEXT    NOT NULL CHECK (side IN ('ours', 'theirs')),
    id       BYTEA   NOT NULL CHECK (length(id) = 16),
    content  BYTEA   NOT NULL CHECK (length(content) = 32),
    prev     BYTEA   NOT NULL CHECK (length(prev) = 32),
    stands   BYTEA   NOT NULL CHECK (length(stands) = 32),
    answers  BYTEA   NOT NULL CHECK (length(answers) = 16),
    PRIMARY KEY (node, side, thread, stream, seq)
);
CREATE INDEX exchange_item_id ON exchange_item (node, side, id);
CREATE INDEX exchange_item_answers ON exchange_item (node, side, answers);
