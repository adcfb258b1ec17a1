-- The community: its areas, buildings, dwellings, and the people who live and work in it.
-- Records are removed by `removed_at`, so that a removal can be undone; `revision` counts changes, so that two people
-- editing the same record notice each other.

-- Names as people sort them: pinyin for Chinese, 9 before 10. Needs a PostgreSQL with ICU.
create collation natural_order (provider = icu, locale = 'zh-u-kn-true');

create table area (
  id uuid primary key,
  name text collate natural_order not null,
  -- No resident needs it: one kind of way in is enough.
  staff_only boolean not null default false,
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index area_name on area (name) where removed_at is null;

create table community (
  only_row boolean primary key default true check (only_row),
  id uuid not null,
  name text not null,
  time_zone text not null,
  -- The street, where every path of a resident begins, and the grounds between the buildings.
  outside_area_id uuid not null references area,
  grounds_area_id uuid not null references area,
  -- [{kind, grade}]: what every resident gets on request, free of charge.
  offers jsonb not null,
  -- [{kind, grade, from}]
  grade_caps jsonb not null default '[]',
  revision integer not null default 1
);

create table building (
  id uuid primary key,
  name text collate natural_order not null,
  -- Behind its entrance; a building without a door of its own names the area it stands in.
  area_id uuid not null references area,
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index building_name on building (name) where removed_at is null;
create index building_order on building (name, id);

create table dwelling (
  id uuid primary key,
  building_id uuid not null references building,
  name text collate natural_order not null,
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index dwelling_name on dwelling (building_id, name) where removed_at is null;
create index dwelling_order on dwelling (name, id);

-- A name or an alias, and nothing more (PIPL art. 6).
create table person (
  id uuid primary key,
  display_name text collate natural_order not null check (char_length(display_name) between 1 and 80),
  revision integer not null default 1,
  removed_at timestamptz
);
create index person_order on person (display_name, id);

create table residency (
  id uuid primary key,
  person_id uuid not null references person,
  role text not null check (role in ('owner', 'tenant', 'family', 'helper', 'staff')),
  dwelling_id uuid references dwelling,
  valid_from timestamptz(3),
  valid_until timestamptz(3),
  revision integer not null default 1,
  removed_at timestamptz,
  check ((role = 'staff') = (dwelling_id is null)),
  check (valid_from < valid_until)
);
create index residency_person on residency (person_id) where removed_at is null;
create index residency_dwelling on residency (dwelling_id) where removed_at is null;
