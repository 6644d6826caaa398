-- +goose Up

-- Every version of every form that was ever in use here, from the pack or made
-- on this node: answers stay readable under the version they were given in.
-- Forms are not about anybody. edition counts the changes of a draft.
CREATE TABLE forms_version (
    version    BIGINT NOT NULL,
    edition    BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    form       TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
    author     BYTEA,
    body       BYTEA  NOT NULL,
    PRIMARY KEY (form, version)
);
