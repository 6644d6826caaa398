-- +goose Up

-- Which part of a case is withheld from whom: a section or a question of a form, from
-- one person or from everybody of a role. Beats every role and every consent. holder is
-- all zeros where a role is meant, role is empty where a person is.
CREATE TABLE access_part (
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    version  BIGINT NOT NULL DEFAULT 0,
    case_id  BYTEA  NOT NULL,
    holder   BYTEA  NOT NULL,
    role     TEXT   NOT NULL,
    part     TEXT   NOT NULL,
    id       BYTEA,
    row_mac  BYTEA,
    PRIMARY KEY (case_id, part, role, holder)
); -- clustered
