-- The owners' roll: who owns a dwelling together is one owner, and one head of every count.
create table roll_owner (
  id uuid primary key,
  -- What tells owners apart: the persons in the order of their ids, the name of a company, the developer.
  key text not null unique,
  kind text not null check (kind in ('persons', 'company', 'developer')),
  name text
);
create table roll_owner_person (
  owner_id uuid not null references roll_owner on delete cascade,
  person_id uuid not null references person on delete cascade,
  primary key (owner_id, person_id)
);
create index roll_owner_of_person on roll_owner_person (person_id);
create table roll_dwelling (
  dwelling_id uuid primary key references dwelling,
  -- Square decimetres: the law counts them, so they are whole.
  area_dm2 bigint not null check (area_dm2 > 0),
  owner_id uuid not null references roll_owner
);
create index roll_dwelling_owner on roll_dwelling (owner_id);

create table motion (
  id uuid primary key,
  matter text not null,
  title text not null,
  text text not null,
  subject text,
  opens_at timestamptz(3) not null,
  closes_at timestamptz(3) not null,
  revision integer not null default 1,
  created_at timestamptz(3) not null,
  created_by uuid not null references staff,
  published_at timestamptz(3),
  agenda_sha256 text,
  roll_sha256 text,
  withdrawn_at timestamptz(3),
  counted_at timestamptz(3),
  result jsonb,
  used_for text,
  check (opens_at < closes_at),
  check ((published_at is null) = (agenda_sha256 is null)),
  check ((counted_at is null) = (result is null))
);

-- The roll as it was when the agenda was published. Numbers are drawn by lot.
create table motion_head (
  motion_id uuid not null references motion,
  number integer not null,
  area_dm2 bigint not null,
  dwelling_names text[] not null,
  primary key (motion_id, number)
);
create table motion_head_person (
  motion_id uuid not null,
  number integer not null,
  person_id uuid not null references person on delete cascade,
  primary key (motion_id, number, person_id),
  foreign key (motion_id, number) references motion_head
);
create index motion_head_of_person on motion_head_person (person_id);
create table motion_proxy (
  motion_id uuid not null,
  number integer not null,
  person_id uuid not null references person on delete cascade,
  document_number text not null,
  registered_at timestamptz(3) not null,
  registered_by uuid not null references staff,
  primary key (motion_id, number),
  foreign key (motion_id, number) references motion_head
);
-- What a ballot says stands in its leaf's statement alone.
create table motion_ballot (
  motion_id uuid not null,
  number integer not null,
  way text not null check (way in ('app', 'proxy', 'paper')),
  at timestamptz(3) not null,
  leaf_id uuid not null,
  auth_key bytea,
  signature bytea,
  primary key (motion_id, number),
  foreign key (motion_id, number) references motion_head,
  check ((way = 'paper') = (signature is null)),
  check ((auth_key is null) = (signature is null))
);
create table motion_paper (
  motion_id uuid not null,
  number integer not null,
  choice text not null check (choice in ('for', 'against', 'abstain')),
  document_number text not null,
  entered_at timestamptz(3) not null,
  entered_by uuid not null references staff,
  confirmed_at timestamptz(3),
  confirmed_by uuid references staff check (confirmed_by <> entered_by),
  primary key (motion_id, number),
  foreign key (motion_id, number) references motion_head
);
-- Residents who own nothing: asked beside the vote, once each.
create table advisory_ballot (
  motion_id uuid not null references motion,
  person_id uuid references person on delete set null,
  at timestamptz(3) not null,
  leaf_id uuid primary key,
  auth_key bytea not null,
  signature bytea not null,
  unique (motion_id, person_id)
);
