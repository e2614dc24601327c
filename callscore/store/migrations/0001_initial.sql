-- The store's first schema. Wall-clock times are UTC without a zone; times within a call are whole milliseconds from its
-- start. Tables that grow with every call have no keys or indexes: the one writer replaces all rows of a call in one
-- transaction, and an index over words costs more than it saves.

CREATE TABLE calls (
    call_id VARCHAR PRIMARY KEY,
    source VARCHAR NOT NULL,
    recording VARCHAR,
    recording_path VARCHAR,
    recording_sha256 VARCHAR,
    recording_bytes BIGINT,
    started_at TIMESTAMP,
    direction VARCHAR CHECK (direction IN ('inbound', 'outbound')),
    call_type VARCHAR,
    call_type_confidence DOUBLE,
    call_type_reason VARCHAR,
    operator VARCHAR,
    extension VARCHAR,
    client_phone VARCHAR,
    did VARCHAR,
    queue VARCHAR,
    wait_ms BIGINT,
    duration_ms BIGINT,
    layout VARCHAR CHECK (layout IN ('stereo', 'mono')),
    language VARCHAR,
    container VARCHAR,
    codec VARCHAR,
    rate_hz INTEGER,
    n_channels INTEGER,
    operator_channel INTEGER,
    transferred_to VARCHAR,
    status VARCHAR NOT NULL,
    fingerprint VARCHAR,
    notes VARCHAR[]
);
COMMENT ON TABLE calls IS 'One row per conversation, processed or failed';
COMMENT ON COLUMN calls.call_id IS 'Key of the call: from the PBX where known, else derived from the recording';
COMMENT ON COLUMN calls.source IS 'Name of the source the recording came from';
COMMENT ON COLUMN calls.recording IS 'File name of the recording as users see it';
COMMENT ON COLUMN calls.recording_path IS 'Absolute path of the recording when it was processed';
COMMENT ON COLUMN calls.recording_sha256 IS 'SHA-256 of the recording''s bytes, hexadecimal';
COMMENT ON COLUMN calls.recording_bytes IS 'Size of the recording, bytes';
COMMENT ON COLUMN calls.started_at IS 'When the call began, UTC; null if unknown';
COMMENT ON COLUMN calls.direction IS 'inbound or outbound, seen from the call centre';
COMMENT ON COLUMN calls.call_type IS 'Kind of call by its id in rubrics/call_types.yaml';
COMMENT ON COLUMN calls.call_type_confidence IS 'How sure the kind of call is, 0..1';
COMMENT ON COLUMN calls.call_type_reason IS 'Why the call is of that kind, one sentence';
COMMENT ON COLUMN calls.operator IS 'Login or name of the operator who answered or called';
COMMENT ON COLUMN calls.extension IS 'The operator''s extension';
COMMENT ON COLUMN calls.client_phone IS 'The client''s number, E.164 where it could be parsed';
COMMENT ON COLUMN calls.did IS 'The line: the number that was called';
COMMENT ON COLUMN calls.queue IS 'Queue of the PBX';
COMMENT ON COLUMN calls.wait_ms IS 'Time the client waited for an answer, ms';
COMMENT ON COLUMN calls.duration_ms IS 'Length of the recording, ms';
COMMENT ON COLUMN calls.layout IS 'stereo: a leg per channel; mono: both parties on one channel';
COMMENT ON COLUMN calls.language IS 'Language of the conversation, ISO 639-1';
COMMENT ON COLUMN calls.container IS 'Container of the recording, such as wav';
COMMENT ON COLUMN calls.codec IS 'Codec of the recording, such as pcm_alaw';
COMMENT ON COLUMN calls.rate_hz IS 'Sample rate of the recording, Hz';
COMMENT ON COLUMN calls.n_channels IS 'Channels in the recording';
COMMENT ON COLUMN calls.operator_channel IS 'Channel of the operator as the metadata gives it: 0 left, 1 right';
COMMENT ON COLUMN calls.transferred_to IS 'Where the call was transferred to';
COMMENT ON COLUMN calls.status IS 'done, or failed: then table failures says why and the call has no turns and verdicts';
COMMENT ON COLUMN calls.fingerprint IS 'Hash of recording, facts and settings the stored result was made from; decides what is stale';
COMMENT ON COLUMN calls.notes IS 'Remarks of the stages in plain words';

