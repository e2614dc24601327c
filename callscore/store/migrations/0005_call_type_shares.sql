-- What else a call may have been, so that scoring it again need not find that out anew.

ALTER TABLE calls ADD COLUMN call_type_shares MAP(VARCHAR, DOUBLE);
COMMENT ON COLUMN calls.call_type_shares IS 'Probability 0..1 of each kind of call where none was sure; null: call_type is sure, or an older callscore found it';
