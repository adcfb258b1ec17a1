-- Telephones that are enrolled at a desk, residents who ask for that, and credentials that never reached their holder.

-- A reader of the desk, for one telephone of one person: its id is the second half of what it says it is.
create table aliro_desk (
  id uuid primary key,
  key_id uuid not null references aliro_key,
  person_id uuid not null references person on delete cascade,
  staff_id uuid not null references staff,
  expires_at timestamptz(3) not null
);
create index aliro_desk_expires_at on aliro_desk (expires_at);

-- Residents who want a key on their telephone, until they have one or no longer want it.
create table phone_key_request (
  person_id uuid primary key references person on delete cascade,
  asked_at timestamptz(3) not null
);

-- Documents that were taken back before their end.
alter table aliro_document add column withdrawn_at timestamptz(3);

-- "I did not get it", signed by who should have.
create table receipt_denial (
  credential_id uuid primary key references credential on delete cascade,
  at timestamptz(3) not null,
  signature bytea not null check (length(signature) = 64),
  -- In the evidence log.
  leaf_id uuid not null
);
