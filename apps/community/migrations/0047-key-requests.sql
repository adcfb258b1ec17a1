-- Work on card keys that one person asks for and another agrees to.
create table key_request (
  id uuid primary key,
  act text not null check (act in ('start', 'end')),
  -- Of `end` the version to end, from the start; of `start` the one that began, once it did.
  version smallint check (version between 1 and 127),
  requested_by uuid not null references staff,
  reason_code text not null,
  reason_text text,
  requested_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  decision text check (decision in ('done', 'withdrawn')),
  decided_by uuid references staff,
  decided_at timestamptz(3),
  check (act = 'start' or version is not null),
  check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null))
);
create index key_request_requested_at on key_request (requested_at desc);
