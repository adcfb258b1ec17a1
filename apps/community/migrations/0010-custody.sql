-- Custody of the sealed entries: who the custodians are, how their keys were made, what they destroyed. Nothing here opens
-- an entry: shares are with the custodians alone.

-- Epoch n ≥ 1 covers [anchor + (n − 1) · epoch_ms, anchor + n · epoch_ms); the same for the life of the community.
create table epoch_grid (
  only_row boolean primary key default true check (only_row),
  -- Local midnight of the day on which the community was set up.
  anchor timestamptz(3) not null,
  epoch_ms bigint not null check (epoch_ms > 0)
);
create trigger epoch_grid_stays before update or delete or truncate on epoch_grid
  for each statement execute function refuse_rewriting();

create table custody_setting (
  only_row boolean primary key default true check (only_row),
  -- Shares of an epoch are destroyed this many days after its end.
  retention_days integer not null default 30 check (retention_days between 0 and 30),
  revision integer not null default 1
);
insert into custody_setting default values;

-- Sets of custodians. One waits at most: it takes effect when enough of the set before endorsed it.
create table custodian_set (
  version bigint primary key check (version >= 1),
  -- As docs/protocol/custody.md encodes it.
  encoded bytea not null,
  proposed_at timestamptz(3) not null,
  in_force_since timestamptz(3)
);
create unique index custodian_set_waiting on custodian_set ((true)) where in_force_since is null;

create table custodian_endorsement (
  version bigint not null references custodian_set on delete cascade,
  -- Index in the set before, from 1.
  custodian integer not null,
  signature bytea not null check (length(signature) = 64),
  primary key (version, custodian)
);

-- Members of all sets that ever were in force: one who was replaced still holds shares of past epochs.
create table custodian (
  version bigint not null references custodian_set on delete cascade,
  custodian integer not null check (custodian >= 1),
  body text not null,
  identity_key bytea not null check (length(identity_key) = 32),
  last_seen_at timestamptz(3),
  primary key (version, custodian)
);
create index custodian_key on custodian (identity_key);

-- A signed request counts once.
create table custodian_nonce (
  identity_key bytea not null,
  nonce bytea not null check (length(nonce) = 16),
  expires_at timestamptz(3) not null,
  primary key (identity_key, nonce)
);
create index custodian_nonce_expiry on custodian_nonce (expires_at);

create table custody_ceremony (
  id uuid primary key,
  set_version bigint not null references custodian_set,
  -- Of the setup, 32 bytes.
  ceremony_id bytea not null unique check (length(ceremony_id) = 32),
  first_epoch bigint not null check (first_epoch >= 1),
  epoch_count integer not null check (epoch_count between 1 and 64),
  state text not null check (state in ('gathering', 'running', 'finished', 'failed')),
  started_at timestamptz(3) not null,
  -- Given up if it is not finished by then.
  expires_at timestamptz(3) not null,
  ended_at timestamptz(3),
  -- Of a failed one: why, and which custodians are named.
  failure text,
  named integer[],
  certificate bytea
);
create unique index custody_ceremony_under_way on custody_ceremony ((true)) where state in ('gathering', 'running');
create index custody_ceremony_finished on custody_ceremony (ended_at) where state = 'finished';

create table custody_seat (
  ceremony uuid not null references custody_ceremony,
  custodian integer not null check (custodian >= 1),
  public_key bytea not null check (length(public_key) = 32),
  -- Ed25519 under the custodian's identity key.
  signature bytea not null check (length(signature) = 64),
  vouch bytea check (length(vouch) = 64),
  -- What its program said of a ceremony that stopped.
  failure text,
  named integer[],
  primary key (ceremony, custodian)
);

create table custody_message (
  position bigint generated always as identity primary key,
  ceremony uuid not null references custody_ceremony,
  custodian integer not null,
  message bytea not null check (length(message) <= 262144)
);
-- The same words once; an index holds no more than a hash of them.
create unique index custody_message_once on custody_message (ceremony, custodian, sha256(message));
create index custody_message_ceremony on custody_message (ceremony, position);

-- That a custodian destroyed its share of an epoch's key.
create table custody_receipt (
  ceremony uuid not null references custody_ceremony,
  epoch bigint not null,
  custodian integer not null,
  destroyed_at timestamptz(3) not null,
  signature bytea not null check (length(signature) = 64),
  leaf_id uuid not null,
  received_at timestamptz(3) not null,
  primary key (ceremony, epoch, custodian)
);
create trigger custody_receipt_only_grows before update or delete or truncate on custody_receipt
  for each statement execute function refuse_rewriting();
