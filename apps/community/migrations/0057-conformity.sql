-- Since when a rule of law is kept here, or is not. Written when the answer changes.
create table conformity_state (
  row_id text primary key,
  state text not null check (state in ('kept', 'broken', 'person', 'open')),
  since timestamptz(3) not null
);
