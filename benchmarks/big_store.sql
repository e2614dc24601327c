-- A large shop in two years; values by name: calls, criteria, days, clients. Draws are hashes of the row: the same store each time.

CREATE TEMP TABLE made AS
SELECT i, 'c' || i AS call_id,
    TIMESTAMP '2024-11-01' + to_days(CAST(floor(draw(i, 'day') * $days) AS INTEGER))
        + to_seconds(CAST(6 * 3600 + floor(46800 * (draw(i, 'a') + draw(i, 'b')) / 2) AS INTEGER)) AS begun,
    CAST(floor(draw(i, 'operator') * 60) AS INTEGER) AS person, CAST(floor(draw(i, 'line') * 12) AS INTEGER) AS line,
    '+79' || lpad(CAST(CAST(floor(draw(i, 'client') * $clients) AS INTEGER) AS VARCHAR), 9, '0') AS phone,
    draw(i, 'answer') < 0.85 AS is_answered, CAST(2000 + draw(i, 'wait') * 60000 AS BIGINT) AS wait_ms,
    CAST(20000 + draw(i, 'talk') * 300000 AS BIGINT) AS talk_ms, draw(i, 'direction') < 0.75 AS is_inbound
FROM range($calls) numbers(i);

INSERT INTO pbx_calls BY NAME
SELECT 'office' AS source, call_id AS pbx_call_id, call_id, 'asterisk' AS kind, []::VARCHAR[] AS linked_ids,
    CASE WHEN is_inbound THEN 'inbound' ELSE 'outbound' END AS direction,
    CASE WHEN is_answered THEN 'answered' WHEN i % 3 = 0 THEN 'no_answer' ELSE 'abandoned' END AS disposition, begun AS started_at,
    CASE WHEN is_answered THEN begun + to_milliseconds(wait_ms) END AS answered_at,
    begun + to_milliseconds(wait_ms + CASE WHEN is_answered THEN talk_ms ELSE 0 END) AS ended_at, phone AS client_phone,
    '7495000' || lpad(CAST(line AS VARCHAR), 4, '0') AS did,
    CASE WHEN is_answered THEN 'operator' || person END AS operator, CAST(100 + person AS VARCHAR) AS extension,
    'queue' || (line % 3) AS queue, wait_ms, wait_ms AS ring_ms, CASE WHEN is_answered THEN talk_ms END AS talk_ms,
    wait_ms + talk_ms AS total_ms, []::VARCHAR[] AS tags, 'campaign' || (i % 7) AS campaign,
    CAST(is_answered AS INTEGER) AS n_recordings
FROM made;

INSERT INTO pbx_legs BY NAME
SELECT 'office' AS source, call_id AS pbx_call_id, 0 AS leg_no, CASE WHEN is_answered THEN 'talk' ELSE 'ring' END AS kind,
    'operator' || person AS operator, CAST(100 + person AS VARCHAR) AS extension, begun AS offered_at,
    CASE WHEN is_answered THEN begun + to_milliseconds(wait_ms) END AS answered_at,
    begun + to_milliseconds(wait_ms + CASE WHEN is_answered THEN talk_ms ELSE 0 END) AS ended_at,
    CASE WHEN is_answered THEN 'answered' ELSE 'no_answer' END AS result
FROM made;

INSERT INTO calls BY NAME
SELECT call_id, 'office' AS source, call_id || '.wav' AS recording, begun AS started_at,
    CASE WHEN is_inbound THEN 'inbound' ELSE 'outbound' END AS direction,
    CASE i % 4 WHEN 0 THEN 'order_status' WHEN 1 THEN 'complaint' ELSE 'incoming_sale' END AS call_type,
    1.0 AS call_type_confidence, 'operator' || person AS operator, CAST(100 + person AS VARCHAR) AS extension,
    phone AS client_phone, '7495000' || lpad(CAST(line AS VARCHAR), 4, '0') AS did, 'queue' || (line % 3) AS queue, wait_ms,
    talk_ms AS duration_ms, 'stereo' AS layout, 'ru' AS language, 'wav' AS container, 'pcm_alaw' AS codec, 8000 AS rate_hz,
    2 AS n_channels, 'done' AS status, []::VARCHAR[] AS notes
FROM made WHERE is_answered;

INSERT INTO call_metrics BY NAME
SELECT call_id, duration_ms // 2 AS operator_talk_ms, duration_ms // 3 AS client_talk_ms, 1000 AS overlap_ms,
    duration_ms // 8 AS silence_ms, 4000 AS longest_silence_ms, 0 AS hold_ms, 0 AS n_holds, 3000 AS ring_ms,
    12 AS n_operator_turns, 11 AS n_client_turns, 1 AS interruptions_by_operator, 1 AS interruptions_by_client,
    120.0 AS operator_words_per_min, 110.0 AS client_words_per_min, 0.6 AS operator_talk_frac, 600 AS operator_reply_delay_ms,
    9000 AS longest_operator_turn_ms, 500 AS unrecognised_ms
FROM calls;

