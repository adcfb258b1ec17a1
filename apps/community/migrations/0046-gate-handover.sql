-- What became of the journal of a gate whose place another took. Its disk may still be read: what it holds beyond the
-- server's copy is handed over, signed by its own key, within thirty days. Or somebody says that the disk is lost.
alter table gate_replacement
  -- Where the server's copy ended when the gate was shut out.
  add column stored_up_to bigint not null default 0 check (stored_up_to >= 0),
  -- How many entries the gate last said it had not sent; null if it never said.
  add column said_waiting integer check (said_waiting >= 0),
  add column handed_over bigint not null default 0 check (handed_over >= 0),
  add column handed_over_at timestamptz(3),
  add column disk_lost_by uuid references staff,
  add column disk_lost_at timestamptz(3),
  add check ((disk_lost_by is null) = (disk_lost_at is null)),
  add check (handed_over = 0 or handed_over_at is not null);

update gate_replacement set stored_up_to = last_sequence
  from gate_journal where gate_journal.gate_id = gate_replacement.gate_id;
