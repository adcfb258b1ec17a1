-- Credential transparency: which leaves of the evidence log stand for which homes and credentials.

-- A home: a dwelling as long as the same people, or some of them, live in it. Who moves in after all have left begins a new
-- one, with a key that those before do not have.
create table home (
  id uuid primary key,
  dwelling_id uuid not null references dwelling,
  -- Names the home in the log.
  tag bytea not null unique check (length(tag) = 16),
  -- Of the next credential; numbers are never used again.
  next_number integer not null default 0 check (next_number between 0 and 4096),
  -- As the log says last, and where; absent until a gate first asks about a credential of the home.
  access_point_ids uuid[],
  leaf_id uuid,
  began_at timestamptz(3) not null,
  ended_at timestamptz(3),
  check ((access_point_ids is null) = (leaf_id is null))
);
create unique index home_dwelling on home (dwelling_id) where ended_at is null;

-- 32 bytes under the server's storage key: whoever has it finds the home's credentials in the log.
create table keys.home_key (
  home_id uuid primary key references home,
  sealed bytea not null
);

-- One row for each leaf that puts a credential into the log. A credential that comes back gets a new one.
create table credential_leaf (
  leaf_id uuid primary key,
  -- Gone with its person: the leaf is ended then.
  credential_id uuid references credential on delete set null,
  topic text not null,
  home_id uuid references home,
  number integer check (number between 0 and 4095),
  tag bytea not null check (length(tag) = 16),
  at timestamptz(3) not null,
  ended_at timestamptz(3),
  check ((home_id is null) = (number is null)),
  unique (home_id, number)
);
create index credential_leaf_credential on credential_leaf (credential_id) where ended_at is null;
create index credential_leaf_orphan on credential_leaf (leaf_id) where ended_at is null and credential_id is null;

-- Credentials whose holders live nowhere here: one member of staff issues, another confirms.
create table credential_approval (
  credential_id uuid primary key references credential on delete cascade,
  issued_by uuid not null references staff,
  issued_at timestamptz(3) not null,
  confirmed_by uuid references staff,
  confirmed_at timestamptz(3),
  check (confirmed_by <> issued_by),
  check ((confirmed_by is null) = (confirmed_at is null))
);