CREATE TABLE turns (
    call_id VARCHAR NOT NULL,
    turn_no INTEGER NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('speech', 'hold', 'ring')),
    role VARCHAR NOT NULL CHECK (role IN ('operator', 'client', 'system')),
    role_confidence DOUBLE NOT NULL,
    speaker VARCHAR NOT NULL,
    channel INTEGER NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL CHECK (end_ms >= start_ms),
    text VARCHAR NOT NULL,
    confidence DOUBLE NOT NULL
);
COMMENT ON TABLE turns IS 'One row per turn: one role''s run of speech, or a stretch of hold music or ringing';
COMMENT ON COLUMN turns.call_id IS 'The call';
COMMENT ON COLUMN turns.turn_no IS 'Number within the call from 0, in order of start';
COMMENT ON COLUMN turns.kind IS 'speech, hold (music) or ring (signalling tone)';
COMMENT ON COLUMN turns.role IS 'operator, client, or system for prompts, music and tones';
COMMENT ON COLUMN turns.role_confidence IS 'How sure the role is, 0..1';
COMMENT ON COLUMN turns.speaker IS 'Anonymous speaker within the call, such as S0';
COMMENT ON COLUMN turns.channel IS 'Channel of the recording from 0';
COMMENT ON COLUMN turns.start_ms IS 'Start from the beginning of the call, ms';
COMMENT ON COLUMN turns.end_ms IS 'End from the beginning of the call, ms, exclusive';
COMMENT ON COLUMN turns.text IS 'Recognised words with punctuation; empty for hold and ring';
COMMENT ON COLUMN turns.confidence IS 'Mean word probability times role confidence, 0..1';

CREATE TABLE words (
    call_id VARCHAR NOT NULL,
    turn_no INTEGER NOT NULL,
    word_no INTEGER NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL CHECK (end_ms >= start_ms),
    text VARCHAR NOT NULL,
    prob DOUBLE NOT NULL CHECK (prob BETWEEN 0 AND 1)
);
COMMENT ON TABLE words IS 'One row per recognised word';
COMMENT ON COLUMN words.call_id IS 'The call';
COMMENT ON COLUMN words.turn_no IS 'The turn it belongs to';
COMMENT ON COLUMN words.word_no IS 'Number within the turn from 0';
COMMENT ON COLUMN words.start_ms IS 'Start from the beginning of the call, ms';
COMMENT ON COLUMN words.end_ms IS 'End from the beginning of the call, ms, exclusive';
COMMENT ON COLUMN words.text IS 'The word with its punctuation';
COMMENT ON COLUMN words.prob IS 'The recogniser''s confidence, 0..1';

CREATE TABLE unrecognised (
    call_id VARCHAR NOT NULL,
    span_no INTEGER NOT NULL,
    role VARCHAR NOT NULL CHECK (role IN ('operator', 'client', 'system')),
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL CHECK (end_ms >= start_ms)
);
COMMENT ON TABLE unrecognised IS 'Speech that gave no words: a phrase is missing only where the call was heard';
COMMENT ON COLUMN unrecognised.call_id IS 'The call';
COMMENT ON COLUMN unrecognised.span_no IS 'Number within the call from 0';
COMMENT ON COLUMN unrecognised.role IS 'Whose speech it is';
COMMENT ON COLUMN unrecognised.start_ms IS 'Start from the beginning of the call, ms';
COMMENT ON COLUMN unrecognised.end_ms IS 'End from the beginning of the call, ms, exclusive';

