-- Visits by the reception, and floor plans.

create table reception_setting (
  only_row boolean primary key default true check (only_row),
  retention_days smallint not null default 7 check (retention_days between 1 and 30),
  usual_minutes smallint not null default 240 check (usual_minutes between 15 and 1440),
  revision integer not null default 1
);
insert into reception_setting default values;

-- Where to, what for, how many: nothing that names a visitor.
create table visit (
  id uuid primary key,
  dwelling_id uuid not null references dwelling,
  purpose text not null check (purpose in ('visitor', 'delivery', 'service')),
  persons smallint not null check (persons between 1 and 50),
  pass_id bytea references visitor_pass on delete set null,
  checked_in_at timestamptz(3) not null,
  expected_until timestamptz(3) not null,
  checked_out_at timestamptz(3) check (checked_out_at >= checked_in_at),
  revision integer not null default 1
);
create index visit_time on visit (checked_in_at);
create index visit_inside on visit (expected_until) where checked_out_at is null;
create index visit_dwelling on visit (dwelling_id);
-- Who has a pass goes in by it once at a time.
create unique index visit_pass on visit (pass_id) where checked_out_at is null;

create table floor_plan (
  id uuid primary key,
  name text collate natural_order not null unique,
  type text not null check (type in ('image/svg+xml', 'image/png', 'image/jpeg')),
  width real not null check (width > 0),
  height real not null check (height > 0),
  -- Cleaned.
  image bytea not null check (length(image) between 1 and 10485760),
  -- First 8 bytes of its SHA-256.
  version bytea not null check (length(version) = 8),
  revision integer not null default 1
);
alter table floor_plan alter column image set storage external;

-- `plan_x` and `plan_y` of a portal are of this plan; of none: of a plan that nobody uploaded.
alter table portal add column plan_id uuid references floor_plan on delete set null;
create index portal_plan on portal (plan_id) where plan_id is not null;

create table floor_plan_area (
  plan_id uuid not null references floor_plan on delete cascade,
  area_id uuid not null references area,
  -- Thousandths of width and height, in order.
  corners jsonb not null,
  primary key (plan_id, area_id)
);
