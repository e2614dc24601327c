-- What telephony and CRM systems know: every call, recorded or not, and every order, with how far each source has been read.

CREATE TABLE pbx_calls (
    source VARCHAR NOT NULL,
    pbx_call_id VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    linked_ids VARCHAR[] NOT NULL,
    direction VARCHAR CHECK (direction IN ('inbound', 'outbound', 'internal', 'callback')),
    disposition VARCHAR NOT NULL,
    missed_reason VARCHAR,
    started_at TIMESTAMP NOT NULL,
    answered_at TIMESTAMP,
    ended_at TIMESTAMP,
    client_phone VARCHAR,
    did VARCHAR,
    operator_id VARCHAR,
    operator VARCHAR,
    extension VARCHAR,
    queue VARCHAR,
    wait_ms BIGINT,
    ring_ms BIGINT,
    talk_ms BIGINT,
    total_ms BIGINT,
    tags VARCHAR[] NOT NULL,
    utm MAP(VARCHAR, VARCHAR),
    campaign VARCHAR,
    visitor_id VARCHAR,
    session_id VARCHAR,
    n_recordings INTEGER NOT NULL
);
COMMENT ON TABLE pbx_calls IS 'One row per call that a telephony system knows, recorded or not';
COMMENT ON COLUMN pbx_calls.source IS 'Name of the source';
COMMENT ON COLUMN pbx_calls.pbx_call_id IS 'Id of the call in that system; with source the key';
COMMENT ON COLUMN pbx_calls.call_id IS 'Key of the call in callscore; equal to pbx_call_id unless another source uses it; further recordings of a call are +2, +3';
COMMENT ON COLUMN pbx_calls.kind IS 'Kind of system, such as asterisk';
COMMENT ON COLUMN pbx_calls.linked_ids IS 'Other ids under which systems know the same talk';
COMMENT ON COLUMN pbx_calls.direction IS 'inbound, outbound, internal or callback (the PBX called both sides); null if unknown';
COMMENT ON COLUMN pbx_calls.disposition IS 'answered, abandoned (the client hung up first), no_answer, busy, failed, rejected, timeout, voicemail, blocked or unknown';
COMMENT ON COLUMN pbx_calls.missed_reason IS 'Why nobody talked, in the system''s own word';
COMMENT ON COLUMN pbx_calls.started_at IS 'When the call began, UTC';
COMMENT ON COLUMN pbx_calls.answered_at IS 'When a person answered, UTC';
COMMENT ON COLUMN pbx_calls.ended_at IS 'When the call ended, UTC';
COMMENT ON COLUMN pbx_calls.client_phone IS 'The client''s number, E.164';
COMMENT ON COLUMN pbx_calls.did IS 'The line: the number that was called, or called from';
COMMENT ON COLUMN pbx_calls.operator_id IS 'Id of the last operator who talked, in that system';
COMMENT ON COLUMN pbx_calls.operator IS 'Name of the last operator who talked';
COMMENT ON COLUMN pbx_calls.extension IS 'Extension of the last operator who talked';
COMMENT ON COLUMN pbx_calls.queue IS 'Queue or group';
COMMENT ON COLUMN pbx_calls.wait_ms IS 'From entering the line to the answer by a person, or to the end, ms';
COMMENT ON COLUMN pbx_calls.ring_ms IS 'How long the last operator was rung, ms';
COMMENT ON COLUMN pbx_calls.talk_ms IS 'Talk with people, ms';
COMMENT ON COLUMN pbx_calls.total_ms IS 'The whole call, ms';
COMMENT ON COLUMN pbx_calls.tags IS 'Tags set in that system';
COMMENT ON COLUMN pbx_calls.utm IS 'Marketing source: utm_source and others';
COMMENT ON COLUMN pbx_calls.campaign IS 'Advertising campaign';
COMMENT ON COLUMN pbx_calls.visitor_id IS 'Visitor of the web site';
COMMENT ON COLUMN pbx_calls.session_id IS 'Visit of the web site';
COMMENT ON COLUMN pbx_calls.n_recordings IS 'Recordings the system names';

