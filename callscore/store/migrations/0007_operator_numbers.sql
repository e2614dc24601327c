-- Operator scores that can be acted on: drawn towards the team where calls are few, for equal calls, and corrected for the
-- machine's own mistakes where people reviewed a random sample.

ALTER TABLE operator_scores ADD COLUMN score_shrunk DOUBLE;
ALTER TABLE operator_scores ADD COLUMN shrunk_low DOUBLE;
ALTER TABLE operator_scores ADD COLUMN shrunk_high DOUBLE;
ALTER TABLE operator_scores ADD COLUMN shrunk_weight DOUBLE;
ALTER TABLE operator_scores ADD COLUMN score_adjusted DOUBLE;
ALTER TABLE operator_scores ADD COLUMN adjusted_low DOUBLE;
ALTER TABLE operator_scores ADD COLUMN adjusted_high DOUBLE;
ALTER TABLE operator_scores ADD COLUMN score_corrected DOUBLE;
ALTER TABLE operator_scores ADD COLUMN corrected_low DOUBLE;
ALTER TABLE operator_scores ADD COLUMN corrected_high DOUBLE;
ALTER TABLE operator_scores ADD COLUMN n_reviewed BIGINT;
COMMENT ON COLUMN operator_scores.score_shrunk IS 'Score drawn towards the mean of all operators of the period as far as few calls make it uncertain, 0..100; null if no call is scored';
COMMENT ON COLUMN operator_scores.shrunk_low IS 'Lower end of the 95 % interval of score_shrunk that covers sampling and doubt, 0..100';
COMMENT ON COLUMN operator_scores.shrunk_high IS 'Upper end of the 95 % interval of score_shrunk that covers sampling and doubt, 0..100';
COMMENT ON COLUMN operator_scores.shrunk_weight IS 'How much of score_shrunk is the operator''s own, 0..1; the rest is the team''s';
COMMENT ON COLUMN operator_scores.score_adjusted IS 'Score as it would be with the team''s mix of call types, lines and hours, 0..100; null for days and weeks, and where it cannot be told';
COMMENT ON COLUMN operator_scores.adjusted_low IS 'Lower end of the 95 % interval of score_adjusted, 0..100';
COMMENT ON COLUMN operator_scores.adjusted_high IS 'Upper end of the 95 % interval of score_adjusted, 0..100';
COMMENT ON COLUMN operator_scores.score_corrected IS 'Score as people would have given it, estimated from a random sample that they reviewed, 0..100; null if too few were reviewed';
COMMENT ON COLUMN operator_scores.corrected_low IS 'Lower end of the 95 % interval of score_corrected, 0..100';
COMMENT ON COLUMN operator_scores.corrected_high IS 'Upper end of the 95 % interval of score_corrected, 0..100';
COMMENT ON COLUMN operator_scores.n_reviewed IS 'Calls of any operator in the random sample that was reviewed under this rubric version';

ALTER TABLE reviews ADD COLUMN sample VARCHAR;
COMMENT ON TABLE reviews IS 'Verdicts by people, one row per criterion looked at, whether it confirms or corrects; the latest counts, no row is changed, no machine verdict overwritten';
COMMENT ON COLUMN reviews.verdict IS 'The verdict of the reviewer: pass, fail, na or unsure; a confirmation repeats the machine''s';
COMMENT ON COLUMN reviews.sample IS 'Why the call was reviewed: random (drawn by lot), flagged, appeal; null: unknown. Only random ones say how often the machine is wrong';
