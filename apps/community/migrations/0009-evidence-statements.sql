-- What the leaves of the evidence log say, and the keys of their salts. The log itself (0008) holds commitments only.

-- Keys that die with their subject. Apart from the rest, so that backups can leave them out.
create schema if not exists keys;

create table keys.subject_salt (
  kind text not null check (kind in ('person', 'opening', 'community')),
  -- All zeros for the community.
  id uuid not null,
  -- 32 bytes under the server's storage key. Without this row the subject's leaves say nothing to anybody.
  sealed bytea not null,
  primary key (kind, id)
);

create table evidence_statement (
  leaf_id uuid primary key,
  topic text not null,
  subject_kind text not null check (subject_kind in ('person', 'opening', 'community')),
  subject_id uuid not null,
  -- Canonical JSON; what the leaf commits to.
  statement text not null,
  -- Shown to everybody, with its salt.
  public boolean not null,
  at timestamptz(3) not null
);
create index evidence_statement_subject on evidence_statement (subject_kind, subject_id, at);
create index evidence_statement_public on evidence_statement (at, leaf_id) where public;
create index evidence_statement_topic on evidence_statement (topic, at);

-- INVARIANT: a statement never changes. It may go, with the person it is about.
create trigger evidence_statement_stays before update or truncate on evidence_statement
  for each statement execute function refuse_rewriting();

-- Looks at the person behind an event: there is no way from an event to a person any more. No release had it.
drop table personal_view;

-- Who of the staff looked at which resident's data, and why. Written before the answer goes out.
create table personal_view (
  id uuid primary key,
  at timestamptz(3) not null,
  staff_id uuid not null references staff,
  -- As they were when the look happened.
  body text not null check (body in ('property', 'committee', 'city')),
  role text not null,
  person_id uuid not null references person,
  purpose text not null,
  purpose_text text,
  -- What of the person was shown.
  what text not null check (what in ('search', 'list', 'ways-in', 'record', 'credentials')),
  leaf_id uuid not null unique
);
create index personal_view_at on personal_view (at, id);
create index personal_view_person on personal_view (person_id, at);
create trigger personal_view_only_grows before update or delete or truncate on personal_view
  for each statement execute function refuse_rewriting();

-- Whose member an account's holder is: what residents read when that account looked at their data.
alter table staff add column body text not null default 'property' check (body in ('property', 'committee', 'city'));

-- Alarms are raised where gates are heard; their lines go into the log a moment later.
alter table gate_alarm add column leaf_id uuid;
create index gate_alarm_unrecorded on gate_alarm (id) where leaf_id is null;
