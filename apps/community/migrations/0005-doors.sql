-- Schedules, holidays, gates, doors and what stands at them.

create table schedule (
  id uuid primary key,
  name text collate natural_order not null,
  -- As in packages/domain: weekly windows, windows per holiday kind, windows per date.
  weekly jsonb not null,
  holidays jsonb not null,
  exceptions jsonb not null,
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index schedule_name on schedule (name) where removed_at is null;

create table holiday (
  date date primary key,
  kind text not null,
  name text not null
);

create table gate (
  id uuid primary key,
  name text collate natural_order not null,
  -- Cards carry one key per door group, so that a stolen gate exposes its own group only.
  door_group smallint not null check (door_group between 1 and 13),
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index gate_name on gate (name) where removed_at is null;

create table portal (
  id uuid primary key,
  gate_id uuid not null references gate,
  name text collate natural_order not null,
  building_id uuid references building,
  unlock_ms integer not null,
  held_open_limit_ms integer not null,
  unlock_schedule_id uuid references schedule,
  -- Place on the floor plan, thousandths of its width and height.
  plan_x smallint check (plan_x between 0 and 1000),
  plan_y smallint check (plan_y between 0 and 1000),
  revision integer not null default 1,
  removed_at timestamptz,
  check ((plan_x is null) = (plan_y is null))
);
create unique index portal_name on portal (name) where removed_at is null;
create index portal_gate on portal (gate_id);

create table access_point (
  id uuid primary key,
  portal_id uuid not null references portal,
  name text collate natural_order not null,
  from_area_id uuid not null references area,
  to_area_id uuid not null references area,
  minimum_grade text not null check (minimum_grade in ('A', 'B', 'C', 'D', 'E')),
  revision integer not null default 1,
  removed_at timestamptz,
  check (from_area_id <> to_area_id)
);
create index access_point_portal on access_point (portal_id);

create table reader (
  id uuid primary key,
  gate_id uuid not null references gate,
  name text collate natural_order not null,
  kind text not null check (kind in ('osdp', 'pcsc', 'io', 'desk')),
  access_point_id uuid references access_point,
  revision integer not null default 1,
  removed_at timestamptz,
  check ((kind in ('osdp', 'pcsc')) = (access_point_id is not null))
);
create index reader_gate on reader (gate_id);

-- Desired state, not a command: with a generation that only rises, and an end.
create table portal_mode (
  portal_id uuid primary key references portal,
  mode text not null check (mode in ('normal', 'locked', 'held-open')),
  lockdown smallint not null check (lockdown between 0 and 3),
  generation bigint not null,
  until timestamptz(3)
);
create sequence portal_mode_generation;