CREATE TABLE call_metrics (
    call_id VARCHAR NOT NULL,
    operator_talk_ms BIGINT NOT NULL,
    client_talk_ms BIGINT NOT NULL,
    overlap_ms BIGINT NOT NULL,
    silence_ms BIGINT NOT NULL,
    longest_silence_ms BIGINT NOT NULL,
    longest_silence_start_ms BIGINT,
    hold_ms BIGINT NOT NULL,
    n_holds INTEGER NOT NULL,
    ring_ms BIGINT NOT NULL,
    n_operator_turns INTEGER NOT NULL,
    n_client_turns INTEGER NOT NULL,
    interruptions_by_operator INTEGER NOT NULL,
    interruptions_by_client INTEGER NOT NULL,
    operator_words_per_min DOUBLE,
    client_words_per_min DOUBLE,
    operator_talk_frac DOUBLE,
    operator_reply_delay_ms BIGINT,
    longest_operator_turn_ms BIGINT NOT NULL,
    unrecognised_ms BIGINT NOT NULL
);
COMMENT ON TABLE call_metrics IS 'Times and rates of one call; null where there was nothing to measure';
COMMENT ON COLUMN call_metrics.call_id IS 'The call';
COMMENT ON COLUMN call_metrics.operator_talk_ms IS 'Speech of the operator, ms';
COMMENT ON COLUMN call_metrics.client_talk_ms IS 'Speech of the client, ms';
COMMENT ON COLUMN call_metrics.overlap_ms IS 'Both speak at once, ms';
COMMENT ON COLUMN call_metrics.silence_ms IS 'Silence between the first and the last speech, without hold and ringing, ms';
COMMENT ON COLUMN call_metrics.longest_silence_ms IS 'Longest single silence, ms';
COMMENT ON COLUMN call_metrics.longest_silence_start_ms IS 'Where the longest silence begins, ms from the start of the call';
COMMENT ON COLUMN call_metrics.hold_ms IS 'Hold music, ms';
COMMENT ON COLUMN call_metrics.n_holds IS 'How often the client was put on hold';
COMMENT ON COLUMN call_metrics.ring_ms IS 'Ring-back and other signalling tones, ms';
COMMENT ON COLUMN call_metrics.n_operator_turns IS 'Turns of the operator';
COMMENT ON COLUMN call_metrics.n_client_turns IS 'Turns of the client';
COMMENT ON COLUMN call_metrics.interruptions_by_operator IS 'How often the operator interrupted the client';
COMMENT ON COLUMN call_metrics.interruptions_by_client IS 'How often the client interrupted the operator';
COMMENT ON COLUMN call_metrics.operator_words_per_min IS 'Words of the operator per minute of own speech';
COMMENT ON COLUMN call_metrics.client_words_per_min IS 'Words of the client per minute of own speech';
COMMENT ON COLUMN call_metrics.operator_talk_frac IS 'Operator''s share of all speech, 0..1';
COMMENT ON COLUMN call_metrics.operator_reply_delay_ms IS 'How long the operator takes to answer the client, ms';
COMMENT ON COLUMN call_metrics.longest_operator_turn_ms IS 'Longest turn of the operator, ms';
COMMENT ON COLUMN call_metrics.unrecognised_ms IS 'Speech that gave no words, ms';

CREATE TABLE verdicts (
    call_id VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    criterion VARCHAR NOT NULL,
    criterion_no INTEGER NOT NULL,
    verdict VARCHAR NOT NULL CHECK (verdict IN ('pass', 'fail', 'na', 'unsure')),
    confidence DOUBLE NOT NULL,
    points DOUBLE NOT NULL,
    max_points DOUBLE NOT NULL,
    critical BOOLEAN NOT NULL,
    evidence_role VARCHAR CHECK (evidence_role IN ('operator', 'client', 'system')),
    evidence_start_ms BIGINT,
    evidence_end_ms BIGINT,
    evidence_text VARCHAR,
    reason VARCHAR NOT NULL,
    decided_by VARCHAR NOT NULL
);
COMMENT ON TABLE verdicts IS 'One row per call and criterion of a rubric, with the first piece of evidence';
COMMENT ON COLUMN verdicts.call_id IS 'The call';
COMMENT ON COLUMN verdicts.rubric IS 'Id of the rubric';
COMMENT ON COLUMN verdicts.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN verdicts.criterion IS 'Id of the criterion';
COMMENT ON COLUMN verdicts.criterion_no IS 'Place of the criterion in the rubric from 0';
COMMENT ON COLUMN verdicts.verdict IS 'pass, fail, na (the situation did not arise) or unsure';
COMMENT ON COLUMN verdicts.confidence IS 'How sure the verdict is, 0..1';
COMMENT ON COLUMN verdicts.points IS 'Points earned; unsure earns none';
COMMENT ON COLUMN verdicts.max_points IS 'Points to earn; 0 for na';
COMMENT ON COLUMN verdicts.critical IS 'Whether a fail makes the score of the whole call 0';
COMMENT ON COLUMN verdicts.evidence_role IS 'Who said the first piece of evidence';
COMMENT ON COLUMN verdicts.evidence_start_ms IS 'Start of the first piece of evidence, ms from the start of the call';
COMMENT ON COLUMN verdicts.evidence_end_ms IS 'End of the first piece of evidence, ms, exclusive';
COMMENT ON COLUMN verdicts.evidence_text IS 'The words as recognised; empty: the span was searched and nothing found';
COMMENT ON COLUMN verdicts.reason IS 'Why, one sentence for a QA lead in the rubric''s language';
COMMENT ON COLUMN verdicts.decided_by IS 'machine, judge (a language model) or human';

