-- Holds: entries named in a case, sealed again by the custodians to the epoch in which the hold ends. Nothing else outlives the
-- epoch that it was sealed in.

alter table opening add column hold_until timestamptz(3);
alter table opening add column hold_ended_at timestamptz(3);
-- The hold from which this request opens entries.
alter table opening add column held_by uuid references opening;
create index opening_holding on opening (hold_until) where hold_until is not null and hold_ended_at is null;

-- Answers that custodians sealed again instead of giving them. Gone when the hold ends.
create table opening_held (
  opening_id uuid not null,
  position integer not null,
  -- Whose answer it is: the place among the custodians of the entry's own key.
  custodian integer not null,
  -- Whose key it is sealed to now.
  ceremony uuid not null,
  held bytea not null check (length(held) between 1 and 512),
  primary key (opening_id, position, custodian),
  foreign key (opening_id, position) references opening_entry
);

-- Answers for what a hold kept, under the storage key. Gone when the request ends.
create table opening_held_partial (
  opening_id uuid not null references opening,
  -- In the request that opens, not in the hold.
  position integer not null,
  -- Whose sealed answer, and who answers for it.
  held_custodian integer not null,
  custodian integer not null,
  sealed bytea not null,
  primary key (opening_id, position, held_custodian, custodian),
  foreign key (opening_id, position) references opening_entry
);
