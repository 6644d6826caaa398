-- +goose Up

-- Two cases whose children may be one child, or of one family, as the program found
-- them: nothing that anybody decided. What people decide stands in the strands of both
-- cases. case_id is the lower of the two; weight is in hundredths of a bit.
CREATE TABLE casework_pair (
    found_at BIGINT NOT NULL CHECK (found_at > 0),
    weight   BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL,
    other_id BYTEA  NOT NULL CHECK (other_id > case_id),
    class    TEXT   NOT NULL CHECK (class IN ('same-child', 'possibly-same', 'possibly-family')),
    PRIMARY KEY (case_id, other_id)
); -- clustered
CREATE INDEX casework_pair_other ON casework_pair (other_id);
CREATE INDEX casework_pair_class ON casework_pair (class, weight);

-- How far the records that changed were compared with the others. One row.
CREATE TABLE casework_pairing (
    changed_at BIGINT NOT NULL,
    whole_at   BIGINT NOT NULL,
    id         BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    person_id  BYTEA  NOT NULL
);
