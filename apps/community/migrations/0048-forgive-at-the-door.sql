-- For `forgive` from the guard's screen: the journal entry whose refusal it is about. Whom that names the gate alone knows.
alter table command add column sequence bigint;
