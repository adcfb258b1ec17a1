-- When an entry came, kept with the copy that a request took in: what a case's evidence says of it after its epoch's end. Copies of
-- before whose entry is gone already go by when the request came, which was later.
alter table opening_entry add column received_at timestamptz(3);
update opening_entry copy set received_at = event.received_at from event
  where event.gate_id = copy.gate_id and event.sequence = copy.sequence;
update opening_entry copy set received_at = requested_at from opening
  where opening.id = copy.opening_id and received_at is null;
alter table opening_entry alter column received_at set not null;