CREATE TABLE evidence (
    call_id VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    criterion VARCHAR NOT NULL,
    evidence_no INTEGER NOT NULL,
    role VARCHAR CHECK (role IN ('operator', 'client', 'system')),
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL CHECK (end_ms >= start_ms),
    text VARCHAR NOT NULL
);
COMMENT ON TABLE evidence IS 'Every piece of evidence of a verdict; number 0 is repeated in verdicts';
COMMENT ON COLUMN evidence.call_id IS 'The call';
COMMENT ON COLUMN evidence.rubric IS 'Id of the rubric';
COMMENT ON COLUMN evidence.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN evidence.criterion IS 'Id of the criterion';
COMMENT ON COLUMN evidence.evidence_no IS 'Number within the verdict from 0';
COMMENT ON COLUMN evidence.role IS 'Who speaks; null: nobody in particular';
COMMENT ON COLUMN evidence.start_ms IS 'Start from the beginning of the call, ms';
COMMENT ON COLUMN evidence.end_ms IS 'End from the beginning of the call, ms, exclusive';
COMMENT ON COLUMN evidence.text IS 'The words as recognised; empty: the span was searched and nothing found';

CREATE TABLE call_scores (
    call_id VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    rubric_sha256 VARCHAR NOT NULL,
    points DOUBLE NOT NULL,
    max_points DOUBLE NOT NULL,
    score DOUBLE,
    score_low DOUBLE,
    score_high DOUBLE,
    critical_failed BOOLEAN NOT NULL,
    n_verdicts INTEGER NOT NULL,
    n_unsure INTEGER NOT NULL
);
COMMENT ON TABLE call_scores IS 'One row per call and rubric';
COMMENT ON COLUMN call_scores.call_id IS 'The call';
COMMENT ON COLUMN call_scores.rubric IS 'Id of the rubric';
COMMENT ON COLUMN call_scores.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN call_scores.rubric_sha256 IS 'SHA-256 of the rubric as it was applied, hexadecimal';
COMMENT ON COLUMN call_scores.points IS 'Points of the decided criteria';
COMMENT ON COLUMN call_scores.max_points IS 'Points to earn in the decided criteria';
COMMENT ON COLUMN call_scores.score IS 'Percent 0..100 of the decided criteria, 0 if a critical one failed; null if nothing was decided';
COMMENT ON COLUMN call_scores.score_low IS 'Score with every unsure counted as fail, 0..100';
COMMENT ON COLUMN call_scores.score_high IS 'Score with every unsure counted as pass, 0..100';
COMMENT ON COLUMN call_scores.critical_failed IS 'Whether a critical criterion failed';
COMMENT ON COLUMN call_scores.n_verdicts IS 'Criteria with a verdict other than na';
COMMENT ON COLUMN call_scores.n_unsure IS 'Those of them that are unsure';

CREATE TABLE provenance (
    call_id VARCHAR NOT NULL,
    step_no INTEGER NOT NULL,
    engine VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    model_sha256 VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL
);
COMMENT ON TABLE provenance IS 'Which engines, weights and parameters made the result of a call';
COMMENT ON COLUMN provenance.call_id IS 'The call';
COMMENT ON COLUMN provenance.step_no IS 'Order of the steps from 0';
COMMENT ON COLUMN provenance.engine IS 'Name of the engine';
COMMENT ON COLUMN provenance.model IS 'Name of the weights; empty for none';
COMMENT ON COLUMN provenance.model_sha256 IS 'SHA-256 of the weights, hexadecimal; empty for none';
COMMENT ON COLUMN provenance.parameters IS 'Hash of the parameters';

