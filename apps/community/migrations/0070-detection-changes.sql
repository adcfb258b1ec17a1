-- Who changed what the engine works with, why, and how it stood before and after, so that a change can be taken back.
create table detection_change (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  staff_id uuid not null references staff,
  reason text not null check (length(reason) >= 1),
  is_undo boolean not null,
  -- Numbers, walks and the end of the amnesty.
  before jsonb not null,
  after jsonb not null
);
