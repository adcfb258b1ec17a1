-- INVARIANT of this database: nobody but the officers who sign in here stands in it. What communities report has columns of
-- fixed forms only; a text that somebody could write a name into has no column.

create table city (
  only_row boolean primary key default true check (only_row),
  -- Public key of the PRF: the file of another key must not be taken for it.
  evaluation_key bytea not null check (length(evaluation_key) = 32)
);

create table officer (
  id uuid primary key,
  name text not null check (length(name) between 1 and 80),
  created_at timestamptz(3) not null,
  removed_at timestamptz(3)
);

-- A link that works once: its hash.
create table sign_in_link (
  officer_id uuid primary key references officer,
  hash bytea not null unique,
  expires_at timestamptz(3) not null
);

create table session (
  hash bytea primary key,
  officer_id uuid not null references officer,
  last_used_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);

create table community (
  id uuid primary key,
  name text not null unique check (length(name) between 1 and 80),
  added_at timestamptz(3) not null,
  -- Ed25519.
  key bytea unique check (length(key) = 32),
  enrolled_at timestamptz(3),
  removed_at timestamptz(3),
  check ((key is null) = (enrolled_at is null))
);

create table enrolment_code (
  community_id uuid primary key references community,
  hash bytea not null unique,
  expires_at timestamptz(3) not null
);

-- Signed requests that were taken: none is taken twice.
create table request_nonce (
  key bytea not null,
  nonce bytea not null,
  expires_at timestamptz(3) not null,
  primary key (key, nonce)
);
create index request_nonce_expiry on request_nonce (expires_at);

-- Numbers that a community asked about on a day (UTC).
create table evaluation_count (
  community_id uuid not null references community,
  day date not null,
  used integer not null check (used >= 0),
  primary key (community_id, day)
);

create table issuer (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,23}$'),
  name text not null check (length(name) between 1 and 80)
);

create table report (
  community_id uuid not null references community,
  -- Drawn by the community for this report.
  id uuid not null,
  source text not null check (source in ('case', 'listing')),
  -- A Monday. Nothing finer is known, also not when it came.
  week date not null check (extract(isodow from week) = 1),
  chip text not null check (chip in ('desfire', 'ntag424', 'uid', 'wiegand', 'osdp-raw', 'pkoc')),
  issuer text references issuer,
  key_version smallint check (key_version between 0 and 255),
  batch_prefix bytea check (length(batch_prefix) in (2, 3)),
  number_tag bytea check (length(number_tag) = 32),
  primary key (community_id, id)
);

-- What of a report may be shared with others, one text each: `batch:uid:5c3e`, `issue:desfire:works:3`, `number:…`.
create table report_pattern (
  community_id uuid not null,
  report_id uuid not null,
  pattern text not null,
  primary key (community_id, report_id, pattern),
  foreign key (community_id, report_id) references report on delete cascade
);
create index report_pattern_pattern on report_pattern (pattern);

create table incident (
  id uuid primary key,
  number integer generated always as identity unique,
  opened_at timestamptz(3) not null,
  closed_at timestamptz(3),
  closed_by uuid references officer,
  finding text check (finding in ('seller-found', 'keys-replaced', 'not-related')),
  -- It turned out to be the same as an older one.
  merged_into uuid references incident check (merged_into <> id),
  check ((closed_at is null) = (finding is null) and (closed_at is null) = (closed_by is null))
);

-- INVARIANT: a pattern belongs to one incident; so twelve communities make one incident and not twelve.
create table incident_pattern (
  pattern text primary key,
  incident_id uuid not null references incident
);
create index incident_pattern_incident on incident_pattern (incident_id);

-- What officers did.
create table act (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  officer_id uuid references officer,
  action text not null,
  entity_id text not null
);