CREATE TABLE pbx_legs (
    source VARCHAR NOT NULL,
    pbx_call_id VARCHAR NOT NULL,
    leg_no INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    operator_id VARCHAR,
    operator VARCHAR,
    extension VARCHAR,
    offered_at TIMESTAMP,
    answered_at TIMESTAMP,
    ended_at TIMESTAMP,
    result VARCHAR NOT NULL
);
COMMENT ON TABLE pbx_legs IS 'Who was rung and who talked in a call, in order';
COMMENT ON COLUMN pbx_legs.source IS 'Name of the source';
COMMENT ON COLUMN pbx_legs.pbx_call_id IS 'Id of the call in that system';
COMMENT ON COLUMN pbx_legs.leg_no IS 'Number within the call from 0';
COMMENT ON COLUMN pbx_legs.kind IS 'ring (in vain), talk, transfer_blind or transfer_attended (talked because the call was handed over)';
COMMENT ON COLUMN pbx_legs.operator_id IS 'Id of the operator in that system';
COMMENT ON COLUMN pbx_legs.operator IS 'Name of the operator';
COMMENT ON COLUMN pbx_legs.extension IS 'Extension of the operator';
COMMENT ON COLUMN pbx_legs.offered_at IS 'When the ringing began, UTC';
COMMENT ON COLUMN pbx_legs.answered_at IS 'When it was answered, UTC';
COMMENT ON COLUMN pbx_legs.ended_at IS 'When it ended, UTC';
COMMENT ON COLUMN pbx_legs.result IS 'How it ended, in the words of pbx_calls.disposition';

CREATE TABLE pbx_recordings (
    source VARCHAR NOT NULL,
    pbx_call_id VARCHAR NOT NULL,
    recording_no INTEGER NOT NULL,
    rec_id VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    leg_no INTEGER,
    client_channel INTEGER,
    status VARCHAR NOT NULL CHECK (status IN ('wanted', 'fetched', 'missing')),
    path VARCHAR,
    reason VARCHAR,
    attempts INTEGER NOT NULL
);
COMMENT ON TABLE pbx_recordings IS 'Recordings that telephony systems name, and whether they were fetched';
COMMENT ON COLUMN pbx_recordings.source IS 'Name of the source';
COMMENT ON COLUMN pbx_recordings.pbx_call_id IS 'Id of the call in that system';
COMMENT ON COLUMN pbx_recordings.recording_no IS 'Number within the call from 0';
COMMENT ON COLUMN pbx_recordings.rec_id IS 'Lasting id of the recording in that system';
COMMENT ON COLUMN pbx_recordings.call_id IS 'Key of the call in callscore that this recording becomes';
COMMENT ON COLUMN pbx_recordings.leg_no IS 'The leg that was recorded; null: the whole call';
COMMENT ON COLUMN pbx_recordings.client_channel IS 'Channel of the client where the system tells: 0 left, 1 right';
COMMENT ON COLUMN pbx_recordings.status IS 'wanted (not tried yet, or failed and tried again), fetched, or missing (given up)';
COMMENT ON COLUMN pbx_recordings.path IS 'Where the file lies on this machine';
COMMENT ON COLUMN pbx_recordings.reason IS 'Why it could not be fetched';
COMMENT ON COLUMN pbx_recordings.attempts IS 'How many runs have tried in vain';

CREATE TABLE source_progress (
    source VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    covered_until TIMESTAMP,
    read_at TIMESTAMP NOT NULL,
    error VARCHAR
);
COMMENT ON TABLE source_progress IS 'How far each source has been read; committed together with the rows it covers';
COMMENT ON COLUMN source_progress.source IS 'Name of the source';
COMMENT ON COLUMN source_progress.kind IS 'Kind of system';
COMMENT ON COLUMN source_progress.covered_until IS 'Everything before this moment has been read, UTC';
COMMENT ON COLUMN source_progress.read_at IS 'When it was last read, UTC';
COMMENT ON COLUMN source_progress.error IS 'Why the last reading stopped early; null if it did not';

