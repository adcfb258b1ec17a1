-- What the engine is told beside the doors: numbers that a community tuned, and seconds of a walk that somebody measured.
create table detection_setting (
  only_row boolean primary key default true check (only_row),
  tuned jsonb not null default '{}',
  -- Families may hand in copies of their own without being asked where they are from.
  amnesty_until timestamptz(3),
  -- Digest of doors and numbers that all cases were last judged with.
  judged_with text,
  judged_at timestamptz(3),
  revision integer not null default 1
);
insert into detection_setting default values;

create table detection_walk (
  a uuid not null references access_point,
  b uuid not null references access_point,
  seconds integer not null check (seconds between 1 and 7200),
  primary key (a, b),
  check (a < b)
);

-- A suspicion about a card. Whose it is stands nowhere: `credential` is a name for one epoch, and is gone with it.
create table detection_case (
  id uuid primary key,
  -- Name of the pseudonym key (8), pseudonym (16).
  credential bytea check (length(credential) = 24),
  epoch integer not null,
  kind text not null,
  opened_at timestamptz(3) not null,
  -- Of the tap that reached `step`.
  reached_at timestamptz(3) not null,
  step text not null check (step in ('watch', 'ask', 'second-factor', 'replace', 'refuse-by-person')),
  score real not null,
  probability real not null,
  signs jsonb not null,
  -- Judged again with late records, nothing of it was left.
  explained_at timestamptz(3),
  assigned_to uuid references staff,
  merged_into uuid references detection_case check (merged_into <> id),
  hold_id uuid references opening,
  closed_at timestamptz(3),
  closed_by uuid references staff,
  finding text check (finding in ('copy', 'own-copy', 'no-copy', 'undecided')),
  forgotten_at timestamptz(3),
  revision integer not null default 1,
  check ((closed_at is null) = (finding is null)),
  check ((credential is null) = (forgotten_at is not null))
);
create index detection_case_credential on detection_case (credential, opened_at);
create index detection_case_open on detection_case (score) where closed_at is null;

-- What somebody decided. INVARIANT: none without a member of staff and a reason.
create table detection_measure (
  id uuid primary key,
  case_id uuid not null references detection_case,
  measure text not null check (measure in ('watch', 'ask', 'desk-notice', 'second-factor', 'replacement', 'block')),
  taken_at timestamptz(3) not null,
  taken_by uuid not null references staff,
  reason text not null check (length(reason) >= 1),
  ended_at timestamptz(3),
  ended_by uuid references staff,
  end_reason text,
  check ((ended_at is null) = (end_reason is null))
);
create index detection_measure_case on detection_measure (case_id);
create unique index detection_measure_once on detection_measure (case_id, measure) where ended_at is null;

-- "Was this you?" The person stands here only if they asked to be called.
create table detection_answer (
  case_id uuid primary key references detection_case,
  answer text not null check (answer in ('me', 'not-me', 'family')),
  at timestamptz(3) not null,
  person_id uuid references person on delete set null
);

create table detection_appeal (
  id uuid primary key,
  case_id uuid not null references detection_case,
  words text not null,
  at timestamptz(3) not null,
  -- Who wrote it down at the desk; null: the holder's own program sent it.
  entered_by uuid references staff,
  answered_at timestamptz(3),
  answered_by uuid references staff,
  outcome text check (outcome in ('upheld', 'refused')),
  reason text,
  check ((answered_at is null) = (reason is null) and (answered_at is null) = (outcome is null))
);
create index detection_appeal_case on detection_appeal (case_id);

create table detection_note (
  id bigint generated always as identity primary key,
  case_id uuid not null references detection_case,
  at timestamptz(3) not null,
  what text not null,
  step text,
  staff_id uuid references staff,
  reason text
);
create index detection_note_case on detection_note (case_id, id);
