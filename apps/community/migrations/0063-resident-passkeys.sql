-- A second way back in for residents: a passkey of their own, and the secret of their program sealed with what only that
-- passkey gives. The server has neither what opens it nor what is in it.
create table resident_passkey (
  id uuid primary key,
  -- Another key of the account is another secret: what is sealed here ends with it.
  person_id uuid not null references resident_account on delete cascade,
  name text not null,
  -- WebAuthn credential id and COSE public key.
  webauthn_id bytea not null unique,
  public_key bytea not null,
  sign_count bigint not null,
  -- AES-256-GCM: nonce, 32 bytes of secret, tag.
  sealed_seed bytea not null check (length(sealed_seed) = 60),
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3)
);
create index resident_passkey_person on resident_passkey (person_id);

create table resident_passkey_challenge (
  id uuid primary key,
  -- Absent: for signing in, when it is not known yet who asks.
  person_id uuid references person,
  challenge text not null,
  expires_at timestamptz(3) not null
);
