-- Which log and witnesses gates and custodians' programs are to believe; see docs/protocol/custody.md.

create table witness_policy (
  version bigint primary key check (version >= 1),
  -- As docs/protocol/custody.md encodes it.
  encoded bytea not null,
  proposed_at timestamptz(3) not null,
  -- Since when gates are told of it; absent: it asks for less than the one before, and waits for the custodians' word.
  in_force_since timestamptz(3),
  -- Version of the custodians that endorsed it.
  endorsed_by bigint references custodian_set
);

create table witness_policy_endorsement (
  version bigint not null references witness_policy on delete cascade,
  set_version bigint not null references custodian_set,
  -- Index in that set, from 1.
  custodian integer not null,
  signature bytea not null check (length(signature) = 64),
  primary key (version, set_version, custodian)
);
