-- Versions of the masters that card keys are made from. While a renewal runs, a card may carry its old version or the next.
create table card_key_version (
  version smallint primary key check (version between 1 and 127),
  started_at timestamptz(3) not null
);
insert into card_key_version (version, started_at) values (1, now());

alter table credential add column key_version smallint not null default 1 references card_key_version;
alter table credential add column next_key_version smallint references card_key_version
  check (next_key_version > key_version);
create index credential_next_key_version on credential (next_key_version) where next_key_version is not null;
