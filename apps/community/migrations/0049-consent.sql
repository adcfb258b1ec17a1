-- Notices and consents; see docs/protocol/consent.md. Absence of a consent means no.

create table consent_notice (
  id uuid primary key,
  -- All versions of one notice have it in common.
  series_id uuid not null,
  -- As it was written; of what was published, `text` counts.
  draft jsonb not null,
  drafted_at timestamptz(3) not null,
  drafted_by uuid not null references staff,
  revision integer not null default 1,
  -- From here on: of a published notice.
  version integer check (version > 0),
  purpose text check (purpose in ('service-contact', 'commercial-messages', 'sharing', 'face-opening')),
  -- Canonical JSON; what the hash covers.
  text text,
  sha256 text unique check (sha256 ~ '^[0-9a-f]{64}$'),
  leaf_id uuid,
  published_at timestamptz(3),
  published_by uuid references staff,
  unique (series_id, version),
  check (num_nulls(version, purpose, text, sha256, leaf_id, published_at, published_by) in (0, 7))
);
create unique index consent_notice_draft on consent_notice (series_id) where version is null;

-- INVARIANT: what was published never changes.
create trigger consent_notice_stays before update or delete on consent_notice
  for each row when (old.version is not null) execute function refuse_rewriting();

create table consent (
  record_id uuid primary key,
  person_id uuid not null references person on delete cascade,
  notice_id uuid not null references consent_notice,
  way text not null check (way in ('own-key', 'paper')),
  guardian_id uuid references person on delete set null,
  entered_at timestamptz(3) not null,
  entered_by uuid references staff,
  confirmed_by uuid references staff,
  given_at timestamptz(3),
  -- Exclusive; never after the notice's own end.
  until_at timestamptz(3),
  receipt text,
  leaf_id uuid,
  withdrawn_at timestamptz(3),
  withdrawal_receipt text,
  withdrawal_leaf_id uuid,
  check ((entered_by is not null) = (way = 'paper')),
  -- INVARIANT: a paper is entered by one person and confirmed by another.
  check (confirmed_by is null or (entered_by is not null and confirmed_by <> entered_by)),
  check (way = 'own-key' or (given_at is null) = (confirmed_by is null)),
  check (num_nulls(given_at, until_at, receipt, leaf_id) in (0, 4)),
  check (until_at > given_at)
);
create index consent_person on consent (person_id, entered_at);
create index consent_notice_of on consent (notice_id);
create index consent_guardian on consent (guardian_id) where guardian_id is not null;
