-- Access rules and credentials, and the counters by which a reader of the whole model sees what changed.

create table access_rule (
  id uuid primary key,
  -- Never used again, also after removal: reasons of events name rules by it.
  number integer generated always as identity unique,
  name text collate natural_order not null,
  -- Selectors; null: not present. A person matches if every selector that is present matches.
  who_roles text[],
  who_person_ids uuid[],
  who_dwelling_ids uuid[],
  who_building_ids uuid[],
  where_access_point_ids uuid[],
  where_area_ids uuid[],
  schedule_id uuid references schedule,
  means text[],
  minimum_grade text not null check (minimum_grade in ('A', 'B', 'C', 'D', 'E')),
  valid_from timestamptz(3),
  valid_until timestamptz(3),
  overrides_lockdown boolean not null default false,
  revision integer not null default 1,
  removed_at timestamptz,
  check (valid_from < valid_until)
);
create unique index access_rule_name on access_rule (name) where removed_at is null;
create index access_rule_schedule on access_rule (schedule_id);

create table credential (
  id uuid primary key,
  -- What gates look it up by: 16 bytes of a hash over kind and identifier.
  key bytea not null check (length(key) = 16),
  kind text not null,
  grade text not null check (grade in ('A', 'B', 'C', 'D', 'E')),
  -- Last digits of the identifier.
  label text not null,
  -- AES-256-GCM under the server's storage key, with the id as associated data.
  sealed_identifier bytea not null,
  -- Door groups that the card carries keys for; empty for kinds without keys.
  door_groups smallint[] not null,
  person_id uuid not null references person,
  dwelling_id uuid references dwelling,
  state text not null check (state in ('active', 'blocked', 'lost', 'replaced')),
  valid_from timestamptz(3),
  valid_until timestamptz(3),
  enrolled_at timestamptz(3) not null,
  state_changed_at timestamptz(3) not null,
  replaces_id uuid unique references credential,
  revision integer not null default 1,
  -- `model_part.version` of the last change that gates must hear of.
  model_version bigint not null default 0,
  check (valid_from < valid_until)
);
-- A card that comes back is enrolled anew; the record of its earlier life stays, as replaced.
create unique index credential_key on credential (key) where state <> 'replaced';
create index credential_order on credential (enrolled_at, id);
create index credential_person on credential (person_id);
create index credential_dwelling on credential (dwelling_id) where dwelling_id is not null;
create index credential_state on credential (state, enrolled_at, id) where state <> 'active';
create index credential_label on credential (label);
create index credential_model_version on credential (model_version);

-- The one place where a pseudonym in an event leads to a credential; read by the trail slice only.
create table credential_pseudonym (
  pseudonym bytea not null check (length(pseudonym) = 16),
  credential_id uuid not null references credential,
  primary key (pseudonym, credential_id)
);
create index credential_pseudonym_credential on credential_pseudonym (credential_id);

-- One row per part of the policy model, counted up in the transaction that changes the part.
create table model_part (
  part text primary key check (part in ('site', 'persons', 'rules', 'modes', 'credentials')),
  version bigint not null default 0
);
insert into model_part (part) values ('site'), ('persons'), ('rules'), ('modes'), ('credentials');

-- Master keys of cards, pseudonym key: sealed under the server's storage key.
create table server_secret (
  name text primary key,
  sealed bytea not null,
  created_at timestamptz(3) not null
);
