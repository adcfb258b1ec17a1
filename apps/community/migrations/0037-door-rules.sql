-- Rules of areas and doors, and where gates find each other; see docs/protocol/door-rules.md and site-network.md.

alter table gate_document_state drop constraint gate_document_state_what_check;
alter table gate_document_state add constraint gate_document_state_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail', 'passes', 'door-rules'));
alter table gate_document drop constraint gate_document_what_check;
alter table gate_document add constraint gate_document_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail', 'passes', 'door-rules'));

create table door_rule_setting (
  only_row boolean primary key default true check (only_row),
  presence_hours smallint not null default 24 check (presence_hours between 1 and 168),
  -- Gates tell guards on duty the home and role of whoever was refused.
  tells_at_door boolean not null default true,
  revision integer not null default 1
);
insert into door_rule_setting default values;

-- An area without a row has no rule, and nobody counts who is inside.
create table area_rule (
  area_id uuid primary key references area,
  counted boolean not null,
  anti_passback text not null check (anti_passback in ('off', 'soft', 'hard', 'timed')),
  timed_ms integer check (timed_ms between 10000 and 86400000),
  occupancy_limit integer check (occupancy_limit between 1 and 100000),
  counts_only_confirmed boolean not null,
  when_apart text not null check (when_apart in ('admit', 'refuse')),
  staff_first boolean not null,
  two_persons boolean not null,
  escort_within_ms integer check (escort_within_ms between 1000 and 60000),
  revision integer not null,
  check ((anti_passback = 'timed') = (timed_ms is not null))
);

create table portal_rule (
  portal_id uuid primary key references portal,
  interlock_group smallint check (interlock_group between 1 and 15),
  two_person_within_ms integer check (two_person_within_ms between 1000 and 60000),
  double_tap_within_ms integer check (double_tap_within_ms between 500 and 10000),
  double_tap_for_ms integer check (double_tap_for_ms between 60000 and 43200000),
  pre_alarm_ms integer check (pre_alarm_ms between 1000 and 600000),
  turnstile boolean not null,
  plate boolean not null,
  -- [{output, areaId}]
  floors jsonb,
  revision integer not null,
  check ((double_tap_within_ms is null) = (double_tap_for_ms is null)),
  check (two_person_within_ms is null or double_tap_within_ms is null)
);

-- Where the other gates find a gate on the site's own network; both null: they do not call it.
create table site_address (
  gate_id uuid primary key references gate,
  host text,
  port integer check (port between 1 and 65535),
  revision integer not null,
  check ((host is null) = (port is null))
);

-- What tokens of persons at the gates are made with, one an epoch: overwritten with the next, so that nobody can join a
-- gate's memory of an earlier epoch with persons.
create table keys.holder_secret (
  epoch integer primary key,
  sealed bytea not null
);

-- Ends of lockdowns that somebody set by hand for doors: the first person asks, another one does it.
create table mode_request (
  subject text primary key,
  requested_by uuid not null references staff,
  requested_at timestamptz(3) not null
);

-- Since when a guard looks at what gates tell of persons, once per shift.
alter table shift add column presence_seen_at timestamptz(3);
