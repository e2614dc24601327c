-- Places that were listened to again for a doubtful verdict; the words heard first stay in words.

CREATE TABLE second_listens (
    call_id VARCHAR NOT NULL,
    listen_no INTEGER NOT NULL,
    role VARCHAR NOT NULL CHECK (role IN ('operator', 'client', 'system')),
    channel INTEGER NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL CHECK (end_ms >= start_ms),
    is_hinted BOOLEAN NOT NULL,
    model VARCHAR NOT NULL
);
COMMENT ON TABLE second_listens IS 'Places of a call that were listened to again because a verdict was in doubt';
COMMENT ON COLUMN second_listens.call_id IS 'The call';
COMMENT ON COLUMN second_listens.listen_no IS 'Number within the call from 0';
COMMENT ON COLUMN second_listens.role IS 'Whose words were listened to: operator, client or system';
COMMENT ON COLUMN second_listens.channel IS 'Channel of the recording from 0';
COMMENT ON COLUMN second_listens.start_ms IS 'Start from the beginning of the call, ms';
COMMENT ON COLUMN second_listens.end_ms IS 'End from the beginning of the call, ms, exclusive';
COMMENT ON COLUMN second_listens.is_hinted IS 'Whether the words were found with the rubric''s wordings as a hint; the sound supports them without it';
COMMENT ON COLUMN second_listens.model IS 'Name of the weights that listened';

CREATE TABLE second_words (
    call_id VARCHAR NOT NULL,
    listen_no INTEGER NOT NULL,
    word_no INTEGER NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL CHECK (end_ms >= start_ms),
    text VARCHAR NOT NULL,
    prob DOUBLE NOT NULL CHECK (prob BETWEEN 0 AND 1)
);
COMMENT ON TABLE second_words IS 'Words of second listens; they can confirm a verdict but do not replace the words heard first';
COMMENT ON COLUMN second_words.call_id IS 'The call';
COMMENT ON COLUMN second_words.listen_no IS 'The second listen';
COMMENT ON COLUMN second_words.word_no IS 'Number within the listen from 0';
COMMENT ON COLUMN second_words.start_ms IS 'Start from the beginning of the call, ms';
COMMENT ON COLUMN second_words.end_ms IS 'End from the beginning of the call, ms, exclusive';
COMMENT ON COLUMN second_words.text IS 'The word with its punctuation, as recognised';
COMMENT ON COLUMN second_words.prob IS 'Probability of the word without any hint, 0..1';
