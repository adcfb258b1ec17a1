create table city_connection (
  only_row boolean primary key default true check (only_row),
  url text not null,
  -- What the city calls this community.
  name text not null,
  -- Public key of the city's PRF, as it was told at the enrolment.
  evaluation_key bytea not null check (length(evaluation_key) = 32),
  -- Ed25519 seed, sealed under the storage key.
  sealed_key bytea not null,
  enrolled_at timestamptz(3) not null,
  heard_at timestamptz(3),
  trouble text check (trouble in ('unreachable', 'refused', 'rate-limited', 'not-believed')),
  issuers jsonb not null default '[]'
);

-- What the city is told, has been told, or is to forget: of a case that was closed as a copy, or of a listed number.
create table city_report (
  -- Drawn for the city: it leads nowhere from there.
  id uuid primary key,
  case_id uuid unique references detection_case,
  listed_number_id uuid unique references market_number on delete set null,
  week date not null check (extract(isodow from week) = 1),
  chip text not null,
  issuer text,
  key_version smallint check (key_version between 0 and 255),
  batch_prefix text,
  -- Of a case: the number until the city has evaluated it, and no longer than `number_until`. A case never names a card.
  sealed_number bytea,
  number_until timestamptz(3),
  number_tag bytea check (length(number_tag) = 32),
  state text not null default 'waiting' check (state in ('waiting', 'told', 'refused', 'withdrawing')),
  incident integer,
  communities integer,
  check (case_id is null or listed_number_id is null),
  check (sealed_number is null or number_until is not null)
);
create index city_report_batch on city_report (batch_prefix) where case_id is not null;
