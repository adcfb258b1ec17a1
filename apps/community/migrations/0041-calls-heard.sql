-- The screen at a door tells whoever called there that a guard knows.
alter table command drop constraint command_kind_check;
alter table command add constraint command_kind_check
  check (kind in ('unlock', 'silence', 'relay-test', 'fire-reset', 'forgive', 'set-count', 'call-heard'));
alter table command add column reader_id uuid references reader;
