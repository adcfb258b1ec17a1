-- Nobody who lives here is put out by others alone: an end is asked first, and what was answered stands here.
create table residency_end (
  id uuid primary key,
  residency_id uuid not null references residency on delete cascade,
  state text not null,
  asked_by text not null,
  -- Who entered it; absent where the resident asked.
  asked_staff_id uuid references staff,
  ground text,
  asked_at timestamptz(3) not null,
  told_at timestamptz(3),
  told_by text check (told_by in ('app', 'letter')),
  grace_until timestamptz(3),
  answered_at timestamptz(3),
  objection text,
  decided_at timestamptz(3),
  decided_staff_id uuid references staff,
  decision_reason text,
  ends_at timestamptz(3),
  -- When the residency ended anyway, for whoever takes their moving out back.
  until_before timestamptz(3),
  -- INVARIANT: no decision without a reason.
  check ((decided_at is null) = (decision_reason is null)),
  check ((told_at is null) = (told_by is null) and (told_at is null) = (grace_until is null))
);
create unique index residency_end_open on residency_end (residency_id)
  where state in ('asked', 'objected', 'agreed', 'lapsed', 'ends');
create index residency_end_of on residency_end (residency_id, asked_at);
