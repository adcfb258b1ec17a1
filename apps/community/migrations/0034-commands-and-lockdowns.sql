-- What staff told gates to do in a moment, and what became of it.
create table command (
  id uuid primary key,
  kind text not null
    check (kind in ('unlock', 'silence', 'relay-test', 'fire-reset', 'forgive', 'set-count')),
  gate_id uuid not null references gate,
  portal_id uuid references portal,
  area_id uuid references area,
  count integer check (count >= 0),
  unlock_ms integer,
  -- For `forgive`: the person's token at the gates; gone as soon as the command is over.
  holder bytea check (length(holder) = 8),
  staff_id uuid not null references staff,
  reason_code text not null,
  reason_text text,
  requested_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  state text not null check (
    state in ('waiting', 'sent', 'done', 'no-effect', 'refused', 'late', 'interrupted', 'unanswered')
  ),
  refusal text,
  answered_at timestamptz(3),
  lock text check (lock in ('locked', 'unlocked', 'fault')),
  opened boolean
);
create index command_requested_at on command (requested_at desc, id desc);
create index command_open on command (gate_id, requested_at) where state in ('waiting', 'sent');

-- Plans of lockdowns, and what was started of them.
create table lockdown_plan (
  id uuid primary key,
  name text collate natural_order not null,
  rank smallint not null check (rank between 1 and 9),
  level smallint not null check (level between 1 and 3),
  -- Null: every door.
  portal_ids uuid[],
  duration_minutes integer not null check (duration_minutes between 5 and 1440),
  instruction text,
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index lockdown_plan_name on lockdown_plan (name) where removed_at is null;

create table lockdown (
  id uuid primary key,
  plan_id uuid not null references lockdown_plan,
  -- As the plan stood when it was started.
  name text not null,
  rank smallint not null,
  level smallint not null check (level between 1 and 3),
  instruction text,
  drill boolean not null,
  portal_ids uuid[] not null,
  started_by uuid not null references staff,
  reason_code text not null,
  reason_text text,
  started_at timestamptz(3) not null,
  until timestamptz(3) not null,
  end_asked_by uuid references staff,
  end_asked_at timestamptz(3),
  ended_at timestamptz(3),
  ended_how text check (ended_how in ('time', 'early')),
  agreed_by uuid references staff,
  check ((ended_at is null) = (ended_how is null))
);
create index lockdown_started_at on lockdown (started_at desc, id desc);
create index lockdown_active on lockdown (until) where ended_at is null;

create table mass_unlock (
  id uuid primary key,
  portal_ids uuid[] not null,
  minutes integer not null check (minutes between 1 and 240),
  requested_by uuid not null references staff,
  reason_code text not null,
  reason_text text,
  requested_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  agreed_by uuid references staff,
  until timestamptz(3)
);
create index mass_unlock_expires_at on mass_unlock (expires_at);

-- What somebody set for this one door, apart from what lockdowns make of it while they last.
alter table portal_mode
  add column own_mode text not null default 'normal' check (own_mode in ('normal', 'locked', 'held-open')),
  add column own_lockdown smallint not null default 0 check (own_lockdown between 0 and 3),
  add column own_until timestamptz(3);
update portal_mode set own_mode = mode, own_lockdown = lockdown, own_until = until;
