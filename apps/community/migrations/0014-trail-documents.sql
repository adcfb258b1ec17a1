-- What gates need to seal their entries and to agree on pseudonyms; see docs/protocol/gate-link.md.

alter table gate_document_state drop constraint gate_document_state_what_check;
alter table gate_document_state add constraint gate_document_state_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail'));
alter table gate_document drop constraint gate_document_what_check;
alter table gate_document add constraint gate_document_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail'));

-- Epoch n ≥ 1 covers [anchor + (n − 1) · epoch_ms, anchor + n · epoch_ms). Never changed.
create table trail_grid (
  only_row boolean primary key default true check (only_row),
  -- Local midnight of the day on which the community was set up.
  anchor timestamptz(3) not null,
  epoch_ms bigint not null check (epoch_ms > 0)
);
create trigger trail_grid_stays before update or delete or truncate on trail_grid
  for each statement execute function refuse_rewriting();

-- The leaf of the evidence log that tells of the certificate's issue.
alter table gate_certificate add column leaf_id uuid;

-- That a gate's keys were certified in the open, as other gates are shown it: proven once, and kept, so that documents
-- do not change with every checkpoint.
create table gate_evidence (
  gate_id uuid primary key references gate_device,
  device_key bytea not null,
  sealing_key bytea not null,
  statement text not null,
  salt bytea not null check (length(salt) = 32),
  leaf_index bigint not null,
  tree_size bigint not null,
  -- 32 bytes each, one after the other.
  proof bytea not null check (length(proof) % 32 = 0),
  checkpoint text not null
);

-- The last message of each gate about its pseudonym key, for the others: signed by the gate, wrapped to each of them.
-- This server can read none.
create table gate_pseudonym (
  gate_id uuid primary key references gate_device,
  message bytea not null,
  received_at timestamptz(3) not null
);
