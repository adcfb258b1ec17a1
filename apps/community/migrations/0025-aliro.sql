-- Aliro: who this community is to telephones, and what it lets them carry.

-- A key that telephones know. `readers`: of a group of readers, which signs their certificates; one group for each door
-- group, two while telephones move from one to the other. `documents`: signs what telephones carry to doors.
create table aliro_key (
  id uuid primary key,
  use text not null check (use in ('readers', 'documents')),
  door_group smallint check (door_group between 1 and 13),
  identifier bytea unique check (length(identifier) = 16),
  public_key bytea not null check (length(public_key) = 65),
  -- Of the keys that the group's readers have themselves: rises when all of them are renewed.
  reader_version integer not null default 1 check (reader_version > 0),
  began_at timestamptz(3) not null,
  ended_at timestamptz(3),
  check ((use = 'readers') = (door_group is not null)),
  check ((door_group is null) = (identifier is null))
);

-- P-256 secret keys under the server's storage key.
create table keys.aliro_secret (
  key_id uuid primary key references aliro_key,
  sealed bytea not null
);

-- Access documents that were issued. What they say is kept on the telephone; here, what it takes to revoke them.
create table aliro_document (
  id uuid primary key,
  -- Gone with its person.
  credential_id uuid references credential on delete set null,
  -- SHA-256 of the telephone's public key: how a revocation names it.
  public_key_hash bytea not null check (length(public_key_hash) = 32),
  -- The leaves that the document carries; it is worth nothing once one of them is ended.
  leaf_ids uuid[] not null check (cardinality(leaf_ids) > 0),
  -- Absent where its holder asked for it.
  issued_by uuid references staff,
  issued_at timestamptz(3) not null,
  valid_until timestamptz(3) not null
);
create index aliro_document_valid_until on aliro_document (valid_until);
create index aliro_document_credential on aliro_document (credential_id);
