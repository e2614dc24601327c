-- How criteria go with sales, with everything that a careful reader asks for: differences in points, power, designs, reasons.

ALTER TABLE conversion_correlations ADD COLUMN rubric_version INTEGER;
ALTER TABLE conversion_correlations ADD COLUMN criterion_no INTEGER;
ALTER TABLE conversion_correlations ADD COLUMN starts_on DATE;
ALTER TABLE conversion_correlations ADD COLUMN ends_on DATE;
ALTER TABLE conversion_correlations ADD COLUMN n_calls BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN n_unknown BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN n_no_operator BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN n_unsure BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN n_na BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN n_operators BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN n_clusters BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN design VARCHAR;
ALTER TABLE conversion_correlations ADD COLUMN degrees DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN risk_difference DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN risk_low DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN risk_high DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN detectable DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN matters DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN odds_unsure_low DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN odds_unsure_high DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN queue_calls BIGINT;
ALTER TABLE conversion_correlations ADD COLUMN queue_difference DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN queue_low DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN queue_high DOUBLE;
ALTER TABLE conversion_correlations ADD COLUMN reason VARCHAR;
ALTER TABLE conversion_correlations ADD COLUMN sentence_ru VARCHAR;
ALTER TABLE conversion_correlations ADD COLUMN sentence_en VARCHAR;
COMMENT ON TABLE conversion_correlations IS 'How each criterion goes with sales: an association, not a proof; written at the end of each ingest, rescore and reading of orders';
COMMENT ON COLUMN conversion_correlations.finding IS 'helps, hurts, no_effect (no evidence of an effect that matters) or not_enough (not enough data); sentence_ru and sentence_en say why';
COMMENT ON COLUMN conversion_correlations.rubric_version IS 'Version of the rubric; verdicts of earlier versions are left out until callscore rescore brings their calls up to date';
COMMENT ON COLUMN conversion_correlations.criterion_no IS 'Place of the criterion in the rubric from 0';
COMMENT ON COLUMN conversion_correlations.starts_on IS 'First day of the calls looked at, local';
COMMENT ON COLUMN conversion_correlations.ends_on IS 'Last day of the calls looked at, local';
COMMENT ON COLUMN conversion_correlations.n_calls IS 'Calls the rubric was applied to that were answered, came in or were called back, and whose outcome and operator are known';
COMMENT ON COLUMN conversion_correlations.n_unknown IS 'Calls left out because their outcome is not known yet: the order is open, or orders were not read that far';
COMMENT ON COLUMN conversion_correlations.n_no_operator IS 'Calls left out because nobody knows the operator';
COMMENT ON COLUMN conversion_correlations.n_unsure IS 'Calls of n_calls left out because the verdict is unsure';
COMMENT ON COLUMN conversion_correlations.n_na IS 'Calls of n_calls left out because the situation did not arise (na)';
COMMENT ON COLUMN conversion_correlations.n_operators IS 'Operators with calls of both verdicts; only they tell what the criterion goes with';
COMMENT ON COLUMN conversion_correlations.n_clusters IS 'Groups of calls that may hang together, from which the uncertainty is taken';
COMMENT ON COLUMN conversion_correlations.design IS 'What these groups are: operators, or operator_weeks where there are too few operators; then it is about these operators only';
COMMENT ON COLUMN conversion_correlations.degrees IS 'Degrees of freedom of the interval (Bell and McCaffrey); few make it wide';
COMMENT ON COLUMN conversion_correlations.risk_difference IS 'Adjusted difference in the share of sales, pass against fail, -1..1; 0.05 is five percentage points';
COMMENT ON COLUMN conversion_correlations.risk_low IS 'Lower end of its 95 % interval';
COMMENT ON COLUMN conversion_correlations.risk_high IS 'Upper end of its 95 % interval';
COMMENT ON COLUMN conversion_correlations.detectable IS 'Smallest difference in the share of sales that these calls would show in 80 of 100 cases, 0..1';
COMMENT ON COLUMN conversion_correlations.matters IS 'Smallest difference that is taken to matter, 0..1; a larger detectable means not enough data';
COMMENT ON COLUMN conversion_correlations.odds_unsure_low IS 'The least odds_ratio if every unsure verdict were a pass, or every one a fail; null where the interval of odds_ratio holds 1 anyway';
COMMENT ON COLUMN conversion_correlations.odds_unsure_high IS 'The greatest odds_ratio if every unsure verdict were a pass, or every one a fail; null where the interval of odds_ratio holds 1 anyway';
COMMENT ON COLUMN conversion_correlations.queue_calls IS 'Calls that a queue dealt out evenly, for the comparison of operators; null: no queue does, or there are too few';
COMMENT ON COLUMN conversion_correlations.queue_difference IS 'Difference in the share of sales between operators who always and never meet the criterion, on calls that a queue dealt out evenly';
COMMENT ON COLUMN conversion_correlations.queue_low IS 'Lower end of its 95 % interval';
COMMENT ON COLUMN conversion_correlations.queue_high IS 'Upper end of its 95 % interval';
COMMENT ON COLUMN conversion_correlations.reason IS 'Why the finding is what it is, as a code: effect, no_difference, many_asked (stands out alone, but one of so many may by chance), underpowered, few_calls, few_sales, few_of_a_verdict, one_operator, few_clusters, entangled (always goes with a line, a time or an operator), doubtful, no_outcomes, no_calls';
COMMENT ON COLUMN conversion_correlations.sentence_ru IS 'The finding, why, and the numbers, in Russian';
COMMENT ON COLUMN conversion_correlations.sentence_en IS 'The finding, why, and the numbers, in English';

