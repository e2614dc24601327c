-- What people do at the trainer's desk, brought over from its journal, and the words of every call to search by.

ALTER TABLE reviews ADD COLUMN old_verdict VARCHAR;
ALTER TABLE reviews ADD COLUMN session VARCHAR;
COMMENT ON COLUMN reviews.review_id IS 'Key of the verdict: the id of its entry in the journal';
COMMENT ON COLUMN reviews.reviewed_at IS 'When, UTC; later entries of the journal have later times, also where the clock was set back';
COMMENT ON COLUMN reviews.sample IS 'Why the call was reviewed: random (drawn by lot), flagged, appeal, blind (for calibration, without seeing other verdicts); null: for another reason or unknown. Only random and blind ones say how often the machine is wrong';
COMMENT ON COLUMN reviews.old_verdict IS 'The verdict that stood there before: pass, fail, na or unsure; null: not recorded';
COMMENT ON COLUMN reviews.session IS 'The calibration session it was given in; null if in none';

CREATE TABLE appeals (
    appeal_id VARCHAR PRIMARY KEY,
    call_id VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    criterion VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    filed_by VARCHAR NOT NULL,
    filed_at TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('open', 'accepted', 'declined')),
    decided_by VARCHAR,
    decided_at TIMESTAMP,
    decision_reason VARCHAR
);
COMMENT ON TABLE appeals IS 'Verdicts contested by operators, with the last answer';
COMMENT ON COLUMN appeals.appeal_id IS 'Key of the appeal';
COMMENT ON COLUMN appeals.call_id IS 'The call';
COMMENT ON COLUMN appeals.rubric IS 'Id of the rubric';
COMMENT ON COLUMN appeals.criterion IS 'The criterion whose verdict is contested';
COMMENT ON COLUMN appeals.reason IS 'Why, in the operator''s words';
COMMENT ON COLUMN appeals.filed_by IS 'Who appealed';
COMMENT ON COLUMN appeals.filed_at IS 'When, UTC';
COMMENT ON COLUMN appeals.state IS 'open, accepted or declined; the verdict itself is changed by a row of reviews';
COMMENT ON COLUMN appeals.decided_by IS 'Who answered; null while open';
COMMENT ON COLUMN appeals.decided_at IS 'When, UTC; null while open';
COMMENT ON COLUMN appeals.decision_reason IS 'The answer; null while open';

CREATE TABLE text_corrections (
    correction_id VARCHAR PRIMARY KEY,
    call_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('text', 'role')),
    turn_no INTEGER NOT NULL,
    word_no INTEGER,
    old_text VARCHAR NOT NULL,
    new_text VARCHAR NOT NULL,
    corrected_by VARCHAR NOT NULL,
    corrected_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE text_corrections IS 'Words, turns and roles as people hear them; turns and words keep what the machine heard';
COMMENT ON COLUMN text_corrections.correction_id IS 'Key of the correction';
COMMENT ON COLUMN text_corrections.call_id IS 'The call';
COMMENT ON COLUMN text_corrections.kind IS 'text: a word or a whole turn; role: who speaks in a turn';
COMMENT ON COLUMN text_corrections.turn_no IS 'The turn';
COMMENT ON COLUMN text_corrections.word_no IS 'The word; null: the whole turn';
COMMENT ON COLUMN text_corrections.old_text IS 'What stood there: words, or operator, client or system';
COMMENT ON COLUMN text_corrections.new_text IS 'What it should be; empty: nothing was said';
COMMENT ON COLUMN text_corrections.corrected_by IS 'Who corrected';
COMMENT ON COLUMN text_corrections.corrected_at IS 'When, UTC';

CREATE TABLE clips (
    clip_id VARCHAR PRIMARY KEY,
    collection VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL CHECK (end_ms > start_ms),
    note VARCHAR NOT NULL,
    taken_by VARCHAR NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    removed_by VARCHAR,
    removed_at TIMESTAMP
);
COMMENT ON TABLE clips IS 'Pieces of calls that trainers collected';
COMMENT ON COLUMN clips.clip_id IS 'Key of the clip';
COMMENT ON COLUMN clips.collection IS 'Name of the collection';
COMMENT ON COLUMN clips.call_id IS 'The call';
COMMENT ON COLUMN clips.start_ms IS 'Start from the beginning of the call, ms';
COMMENT ON COLUMN clips.end_ms IS 'End from the beginning of the call, ms, exclusive';
COMMENT ON COLUMN clips.note IS 'What to listen for; may be empty';
COMMENT ON COLUMN clips.taken_by IS 'Who took it';
COMMENT ON COLUMN clips.taken_at IS 'When, UTC';
COMMENT ON COLUMN clips.removed_by IS 'Who took it out again; null: it is in the collection';
COMMENT ON COLUMN clips.removed_at IS 'When, UTC; null: it is in the collection';

