-- Views with plain names for people who write SQL: local times, titles, the verdict that counts, what came of a call.

CREATE TABLE store_settings (
    name VARCHAR PRIMARY KEY,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE store_settings IS 'Settings of the last run that the views need';
COMMENT ON COLUMN store_settings.name IS 'timezone: IANA name of the zone in which days begin';
COMMENT ON COLUMN store_settings.value IS 'Its value';
INSERT INTO store_settings VALUES ('timezone', 'UTC');

CREATE MACRO local_time(moment) AS
    timezone((SELECT value FROM store_settings WHERE name = 'timezone'), timezone('UTC', moment));
COMMENT ON MACRO local_time IS 'A time of the store (UTC) in the time zone of reports';

CREATE VIEW sales AS
SELECT o.outcome_id, o.source, o.number, local_time(o.created_at) AS created, local_time(o.closed_at) AS closed, o.amount,
    o.currency, o.call_id, o.join_certainty, coalesce(c.operator, p.operator) AS operator, coalesce(c.did, p.did) AS did,
    coalesce(p.campaign, p.utm['utm_source']) AS origin
FROM outcomes o
LEFT JOIN outcome_calls j ON j.outcome_id = o.outcome_id AND j.place = 0
LEFT JOIN pbx_calls p ON p.source = j.source AND p.pbx_call_id = j.pbx_call_id
LEFT JOIN calls c ON c.call_id = o.call_id
WHERE o.outcome = 'won' AND coalesce(o.amount, 0) >= 0;
COMMENT ON VIEW sales IS 'One row per order that was won, with the call that led to it where one was found; returns (negative amounts) are left out';
COMMENT ON COLUMN sales.outcome_id IS 'Key of the order';
COMMENT ON COLUMN sales.source IS 'The file or CRM it came from';
COMMENT ON COLUMN sales.number IS 'Number of the order as people write it';
COMMENT ON COLUMN sales.created IS 'When it was created, local time of reports';
COMMENT ON COLUMN sales.closed IS 'When it was closed, local time of reports';
COMMENT ON COLUMN sales.amount IS 'Amount in the shop''s currency';
COMMENT ON COLUMN sales.currency IS 'Currency of amount';
COMMENT ON COLUMN sales.call_id IS 'The call that led to it; null if none was found';
COMMENT ON COLUMN sales.join_certainty IS 'certain, likely or possible; null where no call was found';
COMMENT ON COLUMN sales.operator IS 'The operator of that call';
COMMENT ON COLUMN sales.did IS 'The line of that call';
COMMENT ON COLUMN sales.origin IS 'Advertising campaign or source of that call';

CREATE VIEW scored_calls AS
WITH marks AS (SELECT call_id, count(*) AS n_flags, max(severity) AS severity FROM flags GROUP BY call_id),
won AS (SELECT call_id, count(*) AS n_sales, sum(amount) AS amount FROM sales WHERE call_id IS NOT NULL GROUP BY call_id)
SELECT c.call_id, local_time(c.started_at) AS started, local_time(c.started_at)::DATE AS day, hour(local_time(c.started_at)) AS hour,
    c.operator, c.did, c.queue, c.direction, c.call_type, c.duration_ms, c.wait_ms, s.rubric, s.rubric_version, s.score,
    s.score_low, s.score_high, s.critical_failed, s.n_unsure, coalesce(marks.n_flags, 0) AS n_flags, marks.severity,
    coalesce(won.n_sales, 0) AS n_sales, won.amount
FROM calls c
LEFT JOIN call_scores s USING (call_id)
LEFT JOIN marks USING (call_id)
LEFT JOIN won USING (call_id)
WHERE c.status = 'done';
COMMENT ON VIEW scored_calls IS 'One row per call that was heard and rubric; a call without verdicts has one row without a score';
COMMENT ON COLUMN scored_calls.call_id IS 'The call';
COMMENT ON COLUMN scored_calls.started IS 'When it began, local time of reports';
COMMENT ON COLUMN scored_calls.day IS 'The day on which it began, local';
COMMENT ON COLUMN scored_calls.hour IS 'The hour in which it began, 0..23, local';
COMMENT ON COLUMN scored_calls.operator IS 'The operator';
COMMENT ON COLUMN scored_calls.did IS 'The line: the number that was called';
COMMENT ON COLUMN scored_calls.queue IS 'Queue of the PBX';
COMMENT ON COLUMN scored_calls.direction IS 'inbound or outbound';
COMMENT ON COLUMN scored_calls.call_type IS 'Kind of call by its id in rubrics/call_types.yaml';
COMMENT ON COLUMN scored_calls.duration_ms IS 'Length of the recording, ms';
COMMENT ON COLUMN scored_calls.wait_ms IS 'Time the client waited for an answer, ms';
COMMENT ON COLUMN scored_calls.rubric IS 'Id of the rubric; null: none was for this call';
COMMENT ON COLUMN scored_calls.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN scored_calls.score IS 'Percent 0..100 of the decided criteria, 0 if a critical one failed; null if nothing was decided';
COMMENT ON COLUMN scored_calls.score_low IS 'Score with every unsure counted as fail, 0..100';
COMMENT ON COLUMN scored_calls.score_high IS 'Score with every unsure counted as pass, 0..100';
COMMENT ON COLUMN scored_calls.critical_failed IS 'Whether a critical criterion failed';
COMMENT ON COLUMN scored_calls.n_unsure IS 'Criteria left unsure';
COMMENT ON COLUMN scored_calls.n_flags IS 'Reasons to listen to the call';
COMMENT ON COLUMN scored_calls.severity IS 'The most urgent of them: 3 today, 2 this week, 1 when there is time';
COMMENT ON COLUMN scored_calls.n_sales IS 'Orders won for which this was the call';
COMMENT ON COLUMN scored_calls.amount IS 'Their amounts together';

CREATE VIEW explained_verdicts AS
SELECT v.call_id, local_time(c.started_at) AS started, c.operator, v.rubric, v.rubric_version, v.criterion, k.section, k.title_ru,
    k.title_en, k.weight, v.critical, coalesce(r.verdict, v.verdict) AS verdict, v.verdict AS machine_verdict, v.confidence,
    v.evidence_start_ms, v.evidence_end_ms, v.evidence_text, coalesce(r.reason, v.reason) AS reason, r.reviewer
FROM verdicts v
JOIN calls c USING (call_id)
LEFT JOIN criteria k USING (rubric, rubric_version, criterion)
LEFT JOIN (
    SELECT call_id, rubric, criterion, arg_max(verdict, reviewed_at) AS verdict, arg_max(reason, reviewed_at) AS reason,
        arg_max(reviewer, reviewed_at) AS reviewer
    FROM reviews GROUP BY call_id, rubric, criterion
) r USING (call_id, rubric, criterion);
COMMENT ON VIEW explained_verdicts IS 'One row per call and criterion: the verdict that counts (the latest human one, else the machine''s), with title, quote and reason';
COMMENT ON COLUMN explained_verdicts.call_id IS 'The call';
COMMENT ON COLUMN explained_verdicts.started IS 'When the call began, local time of reports';
COMMENT ON COLUMN explained_verdicts.operator IS 'The operator';
COMMENT ON COLUMN explained_verdicts.rubric IS 'Id of the rubric';
COMMENT ON COLUMN explained_verdicts.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN explained_verdicts.criterion IS 'Id of the criterion';
COMMENT ON COLUMN explained_verdicts.section IS 'Section of the rubric';
COMMENT ON COLUMN explained_verdicts.title_ru IS 'Title of the criterion in Russian';
COMMENT ON COLUMN explained_verdicts.title_en IS 'Title of the criterion in English';
COMMENT ON COLUMN explained_verdicts.weight IS 'Weight of the criterion';
COMMENT ON COLUMN explained_verdicts.critical IS 'Whether a fail makes the score of the whole call 0';
COMMENT ON COLUMN explained_verdicts.verdict IS 'pass, fail, na or unsure: the latest human verdict, else the machine''s';
COMMENT ON COLUMN explained_verdicts.machine_verdict IS 'The machine''s verdict';
COMMENT ON COLUMN explained_verdicts.confidence IS 'How sure the machine is, 0..1';
COMMENT ON COLUMN explained_verdicts.evidence_start_ms IS 'Start of the first piece of evidence, ms from the start of the call';
COMMENT ON COLUMN explained_verdicts.evidence_end_ms IS 'End of the first piece of evidence, ms, exclusive';
COMMENT ON COLUMN explained_verdicts.evidence_text IS 'The words as recognised';
COMMENT ON COLUMN explained_verdicts.reason IS 'Why, one sentence';
COMMENT ON COLUMN explained_verdicts.reviewer IS 'Who corrected or confirmed the verdict; null: nobody looked';

CREATE VIEW client_calls AS
SELECT p.source, p.pbx_call_id, p.call_id, local_time(p.started_at) AS started, local_time(p.started_at)::DATE AS day,
    hour(local_time(p.started_at)) AS hour, p.direction, p.disposition = 'answered' AS is_answered, p.disposition, p.client_phone,
    p.did, p.queue, coalesce(p.operator, p.extension, p.operator_id) AS operator, p.wait_ms, p.talk_ms,
    coalesce(p.campaign, p.utm['utm_source']) AS origin, p.n_recordings
FROM pbx_calls p
WHERE p.direction IS DISTINCT FROM 'internal';
COMMENT ON VIEW client_calls IS 'One row per call with a client that a telephony system knows, recorded or not';
COMMENT ON COLUMN client_calls.source IS 'Name of the source';
COMMENT ON COLUMN client_calls.pbx_call_id IS 'Id of the call in that system';
COMMENT ON COLUMN client_calls.call_id IS 'Key of the call in callscore';
COMMENT ON COLUMN client_calls.started IS 'When it began, local time of reports';
COMMENT ON COLUMN client_calls.day IS 'The day on which it began, local';
COMMENT ON COLUMN client_calls.hour IS 'The hour in which it began, 0..23, local';
COMMENT ON COLUMN client_calls.direction IS 'inbound, outbound or callback; null if unknown';
COMMENT ON COLUMN client_calls.is_answered IS 'Whether people talked';
COMMENT ON COLUMN client_calls.disposition IS 'How it ended, in the words of pbx_calls.disposition';
COMMENT ON COLUMN client_calls.client_phone IS 'The client''s number, E.164';
COMMENT ON COLUMN client_calls.did IS 'The line';
COMMENT ON COLUMN client_calls.queue IS 'Queue or group';
COMMENT ON COLUMN client_calls.operator IS 'The last operator who talked: name, else extension, else id';
COMMENT ON COLUMN client_calls.wait_ms IS 'From entering the line to the answer or to the end, ms';
COMMENT ON COLUMN client_calls.talk_ms IS 'Talk with people, ms';
COMMENT ON COLUMN client_calls.origin IS 'Advertising campaign or source';
COMMENT ON COLUMN client_calls.n_recordings IS 'Recordings the system names';

CREATE VIEW missed_calls AS
SELECT * EXCLUDE (is_answered, talk_ms) FROM client_calls
WHERE direction = 'inbound' AND disposition NOT IN ('answered', 'unknown');
COMMENT ON VIEW missed_calls IS 'One row per incoming call in which nobody talked to the client';
COMMENT ON COLUMN missed_calls.source IS 'Name of the source';
COMMENT ON COLUMN missed_calls.pbx_call_id IS 'Id of the call in that system';
COMMENT ON COLUMN missed_calls.call_id IS 'Key of the call in callscore';
COMMENT ON COLUMN missed_calls.started IS 'When it began, local time of reports';
COMMENT ON COLUMN missed_calls.day IS 'The day on which it began, local';
COMMENT ON COLUMN missed_calls.hour IS 'The hour in which it began, 0..23, local';
COMMENT ON COLUMN missed_calls.direction IS 'inbound';
COMMENT ON COLUMN missed_calls.disposition IS 'abandoned, no_answer, busy and so on, as in pbx_calls';
COMMENT ON COLUMN missed_calls.client_phone IS 'The client''s number, E.164';
COMMENT ON COLUMN missed_calls.did IS 'The line';
COMMENT ON COLUMN missed_calls.queue IS 'Queue or group';
COMMENT ON COLUMN missed_calls.operator IS 'The operator rung last';
COMMENT ON COLUMN missed_calls.wait_ms IS 'How long the client waited, ms';
COMMENT ON COLUMN missed_calls.origin IS 'Advertising campaign or source';
COMMENT ON COLUMN missed_calls.n_recordings IS 'Recordings the system names';

CREATE VIEW operator_months AS
SELECT starts_on AS month, operator, rubric, rubric_version, calls, scored_calls, score, score_low, score_high, score_shrunk,
    score_adjusted, n_critical_failed
FROM operator_scores
WHERE period_kind = 'month'
QUALIFY rubric_version = max(rubric_version) OVER (PARTITION BY rubric);
COMMENT ON VIEW operator_months IS 'One row per operator, month and rubric in its newest version, with the 95 % interval of the score';
COMMENT ON COLUMN operator_months.month IS 'First day of the month, local';
COMMENT ON COLUMN operator_months.operator IS 'The operator; null: calls whose operator is unknown';
COMMENT ON COLUMN operator_months.rubric IS 'Id of the rubric';
COMMENT ON COLUMN operator_months.rubric_version IS 'Version of the rubric';
COMMENT ON COLUMN operator_months.calls IS 'Calls to which the rubric was applied';
COMMENT ON COLUMN operator_months.scored_calls IS 'Those of them with a score';
COMMENT ON COLUMN operator_months.score IS 'Mean score, 0..100';
COMMENT ON COLUMN operator_months.score_low IS 'Lower end of the 95 % interval, 0..100';
COMMENT ON COLUMN operator_months.score_high IS 'Upper end of the 95 % interval, 0..100';
COMMENT ON COLUMN operator_months.score_shrunk IS 'Score drawn towards the mean of all where calls are few, 0..100';
COMMENT ON COLUMN operator_months.score_adjusted IS 'Score for the team''s mix of calls, 0..100; null if it cannot be told';
COMMENT ON COLUMN operator_months.n_critical_failed IS 'Calls in which a critical criterion failed';