CREATE TABLE conversion_operators (
    rubric VARCHAR NOT NULL,
    rubric_version INTEGER NOT NULL,
    operator VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    n_won BIGINT NOT NULL,
    mean_score DOUBLE,
    difference DOUBLE,
    difference_low DOUBLE,
    difference_high DOUBLE,
    q_value DOUBLE,
    finding VARCHAR NOT NULL
);
COMMENT ON TABLE conversion_operators IS 'Whether an operator''s better-scored calls sell more often; not adjusted for the kind of call';
COMMENT ON COLUMN conversion_operators.rubric IS 'Id of the rubric';
COMMENT ON COLUMN conversion_operators.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN conversion_operators.operator IS 'The operator';
COMMENT ON COLUMN conversion_operators.n IS 'Calls with a score and a known outcome';
COMMENT ON COLUMN conversion_operators.n_won IS 'Those of them that led to a sale';
COMMENT ON COLUMN conversion_operators.mean_score IS 'Mean score of these calls, 0..100';
COMMENT ON COLUMN conversion_operators.difference IS 'Difference in the share of sales for ten points of score more, -1..1; null if it cannot be told';
COMMENT ON COLUMN conversion_operators.difference_low IS 'Lower end of its 95 % bootstrap interval';
COMMENT ON COLUMN conversion_operators.difference_high IS 'Upper end of its 95 % bootstrap interval';
COMMENT ON COLUMN conversion_operators.q_value IS 'Probability of such a difference by chance alone, corrected for the number of operators looked at';
COMMENT ON COLUMN conversion_operators.finding IS 'rises, falls, cannot_tell or not_enough';

CREATE TABLE conversion_queues (
    queue VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    n_operators BIGINT NOT NULL,
    share_low DOUBLE,
    share_high DOUBLE,
    line_p DOUBLE,
    repeat_p DOUBLE,
    finding VARCHAR NOT NULL
);
COMMENT ON TABLE conversion_queues IS 'Whether queues deal their calls out evenly, so that operators can be compared on like calls';
COMMENT ON COLUMN conversion_queues.queue IS 'The queue';
COMMENT ON COLUMN conversion_queues.n IS 'Calls looked at, in hours with at least two operators';
COMMENT ON COLUMN conversion_queues.n_operators IS 'Operators who took them';
COMMENT ON COLUMN conversion_queues.share_low IS 'Calls of the operator who got the fewest, as a part of an even share of the hours on duty; 1 is even';
COMMENT ON COLUMN conversion_queues.share_high IS 'Calls of the operator who got the most, as a part of an even share';
COMMENT ON COLUMN conversion_queues.line_p IS 'Probability of such differences in lines between operators of one hour if calls were dealt out by chance';
COMMENT ON COLUMN conversion_queues.repeat_p IS 'Probability of such differences in repeat callers between operators of one hour if calls were dealt out by chance';
COMMENT ON COLUMN conversion_queues.finding IS 'even (a fair comparison), uneven (shares differ), unbalanced (operators get different callers) or not_enough';
