-- Lawful openings: what an authority asked for, what custodians answered, who is told at the end of the seal. What says who
-- went through a door is sealed under the storage key, and goes when the package is handed over.

create table opening_setting (
  only_row boolean primary key default true check (only_row),
  -- Longest time from a request to the moment when the persons concerned are told.
  seal_max_days integer not null default 180 check (seal_max_days between 1 and 366)
);
insert into opening_setting default values;

-- Scans of documents, named by their SHA-256.
create table opening_document (
  sha256 bytea primary key check (length(sha256) = 32),
  kind text not null,
  -- Under the storage key.
  sealed bytea not null,
  handed_in_at timestamptz(3) not null,
  staff_id uuid not null references staff
);

create table opening (
  id uuid primary key,
  state text not null default 'requested' check (state in ('requested', 'answered', 'refused', 'expired')),
  path text not null check (path in ('ordinary', 'emergency')),
  requested_at timestamptz(3) not null,
  deadline timestamptz(3) not null,
  -- May rise with a new document, never fall.
  seal_until timestamptz(3) not null,
  -- Canonical JSON: what the leaf commits to.
  statement text not null,
  leaf_id uuid not null unique,
  staff_id uuid not null references staff,
  ended_at timestamptz(3),
  opened_count integer,
  -- What was opened, under the storage key; gone once it was handed over, or at the end of the seal.
  result bytea,
  handed_over_at timestamptz(3),
  -- Persons to be told, under the storage key; gone when they are told.
  concerned bytea,
  disclosed_at timestamptz(3),
  -- Emergencies.
  review_due_at timestamptz(3),
  reviewed_at timestamptz(3),
  review_outcome text check (review_outcome in ('justified', 'not-justified')),
  check ((path = 'emergency') = (review_due_at is not null))
);
create index opening_requested_at on opening (requested_at, id);
create index opening_open on opening (deadline) where state = 'requested';
create index opening_sealed on opening (seal_until) where disclosed_at is null;

-- The entries in scope, as they were when the request came.
create table opening_entry (
  opening_id uuid not null references opening,
  -- From 0.
  position integer not null,
  gate_id uuid not null,
  sequence bigint not null,
  -- As the gate wrote it; an entry that the gate wrote another way later is not this one.
  entry bytea not null,
  -- Whose keys it was sealed to; absent: it cannot be opened, and why.
  ceremony uuid,
  unopened text check (unopened in ('not-sealed', 'no-key', 'invalid-entry', 'undecipherable')),
  primary key (opening_id, position),
  check ((ceremony is null) = (unopened is not null) or unopened = 'undecipherable')
);

-- Custodians who are asked: those of every set to which an entry in scope was sealed.
create table opening_custodian (
  opening_id uuid not null references opening,
  set_version bigint not null,
  custodian integer not null,
  body text not null,
  on_call boolean not null,
  refused text,
  reminded_at timestamptz(3),
  late_at timestamptz(3),
  answered_count integer not null default 0,
  rejected_count integer not null default 0,
  primary key (opening_id, set_version, custodian)
);

-- Answers that count, under the storage key: k of them open an entry. Gone as soon as the request ends.
create table opening_partial (
  opening_id uuid not null,
  position integer not null,
  custodian integer not null,
  sealed bytea not null,
  primary key (opening_id, position, custodian),
  foreign key (opening_id, position) references opening_entry
);

-- Who was told, and how many of their entries were opened. Goes with the person.
create table opening_disclosure (
  opening_id uuid not null references opening,
  person_id uuid not null references person on delete cascade,
  entry_count integer not null check (entry_count > 0),
  primary key (opening_id, person_id)
);
create index opening_disclosure_person on opening_disclosure (person_id);
