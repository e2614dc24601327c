-- Which criterion a verdict was given by, exactly: `rescore` takes over what an edit of the rubrics cannot have changed.

ALTER TABLE verdicts ADD COLUMN criterion_sha256 VARCHAR;
COMMENT ON COLUMN verdicts.criterion_sha256 IS 'SHA-256 of all that the verdict depends on besides the call, hexadecimal; null: given by an older callscore';

ALTER TABLE verdict_history ADD COLUMN criterion_sha256 VARCHAR;
COMMENT ON COLUMN verdict_history.criterion_sha256 IS 'SHA-256 of all that the verdict depended on besides the call, hexadecimal; null: given by an older callscore';
