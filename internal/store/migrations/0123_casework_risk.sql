-- +goose Up

-- There are few risks, and every registration paid for an index that is led by them.
-- A list of one risk walks the cases by date, whose index carries the risk instead.
DROP INDEX casework_case_risk;
DROP INDEX casework_case_updated;
CREATE INDEX casework_case_updated ON casework_case (updated_at, id, stage, sex, risk);
