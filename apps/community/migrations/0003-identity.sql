-- Staff: accounts, sign-in, sessions. Codes and session tokens are kept as SHA-256 only.

create table staff (
  id uuid primary key,
  display_name text collate natural_order not null check (char_length(display_name) between 1 and 80),
  -- All of one duty (operate, secure, audit).
  roles text[] not null check (cardinality(roles) > 0),
  -- Account of the first start: stands in for a duty until another account with a passkey has it.
  set_up boolean not null default false,
  created_at timestamptz(3) not null,
  last_sign_in_at timestamptz(3),
  revision integer not null default 1,
  removed_at timestamptz
);
create unique index staff_set_up on staff (set_up) where set_up;

create table sign_in_code (
  code_hash bytea primary key check (length(code_hash) = 32),
  staff_id uuid not null references staff,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3)
);
create index sign_in_code_staff on sign_in_code (staff_id);

create table passkey (
  id uuid primary key,
  staff_id uuid not null references staff,
  name text not null,
  -- WebAuthn credential id and COSE public key.
  webauthn_id bytea not null unique,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  backed_up boolean not null,
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3)
);
create index passkey_staff on passkey (staff_id);

create table webauthn_challenge (
  id uuid primary key,
  -- Absent: for signing in, when it is not known yet who asks.
  staff_id uuid references staff,
  challenge text not null,
  expires_at timestamptz(3) not null
);

create table staff_session (
  token_hash bytea primary key check (length(token_hash) = 32),
  staff_id uuid not null references staff,
  -- The one duty this session acts in.
  duty text not null check (duty in ('operate', 'secure', 'audit')),
  signed_in_by text not null check (signed_in_by in ('code', 'passkey')),
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);
create index staff_session_staff on staff_session (staff_id);
create index staff_session_expiry on staff_session (expires_at);
