-- What makes a gate's batch a signed stretch of its journal again, together with the entries in `event`: the hash before it and
-- its signature. Nothing in it is about anybody; it goes when the entries of its time have gone.
create table gate_batch (
  id bigint generated always as identity primary key,
  gate_id uuid not null references gate_device,
  first_sequence bigint not null,
  last_sequence bigint not null check (last_sequence >= first_sequence),
  previous_hash bytea not null check (length(previous_hash) = 32),
  -- COSE_Sign1, ES256, over the batch.
  signature bytea not null check (length(signature) = 64),
  received_at timestamptz(3) not null
);
create index gate_batch_last on gate_batch (gate_id, last_sequence);
create index gate_batch_received on gate_batch using brin (received_at);

-- Evidence of a case, to be handed over: nobody is named in it, and what identifies a holder stays sealed as gates sealed it.
create table evidence_package (
  id uuid primary key,
  case_id uuid not null references detection_case,
  made_at timestamptz(3) not null,
  made_by uuid not null references staff,
  reason text not null check (length(reason) >= 1),
  -- Fixed when it was made, and told to the log: an archive of the content's files.
  content bytea,
  content_sha256 bytea not null check (length(content_sha256) = 32),
  -- Leaf `evidence-package-made`.
  leaf_id uuid not null,
  -- What is handed over; made once the leaf is in a published checkpoint.
  package bytea,
  package_sha256 bytea check (length(package_sha256) = 32),
  sealed_at timestamptz(3),
  -- By the time-stamping authority's clock; null: none, and the package says why.
  stamped_at timestamptz(3),
  -- The evidence went with its epoch, as no hold kept it; digests and custody list stay.
  forgotten_at timestamptz(3),
  check ((package is null) = (sealed_at is null) or forgotten_at is not null),
  check (forgotten_at is null or (content is null and package is null))
);
alter table evidence_package alter column package set storage external;
create index evidence_package_case on evidence_package (case_id, made_at);

-- Who touched it when. INVARIANT: lines are only added.
create table evidence_custody (
  id bigint generated always as identity primary key,
  package_id uuid not null references evidence_package,
  at timestamptz(3) not null,
  what text not null check (what in ('made', 'sealed', 'fetched', 'forgotten')),
  -- Null: the server by itself.
  staff_id uuid references staff,
  -- To whom it is handed over, and why.
  recipient text,
  reason text
);
create index evidence_custody_package on evidence_custody (package_id, id);
