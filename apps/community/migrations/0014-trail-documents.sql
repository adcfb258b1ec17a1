-- What gates need to seal their entries and to agree on pseudonyms; see docs/protocol/gate-link.md.

alter table gate_document_state drop constraint gate_document_state_what_check;
alter table gate_document_state add constraint gate_document_state_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail'));
alter table gate_document drop constraint gate_document_what_check;
alter table gate_document add constraint gate_document_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail'));

-- The leaf of the evidence log that tells of the certificate's issue.
alter table gate_certificate add column leaf_id uuid;

-- That a gate's keys were certified in the open, as other gates are shown it: proven once, and kept, so that documents
-- do not change with every checkpoint.
create table gate_evidence (
  gate_id uuid primary key references gate_device,
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