CREATE TABLE flags (
    call_id VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3),
    criterion VARCHAR,
    start_ms BIGINT,
    end_ms BIGINT,
    detail VARCHAR NOT NULL
);
COMMENT ON TABLE flags IS 'Why a person should listen to a call';
COMMENT ON COLUMN flags.call_id IS 'The call';
COMMENT ON COLUMN flags.reason IS 'Kind of flag, such as critical_failed or long_silence';
COMMENT ON COLUMN flags.severity IS '3 listen today, 2 this week, 1 when there is time';
COMMENT ON COLUMN flags.criterion IS 'The criterion behind it; null if none';
COMMENT ON COLUMN flags.start_ms IS 'Where to listen from, ms from the start of the call; null: the whole call';
COMMENT ON COLUMN flags.end_ms IS 'Where the place ends, ms, exclusive';
COMMENT ON COLUMN flags.detail IS 'The measured value or the verdict''s reason';

CREATE TABLE operator_scores (
    period VARCHAR NOT NULL,
    period_kind VARCHAR NOT NULL CHECK (period_kind IN ('day', 'week', 'month', 'all')),
    starts_on DATE,
    operator VARCHAR,
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    calls BIGINT NOT NULL,
    scored_calls BIGINT NOT NULL,
    score DOUBLE,
    score_low DOUBLE NOT NULL,
    score_high DOUBLE NOT NULL,
    n_critical_failed BIGINT NOT NULL,
    n_verdicts BIGINT NOT NULL,
    n_unsure BIGINT NOT NULL
);
COMMENT ON TABLE operator_scores IS 'Mean call score per operator, rubric version and period, written at the end of each ingest and rescore';
COMMENT ON COLUMN operator_scores.period IS '2026-10-05 (day), 2026-W41 (ISO week), 2026-10 (month) or all, in the time zone of reports';
COMMENT ON COLUMN operator_scores.period_kind IS 'day, week, month or all';
COMMENT ON COLUMN operator_scores.starts_on IS 'First day of the period, local; null for all';
COMMENT ON COLUMN operator_scores.operator IS 'The operator; null: calls whose operator is unknown';
COMMENT ON COLUMN operator_scores.rubric IS 'Id of the rubric';
COMMENT ON COLUMN operator_scores.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN operator_scores.calls IS 'Calls of the operator to which the rubric was applied';
COMMENT ON COLUMN operator_scores.scored_calls IS 'Those of them in which at least one criterion was decided';
COMMENT ON COLUMN operator_scores.score IS 'Mean score of the scored calls, 0..100; null if there is none';
COMMENT ON COLUMN operator_scores.score_low IS 'Lower end of the 95 % interval that covers sampling and doubt, 0..100';
COMMENT ON COLUMN operator_scores.score_high IS 'Upper end of the 95 % interval that covers sampling and doubt, 0..100';
COMMENT ON COLUMN operator_scores.n_critical_failed IS 'Calls in which a critical criterion failed';
COMMENT ON COLUMN operator_scores.n_verdicts IS 'Verdicts that are not na';
COMMENT ON COLUMN operator_scores.n_unsure IS 'Those of them that are unsure';

