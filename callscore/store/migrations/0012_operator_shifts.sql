-- When operators are at work, told by their calls: found once at the end of a run, for finding it takes seconds.

CREATE TABLE operator_shifts (
    operator VARCHAR NOT NULL,
    entry_no INTEGER,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL CHECK (last_at >= first_at),
    calls BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    talk_ms BIGINT NOT NULL,
    sales BIGINT NOT NULL,
    amount DECIMAL(18, 2) NOT NULL,
    gap_hours INTEGER NOT NULL
);
COMMENT ON TABLE operator_shifts IS 'One row per shift of an operator: calls between which no pause is longer than gap_hours; written at the end of each ingest and reading of orders';
COMMENT ON COLUMN operator_shifts.operator IS 'The person, by the list of operators where it knows the name of the calls';
COMMENT ON COLUMN operator_shifts.entry_no IS 'Row of operators that holds at the start of the shift; null: not on the list';
COMMENT ON COLUMN operator_shifts.first_at IS 'Start of the first call, UTC';
COMMENT ON COLUMN operator_shifts.last_at IS 'End of the last call, UTC';
COMMENT ON COLUMN operator_shifts.calls IS 'Calls, answered or not, without internal ones';
COMMENT ON COLUMN operator_shifts.answered IS 'Those of them in which somebody talked';
COMMENT ON COLUMN operator_shifts.talk_ms IS 'Talk, ms';
COMMENT ON COLUMN operator_shifts.sales IS 'Orders won that the calls led to, without those of a negative amount';
COMMENT ON COLUMN operator_shifts.amount IS 'Amount of these orders';
COMMENT ON COLUMN operator_shifts.gap_hours IS 'The pause that ends a shift, hours';
