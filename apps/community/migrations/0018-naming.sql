-- Whom the community names to its duty desk; see docs/protocol/naming.md. Nobody, as long as nothing stands here.

create table naming_decision (
  id uuid primary key,
  scope text not null check (scope in ('staff', 'everyone')),
  -- Desk keys are destroyed this many days after their day.
  days integer not null check (days between 1 and 7),
  from_at timestamptz(3) not null,
  until_at timestamptz(3),
  -- Staff: what they are told.
  notice text,
  -- Everyone: the motion that passed. Its vote as exact integers, area in square decimetres.
  title text,
  document_number text,
  minutes_sha256 text,
  voted_on text check (voted_on ~ '^\d{4}-\d{2}-\d{2}$'),
  vote jsonb,
  recorded_at timestamptz(3) not null,
  recorded_by uuid not null references staff,
  confirmed_at timestamptz(3),
  confirmed_by uuid references staff,
  withdrawn_at timestamptz(3),
  withdrawn_by uuid references staff,
  leaf_id uuid,
  -- INVARIANT: everyone is named for a time, and by two members of staff.
  check (scope = 'staff' or (until_at > from_at and until_at - from_at <= interval '8784 hours')),
  check (scope = 'staff' or confirmed_by <> recorded_by),
  check ((notice is not null) = (scope = 'staff')),
  check (num_nulls(title, document_number, minutes_sha256, voted_on, vote) = case scope when 'staff' then 5 else 0 end)
);

-- That a decision stands in the log, as gates are shown it: proven once, since everyone is named a week after it.
create table naming_evidence (
  decision_id uuid primary key references naming_decision,
  statement text not null,
  salt bytea not null check (length(salt) = 32),
  leaf_index bigint not null,
  tree_size bigint not null,
  -- 32 bytes each, one after the other.
  proof bytea not null check (length(proof) % 32 = 0),
  checkpoint text not null,
  proven_at timestamptz(3) not null
);

-- Staff who were told that they are named. Who was not, is not named.
create table naming_told (
  person_id uuid primary key references person on delete cascade,
  told_on text not null check (told_on ~ '^\d{4}-\d{2}-\d{2}$'),
  how text not null check (how in ('in-writing', 'in-person', 'contract')),
  recorded_at timestamptz(3) not null,
  recorded_by uuid not null references staff
);

-- A key pair of the duty desk for each day, made a day ahead. Without its row the names of that day open to nobody.
create table keys.desk_key (
  -- First bytes of a hash of the public key: names and entries find it by this.
  id bytea primary key check (length(id) = 8),
  decision_id uuid not null references naming_decision,
  -- Midnight before it, where the community is.
  day timestamptz(3) not null,
  from_at timestamptz(3) not null,
  until_at timestamptz(3) not null check (until_at > from_at),
  public_key bytea not null check (length(public_key) = 32),
  -- 32 bytes under the server's storage key.
  sealed bytea not null,
  destroy_at timestamptz(3) not null check (destroy_at - until_at <= interval '168 hours'),
  unique (decision_id, day)
);

alter table personal_view drop constraint personal_view_what_check;
alter table personal_view add constraint personal_view_what_check
  check (what in ('search', 'list', 'ways-in', 'record', 'credentials', 'passage'));
