-- Passkeys of officers: from the second time on they need nobody's link.

create table officer_passkey (
  id uuid primary key,
  officer_id uuid not null references officer,
  name text not null check (length(name) between 1 and 80),
  -- WebAuthn credential id and COSE public key.
  webauthn_id bytea not null unique,
  public_key bytea not null,
  sign_count bigint not null,
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3)
);
create index officer_passkey_officer on officer_passkey (officer_id);

create table officer_challenge (
  id uuid primary key,
  -- Absent: for signing in, when it is not known yet who asks.
  officer_id uuid references officer,
  challenge text not null,
  expires_at timestamptz(3) not null
);
