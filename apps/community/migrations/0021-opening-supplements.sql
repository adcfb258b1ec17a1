-- Entries of a request's doors and window that arrived only after it was taken in: the gate was offline. Custodians who have
-- answered are asked again.
alter table opening_custodian add column asked_again_at timestamptz(3);
