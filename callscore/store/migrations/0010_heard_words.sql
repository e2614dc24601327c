-- How well each call was heard, so that no report has to read half a billion words for it.

ALTER TABLE calls ADD COLUMN n_words BIGINT;
ALTER TABLE calls ADD COLUMN word_prob_sum DOUBLE;
COMMENT ON COLUMN calls.n_words IS 'Words recognised in the call; null if it failed';
COMMENT ON COLUMN calls.word_prob_sum IS 'Sum of the recogniser''s confidence over these words; divided by n_words it is their mean, 0..1';
UPDATE calls SET n_words = 0, word_prob_sum = 0 WHERE status = 'done';
UPDATE calls SET n_words = heard.n, word_prob_sum = heard.total
FROM (SELECT call_id, count(*) AS n, sum(prob) AS total FROM words GROUP BY call_id) heard
WHERE calls.call_id = heard.call_id AND calls.status = 'done';
