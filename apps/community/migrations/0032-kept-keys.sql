-- Keys of cards and of PINs by reference: their values are in the key service, a sealed file or a token. Here stands what tells
-- one from another, so that a store that is not this community's is noticed before a card is written with it.
create table kept_key (
  name text not null check (name ~ '^[a-z0-9-]{1,40}$'),
  version smallint not null check (version between 1 and 127),
  check_value text not null check (check_value ~ '^[0-9a-f]{6}$'),
  kept_at timestamptz(3) not null,
  primary key (name, version)
);
