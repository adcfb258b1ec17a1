-- Deletions of persons, and the receipts of the stores and gates that had something of them.
create table deletion (
  id uuid primary key,
  -- A random number by now: nothing else has it but the note of the destroyed key.
  person_id uuid not null,
  ground text not null check (ground in ('asked', 'left', 'desk', 'restored')),
  begun_at timestamptz(3) not null,
  sealed_until timestamptz(3) not null,
  records_until timestamptz(3) not null,
  -- What gates are asked to forget; emptied when the last of them answered.
  credential_keys bytea[] not null,
  -- SHA-256 of the code by which the person sees how far it is.
  code_hash bytea unique check (length(code_hash) = 32),
  closed_at timestamptz(3)
);
create index deletion_begun on deletion (begun_at);

create table deletion_store (
  deletion_id uuid not null references deletion on delete cascade,
  store text not null check (store in ('database', 'person-key', 'trail', 'search')),
  -- When it was looked through and held nothing.
  at timestamptz(3),
  primary key (deletion_id, store)
);

create table deletion_gate (
  deletion_id uuid not null references deletion on delete cascade,
  gate_id uuid not null references gate_device,
  name text not null,
  state text not null default 'awaiting' check (state in ('awaiting', 'answered', 'released')),
  at timestamptz(3),
  device_key bytea,
  -- COSE_Sign1 as it came.
  receipt bytea,
  primary key (deletion_id, gate_id),
  -- INVARIANT: no gate answered without its signed receipt.
  check ((state = 'answered') = (receipt is not null and device_key is not null and at is not null))
);
create index deletion_gate_awaiting on deletion_gate (gate_id) where state = 'awaiting';

-- Made while somebody still has an account, for the time when it is gone.
create table deletion_code (
  person_id uuid primary key references person on delete cascade,
  code_hash bytea not null unique check (length(code_hash) = 32)
);
