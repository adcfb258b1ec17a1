-- Motions whose ballots stay sealed for ever. Custodians make a key for each; only sums are opened with it.

-- The number in the place of an epoch is 0: no entry of a journal is sealed to such a key.
alter table custody_ceremony drop constraint custody_ceremony_first_epoch_check;
alter table custody_ceremony
  add column motion_id uuid references motion,
  add check (case when motion_id is null then first_epoch >= 1 else first_epoch = 0 and epoch_count = 1 end);

alter table motion
  add column is_secret boolean not null default false,
  -- The ceremony whose key stands on the agenda.
  add column ballot_ceremony uuid references custody_ceremony,
  -- As docs/protocol/custody.md encodes it.
  add column ballot_key bytea,
  -- The sums, still sealed, and the digest that custodians answer for.
  add column tally bytea,
  add check ((ballot_ceremony is null) = (ballot_key is null)),
  add check (ballot_key is null or is_secret),
  add check (published_at is null or is_secret = (ballot_key is not null)),
  add check (tally is null or ballot_key is not null);

-- What the voter sealed. Nobody opens it.
alter table motion_ballot add column sealed bytea;

-- A paper of a secret vote keeps its choice until both have read it, and not a moment longer.
alter table motion_paper alter column choice drop not null;
alter table motion_paper add check (choice is not null or confirmed_at is not null);

create table motion_tally_share (
  motion_id uuid not null references motion,
  custodian integer not null check (custodian >= 1),
  share bytea not null,
  at timestamptz(3) not null,
  primary key (motion_id, custodian)
);
