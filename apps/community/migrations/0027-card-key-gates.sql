-- Gates that were seen to hold a version's keys: before that, a card renewed to it would be refused there.
create table card_key_gate (
  version smallint references card_key_version,
  gate_id uuid references gate on delete cascade,
  primary key (version, gate_id)
);
