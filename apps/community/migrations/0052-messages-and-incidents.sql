-- Messages of two kinds that never mix, to whom data may go, and incidents.

create table service_notice (
  id uuid primary key,
  title text not null,
  text text not null,
  sent_at timestamptz(3) not null,
  -- Absent: the server itself, for an incident.
  sent_by uuid references staff
);
create index service_notice_sent on service_notice (sent_at, id);
create table service_notice_recipient (
  notice_id uuid not null references service_notice,
  person_id uuid not null references person on delete cascade,
  read_at timestamptz(3),
  primary key (notice_id, person_id)
);
create index service_notice_recipient_person on service_notice_recipient (person_id);

-- Who may get residents' data, or advertise to them.
create table sharing_recipient (
  id uuid primary key,
  name text not null,
  purpose text not null,
  contact text not null,
  sub_processors text[] not null,
  since timestamptz(3) not null,
  registered_by uuid not null references staff,
  ended_at timestamptz(3)
);
create unique index sharing_recipient_name on sharing_recipient (name) where ended_at is null;

create table commercial_message (
  id uuid primary key,
  title text not null,
  text text not null,
  advertiser_id uuid not null references sharing_recipient,
  sent_at timestamptz(3) not null,
  sent_by uuid not null references staff
);
create index commercial_message_sent on commercial_message (sent_at, id);
create table commercial_message_recipient (
  message_id uuid not null references commercial_message,
  person_id uuid not null references person on delete cascade,
  -- INVARIANT: no commercial message without the receipt of a consent.
  consent_id text not null check (consent_id <> ''),
  read_at timestamptz(3),
  primary key (message_id, person_id)
);
create index commercial_message_recipient_person on commercial_message_recipient (person_id);
-- Who wants no more of them; a consent given later counts again.
create table commercial_stop (
  person_id uuid primary key references person on delete cascade,
  at timestamptz(3) not null
);

create table data_share (
  id uuid primary key,
  recipient_id uuid not null references sharing_recipient,
  person_id uuid not null references person on delete cascade,
  at timestamptz(3) not null,
  staff_id uuid not null references staff,
  consent_id text not null check (consent_id <> ''),
  sub_processors text[] not null,
  leaf_id uuid not null
);
create index data_share_person on data_share (person_id);

create table incident_setting (
  authority text primary key check (authority in ('cac-provincial', 'critical-infrastructure', 'gdpr')),
  is_on boolean not null,
  hours smallint not null check (hours between 1 and 720),
  from_grade text not null check (from_grade in ('ordinary', 'larger', 'major', 'grave'))
);
-- Incident reporting measures (2025) art. 4: from grade "larger" within four hours. The thresholds of the grades are about
-- large systems; a community reports every incident.
insert into incident_setting values
  ('cac-provincial', true, 4, 'ordinary'),
  ('critical-infrastructure', false, 1, 'ordinary'),
  ('gdpr', false, 72, 'ordinary');

create table incident (
  id uuid primary key,
  kind text not null check (kind in ('data-leak', 'data-loss', 'data-altered', 'mass-cloning')),
  grade text not null check (grade in ('ordinary', 'larger', 'major', 'grave')),
  targets jsonb not null,
  from_at timestamptz(3) not null,
  until_at timestamptz(3),
  opened_at timestamptz(3) not null,
  -- Absent: detection opened it.
  opened_by uuid references staff,
  cause text,
  harm text,
  remedies text,
  advice text,
  contact text,
  telling text not null default 'undecided' check (telling in ('undecided', 'told', 'not-needed')),
  not_telling_why text,
  override_authority text,
  override_document text,
  notice_id uuid references service_notice,
  published_at timestamptz(3),
  -- How many they were when it was computed; people may be erased later.
  affected_count integer not null check (affected_count >= 0),
  -- INVARIANT: nobody skips telling without a reason.
  check (telling <> 'not-needed' or not_telling_why is not null),
  check ((override_authority is null) = (override_document is null))
);
create index incident_opened on incident (opened_at, id);
create trigger incident_stays before delete or truncate on incident
  for each statement execute function refuse_rewriting();

create table incident_affected (
  incident_id uuid not null references incident,
  person_id uuid not null references person on delete cascade,
  data text[] not null check (cardinality(data) > 0),
  primary key (incident_id, person_id)
);

create table incident_clock (
  incident_id uuid not null references incident,
  authority text not null check (authority in ('cac-provincial', 'critical-infrastructure', 'gdpr')),
  started_at timestamptz(3) not null,
  due_at timestamptz(3) not null check (due_at > started_at),
  half_alarm_at timestamptz(3),
  nearly_alarm_at timestamptz(3),
  reported_at timestamptz(3),
  missed_at timestamptz(3),
  primary key (incident_id, authority)
);

create table incident_evidence (
  incident_id uuid not null references incident,
  gate_id uuid not null,
  sequence bigint not null,
  -- The journal entry as the gate wrote it.
  entry bytea not null,
  sha256 bytea not null check (length(sha256) = 32),
  primary key (incident_id, gate_id, sequence)
);
create trigger incident_evidence_only_grows before update or delete or truncate on incident_evidence
  for each statement execute function refuse_rewriting();
