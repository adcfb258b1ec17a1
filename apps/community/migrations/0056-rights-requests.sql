-- What residents, or their next of kin, ask about their data.
create table rights_request (
  id uuid primary key,
  person_id uuid not null references person on delete cascade,
  kind text not null check (kind in ('correction', 'deletion', 'heir')),
  words text not null,
  asked_at timestamptz(3) not null,
  due_at timestamptz(3) not null,
  state text not null default 'open' check (state in ('open', 'done', 'refused')),
  answered_at timestamptz(3),
  staff_id uuid references staff,
  reason text,
  -- INVARIANT: nothing is answered, and least of all refused, without a reason.
  check ((state = 'open') = (answered_at is null) and (state = 'open') = (reason is null))
);
create index rights_request_person on rights_request (person_id, asked_at);
create index rights_request_due on rights_request (due_at) where state = 'open';
