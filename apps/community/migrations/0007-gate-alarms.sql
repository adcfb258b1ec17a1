-- An alarm stands until a member of staff clears it; `change` says who, when and why. The same trouble again raises it
-- again.
alter table gate_alarm add column cleared_at timestamptz(3);
alter table gate_alarm drop constraint gate_alarm_kind_check;
-- server-behind: the gate has delivered entries, or was given documents, that this database never saw: it was restored
-- from an older copy. replaced: stored entries gave way to what the gate holds, as a member of staff had accepted;
-- `sequence` is the first of them.
alter table gate_alarm add constraint gate_alarm_kind_check check (
  kind in ('fork', 'bad-batch', 'unreadable', 'bad-signature', 'server-behind', 'replaced')
);
create index gate_alarm_open on gate_alarm (gate_id) where cleared_at is null;

-- Since when the gate's journal may be read again from its first entry, and what contradicts it may be replaced. Ends
-- with the first entry stored.
alter table gate_journal add column reread_since timestamptz(3);

-- Entries that gave way. Nothing is thrown away: they were signed by the gate's key too.
create table event_replaced (
  like event,
  replaced_at timestamptz(3) not null
);
create index event_replaced_gate on event_replaced (gate_id, sequence);
create trigger event_replaced_only_grows before update or delete or truncate on event_replaced
  for each statement execute function refuse_rewriting();