CREATE TABLE coaching (
    coaching_id VARCHAR PRIMARY KEY,
    operator VARCHAR NOT NULL,
    criterion VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    discussed_by VARCHAR NOT NULL,
    discussed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE coaching IS 'Talks of trainers with operators about a criterion';
COMMENT ON COLUMN coaching.coaching_id IS 'Key of the talk';
COMMENT ON COLUMN coaching.operator IS 'The operator';
COMMENT ON COLUMN coaching.criterion IS 'The criterion';
COMMENT ON COLUMN coaching.note IS 'What was agreed; may be empty';
COMMENT ON COLUMN coaching.discussed_by IS 'The trainer';
COMMENT ON COLUMN coaching.discussed_at IS 'When, UTC';

CREATE TABLE review_sessions (
    session_id VARCHAR PRIMARY KEY,
    title VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    call_ids VARCHAR[] NOT NULL,
    reviewers VARCHAR[] NOT NULL,
    opened_by VARCHAR NOT NULL,
    opened_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE review_sessions IS 'Calibration: several reviewers judge the same calls without seeing each other''s verdicts';
COMMENT ON COLUMN review_sessions.session_id IS 'Key of the session';
COMMENT ON COLUMN review_sessions.title IS 'Title';
COMMENT ON COLUMN review_sessions.rubric IS 'Id of the rubric';
COMMENT ON COLUMN review_sessions.call_ids IS 'The calls, in the order to judge them';
COMMENT ON COLUMN review_sessions.reviewers IS 'Logins of those who judge';
COMMENT ON COLUMN review_sessions.opened_by IS 'Who opened it';
COMMENT ON COLUMN review_sessions.opened_at IS 'When, UTC';

CREATE TABLE review_samples (
    sample_id VARCHAR PRIMARY KEY,
    rubric VARCHAR NOT NULL,
    since TIMESTAMP,
    until TIMESTAMP,
    half_width DOUBLE CHECK (half_width BETWEEN 0 AND 1),
    seed BIGINT NOT NULL,
    population BIGINT NOT NULL,
    call_ids VARCHAR[] NOT NULL,
    drawn_by VARCHAR NOT NULL,
    drawn_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE review_samples IS 'Calls drawn by lot for review, evenly over the operators';
COMMENT ON COLUMN review_samples.sample_id IS 'Key of the sample';
COMMENT ON COLUMN review_samples.rubric IS 'Id of the rubric the calls were scored under; empty: any';
COMMENT ON COLUMN review_samples.since IS 'Calls started then or later, UTC; null: no limit';
COMMENT ON COLUMN review_samples.until IS 'Calls started before then, UTC; null: no limit';
COMMENT ON COLUMN review_samples.half_width IS 'Precision it was drawn for: half of the 95 % interval of a share, 0..1; null: the number of calls was given';
COMMENT ON COLUMN review_samples.seed IS 'With it the same calls are drawn again from the same population';
COMMENT ON COLUMN review_samples.population IS 'Calls it was drawn from';
COMMENT ON COLUMN review_samples.call_ids IS 'The calls drawn, in the order to review them: each beginning of the list is a sample as well';
COMMENT ON COLUMN review_samples.drawn_by IS 'Who drew it';
COMMENT ON COLUMN review_samples.drawn_at IS 'When, UTC';

CREATE TABLE calls_seen (
    seen_id VARCHAR PRIMARY KEY,
    call_id VARCHAR NOT NULL,
    seen_by VARCHAR NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE calls_seen IS 'Calls that a reviewer was done with';
COMMENT ON COLUMN calls_seen.seen_id IS 'Key of the entry';
COMMENT ON COLUMN calls_seen.call_id IS 'The call';
COMMENT ON COLUMN calls_seen.seen_by IS 'Who';
COMMENT ON COLUMN calls_seen.seen_at IS 'When, UTC';

CREATE TABLE review_folds (
    until_byte BIGINT NOT NULL,
    retry_byte BIGINT NOT NULL,
    folded_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE review_folds IS 'How far the journal of the desk was brought into the store; one row';
COMMENT ON COLUMN review_folds.until_byte IS 'Bytes of the journal that were read';
COMMENT ON COLUMN review_folds.retry_byte IS 'Where the next reading begins: before the first entry about a call that is not stored';
COMMENT ON COLUMN review_folds.folded_at IS 'When, UTC';

CREATE TABLE search_words (
    word VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    turn_no INTEGER NOT NULL,
    place INTEGER NOT NULL,
    role VARCHAR NOT NULL
);
COMMENT ON TABLE search_words IS 'Every word that was said, cut and folded for search: a scan of it is ten times as fast as one of turns';
COMMENT ON COLUMN search_words.word IS 'The word in small letters, without punctuation, ё as е; parts of hyphenated words are words';
COMMENT ON COLUMN search_words.call_id IS 'The call';
COMMENT ON COLUMN search_words.turn_no IS 'The turn';
COMMENT ON COLUMN search_words.place IS 'Number within the turn from 0';
COMMENT ON COLUMN search_words.role IS 'Who speaks: operator, client or system';
INSERT INTO search_words BY NAME
SELECT call_id, turn_no, role, unnest(found) AS word, unnest(range(len(found)))::INTEGER AS place
FROM (
    SELECT call_id, turn_no, role,
        regexp_extract_all(replace(replace(lower(nfc_normalize(text)), 'ё', 'е'), chr(769), ''), '[\p{L}\p{N}]+') AS found
    FROM turns WHERE kind = 'speech'
);
