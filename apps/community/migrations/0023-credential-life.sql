-- The life of a credential, the end of what is only a number, and lists of cards that were there before.

-- Latest end of a credential that anybody can copy: cards and tags that only say a number.
alter table community add column legacy_until timestamptz(3) not null default now() + interval '12 months';

-- What was enrolled without an end gets the community's.
update model_part set version = version + 1 where part = 'credentials';
update credential set
  valid_until = greatest((select legacy_until from community), valid_from + interval '1 day'),
  model_version = (select version from model_part where part = 'credentials'),
  revision = revision + 1
where kind in ('uid', 'wiegand', 'osdp-raw') and valid_until is null and state <> 'replaced'
  and exists (select from community);

alter table credential drop constraint credential_state_check;
alter table credential add constraint credential_state_check check (state in
  ('ordered', 'personalised', 'active', 'blocked', 'lost', 'returned', 'replaced', 'destroyed'));
-- Lent: ends by itself, and is to come back.
alter table credential add column temporary boolean not null default false;
alter table credential add constraint credential_temporary_ends check (not temporary or valid_until is not null);

-- What its holder signed on getting it.
create table credential_receipt (
  credential_id uuid primary key references credential on delete cascade,
  at timestamptz(3) not null,
  -- Number and date of a paper that the desk keeps; or a signature by the holder's own key.
  paper_number text check (char_length(paper_number) between 1 and 40),
  paper_date date,
  signature bytea check (length(signature) = 64),
  -- In the evidence log.
  leaf_id uuid not null,
  check ((paper_number is null) = (paper_date is null)),
  check ((paper_number is null) <> (signature is null))
);

-- A list of cards that was imported.
create table card_list (
  id uuid primary key,
  -- Of the file and of each choice about it: the same once more is the same list.
  digest bytea not null check (length(digest) = 32),
  staff_id uuid not null references staff,
  created_at timestamptz(3) not null,
  state text not null check (state in ('importing', 'done', 'undone'))
);
create unique index card_list_digest on card_list (digest) where state <> 'undone';

create table card_list_row (
  card_list_id uuid not null references card_list,
  -- As in the file, from 1.
  line integer not null,
  -- Under the server's storage key; gone once it is enrolled.
  sealed_identifier bytea,
  person_id uuid not null references person on delete cascade,
  dwelling_id uuid references dwelling,
  valid_until timestamptz(3) not null,
  -- Absent until it was the row's turn.
  outcome text check (outcome in ('enrolled', 'already')),
  credential_id uuid references credential on delete set null,
  primary key (card_list_id, line)
);
create index card_list_row_waits on card_list_row (card_list_id, line) where outcome is null;
create index card_list_row_person on card_list_row (person_id);
