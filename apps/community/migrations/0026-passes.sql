-- Passes on telephones, passes for visitors, one-time tokens; see docs/protocol/passes.md.

alter table gate_document_state drop constraint gate_document_state_what_check;
alter table gate_document_state add constraint gate_document_state_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail', 'passes'));
alter table gate_document drop constraint gate_document_what_check;
alter table gate_document add constraint gate_document_what_check
  check (what in ('snapshot', 'keyring', 'modes', 'trail', 'passes'));

create table pass_setting (
  only_row boolean primary key default true check (only_row),
  visits_on boolean not null default true,
  -- From first second to last.
  longest_visit_s integer not null default 604800 check (longest_visit_s between 900 and 7776000),
  tokens_per_day smallint not null default 3 check (tokens_per_day between 0 and 20),
  -- As many tokens one key signs.
  token_key_quota integer not null default 200 check (token_key_quota between 1 and 10000),
  revision integer not null default 1
);
insert into pass_setting default values;

-- Visitor passes that the community signed. Those that residents sign are not known here.
create table visitor_pass (
  pass_id bytea primary key check (length(pass_id) = 8),
  -- What gates and the log know it by.
  credential_key bytea not null unique check (length(credential_key) = 16),
  -- Ends with it.
  home_id uuid not null references home,
  purpose text not null check (purpose in ('visitor', 'delivery', 'service')),
  portal_ids uuid[] not null,
  not_before timestamptz(3) not null,
  -- The last moment.
  not_after timestamptz(3) not null check (not_after >= not_before),
  -- 1 is Monday.
  weekdays smallint[],
  windows jsonb,
  uses smallint check (uses between 1 and 255),
  issued_at timestamptz(3) not null,
  issued_by uuid not null references staff,
  revoked_at timestamptz(3)
);
create index visitor_pass_home on visitor_pass (home_id, issued_at);

-- A leaf is of a credential or of a visitor pass; of neither once that is gone.
alter table credential_leaf add column pass_id bytea references visitor_pass on delete set null;
alter table credential_leaf add check (credential_id is null or pass_id is null);
create index credential_leaf_pass on credential_leaf (pass_id) where pass_id is not null;
drop index credential_leaf_orphan;
create index credential_leaf_orphan on credential_leaf (leaf_id)
  where ended_at is null and credential_id is null and pass_id is null;

-- Visitor passes that residents took back: gates are told until the pass would be over.
create table visitor_revocation (
  -- Credential key of the phone pass that signed both: nobody takes back what another signed.
  delegate bytea not null check (length(delegate) = 16),
  pass_id bytea not null check (length(pass_id) = 8),
  until timestamptz(3) not null,
  -- Only so that nobody fills the list.
  person_id uuid references person on delete set null,
  primary key (delegate, pass_id)
);
create index visitor_revocation_person on visitor_revocation (person_id);

-- A key that signs one-time tokens blindly: of one door group and one day.
create table token_key (
  key_id bytea primary key check (length(key_id) = 8),
  door_group smallint not null check (door_group between 1 and 13),
  from_at timestamptz(3) not null,
  until_at timestamptz(3) not null check (until_at > from_at),
  -- DER SubjectPublicKeyInfo.
  public_key bytea not null,
  quota integer not null check (quota > 0),
  signed integer not null default 0 check (signed between 0 and quota),
  leaf_id uuid not null,
  -- Where it stands in the log, as gates are shown it: proven once. Until then it signs nothing.
  statement text,
  salt bytea check (length(salt) = 32),
  leaf_index bigint,
  tree_size bigint,
  -- 32 bytes each, one after the other.
  proof bytea check (length(proof) % 32 = 0),
  checkpoint text,
  check (num_nulls(statement, salt, leaf_index, tree_size, proof, checkpoint) in (0, 6)),
  unique (door_group, from_at)
);

-- Its secret half under the server's storage key: PKCS #8. Goes when the day is over.
create table keys.token_key (
  key_id bytea primary key references token_key on delete cascade,
  sealed bytea not null
);

-- How many tokens a person was given on a day; never which.
create table token_count (
  person_id uuid not null references person on delete cascade,
  -- Midnight before it, where the community is.
  day timestamptz(3) not null,
  given smallint not null check (given > 0),
  primary key (person_id, day)
);