CREATE TABLE source_rejects (
    source VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE source_rejects IS 'Rows of sources that could not be used';
COMMENT ON COLUMN source_rejects.source IS 'Name of the source';
COMMENT ON COLUMN source_rejects.place IS 'File and line, or id of the row';
COMMENT ON COLUMN source_rejects.reason IS 'Why; it repeats nothing personal';
COMMENT ON COLUMN source_rejects.seen_at IS 'When it was last seen, UTC';

ALTER TABLE outcomes ADD COLUMN order_id VARCHAR;
ALTER TABLE outcomes ADD COLUMN kind VARCHAR;
ALTER TABLE outcomes ADD COLUMN outcome VARCHAR;
ALTER TABLE outcomes ADD COLUMN number VARCHAR;
ALTER TABLE outcomes ADD COLUMN currency VARCHAR;
ALTER TABLE outcomes ADD COLUMN client_phones VARCHAR[];
ALTER TABLE outcomes ADD COLUMN client_id VARCHAR;
ALTER TABLE outcomes ADD COLUMN operator_id VARCHAR;
ALTER TABLE outcomes ADD COLUMN closed_at_is_estimate BOOLEAN;
ALTER TABLE outcomes ADD COLUMN crm_call_ids VARCHAR[];
ALTER TABLE outcomes ADD COLUMN utm MAP(VARCHAR, VARCHAR);
ALTER TABLE outcomes ADD COLUMN join_rule VARCHAR;
ALTER TABLE outcomes ADD COLUMN join_certainty VARCHAR;
COMMENT ON COLUMN outcomes.order_id IS 'Id of the order in the CRM; with source the key there';
COMMENT ON COLUMN outcomes.kind IS 'Kind of system, such as amocrm';
COMMENT ON COLUMN outcomes.outcome IS 'won, lost or open';
COMMENT ON COLUMN outcomes.number IS 'Number of the order as people write it';
COMMENT ON COLUMN outcomes.currency IS 'Currency of amount, as the CRM writes it';
COMMENT ON COLUMN outcomes.client_phones IS 'All numbers of the client, E.164 where they could be parsed';
COMMENT ON COLUMN outcomes.client_id IS 'Id of the client in the CRM';
COMMENT ON COLUMN outcomes.operator_id IS 'Id of the responsible employee in the CRM';
COMMENT ON COLUMN outcomes.closed_at_is_estimate IS 'Whether closed_at is the last change of status, because the CRM has no closing time';
COMMENT ON COLUMN outcomes.crm_call_ids IS 'Ids of calls that the CRM ties to the order';
COMMENT ON COLUMN outcomes.utm IS 'Marketing source of the order';
COMMENT ON COLUMN outcomes.join_rule IS 'How call_id was found: call_id, phone_before, phone_after, digits_before, digits_after; or why it was not: no_phone, no_call, other_order';
COMMENT ON COLUMN outcomes.join_certainty IS 'certain, likely or possible; null where no call was found';

CREATE TABLE outcome_calls (
    outcome_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    pbx_call_id VARCHAR,
    call_id VARCHAR NOT NULL,
    place INTEGER NOT NULL,
    rule VARCHAR NOT NULL,
    certainty VARCHAR NOT NULL CHECK (certainty IN ('certain', 'likely', 'possible')),
    gap_ms BIGINT NOT NULL
);
COMMENT ON TABLE outcome_calls IS 'Which calls led to which order, nearest first; outcomes.call_id is the first';
COMMENT ON COLUMN outcome_calls.outcome_id IS 'The order';
COMMENT ON COLUMN outcome_calls.source IS 'Source of the call';
COMMENT ON COLUMN outcome_calls.pbx_call_id IS 'Id of the call in its telephony system; null where a table of calls named it';
COMMENT ON COLUMN outcome_calls.call_id IS 'The call';
COMMENT ON COLUMN outcome_calls.place IS 'Place among the calls of the order from 0, nearest first';
COMMENT ON COLUMN outcome_calls.rule IS 'call_id, phone_before, phone_after, digits_before or digits_after';
COMMENT ON COLUMN outcome_calls.certainty IS 'certain (the CRM names the call), likely (the number, and no other call nearer) or possible';
COMMENT ON COLUMN outcome_calls.gap_ms IS 'From the start of the call to the creation of the order in ms, negative after it';
