-- Cards that were offered for sale somewhere, or seized. What was written there may name whoever sells: texts, numbers and
-- photos are sealed under the storage key.
create table market_listing (
  id uuid primary key,
  kind text not null check (kind in ('online', 'seized')),
  seen_on date not null,
  noted_at timestamptz(3) not null,
  noted_by uuid not null references staff,
  -- AES-256-GCM, with the id as associated data: JSON of url and text.
  sealed_words bytea not null,
  issuer text,
  key_version smallint check (key_version between 0 and 255),
  sealed_photo bytea,
  photo_type text check (photo_type in ('image/jpeg', 'image/png')),
  photo_version text,
  removed_at timestamptz(3),
  revision integer not null default 1,
  check ((sealed_photo is null) = (photo_type is null) and (sealed_photo is null) = (photo_version is null))
);
create index market_listing_order on market_listing (noted_at, id);

create table market_number (
  id uuid primary key,
  listing_id uuid not null references market_listing on delete cascade,
  place smallint not null,
  chip text not null,
  -- AES-256-GCM, with the id as associated data.
  sealed_number bytea not null,
  batch_prefix text not null,
  -- What `credential.key` would be, for each kind that a number of this length may be of.
  keys bytea[] not null,
  unique (listing_id, place)
);
create index market_number_batch on market_number (batch_prefix);
