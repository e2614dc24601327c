-- What was replaced is kept: the verdicts a call had before it was scored again, and the rubric texts they came from.

ALTER TABLE calls ADD COLUMN call_type_given VARCHAR;
COMMENT ON COLUMN calls.call_type_given IS 'Kind of call as the metadata names it; null: not named, call_type was found by callscore';
-- Earlier versions said so in the reason only.
UPDATE calls SET call_type_given = call_type
WHERE call_type_reason IN ('Тип указан в метаданных.', 'The type is given in the metadata.');

CREATE TABLE verdict_history (
    call_id VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    rubric_sha256 VARCHAR NOT NULL,
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
    decided_by VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    replaced_at TIMESTAMP
);
COMMENT ON TABLE verdict_history IS 'Verdicts that were replaced, all of a call as soon as one differs; those in force are in verdicts';
COMMENT ON COLUMN verdict_history.call_id IS 'The call';
COMMENT ON COLUMN verdict_history.rubric IS 'Id of the rubric';
COMMENT ON COLUMN verdict_history.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN verdict_history.rubric_sha256 IS 'SHA-256 of the rubric as it was applied, hexadecimal; its text is in rubrics or rubric_history';
COMMENT ON COLUMN verdict_history.criterion IS 'Id of the criterion';
COMMENT ON COLUMN verdict_history.criterion_no IS 'Place of the criterion in the rubric from 0';
COMMENT ON COLUMN verdict_history.verdict IS 'pass, fail, na (the situation did not arise) or unsure';
COMMENT ON COLUMN verdict_history.confidence IS 'How sure the verdict was, 0..1';
COMMENT ON COLUMN verdict_history.points IS 'Points earned; unsure earns none';
COMMENT ON COLUMN verdict_history.max_points IS 'Points to earn; 0 for na';
COMMENT ON COLUMN verdict_history.critical IS 'Whether a fail made the score of the whole call 0';
COMMENT ON COLUMN verdict_history.evidence_role IS 'Who said the first piece of evidence';
COMMENT ON COLUMN verdict_history.evidence_start_ms IS 'Start of the first piece of evidence, ms from the start of the call';
COMMENT ON COLUMN verdict_history.evidence_end_ms IS 'End of the first piece of evidence, ms, exclusive';
COMMENT ON COLUMN verdict_history.evidence_text IS 'The words as recognised; empty: the span was searched and nothing found';
COMMENT ON COLUMN verdict_history.reason IS 'Why, one sentence for a QA lead in the rubric''s language';
COMMENT ON COLUMN verdict_history.decided_by IS 'machine, judge (a language model) or human';
COMMENT ON COLUMN verdict_history.run_id IS 'The run that replaced it';
COMMENT ON COLUMN verdict_history.replaced_at IS 'When that run began, UTC; null if the run is not recorded';

CREATE TABLE score_history (
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
    n_unsure INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    replaced_at TIMESTAMP
);
COMMENT ON TABLE score_history IS 'Scores of calls that were replaced together with their verdicts; those in force are in call_scores';
COMMENT ON COLUMN score_history.call_id IS 'The call';
COMMENT ON COLUMN score_history.rubric IS 'Id of the rubric';
COMMENT ON COLUMN score_history.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN score_history.rubric_sha256 IS 'SHA-256 of the rubric as it was applied, hexadecimal';
COMMENT ON COLUMN score_history.points IS 'Points of the decided criteria';
COMMENT ON COLUMN score_history.max_points IS 'Points to earn in the decided criteria';
COMMENT ON COLUMN score_history.score IS 'Percent 0..100 of the decided criteria, 0 if a critical one failed; null if nothing was decided';
COMMENT ON COLUMN score_history.score_low IS 'Score with every unsure counted as fail, 0..100';
COMMENT ON COLUMN score_history.score_high IS 'Score with every unsure counted as pass, 0..100';
COMMENT ON COLUMN score_history.critical_failed IS 'Whether a critical criterion failed';
COMMENT ON COLUMN score_history.n_verdicts IS 'Criteria with a verdict other than na';
COMMENT ON COLUMN score_history.n_unsure IS 'Those of them that are unsure';
COMMENT ON COLUMN score_history.run_id IS 'The run that replaced it';
COMMENT ON COLUMN score_history.replaced_at IS 'When that run began, UTC; null if the run is not recorded';

CREATE TABLE rubric_history (
    rubric VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    body VARCHAR NOT NULL
);
COMMENT ON TABLE rubric_history IS 'Texts of rubrics that were changed and applied again under the same version number';
COMMENT ON COLUMN rubric_history.rubric IS 'Id of the rubric';
COMMENT ON COLUMN rubric_history.version IS 'Version of the rubric';
COMMENT ON COLUMN rubric_history.sha256 IS 'SHA-256 of the rubric as it was applied, hexadecimal';
COMMENT ON COLUMN rubric_history.language IS 'Language it is written for, ISO 639-1';
COMMENT ON COLUMN rubric_history.title IS 'Title';
COMMENT ON COLUMN rubric_history.body IS 'The YAML text';
