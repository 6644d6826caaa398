-- +goose Up

-- Two more relations: 'receiver', a unit to which the case was offered or handed
-- over, and 'circle', a person in the child's circle, such as a guardian. Neither
-- opens a case, and no list counts them. SQLite cannot change a CHECK, so the
-- table is made anew with the rows it had; the digest of a row does not cover
-- where it lies.
DROP INDEX access_reach_holder;
ALTER TABLE access_reach RENAME TO access_reach_before;
CREATE TABLE access_reach (
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    version  BIGINT NOT NULL DEFAULT 0,
    case_id  BYTEA  NOT NULL,
    holder   BYTEA  NOT NULL,
    relation TEXT   NOT NULL CHECK (relation IN ('lead', 'helper', 'unit', 'receiver', 'circle', 'withheld')),
    id       BYTEA,
    row_mac  BYTEA,
    PRIMARY KEY (case_id, holder)
); -- clustered
INSERT INTO access_reach (from_at, until_at, version, case_id, holder, relation, id, row_mac)
    SELECT from_at, until_at, version, case_id, holder, relation, id, row_mac
    FROM access_reach_before ORDER BY case_id, holder;
DROP TABLE access_reach_before;

-- With the relation the index alone says which cases somebody reaches, and which
-- are withheld from them.
CREATE INDEX access_reach_holder ON access_reach (holder, until_at, relation);
