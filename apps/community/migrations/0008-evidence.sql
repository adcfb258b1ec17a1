-- The evidence log: leaves on their way, tiles, signed checkpoints. Owned by packages/evidence (`@menshen/evidence/node`);
-- other rooms insert into `evidence_pending`, in the transaction that changes what the leaf is about.

-- Leaves that wait for their index. A row is deleted in the transaction that gives it one.
create table evidence_pending (
  position bigint generated always as identity primary key,
  -- Names the leaf for ever; the same leaf recorded again counts once.
  leaf_id uuid not null unique,
  entry bytea not null check (length(entry) between 1 and 65535)
);

create table evidence_leaf (
  index bigint primary key check (index >= 0),
  leaf_id uuid not null unique,
  -- When it was given its index.
  at timestamptz(3) not null
);
create trigger evidence_leaf_only_grows before update or delete or truncate on evidence_leaf
  for each statement execute function refuse_rewriting();

-- Tiles of hashes and bundles of entries, by their C2SP path. Never changed; a partial one is deleted when the full one
-- of its place is written.
create table evidence_tile (
  path text collate "C" primary key,
  bytes bytea not null
);
-- Hashes do not compress.
alter table evidence_tile alter column bytes set storage external;
create trigger evidence_tile_never_changes before update or truncate on evidence_tile
  for each statement execute function refuse_rewriting();

-- INVARIANT: what was signed for a size is never signed differently for that size.
create table evidence_checkpoint (
  size bigint primary key check (size >= 0),
  root bytea not null check (length(root) = 32),
  -- The note with the log's signature alone.
  signed text not null,
  -- The note with the cosignatures of enough witnesses. Replaced when more or fresher ones came.
  published text,
  at timestamptz(3) not null
);
create index evidence_checkpoint_published on evidence_checkpoint (size) where published is not null;
create trigger evidence_checkpoint_only_grows before delete or truncate on evidence_checkpoint
  for each statement execute function refuse_rewriting();
create trigger evidence_checkpoint_never_changes before update of size, root, signed, at on evidence_checkpoint
  for each statement execute function refuse_rewriting();

-- The largest tree that each witness cosigned, as far as this database knows. A witness that remembers less has lost its
-- state; one that remembers more has seen what this database has lost.
create table evidence_witness (
  -- Verifier key, C2SP signed-note.
  key text primary key,
  size bigint not null check (size >= 0)
);
