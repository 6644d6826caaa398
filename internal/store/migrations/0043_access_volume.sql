-- +goose Up

-- How much each person opened, searched, took out and was refused, hour by hour:
-- numbers only, no case. Every instance adds what it counted.
CREATE TABLE access_volume (
    hour     BIGINT NOT NULL, -- hours since 1970, UTC
    opens    BIGINT NOT NULL,
    searches BIGINT NOT NULL,
    exports  BIGINT NOT NULL,
    denials  BIGINT NOT NULL,
    staff    BYTEA  NOT NULL,
    PRIMARY KEY (staff, hour)
); -- clustered
CREATE INDEX access_volume_hour ON access_volume (hour);

-- The times that somebody went far beyond what is usual for them. outcome is '' until
-- somebody said what was found.
CREATE TABLE access_alarm (
    at         BIGINT NOT NULL,
    counted    BIGINT NOT NULL,
    bound      BIGINT NOT NULL,
    median     BIGINT NOT NULL,
    caseload   BIGINT NOT NULL,
    settled_at BIGINT NOT NULL,
    id         BYTEA  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    staff      BYTEA  NOT NULL,
    settled_by BYTEA,
    kind       TEXT   NOT NULL CHECK (kind IN ('open', 'search', 'export', 'denial')),
    span       TEXT   NOT NULL CHECK (span IN ('hour', 'day')),
    outcome    TEXT   NOT NULL
); -- clustered
CREATE INDEX access_alarm_at ON access_alarm (at, id);
