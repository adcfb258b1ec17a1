-- Residents' own accounts. The server holds public keys only: nothing here opens a trail.

create table resident_account (
  person_id uuid primary key references person,
  -- Ed25519: with it the resident's program signs in.
  auth_key bytea not null unique check (length(auth_key) = 32),
  -- X25519: gates wrap the resident's own entries to it.
  trail_key bytea not null check (length(trail_key) = 32),
  -- Position of the last event when the key was registered: nothing before it is wrapped to this key.
  first_position bigint not null,
  registered_at timestamptz(3) not null
);

-- Every key this person's account ever had: whoever registered one in another's name shows.
create table resident_key (
  id bigint generated always as identity primary key,
  person_id uuid not null references person,
  registered_at timestamptz(3) not null,
  -- By an invitation of the desk, or by the key before.
  registered_by text not null check (registered_by in ('invitation', 'own-key')),
  ended_at timestamptz(3)
);
create index resident_key_person on resident_key (person_id, id);

-- One at a time for a person; the code is kept as SHA-256 only.
create table resident_invitation (
  code_hash bytea primary key check (length(code_hash) = 32),
  person_id uuid not null unique references person,
  expires_at timestamptz(3) not null
);

create table resident_challenge (
  challenge bytea primary key check (length(challenge) = 32),
  auth_key bytea not null check (length(auth_key) = 32),
  expires_at timestamptz(3) not null
);
create index resident_challenge_expiry on resident_challenge (expires_at);

create table resident_session (
  token_hash bytea primary key check (length(token_hash) = 32),
  person_id uuid not null references resident_account on delete cascade,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);
create index resident_session_person on resident_session (person_id);
create index resident_session_expiry on resident_session (expires_at);

-- Attempts of a resident to read what is another's. `asked_person_id` may be nobody's.
create table resident_refused_read (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  person_id uuid not null references person,
  asked_person_id uuid not null,
  what text not null check (what in ('looks'))
);
create index resident_refused_read_asked on resident_refused_read (asked_person_id, at);