INSERT INTO rubrics VALUES ('sale', 1, repeat('0', 64), 'ru', 'Входящий звонок: продажа', '');

INSERT INTO criteria
SELECT 'sale', 1, k, 'criterion' || k, 'Разговор', 'Критерий ' || k, 'Criterion ' || k, 1 + k % 3, k = 3
FROM range($criteria) numbers(k);

INSERT INTO verdicts BY NAME
SELECT call_id, 'sale' AS rubric, 1 AS rubric_version, 'criterion' || k AS criterion, k AS criterion_no,
    CASE WHEN draw(m.i, k) < 0.62 THEN 'pass' WHEN draw(m.i, k) < 0.8 THEN 'fail' WHEN draw(m.i, k) < 0.9 THEN 'na'
        ELSE 'unsure' END AS verdict,
    0.9 AS confidence, CAST(draw(m.i, k) < 0.62 AS DOUBLE) AS points, 1.0 AS max_points, k = 3 AS critical,
    'operator' AS evidence_role, 1000 AS evidence_start_ms, 2500 AS evidence_end_ms, 'здравствуйте' AS evidence_text,
    'Прозвучало в начале разговора.' AS reason, 'machine' AS decided_by
FROM made m, range($criteria) numbers(k) WHERE m.is_answered;

INSERT INTO call_scores BY NAME
SELECT call_id, 'sale' AS rubric, 1 AS rubric_version, repeat('0', 64) AS rubric_sha256, 10.0 AS points, 15.0 AS max_points,
    least(100, 55 + person // 4 + 30 * draw(i, 'score')) AS score, greatest(0, 50 + person // 4 + 25 * draw(i, 'score')) AS score_low,
    least(100, 60 + person // 4 + 32 * draw(i, 'score')) AS score_high, draw(i, 'critical') < 0.02 AS critical_failed,
    $criteria AS n_verdicts, CAST(floor(3 * draw(i, 'unsure')) AS INTEGER) AS n_unsure
FROM made WHERE is_answered;

INSERT INTO flags BY NAME
SELECT call_id, CASE i % 2 WHEN 0 THEN 'low_score' ELSE 'long_silence' END AS reason, 1 + i % 3 AS severity, 1000 AS start_ms,
    9000 AS end_ms, '' AS detail
FROM made WHERE is_answered AND draw(i, 'flag') < 0.08;

INSERT INTO outcomes BY NAME
SELECT 'o' || i AS outcome_id, 'crm' AS source, call_id, phone AS client_phone, 'operator' || person AS operator,
    'Выполнен' AS status, CAST(500 + draw(i, 'amount') * 9000 AS DECIMAL(18, 2)) AS amount, begun + INTERVAL 20 MINUTE AS created_at,
    begun + INTERVAL 3 DAY AS closed_at, 'o' || i AS order_id, 'retailcrm' AS kind,
    CASE WHEN draw(i, 'won') < 0.7 THEN 'won' WHEN draw(i, 'won') < 0.9 THEN 'lost' ELSE 'open' END AS outcome,
    CAST(i AS VARCHAR) AS number, 'RUB' AS currency, [phone] AS client_phones, 'phone_before' AS join_rule,
    'likely' AS join_certainty
FROM made WHERE is_answered AND draw(i, 'order') < 0.25 + 0.002 * person;

INSERT INTO outcome_calls BY NAME
SELECT outcome_id, 'office' AS source, call_id AS pbx_call_id, call_id, 0 AS place, 'phone_before' AS rule,
    'likely' AS certainty, 1200000 AS gap_ms
FROM outcomes;

INSERT INTO source_progress
SELECT 'office', 'asterisk', TIMESTAMP '2024-11-01' + to_days(CAST($days AS INTEGER)),
    TIMESTAMP '2024-11-01' + to_days(CAST($days AS INTEGER)), NULL;

INSERT INTO runs BY NAME
SELECT 'r' || d AS run_id, TIMESTAMP '2024-11-01' + to_days(CAST(d AS INTEGER)) AS started_at, started_at AS finished_at,
    'done' AS status, '0.1.0' AS callscore_version, 1400 AS found, 1390 AS done, 0 AS skipped, 10 AS failed,
    250000000 AS audio_ms, 9000000 AS wall_ms
FROM range($days) numbers(d);

INSERT INTO operators BY NAME
SELECT n AS entry_no, 'operator' || n AS operator, ['operator' || n] AS names, 'team' || (n % 4) AS team,
    CASE n % 3 WHEN 0 THEN 'outsourced' ELSE 'own' END AS kind, 400 + n AS cost_per_hour
FROM range(60) numbers(n);

INSERT INTO reviews BY NAME
SELECT call_id || criterion AS review_id, call_id, rubric, rubric_version, criterion,
    CASE WHEN hash(call_id, criterion) % 12 = 0 THEN 'fail' ELSE verdict END AS verdict, 'p.orlova' AS reviewer, '' AS reason,
    TIMESTAMP '2026-10-30' AS reviewed_at, 'random' AS sample
FROM verdicts WHERE hash(call_id) % 100 = 0;