CREATE TABLE conversion_correlations (
    rubric VARCHAR NOT NULL,
    criterion VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    n_pass BIGINT NOT NULL,
    n_fail BIGINT NOT NULL,
    conversion_pass DOUBLE,
    conversion_fail DOUBLE,
    odds_ratio DOUBLE,
    odds_low DOUBLE,
    odds_high DOUBLE,
    p_value DOUBLE,
    q_value DOUBLE,
    adjusted_for VARCHAR NOT NULL,
    finding VARCHAR NOT NULL
);
COMMENT ON TABLE conversion_correlations IS 'How each criterion goes with sales';
COMMENT ON COLUMN conversion_correlations.rubric IS 'Id of the rubric';
COMMENT ON COLUMN conversion_correlations.criterion IS 'Id of the criterion';
COMMENT ON COLUMN conversion_correlations.n IS 'Calls with an outcome and a decided verdict';
COMMENT ON COLUMN conversion_correlations.n_pass IS 'Those with the verdict pass';
COMMENT ON COLUMN conversion_correlations.n_fail IS 'Those with the verdict fail';
COMMENT ON COLUMN conversion_correlations.conversion_pass IS 'Share of sales among pass, 0..1';
COMMENT ON COLUMN conversion_correlations.conversion_fail IS 'Share of sales among fail, 0..1';
COMMENT ON COLUMN conversion_correlations.odds_ratio IS 'Odds of a sale, pass against fail, adjusted';
COMMENT ON COLUMN conversion_correlations.odds_low IS 'Lower end of its 95 % interval';
COMMENT ON COLUMN conversion_correlations.odds_high IS 'Upper end of its 95 % interval';
COMMENT ON COLUMN conversion_correlations.p_value IS 'Probability of such a difference by chance alone';
COMMENT ON COLUMN conversion_correlations.q_value IS 'p_value corrected for the number of criteria looked at';
COMMENT ON COLUMN conversion_correlations.adjusted_for IS 'What the comparison was adjusted for';
COMMENT ON COLUMN conversion_correlations.finding IS 'The result, or why there is none, in plain words';

CREATE TABLE outcomes (
    outcome_id VARCHAR PRIMARY KEY,
    source VARCHAR NOT NULL,
    call_id VARCHAR,
    client_phone VARCHAR,
    operator VARCHAR,
    status VARCHAR NOT NULL,
    amount DECIMAL(18, 2),
    created_at TIMESTAMP,
    closed_at TIMESTAMP
);
COMMENT ON TABLE outcomes IS 'What the CRM says came of a call: an order or a deal';
COMMENT ON COLUMN outcomes.outcome_id IS 'Key of the order or deal';
COMMENT ON COLUMN outcomes.source IS 'The file or CRM it came from';
COMMENT ON COLUMN outcomes.call_id IS 'The call it belongs to; null if not joined';
COMMENT ON COLUMN outcomes.client_phone IS 'The client''s number, E.164 where it could be parsed';
COMMENT ON COLUMN outcomes.operator IS 'The operator the CRM names';
COMMENT ON COLUMN outcomes.status IS 'Status in the CRM''s words';
COMMENT ON COLUMN outcomes.amount IS 'Amount in the shop''s currency';
COMMENT ON COLUMN outcomes.created_at IS 'When it was created, UTC';
COMMENT ON COLUMN outcomes.closed_at IS 'When it was closed, UTC; null while open';

