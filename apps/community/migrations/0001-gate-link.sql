-- What the community server knows of its gates: their keys, their journals, what they should hold.
-- PostgreSQL 15 is the floor. Owned by apps/community/src/gate-link; other slices may read `event`.

-- One device with one key and one journal. A box that lost its key is a new gate.
create table gate_device (
  gate_id uuid primary key,
  enrolment text not null default 'new' check (enrolment in ('new', 'enrolled', 'revoked')),
  -- P-256, 04 || x || y; checks COSE signatures and certificate requests.
  device_key bytea check (length(device_key) = 65),
  -- Its identifier, as COSE headers carry it.
  key_id bytea unique check (length(key_id) = 8),
  -- X25519; keyrings are sealed to it.
  sealing_key bytea check (length(sealing_key) = 32),
  enrolled_at timestamptz,
  revoked_at timestamptz,
  online boolean not null default false,
  link_since timestamptz,
  last_seen_at timestamptz,
  software_version text,
  -- Last status report as sent (CBOR).
  status bytea,
  status_at timestamptz,
  -- Counts up in the transaction that changes what the gate should hold.
  wanted bigint not null default 1,
  -- `wanted` as it was before the documents stored last were compiled; behind it: stale.
  made bigint not null default 0
);

create table gate_enrolment_code (
  -- SHA-256 of the code's secret half: the table alone lets nobody in.
  secret_hash bytea primary key check (length(secret_hash) = 32),
  gate_id uuid not null references gate_device,
  expires_at timestamptz not null,
  -- The device key that used it: the same device may ask again if the answer was lost.
  used_by bytea
);
create index gate_enrolment_code_gate on gate_enrolment_code (gate_id);

create table gate_certificate (
  serial bytea primary key,
  gate_id uuid not null references gate_device,
  certificate bytea not null,
  not_after timestamptz not null,
  issued_at timestamptz not null
);
create index gate_certificate_gate on gate_certificate (gate_id, issued_at);

-- End of the journal as stored. Its row lock orders writers, so that each (gate, sequence) is stored once.
create table gate_journal (
  gate_id uuid primary key references gate_device,
  last_sequence bigint not null default 0,
  last_hash bytea not null default decode(repeat('00', 32), 'hex') check (length(last_hash) = 32)
);

-- Sequences that a gate skipped and was asked for; closed once they came.
create table gate_gap (
  gate_id uuid not null references gate_device,
  first_sequence bigint not null,
  last_sequence bigint not null check (last_sequence >= first_sequence),
  noticed_at timestamptz not null,
  closed_at timestamptz,
  primary key (gate_id, first_sequence, last_sequence)
);

create table gate_alarm (
  id bigint generated always as identity primary key,
  gate_id uuid not null references gate_device,
  -- fork: two journals signed by one key. bad-batch: signed, but not of the form agreed. unreadable: entries stored
  -- that this version cannot decode. bad-signature: came by the gate's own connection, not signed by its key.
  kind text not null check (kind in ('fork', 'bad-batch', 'unreadable', 'bad-signature')),
  -- Same trouble again counts up instead of filling the table.
  sequence bigint not null,
  times integer not null default 1,
  first_at timestamptz not null,
  last_at timestamptz not null,
  unique (gate_id, kind, sequence)
);

-- What a gate should hold and what it said it holds.
create table gate_document_state (
  gate_id uuid not null references gate_device,
  what text not null check (what in ('snapshot', 'keyring', 'modes')),
  desired bigint not null default 0,
  applied bigint not null default 0,
  -- Of `desired`, if the gate refused it.
  error text,
  primary key (gate_id, what)
);

-- The outbox: newest document of each kind, and the snapshot that the gate has applied (base of deltas).
create table gate_document (
  gate_id uuid not null references gate_device,
  what text not null check (what in ('snapshot', 'keyring', 'modes')),
  version bigint not null,
  -- Signed message as it goes out.
  message bytea not null,
  -- Snapshot: the document inside, for deltas. Keyring and modes: SHA-256 of the content, to see changes.
  content bytea not null,
  made_at timestamptz not null,
  primary key (gate_id, what, version)
);
alter table gate_document alter column message set storage external;

-- The order of storing over all gates. Its row lock is held to the end of each storing transaction, so positions
-- become visible in their order: a reader that has seen n misses nothing below n.
create table event_position (
  only_row boolean primary key default true check (only_row),
  last bigint not null default 0
);
insert into event_position default values;

-- Journal entries. No names: who it was is found over the pseudonym by a person with a reason.
create table event (
  position bigint not null,
  gate_id uuid not null,
  sequence bigint not null,
  -- For sorting and searching: the gate's earliest bound, but never after received_at nor before 1970.
  at timestamptz(3) not null,
  received_at timestamptz(3) not null,
  -- 0 unreadable, 1 access, 2 portal, 3 reader, 4 gate.
  kind smallint not null,
  -- kind 2 to 4: index into PORTAL_EVENTS, READER_EVENTS, GATE_EVENTS of packages/wire.
  event smallint,
  -- kind 1 only, as are reason (number of the deciding reason's code in packages/wire) and pseudonym.
  granted boolean,
  reason smallint,
  -- Access point, portal or reader, by kind.
  subject uuid,
  pseudonym bytea,
  -- The bytes that the gate's journal holds, hashes and signs.
  entry bytea not null
) partition by range (at);
alter table event alter column entry set storage plain;

create unique index event_gate_sequence on event (gate_id, sequence, at);
create index event_at on event (at, position);
create index event_subject on event (subject, at) where subject is not null;
create index event_pseudonym on event (pseudonym, at) where pseudonym is not null;
-- Positions follow the order of writing, so a block range index finds them at almost no cost.
create index event_position_range on event using brin (position) with (pages_per_range = 16, autosummarize = on);

-- Gates whose clock was never set. Months from here on get partitions when first needed.
create table event_before_2020 partition of event for values from (minvalue) to ('2020-01-01T00:00:00Z');
