-- What hangs where on a gate, what was tested of it, and boxes that took the place of others.

create table gate_wiring (
  gate_id uuid primary key references gate,
  wiring jsonb not null,
  revision integer not null default 1,
  -- Where the gate enrols; known since its first code was made.
  enrol_url text
);

create table wire_test (
  id uuid primary key,
  gate_id uuid not null references gate,
  wire text not null check (wire in ('led', 'sound', 'lock', 'contact', 'exit', 'tamper')),
  -- The portal, or the reader for led, sound and tamper.
  subject_id uuid not null,
  staff_id uuid not null references staff,
  started_at timestamptz(3) not null,
  -- What was stored of the gate's journal then: what came later may be of the test.
  from_position bigint not null,
  -- What the gate was told.
  command_id uuid not null references command,
  -- What somebody who stands there said.
  seen boolean,
  -- Settled once for good; until then it follows from the journal and the command.
  outcome text check (outcome in ('passed', 'failed')),
  observed text[],
  elsewhere text[],
  ended_at timestamptz(3),
  check ((outcome is null) = (ended_at is null) and (outcome is null) = (observed is null))
);
create index wire_test_subject on wire_test (gate_id, subject_id, wire, started_at desc);

create table gate_replacement (
  gate_id uuid primary key references gate,
  replaced_by uuid not null references gate,
  staff_id uuid not null references staff,
  at timestamptz(3) not null,
  check (gate_id <> replaced_by)
);

-- Roles that a community makes of permissions, each within one duty.
create table own_role (
  id uuid primary key,
  name text collate natural_order not null check (char_length(name) between 1 and 80),
  duty text not null check (duty in ('operate', 'secure', 'audit')),
  permissions text[] not null check (cardinality(permissions) > 0),
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index own_role_name on own_role (name) where removed_at is null;

alter table staff
  drop constraint staff_roles_check,
  add column own_role_ids uuid[] not null default '{}',
  add constraint staff_has_role check (cardinality(roles) + cardinality(own_role_ids) > 0);

-- What two persons must want: asked by one, agreed to by another.
create table two_person_request (
  id uuid primary key,
  kind text not null,
  subject jsonb not null,
  requested_by uuid not null references staff,
  reason_code text not null,
  reason_text text,
  requested_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  decided_by uuid references staff,
  decided_at timestamptz(3),
  agreed boolean,
  check ((decided_by is null) = (decided_at is null) and (decided_at is null) = (agreed is null))
);
create index two_person_request_open on two_person_request (expires_at) where decided_at is null;

-- Hours in which accounts of vendors work; outside of them they do not.
create table vendor_access (
  id uuid primary key,
  company text not null check (char_length(company) between 1 and 80),
  opened_by uuid not null references staff,
  reason_code text not null,
  reason_text text,
  opened_at timestamptz(3) not null,
  until timestamptz(3) not null check (until > opened_at),
  closed_by uuid references staff,
  closed_at timestamptz(3),
  check ((closed_by is null) = (closed_at is null))
);
create index vendor_access_until on vendor_access (until) where closed_at is null;
