-- Who the operators are: the rows of operators.csv, as last read.

CREATE TABLE operators (
    entry_no INTEGER PRIMARY KEY,
    operator VARCHAR NOT NULL,
    names VARCHAR[] NOT NULL,
    team VARCHAR,
    kind VARCHAR CHECK (kind IN ('own', 'outsourced', 'home')),
    cost_per_hour DECIMAL(18, 2) CHECK (cost_per_hour >= 0),
    cost_per_call DECIMAL(18, 2) CHECK (cost_per_call >= 0),
    starts_on DATE,
    ends_on DATE,
    starts_at TIMESTAMP,
    ends_at TIMESTAMP
);
COMMENT ON TABLE operators IS 'Operators with team, kind and cost, one row per period in which these hold; the table of the shop''s own file';
COMMENT ON COLUMN operators.entry_no IS 'Number of the row in the file from 1';
COMMENT ON COLUMN operators.operator IS 'The person, by the name that reports show';
COMMENT ON COLUMN operators.names IS 'Every name, login, id and extension that means this person, in small letters; at one time a name belongs to one person';
COMMENT ON COLUMN operators.team IS 'Team; null: none';
COMMENT ON COLUMN operators.kind IS 'own (on the payroll), outsourced (another company''s) or home (works from home); null if not told';
COMMENT ON COLUMN operators.cost_per_hour IS 'What an hour costs the shop, in its currency; null if not paid by the hour';
COMMENT ON COLUMN operators.cost_per_call IS 'What an answered call costs the shop, in its currency; null if not paid by the call';
COMMENT ON COLUMN operators.starts_on IS 'First day on which the row holds, local; null: from ever';
COMMENT ON COLUMN operators.ends_on IS 'Last day on which the row holds, local; null: for ever';
COMMENT ON COLUMN operators.starts_at IS 'Midnight before starts_on, UTC';
COMMENT ON COLUMN operators.ends_at IS 'Midnight after ends_on, UTC';
