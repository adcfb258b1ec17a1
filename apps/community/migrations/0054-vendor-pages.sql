create table vendor (
  id uuid primary key,
  revision integer not null default 1,
  created_at timestamptz(3) not null,
  -- It came before the community had an owners' roll to vote by.
  before_roll boolean not null
);
-- Every page that a vendor ever had; nothing of it is changed.
create table vendor_version (
  vendor_id uuid not null references vendor,
  revision integer not null,
  page jsonb not null,
  sha256 text not null,
  at timestamptz(3) not null,
  staff_id uuid not null references staff,
  leaf_id uuid not null,
  primary key (vendor_id, revision)
);
alter table gate add column vendor_id uuid references vendor;