CREATE TABLE reviews (
    review_id VARCHAR PRIMARY KEY,
    call_id VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    criterion VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL CHECK (verdict IN ('pass', 'fail', 'na', 'unsure')),
    reviewer VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    reviewed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE reviews IS 'Corrections by people; a row is never changed and never overwrites a machine verdict';
COMMENT ON COLUMN reviews.review_id IS 'Key of the correction';
COMMENT ON COLUMN reviews.call_id IS 'The call';
COMMENT ON COLUMN reviews.rubric IS 'Id of the rubric';
COMMENT ON COLUMN reviews.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN reviews.criterion IS 'Id of the criterion';
COMMENT ON COLUMN reviews.verdict IS 'The verdict of the reviewer: pass, fail, na or unsure';
COMMENT ON COLUMN reviews.reviewer IS 'Who corrected';
COMMENT ON COLUMN reviews.reason IS 'Why';
COMMENT ON COLUMN reviews.reviewed_at IS 'When, UTC';

CREATE TABLE runs (
    run_id VARCHAR PRIMARY KEY,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    status VARCHAR NOT NULL,
    callscore_version VARCHAR NOT NULL,
    found BIGINT,
    done BIGINT,
    skipped BIGINT,
    failed BIGINT,
    audio_ms BIGINT,
    wall_ms BIGINT
);
COMMENT ON TABLE runs IS 'One row per ingest or rescore';
COMMENT ON COLUMN runs.run_id IS 'Key of the run';
COMMENT ON COLUMN runs.started_at IS 'When it began, UTC';
COMMENT ON COLUMN runs.finished_at IS 'When it ended, UTC; null while running or if it was killed';
COMMENT ON COLUMN runs.status IS 'running, done, interrupted, stopped (by an error) or killed (found unfinished by the next run)';
COMMENT ON COLUMN runs.callscore_version IS 'Version of callscore';
COMMENT ON COLUMN runs.found IS 'Recordings found';
COMMENT ON COLUMN runs.done IS 'Calls processed';
COMMENT ON COLUMN runs.skipped IS 'Calls that needed no work';
COMMENT ON COLUMN runs.failed IS 'Calls that failed';
COMMENT ON COLUMN runs.audio_ms IS 'Audio processed, ms';
COMMENT ON COLUMN runs.wall_ms IS 'Time the run took, ms';

CREATE TABLE run_calls (
    run_id VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL
);
COMMENT ON TABLE run_calls IS 'Journal: which run processed which call';
COMMENT ON COLUMN run_calls.run_id IS 'The run';
COMMENT ON COLUMN run_calls.call_id IS 'The call';
COMMENT ON COLUMN run_calls.status IS 'done or failed';

CREATE TABLE failures (
    source VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    code INTEGER NOT NULL,
    message VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    failed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE failures IS 'Recordings whose last attempt failed; a row goes when the recording succeeds';
COMMENT ON COLUMN failures.source IS 'Name of the source';
COMMENT ON COLUMN failures.path IS 'Name of the recording as users see it';
COMMENT ON COLUMN failures.call_id IS 'The call';
COMMENT ON COLUMN failures.code IS 'Error code, as in the README: 21 audio, 22 recognition, 23 diarization';
COMMENT ON COLUMN failures.message IS 'What went wrong, one sentence';
COMMENT ON COLUMN failures.fingerprint IS 'Hash of recording, facts and settings of the attempt; empty where it did not get that far';
COMMENT ON COLUMN failures.run_id IS 'The run of the attempt';
COMMENT ON COLUMN failures.failed_at IS 'When, UTC';

CREATE TABLE rubrics (
    rubric VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    PRIMARY KEY (rubric, version)
);
COMMENT ON TABLE rubrics IS 'Rubrics as they were last applied, one row per version';
COMMENT ON COLUMN rubrics.rubric IS 'Id of the rubric';
COMMENT ON COLUMN rubrics.version IS 'Version of the rubric';
COMMENT ON COLUMN rubrics.sha256 IS 'SHA-256 of the rubric as applied, hexadecimal';
COMMENT ON COLUMN rubrics.language IS 'Language it is written for, ISO 639-1';
COMMENT ON COLUMN rubrics.title IS 'Title';
COMMENT ON COLUMN rubrics.body IS 'The YAML text';

CREATE TABLE criteria (
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    criterion_no INTEGER NOT NULL,
    criterion VARCHAR NOT NULL,
    section VARCHAR NOT NULL,
    title_ru VARCHAR NOT NULL,
    title_en VARCHAR NOT NULL,
    weight DOUBLE NOT NULL,
    critical BOOLEAN NOT NULL
);
COMMENT ON TABLE criteria IS 'The criteria of every stored rubric version';
COMMENT ON COLUMN criteria.rubric IS 'Id of the rubric';
COMMENT ON COLUMN criteria.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN criteria.criterion_no IS 'Place in the rubric from 0';
COMMENT ON COLUMN criteria.criterion IS 'Id of the criterion';
COMMENT ON COLUMN criteria.section IS 'Section of the rubric; empty for none';
COMMENT ON COLUMN criteria.title_ru IS 'Title in Russian; empty for none';
COMMENT ON COLUMN criteria.title_en IS 'Title in English; empty for none';
COMMENT ON COLUMN criteria.weight IS 'Points to earn';
COMMENT ON COLUMN criteria.critical IS 'Whether a fail makes the score of the whole call 0';

CREATE TABLE models (
    name VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    licence VARCHAR NOT NULL
);
COMMENT ON TABLE models IS 'Weights that runs used';
COMMENT ON COLUMN models.name IS 'Name in models.toml';
COMMENT ON COLUMN models.kind IS 'What it does, such as transcribe or diarize';
COMMENT ON COLUMN models.sha256 IS 'SHA-256 of the weights, hexadecimal';
COMMENT ON COLUMN models.licence IS 'Licence of the weights';
